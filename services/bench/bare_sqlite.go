package bench

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"strings"

	"modernc.org/sqlite"
)

// sqliteWriter writes to a SQLite database by statements that it prepared once.
type sqliteWriter struct {
	db         *sql.DB
	conn       *sql.Conn
	tables     []table
	begin, end *sql.Stmt
	one, many  []*sql.Stmt // by table: a row, and as many as a batch has
	args       []any
}

// openSQLite opens a database as Schakel does.
func openSQLite(path string) (*sql.DB, error) {
	connector, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_txlock": {"immediate"}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_foreign_keys": {"on"},
		"_pragma": {
			"fullfsync(1)", "checkpoint_fullfsync(1)", "secure_delete(1)", "temp_store(MEMORY)",
			"cache_size(-16384)", "journal_size_limit(67108864)",
		},
		"_busy_timeout": {"5000"}, "_defensive": {"true"}, "_dqs": {"false"}, "_error_rc": {"true"},
	}.Encode()}).String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// newSQLiteWriter takes over a database.
func newSQLiteWriter(ctx context.Context, db *sql.DB, tables []table) (_ *sqliteWriter, err error) {
	w := &sqliteWriter{db: db, tables: tables}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, err
	}
	prepare := func(query string) *sql.Stmt {
		statement, failed := w.conn.PrepareContext(ctx, query)
		err = errors.Join(err, failed)
		return statement
	}
	w.begin, w.end = prepare("BEGIN IMMEDIATE"), prepare("COMMIT")
	for _, t := range tables {
		row := "(?" + strings.Repeat(",?", len(t.columns)-1) + ")"
		w.one = append(w.one, prepare(into(t)+"VALUES "+row))
		w.many = append(w.many, prepare(into(t)+"VALUES "+row+strings.Repeat(","+row, batchSize-1)))
	}
	return w, err
}

// write implements writer, for one signal or for a whole batch.
func (w *sqliteWriter) write(ctx context.Context, signals [][][]any) error {
	if _, err := w.begin.ExecContext(ctx); err != nil {
		return err
	}
	statements := w.one
	if len(signals) > 1 {
		statements = w.many
	}
	for i, statement := range statements {
		w.args = w.args[:0]
		for _, signal := range signals {
			w.args = append(w.args, signal[i]...)
		}
		if _, err := statement.ExecContext(ctx, w.args...); err != nil {
			_, undone := w.conn.ExecContext(ctx, "ROLLBACK")
			return errors.Join(err, undone)
		}
	}
	_, err := w.end.ExecContext(ctx)
	return err
}

// close implements writer. Closing the database closes its statements.
func (w *sqliteWriter) close(context.Context) error { return errors.Join(w.conn.Close(), w.db.Close()) }
