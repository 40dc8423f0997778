package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Scanner is one row of an answer. Empty bytes may be scanned as nil: where NULL
// means something else, ask SQL for it.
type Scanner interface {
	Scan(dest ...any) error
}

// Exec runs a statement and returns how many rows it touched. Placeholders are
// $1, $2 and so on, on both engines. Arguments are nil, booleans, numbers,
// strings, bytes, pointers to these, and slices of strings or int64 for an array
// of PostgreSQL. A string with U+0000 or broken UTF-8 is refused (Invalid,
// ReasonText); a time.Time is a mistake (use Millis).
func (tx *Tx) Exec(ctx context.Context, q string, args ...any) (affected int64, err error) {
	if args, err = plainArgs(args); err != nil {
		return 0, err
	}
	return tx.exec(ctx, q, args)
}

// exec is Exec of arguments that are plain.
func (tx *Tx) exec(ctx context.Context, q string, args []any) (affected int64, err error) {
	traced(ctx, q)
	res, err := tx.tx.ExecContext(ctx, q, args...)
	if err != nil {
		return 0, tx.db.fault(ctx, err)
	}
	affected, err = res.RowsAffected()
	return affected, tx.db.fault(ctx, err)
}

// Query runs a statement that answers with rows; arguments as for Exec. The
// caller reads them to the end, checks Err and closes them before the next
// statement. Prefer All, One and Each, which do that.
func (tx *Tx) Query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	args, err := plainArgs(args)
	if err != nil {
		return nil, err
	}
	traced(ctx, q)
	rows, err := tx.tx.QueryContext(ctx, q, args...)
	return rows, tx.db.fault(ctx, err)
}

// Each calls scan for each row of the answer and stops at its first error. scan
// must not run statements on tx: PostgreSQL answers one at a time.
func Each(ctx context.Context, tx *Tx, scan func(Scanner) error, q string, args ...any) error {
	rows, err := tx.Query(ctx, q, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return tx.db.fault(ctx, errors.Join(rows.Err(), rows.Close()))
}

// All returns every row of the answer as scan makes it.
func All[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), q string, args ...any) ([]T, error) {
	var all []T
	err := Each(ctx, tx, func(s Scanner) error {
		t, err := scan(s)
		all = append(all, t)
		return err
	}, q, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// One returns the only row of the answer, or false if there is none. More than
// one is a mistake in the statement and an error.
func One[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), q string, args ...any) (one T, ok bool, err error) {
	all, err := All(ctx, tx, scan, q, args...)
	switch {
	case err != nil || len(all) == 0:
		return one, false, err
	case len(all) > 1:
		return one, false, fmt.Errorf("sqldb: %d rows where one was meant: %s", len(all), q)
	default:
		return all[0], true, nil
	}
}

// plainArgs makes the arguments what both drivers treat alike.
func plainArgs(args []any) ([]any, error) {
	plain := make([]any, len(args))
	for i, arg := range args {
		v, err := plainArg(arg)
		if err != nil {
			return nil, fmt.Errorf("argument $%d: %w", i+1, err)
		}
		plain[i] = v
	}
	return plain, nil
}

func plainArg(arg any) (any, error) {
	switch v := arg.(type) {
	case nil, int64, float64, bool, []byte: // plain already
		return arg, nil
	case string:
		return arg, checkText(v)
	case int:
		return int64(v), nil
	case []any, []string, []int64: // arrays of PostgreSQL; SQLite refuses them
		return arg, nil
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return nil, fmt.Errorf("sqldb: %w", err)
	}
	switch v := v.(type) {
	case string:
		return v, checkText(v)
	case time.Time:
		return nil, errors.New("sqldb: a time.Time has no place in a column; store Millis of it")
	}
	return v, nil
}

// checkText holds text to what both engines can store: PostgreSQL takes neither
// U+0000 nor broken UTF-8, SQLite takes both and cuts at the first.
func checkText(s string) error {
	if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
		return character
	}
	return nil
}
