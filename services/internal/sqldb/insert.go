package sqldb

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rows are rows to insert. Table, Columns and Suffix are trusted text.
type Rows struct {
	Table   string
	Columns []string
	// Values holds one row each, in the order of Columns, of arguments as for
	// Exec. The values of one column are of one type, or nil.
	Values [][]any
	// Suffix follows the values, such as "ON CONFLICT (id) DO NOTHING".
	Suffix string
}

// maxArgs is how many arguments a statement of SQLite may have
// (SQLITE_MAX_VARIABLE_NUMBER).
const maxArgs = 32766

// Insert inserts the rows with as few statements as the engine allows and
// returns how many it touched. No rows is no work.
func Insert(ctx context.Context, tx *Tx, r Rows) (affected int64, err error) {
	plain := make([][]any, len(r.Values))
	for i, row := range r.Values {
		if len(row) != len(r.Columns) {
			return 0, fmt.Errorf("sqldb: %d values for %d columns of %s", len(row), len(r.Columns), r.Table)
		}
		if plain[i], err = plainArgs(row); err != nil {
			return 0, fmt.Errorf("row %d: %w", i, err)
		}
	}
	size := max(1, len(plain))
	statement := r.unnest
	if tx.Engine() == SQLite {
		size = maxArgs / max(1, len(r.Columns))
		statement = r.values
	}
	for rows := range slices.Chunk(plain, size) {
		q, args, err := statement(rows)
		if err != nil {
			return affected, err
		}
		n, err := tx.Exec(ctx, q, args...)
		if err != nil {
			return affected, err
		}
		affected += n
	}
	return affected, nil
}

// values is a statement with a placeholder for each value. The placeholders are
// anonymous: SQLite looks named ones up one by one, which makes thousands of
// them slow.
func (r Rows) values(rows [][]any) (q string, args []any, err error) {
	row := "(?" + strings.Repeat(",?", len(r.Columns)-1) + ")"
	q = r.into() + " VALUES " + row + strings.Repeat(","+row, len(rows)-1) + " " + r.Suffix
	return q, slices.Concat(rows...), nil
}

// unnest is a statement with one array for each column. Its text does not depend
// on the number of rows, so PostgreSQL prepares it once, and it has no limit of
// arguments. A column without values is left to the type of the table.
func (r Rows) unnest(rows [][]any) (q string, args []any, err error) {
	var arrays, names []string
	picked := make([]string, len(r.Columns))
	for j, column := range r.Columns {
		array := make([]any, len(rows))
		typ := ""
		for i, row := range rows {
			array[i] = row[j]
			if typ == "" && row[j] != nil {
				typ = arrayType(row[j])
			}
		}
		if typ == "" {
			picked[j] = "NULL"
			continue
		}
		args = append(args, array)
		arrays = append(arrays, "$"+strconv.Itoa(len(args))+"::"+typ)
		names = append(names, column)
		picked[j] = column
	}
	if len(args) == 0 {
		return "", nil, fmt.Errorf("sqldb: rows of %s without any value", r.Table)
	}
	return r.into() + " SELECT " + strings.Join(picked, ",") +
		" FROM unnest(" + strings.Join(arrays, ",") + ") AS row (" + strings.Join(names, ",") + ") " + r.Suffix, args, nil
}

func (r Rows) into() string {
	return "INSERT INTO " + r.Table + " (" + strings.Join(r.Columns, ",") + ")"
}

// arrayType is the PostgreSQL type for an array of plain values.
func arrayType(plain any) string {
	switch plain.(type) {
	case int64:
		return "bigint[]"
	case float64:
		return "float8[]"
	case bool:
		return "boolean[]"
	case []byte:
		return "bytea[]"
	default:
		return "text[]"
	}
}
