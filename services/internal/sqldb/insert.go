package sqldb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Rows are rows to insert. Table, Columns and Suffix are trusted text.
type Rows struct {
	Table   string
	Columns []string
	// Values holds one row each, in the order of Columns.
	Values [][]any
	// Suffix follows the values, such as "ON CONFLICT (id) DO NOTHING".
	Suffix string
}

// maxArgs is how many arguments one statement may have: SQLite has 32766 by
// default (SQLITE_MAX_VARIABLE_NUMBER), the protocol of PostgreSQL 65535.
const maxArgs = 32766

// Insert inserts the rows with as few statements as the engine allows and
// returns how many it touched. No rows is no work.
func Insert(ctx context.Context, tx *Tx, r Rows) (affected int64, err error) {
	for _, row := range r.Values {
		if len(row) != len(r.Columns) {
			return 0, fmt.Errorf("sqldb: %d values for %d columns of %s", len(row), len(r.Columns), r.Table)
		}
	}
	size := maxArgs / max(1, len(r.Columns))
	for rest := r.Values; len(rest) > 0; {
		chunk := rest[:min(size, len(rest))]
		rest = rest[len(chunk):]
		n, err := tx.Exec(ctx, r.statement(len(chunk), tx.Engine()), flatten(chunk)...)
		if err != nil {
			return affected, err
		}
		affected += n
	}
	return affected, nil
}

func flatten(rows [][]any) []any {
	args := make([]any, 0, len(rows)*len(rows[0]))
	for _, row := range rows {
		args = append(args, row...)
	}
	return args
}

func (r Rows) statement(rows int, engine Engine) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + r.Table + " (" + strings.Join(r.Columns, ", ") + ") VALUES ")
	for i := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for j := range r.Columns {
			if j > 0 {
				b.WriteByte(',')
			}
			if engine == Postgres {
				b.WriteString("$" + strconv.Itoa(i*len(r.Columns)+j+1))
			} else {
				// SQLite looks numbered parameters up one by one, which makes
				// thousands of them slow.
				b.WriteByte('?')
			}
		}
		b.WriteByte(')')
	}
	b.WriteString(" " + r.Suffix)
	return b.String()
}
