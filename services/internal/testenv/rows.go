package testenv

import (
	"fmt"
	"slices"
	"testing"

	"schakel.example/services/internal/sqldb"
)

// Rows gives every row of the tables as text, each table sorted, so that two
// databases can be compared, also of different engines.
func Rows(tb testing.TB, db *sqldb.DB, tables ...string) (all []string) {
	tb.Helper()
	err := db.Read(tb.Context(), func(tx *sqldb.Tx) error {
		all = nil
		for _, table := range tables {
			rows, err := rowsOf(tb, tx, table)
			if err != nil {
				return err
			}
			all = append(all, rows...)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func rowsOf(tb testing.TB, tx *sqldb.Tx, table string) (all []string, err error) {
	rows, err := tx.Query(tb.Context(), "SELECT * FROM "+table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := table + ":"
		for i, column := range columns {
			row += fmt.Sprintf(" %s=%v", column, values[i])
		}
		all = append(all, row)
	}
	slices.Sort(all)
	return all, rows.Err()
}
