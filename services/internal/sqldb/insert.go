package sqldb

import (
	"context"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"
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

// maxArgs is how many arguments a statement of SQLite has at most. It could have
// more (SQLITE_MAX_VARIABLE_NUMBER), but gains nothing by it.
const maxArgs = 4096

// Insert inserts the rows with as few statements as the engine allows and
// returns how many it touched. No rows is no work.
func Insert(ctx context.Context, tx *Tx, r Rows) (affected int64, err error) {
	flat := make([]any, 0, len(r.Values)*len(r.Columns))
	for i, row := range r.Values {
		if len(row) != len(r.Columns) {
			return 0, fmt.Errorf("sqldb: %d values for %d columns of %s", len(row), len(r.Columns), r.Table)
		}
		for j, value := range row {
			plain, err := plainArg(value)
			if err != nil {
				return 0, fmt.Errorf("row %d: %s: %w", i, r.Columns[j], err)
			}
			flat = append(flat, plain)
		}
	}
	switch {
	case len(r.Values) == 0:
		return 0, nil
	case tx.Engine() == SQLite:
		return r.values(ctx, tx, flat)
	}
	q, args, err := r.unnest(flat)
	if err != nil {
		return 0, err
	}
	return tx.exec(ctx, q, args)
}

// values inserts by statements with a placeholder for each value, of as many rows
// as a power of two: so there are few different ones, which stay prepared. The
// placeholders are anonymous: SQLite looks named ones up one by one, which makes
// thousands of them slow.
func (r Rows) values(ctx context.Context, tx *Tx, flat []any) (affected int64, err error) {
	width := len(r.Columns)
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	for len(flat) > 0 {
		rows := 1 << (bits.Len(uint(min(len(flat), maxArgs)/width)) - 1)
		q := r.into() + " VALUES " + row + strings.Repeat(","+row, rows-1) + " " + r.Suffix
		n, err := tx.exec(ctx, q, flat[:rows*width])
		if err != nil {
			return affected, err
		}
		affected += n
		flat = flat[rows*width:]
	}
	return affected, nil
}

// unnest is a statement with one array for each column. Its text does not depend
// on the number of rows, so PostgreSQL prepares it once, and it has no limit of
// arguments. A column without values is left to the type of the table.
func (r Rows) unnest(flat []any) (q string, args []any, err error) {
	var arrays, names []string
	picked := make([]string, len(r.Columns))
	for j, column := range r.Columns {
		array, typ := arrayOf(flat, j, len(r.Columns))
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

// arrayOf makes the array of a column, and names its type in PostgreSQL; no type
// means that it has no value at all.
func arrayOf(flat []any, column, width int) (array any, typ string) {
	for i := column; i < len(flat); i += width {
		switch flat[i].(type) {
		case nil:
			continue
		case int64:
			return arrayAs[int64](flat, column, width), "bigint[]"
		case float64:
			return arrayAs[float64](flat, column, width), "float8[]"
		case bool:
			return arrayAs[bool](flat, column, width), "boolean[]"
		case []byte:
			return arrayAs[[]byte](flat, column, width), "bytea[]"
		default:
			return arrayAs[string](flat, column, width), "text[]"
		}
	}
	return nil, ""
}

// arrayAs is an array of values of one type, which the driver need not look at one
// by one; with NULL among them it must.
func arrayAs[T any](flat []any, column, width int) any {
	array := make(pgtype.FlatArray[T], 0, len(flat)/width)
	for i := column; i < len(flat); i += width {
		value, ok := flat[i].(T)
		if !ok {
			return mixed(flat, column, width)
		}
		array = append(array, value)
	}
	return array
}

func mixed(flat []any, column, width int) []any {
	array := make([]any, 0, len(flat)/width)
	for i := column; i < len(flat); i += width {
		array = append(array, flat[i])
	}
	return array
}
