package sqlstore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
	"schakel.example/services/signals/sqlstore"
)

const agency = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"

var grant = access.Grant{Organisation: agency, Role: access.Aanleveraar, Reach: access.Eigen}

// plain is a signal of about a kilobyte in its entry.
func plain(reference string) signals.Incoming {
	return signals.Incoming{Signal: signals.Signal{
		Organisation: agency, ExternalReference: reference, Title: "Inkomensgrens wisselt per maand",
		Description: "Wie wisselend verdient, betaalt achteraf terug.", Level: "organisatie", Categories: []string{"hardheid"},
		Severity: 3, Approach: 2, Confidentiality: 1,
	}}
}

// serve runs a service on a database until the test ends.
func serve(tb testing.TB, db *sqldb.DB, bounds signals.Bounds) (*signals.Service, note.Verifiers) {
	tb.Helper()
	signer, keys := ledgertest.Signer(tb)
	log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
	if err != nil {
		tb.Fatal(err)
	}
	service := signals.New(signals.Config{
		DB: db, Store: sqlstore.New(db), Log: log, Signer: signer,
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Now:    time.Now, NewID: func() string { return uuid.Must(uuid.NewV7()).String() }, Bounds: bounds,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Error(err)
		}
	})
	return service, keys
}

func TestACommitWithoutAnAnswerIsLookedInto(t *testing.T) {
	t.Parallel()
	proxy, through := testenv.Breakable(t, testenv.Postgres(t))
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: through})
	migrate(t, db)
	service, keys := serve(t, db, signals.Bounds{})
	before := plain("before")
	if _, err := service.Submit(t.Context(), grant, before); err != nil {
		t.Fatal(err)
	}
	n := 1
	for mode, times := range map[testenv.Break]int{testenv.BreakBefore: 2, testenv.BreakAfter: 1} {
		for _, mixed := range []bool{false, true} {
			var batch []signals.Incoming
			for i := range 50 {
				batch = append(batch, plain(fmt.Sprintf("%s-%v-%d", mode, mixed, i)))
			}
			n += len(batch)
			if mixed { // with one that is there already, and one twice
				batch = append(batch, before, batch[7])
			}
			proxy.SetNext(mode, times)
			got, err := service.SubmitAll(t.Context(), grant, batch)
			if err != nil || proxy.Left() != 0 {
				t.Fatalf("%s: %v; %d commits are still to be broken", mode, err, proxy.Left())
			}
			for i, o := range got {
				if o.Err != nil || o.Repeated != (i >= 50) {
					t.Fatalf("%s: signal %d: %+v", mode, i, o)
				}
				stored, err := service.Get(t.Context(), grant, o.ID)
				if err == nil {
					_, err = ledger.VerifyReceipt(o.Receipt, stored.Payload, keys)
				}
				if err != nil || string(stored.Receipt) != string(o.Receipt) {
					t.Errorf("%s: signal %d: %v, or another receipt is stored", mode, i, err)
				}
			}
		}
	}
	if rows := testenv.Rows(t, db, "signal", "ledger_entry", "ledger_pending"); len(rows) != 3*n {
		t.Errorf("%d rows, want %d", len(rows), 3*n)
	}
}

func TestACommitOfWhichNothingCanBeKnownIsToldAsSuch(t *testing.T) {
	t.Parallel()
	proxy, through := testenv.Breakable(t, testenv.Postgres(t))
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: through})
	migrate(t, db)
	service, _ := serve(t, db, signals.Bounds{Commit: 300 * time.Millisecond})
	proxy.Set(testenv.BreakAfter)
	_, err := service.Submit(t.Context(), grant, plain("S-1"))
	if f := fault.Of(err); f == nil || f.Reason != sqldb.ReasonUnknown || f.Kind != fault.Unavailable {
		t.Errorf("got %v", err)
	}
	proxy.Set(testenv.BreakNot)
	if again, err := service.Submit(t.Context(), grant, plain("S-1")); err != nil || !again.Repeated {
		t.Errorf("afterwards: %+v, %v", again, err)
	}
}
