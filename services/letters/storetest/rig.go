// Package storetest holds any letters.Store to what package letters promises,
// through its use cases: one suite for every engine.
//
// It must not know how a store does it: no case may look at its tables, but for
// those that say that something is, or is not, stored.
package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/letters"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// Database is one database with the tables of the ledger and of the store. Each
// call connects to it anew, as another replica would, and gives the store in it.
type Database func(testing.TB) (*sqldb.DB, letters.Store)

// exceptions names the cases that an engine cannot have.
var exceptions = map[sqldb.Engine]map[string]string{
	sqldb.SQLite: {
		"two letters on one bottleneck leave the tables as their entries do": "SQLite has one writer: no two transactions run at once",
	},
}

// Run tries all that a store promises; fresh makes an empty database.
func Run(t *testing.T, fresh func(testing.TB) Database) {
	db, _ := fresh(t)(t)
	for _, topic := range []map[string]func(*rig){opening, corresponding, answering, seeing, crowding, following, proposing, folding} {
		for name, try := range topic {
			if why, excepted := exceptions[db.Engine()][name]; excepted {
				t.Logf("%s: excepted, since %s", name, why)
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				try(newRig(t, fresh))
			})
		}
	}
}

// Two agencies and two departments.
const (
	uwv = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	svb = "https://identifier.overheid.nl/tooi/id/zbo/zb000143"
	szw = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073"
	fin = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1090"
)

// Who calls.
var (
	ofUWV    = access.Grant{Organisation: uwv, Role: access.Redacteur, Reach: access.Eigen}
	ofSVB    = access.Grant{Organisation: svb, Role: access.Redacteur, Reach: access.Eigen}
	ofSZW    = access.Grant{Organisation: szw, Role: access.Beantwoorder, Reach: access.Eigen}
	ofFIN    = access.Grant{Organisation: fin, Role: access.Beantwoorder, Reach: access.Eigen}
	overseer = access.Grant{Role: access.Toezichthouder, Reach: access.Alle}
	public   = access.Grant{Role: access.Publiek, Reach: access.Openbaar}
	nobody   = access.Grant{}
)

// strangers are those who have nothing to do with letters from UWV to SZW.
func strangers() map[string]access.Grant {
	return map[string]access.Grant{
		"another agency": ofSVB, "another department": ofFIN, "the public": public, "nobody": nobody,
	}
}

// board is the office that adopts the letters of UWV.
var board = reference.Office{Organisation: uwv, Function: "voorzitter raad van bestuur"}

// start is when every case begins: a Friday.
var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// rig is what a case works with: one database, and a service on it.
type rig struct {
	*testing.T
	*letters.Service
	fresh    func(testing.TB) Database
	database Database
	db       *sqldb.DB
	signer   *ledger.Signer
	keys     note.Verifiers
	data     *reference.Data
	clock    atomic.Pointer[time.Time]
}

func newRig(t *testing.T, fresh func(testing.TB) Database) *rig {
	r := &rig{T: t, fresh: fresh, database: fresh(t)}
	r.clock.Store(&start)
	r.signer, r.keys = ledgertest.Signer(t)
	var err error
	r.data, err = reference.Load()
	r.must(err)
	var store letters.Store
	r.db, store = r.database(t)
	r.Service = r.service(r.db, store)
	return r
}

// service is a service on a database.
func (r *rig) service(db *sqldb.DB, store letters.Store) *letters.Service {
	r.Helper()
	log, err := ledger.New(ledger.Config{DB: db, Signer: r.signer})
	r.must(err)
	return letters.New(letters.Config{
		DB: db, Store: store, Log: log, Data: r.data,
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-knelpunten",
		Now:    func() time.Time { return *r.clock.Load() },
		NewID:  func() string { return uuid.Must(uuid.NewV7()).String() },
	})
}

// replicas are services on one database: on PostgreSQL each with connections of
// its own, as processes beside each other have; on SQLite, which one process
// holds, they share them.
func (r *rig) replicas(n int) []*letters.Service {
	r.Helper()
	all := make([]*letters.Service, n)
	for i := range all {
		db, store := r.db, r.Store
		if r.db.Engine() == sqldb.Postgres {
			db, store = r.database(r.T)
		}
		all[i] = r.service(db, store)
	}
	return all
}

// moved is a rig on an empty database whose ledger is the one of r.
func (r *rig) moved(fresh func(testing.TB) Database) *rig {
	r.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = r.Service.Log.Sequence(r.Context())
		r.must(err)
	}
	to := newRig(r.T, fresh)
	to.clock.Store(r.clock.Load())
	to.signer, to.keys = r.signer, r.keys
	to.Service = to.service(to.db, to.Store)
	var export bytes.Buffer
	_, err := r.Service.Log.Export(r.Context(), &export)
	r.must(err)
	_, err = ledger.Import(r.Context(), to.db, &export, r.keys)
	r.must(err)
	return to
}

// pass lets time pass.
func (r *rig) pass(d time.Duration) {
	later := r.Now().Add(d)
	r.clock.Store(&later)
}

// submitted is the message of a signal that an organisation submitted now.
func (r *rig) submitted(id, organisation string) queue.Message {
	return r.event(id, &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{
		Id: id, Organisation: organisation, Title: "Signaal", ReceivedAt: refproto.Timestamp(r.Now()),
		Confidentiality: signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR,
	}})
}

// event is a message of the ledger of signals.
func (r *rig) event(subject string, data proto.Message) queue.Message {
	r.Helper()
	payload, err := ledger.Event{
		ID: r.NewID(), Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Subject: subject, Organisation: uwv, Time: r.Now(), Data: data,
	}.Marshal()
	r.must(err)
	return queue.Message{Payload: payload}
}

