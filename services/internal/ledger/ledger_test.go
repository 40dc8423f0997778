package ledger_test

import (
	"testing"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			ledgertest.Run(t, func(tb testing.TB) *sqldb.DB { return testenv.Open(tb, engine) })
		})
	}
}

func TestALogMovesBetweenEngines(t *testing.T) {
	t.Parallel()
	for _, from := range testenv.Engines() {
		for _, to := range testenv.Engines() {
			if from == to {
				continue // in the conformance suite
			}
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				t.Parallel()
				db := testenv.Open(t, from)
				if err := ledger.Migrate(t.Context(), db); err != nil {
					t.Fatal(err)
				}
				signer, keys := ledgertest.Signer(t)
				l, err := ledger.New(ledger.Config{DB: db, Signer: signer})
				if err != nil {
					t.Fatal(err)
				}
				err = db.Write(t.Context(), func(tx *sqldb.Tx) error {
					return ledger.Append(t.Context(), tx, ledgertest.Entries(t, 600))
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := l.Sequence(t.Context()); err != nil {
					t.Fatal(err)
				}
				ledgertest.Transfer(t, l, signer, keys, testenv.Open(t, to))
			})
		}
	}
}
