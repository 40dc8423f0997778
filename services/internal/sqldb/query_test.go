package sqldb_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

type row struct {
	ID     string
	Amount *int64
	Body   []byte
}

func scanRow(s sqldb.Scanner) (r row, err error) { return r, s.Scan(&r.ID, &r.Amount, &r.Body) }

func TestValuesComeBackAsTheyWere(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		most, least := int64(math.MaxInt64), int64(math.MinInt64)
		type name string
		values := [][]any{
			{"B", most, []byte{0, 255, '\''}, nil},
			{name("a"), nil, []byte(nil), nil}, // a nil slice is NULL
			{"é\u2028💧'\"\\$1?", &least, []byte{}, nil},
			{"", int32(7), nil, "a"},
		}
		want := []row{ // sorted by bytes
			{"", ptr(7), nil}, {"B", &most, []byte{0, 255, '\''}}, {"a", nil, nil}, {"é\u2028💧'\"\\$1?", &least, []byte{}},
		}
		columns := []string{"id", "amount", "body", "parent"}
		check := func(tx *sqldb.Tx) {
			t.Helper()
			got, err := sqldb.All(ctx, tx, scanRow, "SELECT id, amount, body FROM thing ORDER BY id")
			must(t, err)
			// Empty bytes are not NULL, but SQLite's driver scans both as nil.
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			nulls, err := sqldb.All(ctx, tx, text, "SELECT id FROM thing WHERE body IS NULL ORDER BY id")
			must(t, err)
			if diff := cmp.Diff([]string{"", "a"}, nulls); diff != "" {
				t.Errorf("NULL bodies (-want +got):\n%s", diff)
			}
		}
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
			n, err := sqldb.Insert(ctx, tx, sqldb.Rows{Table: "thing", Columns: columns, Values: values})
			if n != 4 {
				t.Errorf("%d rows touched", n)
			}
			must(t, err)
			check(tx)
			_, err = tx.Exec(ctx, "DELETE FROM thing")
			must(t, err)
			for _, v := range values {
				// Placeholders are numbers, not places, and may be repeated.
				_, err := tx.Exec(ctx, "INSERT INTO thing (parent, id, amount, body) SELECT $4, $1, $2, $3 WHERE $1 = $1", v...)
				must(t, err)
			}
			check(tx)
			return nil
		}))
	})
}

func ptr(n int64) *int64 { return &n }

func TestInsertTakesAnyNumberOfRows(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		rows := sqldb.Rows{
			Table: "thing", Columns: []string{"id", "amount", "body", "parent"},
			Suffix: "ON CONFLICT (id) DO UPDATE SET amount = excluded.amount WHERE thing.amount <> excluded.amount",
		}
		const many = 10_000 // 40,000 arguments: more than SQLite takes in one statement
		for i := range many {
			rows.Values = append(rows.Values, []any{fmt.Sprint(i), i, nil, nil})
		}
		insert := func(r sqldb.Rows) (n int64) {
			must(t, db.Write(ctx, func(tx *sqldb.Tx) (err error) {
				n, err = sqldb.Insert(ctx, tx, r)
				return err
			}))
			return n
		}
		if n := insert(sqldb.Rows{Table: "thing", Columns: rows.Columns}); n != 0 {
			t.Errorf("no rows: %d", n)
		}
		if n := insert(rows); n != many {
			t.Errorf("first time: %d", n)
		}
		rows.Values[3][1] = -1
		if n := insert(rows); n != 1 {
			t.Errorf("second time: %d", n)
		}
		rows.Values = append(rows.Values, []any{"too", "few"})
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := sqldb.Insert(ctx, tx, rows)
			return err
		}); err == nil {
			t.Error("a row that is too short was taken")
		}
	})
}

func TestTextThatAnEngineWouldChangeIsRefused(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		type name string
		nul := "a\x00b"
		for what, arg := range map[string]any{
			"U+0000": nul, "broken UTF-8": "a\xffb", "behind a pointer": &nul, "of a named type": name(nul),
		} {
			for how, err := range map[string]error{
				"exec": db.Write(ctx, func(tx *sqldb.Tx) error {
					_, err := tx.Exec(ctx, "INSERT INTO thing (id) VALUES ($1)", arg)
					return err
				}),
				"insert": db.Write(ctx, func(tx *sqldb.Tx) error {
					_, err := sqldb.Insert(ctx, tx, sqldb.Rows{Table: "thing", Columns: []string{"id"}, Values: [][]any{{arg}}})
					return err
				}),
				"query": db.Read(ctx, func(tx *sqldb.Tx) error {
					_, _, err := sqldb.One(ctx, tx, text, "SELECT id FROM thing WHERE id = $1", arg)
					return err
				}),
			} {
				if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Reason != sqldb.ReasonText {
					t.Errorf("%s, %s: %v", what, how, err)
				}
			}
		}
		if got := ids(t, db); len(got) > 0 {
			t.Errorf("stored: %q", got)
		}
	})
}

func TestATimeIsStoredAsMillisecondsOnly(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		at := time.Date(2026, 2, 28, 23, 59, 59, 999_999_999, time.FixedZone("", 3600))
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
			if _, err := tx.Exec(ctx, "UPDATE thing SET amount = $1", at); err == nil {
				t.Error("a time.Time was taken")
			}
			return add(ctx, tx, "a", sqldb.Millis(at))
		}))
		must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
			ms, _, err := sqldb.One(ctx, tx, number, "SELECT amount FROM thing")
			if got, want := sqldb.Time(ms), time.Date(2026, 2, 28, 22, 59, 59, 999_000_000, time.UTC); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			return err
		}))
	})
}

func TestTimesKeepTheirOrderAndTheZeroTime(t *testing.T) {
	t.Parallel()
	if !sqldb.Time(sqldb.Millis(time.Time{})).IsZero() {
		t.Error("the zero time is lost")
	}
	before := time.Date(1969, 12, 31, 23, 59, 59, 999_600_000, time.UTC)
	if got := sqldb.Time(sqldb.Millis(before)); got != before.Truncate(time.Millisecond) {
		t.Errorf("cut to %v", got)
	}
}

func TestOneMeansOne(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
			for i, id := range []string{"a", "b"} {
				must(t, add(ctx, tx, id, int64(i)))
			}
			for _, tt := range []struct {
				name, where string
				want        string
				ok, wrong   bool
			}{
				{"no row is no error", "id = 'z'", "", false, false},
				{"one row is it", "id = 'b'", "b", true, false},
				{"two rows are a mistake", "true", "", false, true},
			} {
				got, ok, err := sqldb.One(ctx, tx, text, "SELECT id FROM thing WHERE "+tt.where)
				if got != tt.want || ok != tt.ok || (err != nil) != tt.wrong {
					t.Errorf("%s: %q, %v, %v", tt.name, got, ok, err)
				}
			}
			return nil
		}))
	})
}

func TestAStatementMayAnswerWithWhatItWrote(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
			got, err := sqldb.All(ctx, tx, text, "INSERT INTO thing (id) VALUES ($1), ($2) RETURNING id", "a", "b")
			if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return err
		}))
		if diff := cmp.Diff([]string{"a", "b"}, ids(t, db)); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
	})
}

func TestAFailingScanStopsTheReading(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
			if all, err := sqldb.All(ctx, tx, number, "SELECT 'no number'"); err == nil {
				t.Errorf("got %v", all)
			}
			n, ok, err := sqldb.One(ctx, tx, number, "SELECT 1") // the connection is free again
			if n != 1 || !ok {
				t.Errorf("got %d", n)
			}
			return err
		}))
	})
}
