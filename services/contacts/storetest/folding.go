package storetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/contacts"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// folding are the cases about the ledger and the tables that follow from it.
var folding = map[string]func(*rig){
	"every change is one entry, of its organisation": func(r *rig) {
		p := r.designate(person(bzk))
		c := r.log(contact(p, "C-1"))
		entries := r.entries()
		r.same("entries", len(entries), 2)
		for i, want := range []struct{ subject, kind string }{
			{p.ID, "nl.kamercontacten.contactpersoon-aangewezen.v1"},
			{c.ID, "nl.kamercontacten.contact-vastgelegd.v1"},
		} {
			event, err := ledger.Parse(entries[i].Payload)
			r.must(err)
			r.same("the subject", []string{event.Subject, entries[i].Subject}, []string{want.subject, want.subject})
			r.same("the revision", entries[i].Revision, int64(1))
			r.same("the type", event.Type, want.kind)
			r.same("the organisation", event.Organisation, bzk)
			r.same("the time", event.Time, start)
		}
		got, err := contacts.DecodeContact(entries[1].Payload)
		r.must(err)
		r.same("the contact in its entry", got, c)
		if _, err := contacts.DecodeContactPerson(entries[1].Payload); err == nil {
			r.Error("a contact passes for a contact person")
		}
	},
	"the ledger folded anew in an empty database gives the live tables": func(r *rig) {
		Rebuild(r.T, r.open, r.open)
	},
	"a replay wants empty tables": func(r *rig) {
		r.log(contact(r.designate(person(bzk)), "C-1"))
		r.sequence()
		before := r.rows()
		_, err := r.Replay(r.Context())
		r.refused(err, fault.Precondition, "tabellen-niet-leeg")
		r.same("what is stored", r.rows(), before)
	},
	"a replay that fails leaves the tables empty": func(r *rig) {
		r.designate(person(bzk))
		stray, err := ledger.Seal(ledger.Event{
			ID: r.NewID(), Source: r.Source, Subject: "S-1", Organisation: bzk, Time: start,
			Data: &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{Id: "S-1"}},
		}, 1)
		r.must(err)
		r.must(r.DB.Write(r.Context(), func(tx *sqldb.Tx) error {
			return ledger.Append(r.Context(), tx, []ledger.Entry{stray})
		}))
		to := r.moved(r.open)
		if n, err := to.Replay(r.Context()); err == nil || n != 0 {
			r.Errorf("%d entries, %v", n, err)
		}
		r.same("what is stored", to.rows(), []string(nil))
	},
	"what was erased stays out": func(r *rig) {
		p := r.designate(person(bzk))
		erased, kept := r.log(contact(p, "C-1")), r.log(contact(p, "C-2"))
		r.sequence()
		r.must(r.DB.Write(r.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(r.Context(), `UPDATE ledger_entry SET payload = NULL, salt = NULL WHERE subject = $1`, erased.ID)
			return err
		}))
		to := r.moved(r.open)
		n, err := to.Replay(r.Context())
		r.must(err)
		r.same("how many entries", n, 3)
		r.same("what is there", to.contacts(contacts.ContactFilter{}), []string{kept.ID})
	},
}

// Rebuild records contacts in one database, moves its ledger to another, of any
// engine, folds it there and compares the two.
func Rebuild(t *testing.T, from, into Open) {
	r := newRig(t, from)
	p, q := r.designate(person(bzk)), r.designate(person(fin))
	for i := range 5 {
		r.pass(time.Millisecond)
		r.log(contact(p, fmt.Sprintf("C-%d", i)))
		r.log(contact(q, fmt.Sprintf("C-%d", i)))
	}
	to := r.moved(into)
	n, err := to.Replay(t.Context())
	r.must(err)
	r.same("how many entries", n, 12)
	r.same("the tables", to.rows(), r.rows())
	r.same("the list", to.contacts(contacts.ContactFilter{}), r.contacts(contacts.ContactFilter{}))
	first, before, err := r.LogContact(t.Context(), ofBZK, contact(p, "C-3"))
	r.must(err)
	r.same("whether it was there", before, true)
	again, before, err := to.LogContact(t.Context(), ofBZK, contact(p, "C-3"))
	r.must(err)
	r.same("whether a repetition is known", before, true)
	r.same("the repetition", again, first)
}

// moved is a rig on an empty database into which the ledger of r was imported.
func (r *rig) moved(into Open) *rig {
	r.Helper()
	r.sequence()
	var export bytes.Buffer
	_, err := r.Service.Log.Export(r.Context(), &export)
	r.must(err)
	to := newRig(r.T, into)
	_, err = ledger.Import(r.Context(), to.DB, &export, r.keys)
	r.must(err)
	return to
}

// rows is all that the tables hold.
func (r *rig) rows() []string {
	r.Helper()
	return testenv.Rows(r.T, r.DB, "contact_person", "contact")
}
