package storetest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

// logging are the cases about recording contacts.
var logging = map[string]func(*rig){
	"a contact is read back as recorded": func(r *rig) {
		want := contact(r.designate(person(bzk)), "C-1")
		got := r.log(want)
		want.ID, want.Revision, want.RecordedAt = got.ID, 1, start
		want.Regime, want.Proof, want.LeadDays = contacts.MinisterialResponsibility, contacts.Declared, 2
		r.same("the answer", got, want)
		got, err := r.GetContact(r.Context(), ofBZK, got.ID)
		r.must(err)
		r.same("what is stored", got, want)
	},
	"the same contact again changes nothing, also a day later": func(r *rig) {
		c := contact(r.designate(person(bzk)), "C-1")
		first := r.log(c)
		r.pass(24 * time.Hour)
		again, before, err := r.LogContact(r.Context(), ofBZK, c)
		r.must(err)
		r.same("the answer", again, first)
		r.same("whether it was there", before, true)
		r.same("entries", len(r.entries()), 2)
	},
	"another subject under the same reference is a conflict that points at it": func(r *rig) {
		c := contact(r.designate(person(bzk)), "C-1")
		first := r.log(c)
		c.Subject = "Iets anders"
		_, _, err := r.LogContact(r.Context(), ofBZK, c)
		r.refused(err, fault.Conflict, "kenmerk-bezet")
		r.same("the conflict is about", fault.Of(err).Resource, first.ID)
		r.same("entries", len(r.entries()), 2)
	},
	"each department has references of its own": func(r *rig) {
		r.log(contact(r.designate(person(bzk)), "C-1"))
		r.log(contact(r.designate(person(fin)), "C-1"))
		r.same("entries", len(r.entries()), 4)
	},
	"a department logs for itself alone": func(r *rig) {
		c := contact(r.designate(person(bzk)), "C-1")
		_, _, err := r.LogContact(r.Context(), ofFIN, c)
		r.refused(err, fault.Denied, "andere-organisatie")
		r.same("entries", len(r.entries()), 1)
	},
	"another department's contact is as one that is not there": func(r *rig) {
		mine := r.log(contact(r.designate(person(bzk)), "C-1"))
		for _, grant := range []access.Grant{ofFIN, public, nobody} {
			_, foreign := r.GetContact(r.Context(), grant, mine.ID)
			r.refused(foreign, fault.NotFound, "onbekend-contact")
			_, absent := r.GetContact(r.Context(), grant, r.NewID())
			r.same("the fault", foreign.Error(), absent.Error())
			for _, f := range []contacts.ContactFilter{{}, {Department: bzk}, {ExternalReference: "C-1"}} {
				f.Page = whole
				all, next, err := r.ListContacts(r.Context(), grant, f)
				r.must(err)
				r.same("what is seen", all, []contacts.Contact(nil))
				r.same("the cursor", next, "")
			}
		}
		got, err := r.GetContact(r.Context(), overseer, mine.ID)
		r.must(err)
		r.same("what the supervisor sees", got, mine)
	},
	"of many that log the same at once, one is the first": func(r *rig) {
		c := contact(r.designate(person(bzk)), "C-1")
		var fresh atomic.Int32
		ids := make([]string, 16)
		r.atOnce(len(ids), func(i int) error {
			got, before, err := r.LogContact(r.Context(), ofBZK, c)
			if !before {
				fresh.Add(1)
			}
			ids[i] = got.ID
			return err
		})
		r.same("how many were the first", fresh.Load(), int32(1))
		for _, id := range ids {
			r.same("the id", id, ids[0])
		}
		r.same("entries", len(r.entries()), 2)
	},
	"of many that log something else under one reference at once, one is accepted": func(r *rig) {
		p := r.designate(person(bzk))
		var accepted, refused atomic.Int32
		r.atOnce(16, func(i int) error {
			c := contact(p, "C-1")
			c.Subject += string(rune('a' + i))
			_, _, err := r.LogContact(r.Context(), ofBZK, c)
			switch {
			case err == nil:
				accepted.Add(1)
			case fault.Of(err).Reason == "kenmerk-bezet":
				refused.Add(1)
				err = nil
			}
			return err
		})
		r.same("how many were accepted", accepted.Load(), int32(1))
		r.same("how many were refused", refused.Load(), int32(15))
		r.same("entries", len(r.entries()), 2)
	},
	"a contact of a contact person who is not there leaves nothing behind": func(r *rig) {
		p := person(bzk)
		p.ID = r.NewID()
		if _, _, err := r.LogContact(r.Context(), ofBZK, contact(p, "C-1")); err == nil {
			r.Error("it was logged")
		}
		r.same("entries", len(r.entries()), 0)
	},
	"after a cancelled call nothing is there, and the same call succeeds": func(r *rig) {
		c := contact(r.designate(person(bzk)), "C-1")
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		if _, _, err := r.LogContact(ctx, ofBZK, c); !errors.Is(err, context.Canceled) {
			r.Errorf("logging: %v", err)
		}
		if _, _, err := r.ListContacts(ctx, ofBZK, contacts.ContactFilter{Page: whole}); !errors.Is(err, context.Canceled) {
			r.Errorf("listing: %v", err)
		}
		r.same("entries", len(r.entries()), 1)
		r.log(c)
	},
	"a closed store is unavailable": func(r *rig) {
		c := contact(r.designate(person(bzk)), "C-1")
		r.must(r.DB.Close())
		if _, _, err := r.LogContact(r.Context(), ofBZK, c); !fault.Is(err, fault.Unavailable) {
			r.Errorf("logging: %v", err)
		}
		if _, err := r.GetContactPerson(r.Context(), public, c.ContactPerson); !fault.Is(err, fault.Unavailable) {
			r.Errorf("reading: %v", err)
		}
	},
}
