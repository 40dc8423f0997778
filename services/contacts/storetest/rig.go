// Package storetest holds any contacts.Store to what package contacts promises,
// through its use cases: one suite for every engine.
//
// It must not know how a store does it: no case may look at its tables, but for
// those that compare them with what folding the ledger anew gives.
package storetest

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
)

// Open gives a fresh database with the tables of the ledger and of the store,
// and the store in it.
type Open func(testing.TB) (*sqldb.DB, contacts.Store)

// Run tries all that a store promises.
func Run(t *testing.T, open Open) {
	for _, topic := range []map[string]func(*rig){designating, logging, listing, folding} {
		for name, try := range topic {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				try(newRig(t, open))
			})
		}
	}
}

// Two departments, and an agency of the first.
const (
	bzk    = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1034"
	fin    = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1090"
	logius = "https://identifier.overheid.nl/tooi/id/oorg/oorg10117"
)

// Who calls.
var (
	ofBZK    = access.Grant{Organisation: bzk, Role: access.Contactpersoon, Reach: access.Eigen}
	ofFIN    = access.Grant{Organisation: fin, Role: access.Contactpersoon, Reach: access.Eigen}
	overseer = access.Grant{Role: access.Toezichthouder, Reach: access.Alle}
	admin    = access.Grant{Role: access.Beheerder, Reach: access.Alle}
	public   = access.Grant{Role: access.Publiek, Reach: access.Openbaar}
	nobody   = access.Grant{}
)

// start is when every case begins.
var start = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// rig is what a case works with: a database, and a service on it.
type rig struct {
	*testing.T
	*contacts.Service
	open  Open
	keys  note.Verifiers
	clock atomic.Pointer[time.Time]
	// crowded makes the first to find a key free wait for a second, of whom there
	// must be none.
	crowded bool
	finders atomic.Int32
}

func newRig(t *testing.T, open Open) *rig {
	db, store := open(t)
	signer, keys := ledgertest.Signer(t)
	r := &rig{T: t, open: open, keys: keys}
	r.clock.Store(&start)
	data, err := reference.Load()
	r.must(err)
	log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
	r.must(err)
	r.Service = contacts.New(contacts.Config{
		DB: db, Store: store, Log: log, Data: data,
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-contacten",
		Now:    func() time.Time { return *r.clock.Load() },
		NewID:  r.newID,
	})
	return r
}

// newID makes an id, which is the first thing that is done when a key was found
// free.
func (r *rig) newID() string {
	if r.crowded && r.finders.Add(1) == 1 {
		for limit := time.After(100 * time.Millisecond); r.finders.Load() < 2; {
			select {
			case <-limit:
				r.finders.Add(1)
			case <-time.After(time.Millisecond):
			}
		}
	}
	return uuid.Must(uuid.NewV7()).String()
}

// pass lets time pass.
func (r *rig) pass(d time.Duration) {
	later := r.Now().Add(d)
	r.clock.Store(&later)
}

// person is a contact person of a department.
func person(department string) contacts.ContactPerson {
	return contacts.ContactPerson{
		Department: department, Function: "parlementair contactpersoon",
		Mailbox: "parlementaire-zaken@example.nl", ValidFrom: "2024-01-01", ValidUntil: "2027-12-31",
	}
}

// contact is a contact that was approved, about as full as it can be.
func contact(by contacts.ContactPerson, reference string) contacts.Contact {
	return contacts.Contact{
		Department: by.Department, ExternalReference: reference, ContactPerson: by.ID,
		Officials: offices(logius, "directeur", by.Department, "senior beleidsmedewerker"),
		Members: []contacts.Member{
			{Chamber: 1, ID: "6a2f3ef6-8e37-4a3a-9f0a-2d8c5c9b2b11"},
			{Chamber: 2, ID: "0b9c1b9e-3d5b-4b62-8a8f-57c9b9f2a0d4"},
		},
		Subject: "Toelichting op de planning", Form: "technische-briefing", Initiative: 1,
		RequestedAt: start.AddDate(0, 0, -14),
		Consent: contacts.Consent{
			DecidedBy: offices(by.Department, "staatssecretaris")[0],
			DecidedAt: start.AddDate(0, 0, -10), Reference: "nota 2026-0000123",
		},
		HeldAt: start.AddDate(0, 0, -3),
	}
}

// offices makes offices of pairs of organisation and function.
func offices(pairs ...string) (all []reference.Office) {
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, reference.Office{Organisation: pairs[i], Function: pairs[i+1]})
	}
	return all
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
	if diff := cmp.Diff(want, got); diff != "" {
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

// designate records a contact person of the caller's department.
func (r *rig) designate(p contacts.ContactPerson) contacts.ContactPerson {
	r.Helper()
	p, before, err := r.DesignateContactPerson(r.Context(), admin, p)
	r.must(err)
	if before {
		r.Fatal("the designation was there already")
	}
	return p
}

// log records a contact.
func (r *rig) log(c contacts.Contact) contacts.Contact {
	r.Helper()
	c, before, err := r.LogContact(r.Context(), admin, c)
	r.must(err)
	if before {
		r.Fatal("the contact was there already")
	}
	return c
}

// sequence gives every entry its place.
func (r *rig) sequence() {
	r.Helper()
	_, err := r.Service.Log.Sequence(r.Context())
	r.must(err)
}

// entries is the whole ledger, in order.
func (r *rig) entries() []ledger.Sequenced {
	r.Helper()
	r.sequence()
	all, err := r.Service.Log.Entries(r.Context(), 0, 1000)
	r.must(err)
	return all
}

// atOnce runs f so many times at the same time, once in a case.
func (r *rig) atOnce(n int, f func(i int) error) {
	r.Helper()
	r.crowded = true
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
	r.must(all)
}
