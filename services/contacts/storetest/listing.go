package storetest

import (
	"fmt"
	"slices"
	"time"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/page"
)

// whole is a page that holds all that a case records.
var whole = page.Page{Size: 100}

// listing are the cases about lists and their pages.
var listing = map[string]func(*rig){
	"contact persons are found by department": func(r *rig) {
		mine := r.designate(person(bzk))
		r.designate(person(fin))
		r.same("those of BZK", r.persons(contacts.ContactPersonFilter{Department: bzk}), []string{mine.ID})
	},
	"contact persons are found by a day of their designation": func(r *rig) {
		ends, open := person(bzk), person(bzk)
		ends.ValidFrom, ends.ValidUntil = "2026-03-01", "2026-03-31"
		open.ValidFrom, open.ValidUntil = "2026-04-01", ""
		ends, open = r.designate(ends), r.designate(open)
		for day, want := range map[string][]string{
			"2026-02-28": nil,
			"2026-03-01": {ends.ID},
			"2026-03-31": {ends.ID},
			"2026-04-01": {open.ID},
			"2099-12-31": {open.ID},
		} {
			r.same("those of "+day, r.persons(contacts.ContactPersonFilter{ValidOn: day}), want)
		}
	},
	"contacts are found by department and reference": func(r *rig) {
		p, other := r.designate(person(bzk)), r.designate(person(fin))
		a, b := r.log(contact(p, "C-1")), r.log(contact(p, "C-2"))
		foreign := r.log(contact(other, "C-1"))
		r.pass(time.Millisecond)
		last := r.log(contact(p, "c-1")) // references differ in their letters' case
		for name, tt := range map[string]struct {
			filter contacts.ContactFilter
			want   []string
		}{
			"all":                  {contacts.ContactFilter{}, []string{a.ID, b.ID, foreign.ID, last.ID}},
			"of BZK":               {contacts.ContactFilter{Department: bzk}, []string{a.ID, b.ID, last.ID}},
			"by reference":         {contacts.ContactFilter{ExternalReference: "C-1"}, []string{a.ID, foreign.ID}},
			"of BZK, by reference": {contacts.ContactFilter{Department: bzk, ExternalReference: "C-1"}, []string{a.ID}},
			"by part of one":       {contacts.ContactFilter{ExternalReference: "C"}, nil},
		} {
			slices.Sort(tt.want)
			got := r.contacts(tt.filter)
			slices.Sort(got)
			r.same(name, got, tt.want)
		}
	},
	"lists begin with the newest": func(r *rig) {
		p := r.designate(person(bzk))
		r.pass(time.Millisecond)
		q := r.designate(person(fin))
		r.same("contact persons", r.persons(contacts.ContactPersonFilter{}), []string{q.ID, p.ID})
		a := r.log(contact(p, "C-2"))
		r.pass(time.Millisecond)
		b := r.log(contact(p, "C-1"))
		r.same("contacts", r.contacts(contacts.ContactFilter{}), []string{b.ID, a.ID})
	},
	"pages neither skip nor repeat, within a millisecond and while more are added": func(r *rig) {
		by := r.designate(person(bzk))
		var want []string
		for i := range 7 {
			if i == 4 {
				r.pass(time.Millisecond)
			}
			want = append(want, r.log(contact(by, fmt.Sprintf("C-%d", i))).ID)
		}
		added := 0
		got := r.pages(4, func(p page.Page) (ids []string, next string) {
			all, next, err := r.ListContacts(r.Context(), ofBZK, contacts.ContactFilter{Page: p})
			r.must(err)
			for _, c := range all {
				ids = append(ids, c.ID)
			}
			r.pass(time.Millisecond)
			added++
			r.log(contact(by, fmt.Sprintf("nieuw-%d", added)))
			return ids, next
		})
		slices.Sort(got)
		slices.Sort(want)
		r.same("what was found", got, want)
	},
	"pages of contact persons neither skip nor repeat": func(r *rig) {
		var want []string
		for i := range 5 {
			p := person(bzk)
			p.Function = fmt.Sprintf("contactpersoon %d", i)
			want = append(want, r.designate(p).ID)
		}
		got := r.pages(3, func(p page.Page) (ids []string, next string) {
			all, next, err := r.ListContactPersons(r.Context(), public,
				contacts.ContactPersonFilter{Department: bzk, ValidOn: "2026-01-01", Page: p})
			r.must(err)
			for _, p := range all {
				ids = append(ids, p.ID)
			}
			return ids, next
		})
		slices.Sort(got)
		slices.Sort(want)
		r.same("what was found", got, want)
	},
}

// pages reads a list two by two, which must take so many pages.
func (r *rig) pages(n int, list func(page.Page) ([]string, string)) (all []string) {
	r.Helper()
	p := page.Page{Size: 2}
	for range n {
		ids, next := list(p)
		all = append(all, ids...)
		if next == "" {
			break
		}
		var err error
		p, err = page.Parse(2, next)
		r.must(err)
	}
	if len(all) <= 2*(n-1) || len(all) > 2*n {
		r.Errorf("%d on %d pages of two", len(all), n)
	}
	return all
}

// persons lists the ids of contact persons, as anyone sees them.
func (r *rig) persons(f contacts.ContactPersonFilter) (ids []string) {
	r.Helper()
	f.Page = whole
	all, _, err := r.ListContactPersons(r.Context(), public, f)
	r.must(err)
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return ids
}

// contacts lists the ids of contacts, as the supervisor sees them.
func (r *rig) contacts(f contacts.ContactFilter) (ids []string) {
	r.Helper()
	f.Page = whole
	all, _, err := r.ListContacts(r.Context(), overseer, f)
	r.must(err)
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return ids
}
