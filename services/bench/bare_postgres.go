package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// postgresWriter writes to a PostgreSQL database over one connection. All
// statements of a transaction go in one message, without waiting for an answer
// between them.
type postgresWriter struct {
	conn      *pgx.Conn
	tables    []table
	one, many []string // by table: a row, and any number of them
}

// newPostgresWriter connects to a database.
func newPostgresWriter(ctx context.Context, url string, tables []table) (*postgresWriter, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	w := &postgresWriter{conn: conn, tables: tables}
	for _, t := range tables {
		places, arrays := make([]string, len(t.columns)), make([]string, len(t.columns))
		for i := range t.columns {
			_, typ, err := columnOf(t.rows[0][i])
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", t.name, t.columns[i], err)
			}
			places[i] = "$" + strconv.Itoa(i+1)
			arrays[i] = places[i] + "::" + typ
		}
		w.one = append(w.one, into(t)+"VALUES ("+strings.Join(places, ",")+")")
		w.many = append(w.many, into(t)+"SELECT * FROM unnest("+strings.Join(arrays, ",")+")")
	}
	return w, nil
}

// column collects the values of a column in a slice of their own type.
type column interface {
	add(value any) error
	// values is the slice.
	values() any
}

type columnType[T any] []T

func (c *columnType[T]) add(value any) error {
	v, ok := value.(T)
	if !ok {
		return fmt.Errorf("bench: %T in a column of %T", value, v)
	}
	*c = append(*c, v)
	return nil
}

func (c *columnType[T]) values() any { return []T(*c) }

// columnOf makes a column for values like this one, and names the type of its
// array.
func columnOf(value any) (column, string, error) {
	switch value.(type) {
	case string:
		return new(columnType[string]), "text[]", nil
	case int64:
		return new(columnType[int64]), "bigint[]", nil
	case bool:
		return new(columnType[bool]), "boolean[]", nil
	case []byte:
		return new(columnType[[]byte]), "bytea[]", nil
	default:
		return nil, "", fmt.Errorf("bench: no column for a %T", value)
	}
}

// write implements writer. A batch of pgx without BEGIN is one transaction.
func (w *postgresWriter) write(ctx context.Context, signals [][][]any) error {
	batch := &pgx.Batch{}
	for i := range w.tables {
		if len(signals) == 1 {
			batch.Queue(w.one[i], signals[0][i]...)
			continue
		}
		args, err := w.columns(i, signals)
		if err != nil {
			return err
		}
		batch.Queue(w.many[i], args...)
	}
	return w.conn.SendBatch(ctx, batch).Close()
}

// columns turns rows of a table into an array for each column.
func (w *postgresWriter) columns(table int, signals [][][]any) ([]any, error) {
	args := make([]any, len(w.tables[table].columns))
	for k := range args {
		c, _, err := columnOf(signals[0][table][k])
		if err != nil {
			return nil, err
		}
		for _, signal := range signals {
			if err := c.add(signal[table][k]); err != nil {
				return nil, err
			}
		}
		args[k] = c.values()
	}
	return args, nil
}

// close implements writer.
func (w *postgresWriter) close(ctx context.Context) error { return w.conn.Close(ctx) }
