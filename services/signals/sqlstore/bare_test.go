package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // sql.Open("sqlite")

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// bare writes the rows that a signal makes, and does nothing else: what the
// intake is held against in its benchmarks. It writes copies of a signal that was
// stored, so many in a transaction, by statements that are prepared.
type bare struct {
	size   int
	tables []bareTable
	next   int64
	run    func(ctx context.Context, statements []string, args [][]any) error
	engine sqldb.Engine
}

type bareTable struct {
	name    string
	columns []string
	sample  []any
	insert  string
}

// bareLoop prepares a loop on a database of its own, after what is stored in db.
func bareLoop(b *testing.B, engine sqldb.Engine, db *sqldb.DB, size int) *bare {
	b.Helper()
	config := testenv.Config(b, engine)
	migrate(b, testenv.OpenConfig(b, config))
	l := &bare{size: size, engine: engine}
	for _, name := range []string{"signal", "ledger_entry", "ledger_pending"} {
		l.tables = append(l.tables, sampled(b, db, name))
	}
	for i := range l.tables {
		l.tables[i].insert = l.statement(l.tables[i])
	}
	if engine == sqldb.Postgres {
		l.run = onPostgres(b, config.DSN)
	} else {
		l.run = onSQLite(b, config.DSN)
	}
	return l
}

// sampled reads a row of a table.
func sampled(b *testing.B, db *sqldb.DB, name string) bareTable {
	b.Helper()
	t := bareTable{name: name}
	err := db.Read(b.Context(), func(tx *sqldb.Tx) error {
		rows, err := tx.Query(b.Context(), "SELECT * FROM "+name+" LIMIT 1")
		if err != nil {
			return err
		}
		defer rows.Close()
		if t.columns, err = rows.Columns(); err != nil {
			return err
		}
		t.sample = make([]any, len(t.columns))
		into := make([]any, len(t.columns))
		for i := range into {
			into[i] = &t.sample[i]
		}
		if !rows.Next() {
			return fmt.Errorf("%s is empty", name)
		}
		return rows.Scan(into...)
	})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// statement inserts as many rows of a table as a transaction has.
func (l *bare) statement(t bareTable) string {
	into := "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ",") + ") "
	if l.engine == sqldb.SQLite {
		row := "(?" + strings.Repeat(",?", len(t.columns)-1) + ")"
		return into + "VALUES " + row + strings.Repeat(","+row, l.size-1)
	}
	arrays := make([]string, len(t.columns))
	for i, v := range t.sample {
		arrays[i] = fmt.Sprintf("$%d::%s", i+1, map[string]string{"string": "text[]", "int64": "bigint[]", "[]uint8": "bytea[]"}[fmt.Sprintf("%T", v)])
	}
	return into + "SELECT * FROM unnest(" + strings.Join(arrays, ",") + ")"
}

// lap writes so many signals.
func (l *bare) lap(ctx context.Context, n int) error {
	for done := 0; done < n; done += l.size {
		statements, args := make([]string, len(l.tables)), make([][]any, len(l.tables))
		rows := make([][][]any, len(l.tables))
		for range l.size {
			l.next++
			id, entry := uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
			for i, t := range l.tables {
				rows[i] = append(rows[i], t.renewed(id, entry, l.next))
			}
		}
		for i, t := range l.tables {
			statements[i], args[i] = t.insert, l.arguments(rows[i])
		}
		if err := l.run(ctx, statements, args); err != nil {
			return err
		}
	}
	return nil
}

// renewed is the sample with keys of its own.
func (t bareTable) renewed(id, entry string, seq int64) []any {
	row := make([]any, len(t.sample))
	copy(row, t.sample)
	for i, column := range t.columns {
		switch t.name + "." + column {
		case "signal.id", "ledger_entry.subject":
			row[i] = id
		case "signal.external_reference":
			row[i] = fmt.Sprintf("K-%09d", seq)
		case "ledger_entry.id":
			row[i] = entry
		case "ledger_entry.seq", "ledger_pending.seq":
			row[i] = seq
		}
	}
	return row
}

// arguments are rows as the engine takes them: one after another, or an array for
// each column.
func (l *bare) arguments(rows [][]any) (args []any) {
	if l.engine == sqldb.SQLite {
		for _, row := range rows {
			args = append(args, row...)
		}
		return args
	}
	for j := range rows[0] {
		switch rows[0][j].(type) {
		case string:
			args = append(args, column[string](rows, j))
		case []byte:
			args = append(args, column[[]byte](rows, j))
		default:
			args = append(args, column[int64](rows, j))
		}
	}
	return args
}

func column[T any](rows [][]any, j int) []T {
	values := make([]T, len(rows))
	for i, row := range rows {
		values[i] = row[j].(T)
	}
	return values
}

// onPostgres runs statements in one transaction, in one round trip.
func onPostgres(b *testing.B, dsn string) func(context.Context, []string, [][]any) error {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	return func(ctx context.Context, statements []string, args [][]any) error {
		batch := &pgx.Batch{}
		for i, q := range statements {
			batch.Queue(q, args[i]...)
		}
		return conn.SendBatch(ctx, batch).Close()
	}
}

// onSQLite runs statements in one transaction, with the settings of sqldb.
func onSQLite(b *testing.B, path string) func(context.Context, []string, [][]any) error {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on"+
		"&_pragma=secure_delete(1)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16384)&_pragma=journal_size_limit(67108864)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { _ = db.Close() })
	prepared := map[string]*sql.Stmt{}
	return func(ctx context.Context, statements []string, args [][]any) error {
		for _, q := range statements {
			if prepared[q] == nil {
				if prepared[q], err = db.PrepareContext(ctx, q); err != nil {
					return err
				}
			}
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for i, q := range statements {
			if _, err := tx.StmtContext(ctx, prepared[q]).ExecContext(ctx, args[i]...); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		return tx.Commit()
	}
}
