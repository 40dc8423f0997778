package sqlstore_test

import (
	"testing"

	"schakel.example/services/contacts"
	"schakel.example/services/contacts/sqlstore"
	"schakel.example/services/contacts/storetest"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// open makes stores in fresh databases of an engine.
func open(engine sqldb.Engine) storetest.Open {
	return func(tb testing.TB) (*sqldb.DB, contacts.Store) {
		tb.Helper()
		db := testenv.Open(tb, engine)
		if err := ledger.Migrate(tb.Context(), db); err != nil {
			tb.Fatal(err)
		}
		for range 2 { // a second migration finds nothing to do
			if err := sqlstore.Migrate(tb.Context(), db); err != nil {
				tb.Fatal(err)
			}
		}
		return db, sqlstore.New(db)
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, open(engine))
		})
	}
}

func TestTheTablesAreBuiltAgainOnAnotherEngine(t *testing.T) {
	t.Parallel()
	for _, from := range testenv.Engines() {
		for _, to := range testenv.Engines() {
			if from == to {
				continue // in the conformance suite
			}
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				t.Parallel()
				storetest.Rebuild(t, open(from), open(to))
			})
		}
	}
}