// apply folds messages of signals, in one transaction.
func (r *rig) apply(messages ...queue.Message) {
	r.Helper()
	r.must(r.tryApply(messages...))
}

func (r *rig) tryApply(messages ...queue.Message) error {
	return r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
		for _, m := range messages {
			if err := r.Apply(r.Context(), tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// signals makes so many signals of an organisation known.
func (r *rig) signals(organisation string, n int) (ids []string) {
	r.Helper()
	var messages []queue.Message
	for range n {
		ids = append(ids, r.NewID())
		messages = append(messages, r.submitted(ids[len(ids)-1], organisation))
	}
	r.apply(messages...)
	return ids
}

// bottleneck is a bottleneck of signals.
func (r *rig) bottleneck(organisation, kenmerk string, ids ...string) letters.Bottleneck {
	r.Helper()
	p, err := reference.ParseProvision(reference.ProvisionJCI, "jci1.3:c:BWBR0019057&artikel=76")
	r.must(err)
	return letters.Bottleneck{
		Organisation: organisation, ExternalReference: kenmerk,
		Title: "Inkomensgrens wisselt per maand", Description: "Wie wisselend verdient, betaalt achteraf terug.",
		Category: "hardheid", Provisions: []reference.Provision{p}, Signals: ids,
	}
}

// open opens a bottleneck of so many new signals of UWV.
func (r *rig) open(kenmerk string, signals int) letters.Bottleneck {
	r.Helper()
	return r.openFor(ofUWV, kenmerk, signals)
}

func (r *rig) openFor(grant access.Grant, kenmerk string, signals int) letters.Bottleneck {
	r.Helper()
	b, before, err := r.OpenBottleneck(r.Context(), grant,
		r.bottleneck(grant.Organisation, kenmerk, r.signals(grant.Organisation, signals)...))
	r.must(err)
	if before {
		r.Fatalf("%s was there already", kenmerk)
	}
	return b
}

// letter is a letter of UWV to SZW about bottlenecks.
func letter(kenmerk string, about ...letters.Bottleneck) letters.Letter {
	l := letters.Letter{
		Organisation: uwv, ExternalReference: kenmerk, Department: szw, Kind: 1, Edition: "2026",
		Title: "Knelpuntenbrief 2026", Introduction: "Zoals elk jaar.", AnswerBy: "2027-02-06", // a Saturday
	}
	for i, b := range about {
		l.Items = append(l.Items, letters.Item{Bottleneck: b.ID, Request: fmt.Sprintf("Pas de grens aan (%d).", i+1)})
	}
	return l
}

// draft drafts a letter of UWV that must be new.
func (r *rig) draft(l letters.Letter) letters.Letter {
	r.Helper()
	l, before, err := r.DraftLetter(r.Context(), ofUWV, l)
	r.must(err)
	if before {
		r.Fatalf("%s was there already", l.ExternalReference)
	}
	return l
}

// send drafts, adopts and sends a letter.
func (r *rig) send(l letters.Letter) letters.Letter {
	r.Helper()
	l = r.draft(l)
	_, err := r.AdoptLetter(r.Context(), ofUWV, l.ID, board)
	r.must(err)
	l, err = r.SendLetter(r.Context(), ofUWV, l.ID)
	r.must(err)
	return l
}

// response is an answer of SZW, under a reference of its own.
func response(choice letters.Choice) letters.Response {
	return letters.Response{
		ExternalReference: uuid.NewString(),
		Choice:            choice, Instrument: "wet", Motive: "De grens wordt een jaarbedrag.", Due: "2027-07-01",
		Owner: reference.Office{Organisation: szw, Function: "directeur Inkomensverzekeringen"},
	}
}

// answer answers an item for SZW.
func (r *rig) answer(l letters.Letter, number int, choice letters.Choice) letters.Response {
	r.Helper()
	given, _, err := r.AnswerItem(r.Context(), ofSZW, l.ID, number, response(choice))
	r.must(err)
	return given
}

// get reads a letter.
func (r *rig) get(id string) letters.Letter {
	r.Helper()
	l, err := r.GetLetter(r.Context(), overseer, id)
	r.must(err)
	return l
}

// dossier reads a bottleneck.
func (r *rig) dossier(id string) letters.Bottleneck {
	r.Helper()
	b, err := r.GetBottleneck(r.Context(), overseer, id)
	r.must(err)
	return b
}

// tables are those of letters, but for the projections of what signals tells.
func tables() []string {
	return []string{"bottleneck", "bundled_signal", "letter", "letter_item", "response", "edition", "proposal_decision"}
}

// rows is all that is stored of letters and of the ledger, but for what the
// sequencer does.
func (r *rig) rows() []string {
	r.Helper()
	return testenv.Rows(r.T, r.db, append(tables(), "known_signal", "proposal", "ledger_entry", "ledger_pending")...)
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
	diff := cmp.Diff(want, got, cmpopts.EquateComparable(reference.Provision{}, reference.Date{}))
	if diff != "" {
		r.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// refused checks that an error is a fault of a kind and with a reason, about the
// fields.
func (r *rig) refused(err error, kind fault.Kind, reason string, fields ...string) {
	r.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Reason != reason {
		r.Errorf("%v, want a fault %v with reason %q", err, kind, reason)
		return
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Path+" "+field.Reason)
	}
	r.same("the fields of "+reason, got, fields)
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

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }
