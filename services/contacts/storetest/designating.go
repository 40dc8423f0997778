package storetest

import (
	"sync/atomic"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

// designating are the cases about contact persons.
var designating = map[string]func(*rig){
	"a contact person is read back as recorded": func(r *rig) {
		want := person(bzk)
		got := r.designate(want)
		want.ID, want.Revision, want.RecordedAt = got.ID, 1, start
		r.same("the answer", got, want)
		got, err := r.GetContactPerson(r.Context(), public, got.ID)
		r.must(err)
		r.same("what is stored", got, want)
	},
	"the same designation again changes nothing": func(r *rig) {
		first := r.designate(person(bzk))
		again, before, err := r.DesignateContactPerson(r.Context(), ofBZK, person(bzk))
		r.must(err)
		r.same("the answer", again, first)
		r.same("whether it was there", before, true)
		r.same("entries", len(r.entries()), 1)
	},
	"another mailbox for the same designation is a conflict that points at it": func(r *rig) {
		first := r.designate(person(bzk))
		other := person(bzk)
		other.Mailbox = "andere-postbus@example.nl"
		_, _, err := r.DesignateContactPerson(r.Context(), ofBZK, other)
		r.refused(err, fault.Conflict, "aanwijzing-bezet")
		r.same("the conflict is about", fault.Of(err).Resource, first.ID)
		r.same("entries", len(r.entries()), 1)
	},
	"department, function and first day each make another designation": func(r *rig) {
		r.designate(person(bzk))
		r.designate(person(fin))
		deputy, later := person(bzk), person(bzk)
		deputy.Function = "plaatsvervangend parlementair contactpersoon"
		later.ValidFrom = "2024-01-02" // the periods overlap
		r.designate(deputy)
		r.designate(later)
		r.same("entries", len(r.entries()), 4)
	},
	"a department designates for itself alone": func(r *rig) {
		_, _, err := r.DesignateContactPerson(r.Context(), ofFIN, person(bzk))
		r.refused(err, fault.Denied, "andere-organisatie")
		r.same("entries", len(r.entries()), 0)
	},
	"everyone sees contact persons, but not without a grant": func(r *rig) {
		p := r.designate(person(bzk))
		for _, grant := range []access.Grant{ofBZK, ofFIN, overseer, public} {
			_, err := r.GetContactPerson(r.Context(), grant, p.ID)
			r.must(err)
			all, _, err := r.ListContactPersons(r.Context(), grant, contacts.ContactPersonFilter{Page: whole})
			r.must(err)
			r.same("how many are seen", len(all), 1)
		}
		_, err := r.GetContactPerson(r.Context(), nobody, p.ID)
		r.refused(err, fault.NotFound, "onbekende-contactpersoon")
		all, _, err := r.ListContactPersons(r.Context(), nobody, contacts.ContactPersonFilter{Page: whole})
		r.must(err)
		r.same("how many are seen without a grant", len(all), 0)
	},
	"a contact person who is not there is not found": func(r *rig) {
		_, err := r.GetContactPerson(r.Context(), overseer, r.NewID())
		r.refused(err, fault.NotFound, "onbekende-contactpersoon")
	},
	"of many that designate the same at once, one is the first": func(r *rig) {
		var fresh atomic.Int32
		ids := make([]string, 16)
		r.atOnce(len(ids), func(i int) error {
			p, before, err := r.DesignateContactPerson(r.Context(), ofBZK, person(bzk))
			if !before {
				fresh.Add(1)
			}
			ids[i] = p.ID
			return err
		})
		r.same("how many were the first", fresh.Load(), int32(1))
		for _, id := range ids {
			r.same("the id", id, ids[0])
		}
		r.same("entries", len(r.entries()), 1)
	},
}
