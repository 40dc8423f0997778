package sqldb_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// What SQLite's connections keep must not show.

func TestAStatementCanRunWithinItself(t *testing.T) {
	db := testenv.Open(t, sqldb.SQLite)
	table(t, db)
	ctx := t.Context()
	must(t, db.Write(ctx, func(tx *sqldb.Tx) error { return errors.Join(add(ctx, tx, "a", 1), add(ctx, tx, "b", 2)) }))
	for range 2 {
		var pairs []string
		must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
			const q = "SELECT id FROM thing WHERE amount < $1 ORDER BY id"
			return sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
				outer, err := text(row)
				if err != nil {
					return err
				}
				return sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
					inner, err := text(row)
					pairs = append(pairs, outer+inner)
					return err
				}, q, 3)
			}, q, 3)
		}))
		if diff := cmp.Diff([]string{"aa", "ab", "ba", "bb"}, pairs); diff != "" {
			t.Errorf("pairs (-want +got):\n%s", diff)
		}
	}
}

func TestAStatementSeesATableThatChanged(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		run := func(q string) error {
			return db.Write(ctx, func(tx *sqldb.Tx) error { _, err := tx.Exec(ctx, q); return err })
		}
		const insert = "INSERT INTO thing (id, amount) VALUES ('x', 1)"
		must(t, run(insert))
		must(t, run("DROP TABLE thing"))
		if err := run(insert); err == nil {
			t.Error("it inserts into a table that is gone")
		}
		table(t, db)
		must(t, run(insert))
		must(t, run("ALTER TABLE thing RENAME COLUMN amount TO sum"))
		if err := run(insert); err == nil {
			t.Error("it inserts into a column that is gone")
		}
	})
}

func TestAStatementThatFailsCanRunAgain(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		for i := range 3 {
			err := db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "same", 1) })
			if (err == nil) != (i == 0) {
				t.Errorf("attempt %d: %v", i+1, err)
			}
			must(t, db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, fmt.Sprint(i), 1) }))
		}
	})
}

func TestMoreStatementsThanAreKept(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		for range 2 {
			must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
				for i := range 200 {
					n, _, err := sqldb.One(ctx, tx, number, fmt.Sprintf("SELECT %d + $1", i), 1)
					if err != nil || n != int64(i+1) {
						return fmt.Errorf("statement %d: %d, %w", i, n, err)
					}
				}
				return nil
			}))
		}
	})
}

func TestAnyNumberOfRowsIsInserted(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx, all := t.Context(), 0
		for _, n := range []int{0, 1, 2, 3, 31, 37, 1000, 1025, 2500} {
			rows := sqldb.Rows{Table: "thing", Columns: []string{"id", "amount", "body", "parent"}, Suffix: "ON CONFLICT (id) DO NOTHING"}
			for i := range n {
				row := []any{fmt.Sprintf("%d-%d", n, i), i, []byte{byte(i)}, nil}
				if i%2 == 0 {
					row[1], row[2] = nil, nil
				}
				rows.Values = append(rows.Values, row)
			}
			if n > 2 {
				rows.Values[2][0] = rows.Values[1][0] // twice
			}
			must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
				got, err := sqldb.Insert(ctx, tx, rows)
				want := n
				if n > 2 {
					want--
				}
				if all += want; got != int64(want) {
					t.Errorf("%d of %d rows", got, n)
				}
				return err
			}))
		}
		if got := len(ids(t, db)); got != all {
			t.Errorf("%d are stored, want %d", got, all)
		}
	})
}
