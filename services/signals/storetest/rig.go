// Package storetest holds any signals.Store to what package signals promises,
// through its use cases: one suite for every engine.
//
// It must not know how a store does it: no case may look at its tables, but for
// those that say that something is, or is not, stored.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/reference"
	"schakel.example/services/signals"
)

// Database is one database with the tables of the ledger and of the store. Each
// call connects to it anew, as another replica would, and gives the store in it.
type Database func(testing.TB) (*sqldb.DB, signals.Store)

// Run tries all that a store promises; fresh makes an empty database.
func Run(t *testing.T, fresh func(testing.TB) Database) {
	for _, topic := range []map[string]func(*rig){
		submitting, crowding, batching, streaming, repeating, revising, redacting, protecting, conversing, releasing,
		reading, searching, counting, confiding, publishing, following, replaying, triaging, joining, proposing,
	} {
		for name, try := range topic {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				try(newRig(t, fresh))
			})
		}
	}
}

// Two agencies.
const (
	uwv = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	svb = "https://identifier.overheid.nl/tooi/id/zbo/zb000143"
)

// Who calls.
var (
	ofUWV    = access.Grant{Organisation: uwv, Role: access.Aanleveraar, Reach: access.Eigen}
	ofSVB    = access.Grant{Organisation: svb, Role: access.Aanleveraar, Reach: access.Eigen}
	overseer = access.Grant{Role: access.Toezichthouder, Reach: access.Alle}
	public   = access.Grant{Role: access.Publiek, Reach: access.Openbaar}
	nobody   = access.Grant{}
)

// start is when every case begins.
var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// rig is what a case works with: one database, and a service on it.
type rig struct {
	*testing.T
	*signals.Service
	fresh    func(testing.TB) Database
	database Database
	db       *sqldb.DB
	signer   *ledger.Signer
	keys     note.Verifiers
	clock    atomic.Pointer[time.Time]
	bounds   signals.Bounds
}

// newRig makes a rig whose service does not run yet.
func newRig(t *testing.T, fresh func(testing.TB) Database) *rig {
	r := &rig{T: t, fresh: fresh, database: fresh(t)}
	r.clock.Store(&start)
	r.signer, r.keys = ledgertest.Signer(t)
	var store signals.Store
	r.db, store = r.database(t)
	r.Service = r.service(r.db, store)
	return r
}

// service is a service on a database.
func (r *rig) service(db *sqldb.DB, store signals.Store) *signals.Service {
	r.Helper()
	log, err := ledger.New(ledger.Config{DB: db, Signer: r.signer})
	r.must(err)
	return signals.New(signals.Config{
		DB: db, Store: store, Log: log, Signer: r.signer,
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Now:    func() time.Time { return *r.clock.Load() },
		NewID:  func() string { return uuid.Must(uuid.NewV7()).String() },
		Bounds: r.bounds,
	})
}

// within makes the service anew, with other bounds.
func (r *rig) within(b signals.Bounds) {
	r.bounds = b
	r.Service = r.service(r.db, r.Store)
}

// moved is a rig on an empty database whose ledger is the one of r.
func (r *rig) moved(fresh func(testing.TB) Database) *rig {
	r.Helper()
	to := newRig(r.T, fresh)
	to.signer, to.keys = r.signer, r.keys
	to.Service = to.service(to.db, to.Store)
	var export bytes.Buffer
	_, err := r.Service.Log.Export(r.Context(), &export)
	r.must(err)
	_, err = ledger.Import(r.Context(), to.db, &export, r.keys)
	r.must(err)
	return to
}

// run runs a service until the case ends, or stop is called.
func (r *rig) run(s *signals.Service) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			r.Errorf("Run: %v", err)
		}
	}
	r.Cleanup(stop)
	return stop
}

// pass lets time pass.
func (r *rig) pass(d time.Duration) {
	later := r.Now().Add(d)
	r.clock.Store(&later)
}

// signal is a signal of an agency, no larger than it must be.
func signal(organisation, reference string) signals.Signal {
	return signals.Signal{
		Organisation: organisation, ExternalReference: reference,
		Title: "Inkomensgrens wisselt per maand", Description: "Wie wisselend verdient, betaalt achteraf terug.",
		Level: "organisatie", Categories: []string{"hardheid"},
		Severity: 3, Approach: 2, Confidentiality: 1,
	}
}

