package sqlstore_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/letters"
	"schakel.example/services/letters/sqlstore"
	"schakel.example/services/letters/storetest"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// fresh makes empty databases of an engine.
func fresh(engine sqldb.Engine) func(testing.TB) storetest.Database {
	return func(tb testing.TB) storetest.Database {
		tb.Helper()
		config := testenv.Config(tb, engine)
		return func(tb testing.TB) (*sqldb.DB, letters.Store) {
			tb.Helper()
			db := testenv.OpenConfig(tb, config)
			migrate(tb, db)
			return db, sqlstore.New(db)
		}
	}
}

func migrate(tb testing.TB, db *sqldb.DB) {
	tb.Helper()
	if err := errors.Join(ledger.Migrate(tb.Context(), db), sqlstore.Migrate(tb.Context(), db)); err != nil {
		tb.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, fresh(engine))
		})
	}
}

func TestTheLedgerMovesBetweenEngines(t *testing.T) {
	t.Parallel()
	for _, from := range testenv.Engines() {
		for _, to := range testenv.Engines() {
			if from == to {
				continue // in the conformance suite
			}
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				t.Parallel()
				storetest.Rebuild(t, fresh(from), fresh(to))
			})
		}
	}
}

func TestMigratingAgainFindsNothingToDo(t *testing.T) {
	t.Parallel()
	for _, engine := range testenv.Engines() {
		db, _ := fresh(engine)(t)(t)
		before := testenv.Rows(t, db, "letters_version", "letter")
		migrate(t, db)
		if diff := cmp.Diff(before, testenv.Rows(t, db, "letters_version", "letter")); diff != "" || len(before) == 0 {
			t.Errorf("%s (-before +after):\n%s", engine, diff)
		}
	}
}
