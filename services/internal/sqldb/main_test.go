package sqldb_test

import (
	"context"
	"testing"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// table makes the table that most tests write to.
func table(tb testing.TB, db *sqldb.DB) {
	tb.Helper()
	must(tb, db.Write(tb.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(tb.Context(), tx.Pick(
			`CREATE TABLE thing (id TEXT PRIMARY KEY, amount INTEGER, body BLOB, parent TEXT REFERENCES thing (id)) STRICT`,
			`CREATE TABLE thing (id TEXT COLLATE "C" PRIMARY KEY, amount BIGINT, body BYTEA, parent TEXT COLLATE "C" REFERENCES thing (id))`,
		))
		return err
	}))
}

// add inserts one row in the running transaction.
func add(ctx context.Context, tx *sqldb.Tx, id string, amount int64) error {
	_, err := tx.Exec(ctx, "INSERT INTO thing (id, amount) VALUES ($1, $2)", id, amount)
	return err
}

// ids reads what is stored, in the order of the database.
func ids(tb testing.TB, db *sqldb.DB) (all []string) {
	tb.Helper()
	must(tb, db.Read(tb.Context(), func(tx *sqldb.Tx) (err error) {
		all, err = sqldb.All(tb.Context(), tx, text, "SELECT id FROM thing ORDER BY id")
		return err
	}))
	return all
}

func text(s sqldb.Scanner) (v string, err error)  { return v, s.Scan(&v) }
func number(s sqldb.Scanner) (v int64, err error) { return v, s.Scan(&v) }

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