// whole is a signal that has everything.
func (r *rig) whole(organisation, kenmerk string) signals.Signal {
	r.Helper()
	s := signal(organisation, kenmerk)
	for _, is := range []struct {
		kind reference.ProvisionKind
		text string
	}{
		{reference.ProvisionJCI, "jci1.3:c:BWBR0019057&artikel=76"}, {reference.ProvisionCELEX, "32004R0883"},
		{reference.ProvisionKamerstuk, "kst-36617-3"}, {reference.ProvisionCVDR, "CVDR123456_1"},
	} {
		p, err := reference.ParseProvision(is.kind, is.text)
		r.must(err)
		s.Provisions = append(s.Provisions, p)
	}
	s.PublicValues, s.Principles = []string{"betrouwbaarheid"}, []string{"legaliteit"}
	s.TargetGroups, s.SocietalTask = []string{"arbeidsongeschikten", "gezinnen"}, "bestaanszekerheid"
	s.Extent = &signals.Extent{Minimum: 0, Maximum: 900, PerYear: true, Source: "eigen telling", Certainty: 1}
	s.Since, s.PolicyStage, s.Customisation = "2024-02-29", "uitvoering", "Terugvordering gespreid."
	s.ProposedSolutions = []signals.ProposedSolution{{Description: "Vast peiljaar", Actor: uwv, Instrument: "wet", Cost: "€ 3 mln"}}
	s.OtherOrganisations, s.CausingOrganisations = []string{svb}, []string{uwv}
	s.References = []signals.Reference{{Description: "Knelpuntenbrief 2025", URI: "https://example.nl/brief?a=1&b=2"}}
	return s
}

// submit hands a signal in for its own organisation.
func submit(ctx context.Context, s *signals.Service, signal signals.Signal) (signals.Submission, error) {
	return s.Submit(ctx, own(signal), signals.Incoming{Signal: signal})
}

// own is the grant of the organisation of a signal.
func own(s signals.Signal) access.Grant {
	return access.Grant{Organisation: s.Organisation, Role: access.Aanleveraar, Reach: access.Eigen}
}

// accept submits a signal that must be new.
func (r *rig) accept(s signals.Signal) signals.Submission {
	r.Helper()
	got, err := submit(r.Context(), r.Service, s)
	r.must(err)
	if got.Repeated {
		r.Fatalf("%s was there already", s.ExternalReference)
	}
	return got
}

// get reads a signal with its receipt.
func (r *rig) get(id string) signals.Stored {
	r.Helper()
	stored, err := r.Get(r.Context(), overseer, id)
	r.must(err)
	return stored
}

// list reads all that a grant sees under a filter, a page at a time.
func (r *rig) list(grant access.Grant, f signals.Filter, size int32) (all []string) {
	r.Helper()
	for token := ""; ; {
		var err error
		f.Page, err = page.Kind(f.Order).Parse(size, token)
		r.must(err)
		var some []signals.Signal
		some, token, err = r.List(r.Context(), grant, f)
		r.must(err)
		for _, s := range some {
			all = append(all, s.ExternalReference)
		}
		if token == "" {
			return all
		}
		if len(all) > 10_000 {
			r.Fatal("the pages have no end")
		}
	}
}

// rows is all that is stored of signals and of the ledger, but for what the
// sequencer does.
func (r *rig) rows() []string {
	r.Helper()
	return testenv.Rows(r.T, r.db, "signal", "ledger_entry", "ledger_pending")
}

// exec runs a statement in a transaction of its own.
func (r *rig) exec(q string, args ...any) {
	r.Helper()
	r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(r.Context(), q, args...)
		return err
	}))
}

// must ends the case at an error.
func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// same compares what is with what was meant.
func (r *rig) same(what string, got, want any) {
	r.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(reference.Provision{})); diff != "" {
		r.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// refused checks that an error is a fault of a kind and with a reason.
func (r *rig) refused(err error, kind fault.Kind, reason string) {
	r.Helper()
	if f := fault.Of(err); f == nil || f.Kind != kind || f.Reason != reason {
		r.Errorf("%v, want a fault %v with reason %q", err, kind, reason)
	}
}

// await waits until a condition holds that others bring about.
func (r *rig) await(what string, holds func() bool) {
	r.Helper()
	for limit := time.Now().Add(30 * time.Second); !holds(); runtime.Gosched() {
		if time.Now().After(limit) {
			r.Fatalf("waited in vain: %s", what)
		}
	}
}

// atOnce runs f so many times at the same time, and joins the errors.
func atOnce(n int, f func(i int) error) error {
	ready, failed := make(chan struct{}), make(chan error, n)
	for i := range n {
		go func() {
			<-ready
			failed <- f(i)
		}()
	}
	close(ready)
	var all error
	for range n {
		all = errors.Join(all, <-failed)
	}
	return all
}
