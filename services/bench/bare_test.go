package bench

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals/sqlstore"
)

// written are rows as Schakel writes them, of two signals.
func written(t *testing.T, db *sqldb.DB) []table {
	t.Helper()
	signal, entry := sample(t, db, "signal"), sample(t, db, "ledger_entry")
	pending := table{name: "ledger_pending", columns: []string{"seq", "leaf"}}
	var err error
	if pending.rows, err = pick(entry, pending.columns); err != nil {
		t.Fatal(err)
	}
	return []table{signal, entry, pending}
}

// sample makes two rows of a table that has none, of what its columns take.
func sample(t *testing.T, db *sqldb.DB, name string) table {
	t.Helper()
	out := table{name: name, rows: make([][]any, 2)}
	err := db.Read(t.Context(), func(tx *sqldb.Tx) error {
		rows, err := tx.Query(t.Context(), "SELECT * FROM "+name+" LIMIT 0")
		if err != nil {
			return err
		}
		defer rows.Close()
		types, err := rows.ColumnTypes()
		if err != nil {
			return err
		}
		for _, typ := range types {
			out.columns = append(out.columns, typ.Name())
			for i := range out.rows {
				out.rows[i] = append(out.rows[i], valueOf(typ, i))
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// valueOf is a value that a column takes.
func valueOf(typ *sql.ColumnType, i int) any {
	switch typ.DatabaseTypeName() {
	case "BLOB", "BYTEA":
		return []byte(strings.Repeat(fmt.Sprint(i), 32)) // as long as a hash
	case "INTEGER", "INT8", "INT4":
		return int64(i + 1)
	default:
		return fmt.Sprint(typ.Name(), i)
	}
}

func TestTheBareLoopWritesWhatWasCapturedUnderNewKeys(t *testing.T) {
	for _, engine := range testenv.Engines() {
		for _, size := range []int{1, batchSize} {
			config := testenv.Config(t, engine)
			db := testenv.OpenConfig(t, config)
			if err := errors.Join(ledger.Migrate(t.Context(), db), sqlstore.Migrate(t.Context(), db)); err != nil {
				t.Fatal(err)
			}
			tables := written(t, db)
			w, err := newWriter(t.Context(), config, tables)
			if err != nil {
				t.Fatal(err)
			}
			step := copying([]writer{w}, tables, size)
			for range 2 {
				if n, err := step(t.Context(), 0); n != size || err != nil {
					t.Fatal(engine, size, n, err)
				}
			}
			if err := w.close(t.Context()); err != nil {
				t.Error(err)
			}
			for _, name := range []string{"signal", "ledger_entry", "ledger_pending"} {
				rows := testenv.Rows(t, db, name)
				if len(rows) != 2*size {
					t.Errorf("%s: %d rows in %s, want %d", engine, len(rows), name, 2*size)
				}
			}
		}
	}
}

func TestACopyDiffersInItsIdentityAlone(t *testing.T) {
	tables := []table{
		{"signal", []string{"id", "external_reference", "received_at", "digest"}, [][]any{{"1", "ref", int64(1), []byte("d")}}},
		{"ledger_entry", []string{"seq", "id", "subject", "payload"}, [][]any{{int64(1), "e", "1", []byte("p")}}},
		{"ledger_pending", []string{"seq", "leaf"}, [][]any{{int64(1), []byte("l")}}},
	}
	c := copies{tables: tables, seqs: func() int64 { return 42 }, now: func() int64 { return 7 }}
	got := c.next()
	id, entry := got[0][0].(string), got[1][1].(string)
	if len(id) != 36 || len(entry) != 36 || id == entry {
		t.Errorf("ids %q and %q", id, entry)
	}
	want := [][]any{
		{id, "PROEF-aaaa-aaaaaaaa", int64(7), []byte("d")},
		{int64(42), entry, id, []byte("p")},
		{int64(42), []byte("l")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheBareLoopHasTheSettingsOfSchakel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.db")
	ours := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.SQLite, DSN: path})
	bare, err := openSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	for _, name := range []string{
		"journal_mode", "synchronous", "foreign_keys", "fullfsync", "checkpoint_fullfsync", "secure_delete",
		"temp_store", "cache_size", "journal_size_limit", "busy_timeout", "wal_autocheckpoint", "page_size",
		"mmap_size", "locking_mode", "auto_vacuum",
	} {
		var want, got string
		err := ours.Write(t.Context(), func(tx *sqldb.Tx) error {
			want, _, err = sqldb.One(t.Context(), tx, func(row sqldb.Scanner) (s string, err error) {
				err = row.Scan(&s)
				return s, err
			}, "PRAGMA "+name)
			return err
		})
		if err := errors.Join(err, bare.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got)); err != nil && !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(name, ": ", err)
		}
		if got != want {
			t.Errorf("%s is %q, with Schakel %q", name, got, want)
		}
	}
}
