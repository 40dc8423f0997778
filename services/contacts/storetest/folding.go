package storetest

import (
	"fmt"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
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
	"the tables built again from the ledger equal the live ones": func(r *rig) {
		p, q := r.designate(person(bzk)), r.designate(person(fin))
		for i := range 5 {
			r.log(contact(p, fmt.Sprintf("C-%d", i)))
			r.log(contact(q, fmt.Sprintf("C-%d", i)))
		}
		live := r.tables()
		entries := r.entries()
		r.must(r.DB.Write(r.Context(), func(tx *sqldb.Tx) error {
			for _, table := range []string{"contact", "contact_person"} {
				if _, err := tx.Exec(r.Context(), "DELETE FROM "+table); err != nil {
					return err
				}
			}
			return nil
		}))
		r.same("what is left", len(r.tables()), 0)
		r.must(r.DB.Write(r.Context(), func(tx *sqldb.Tx) error {
			for _, e := range entries {
				if err := r.Replay(r.Context(), tx, e.Payload); err != nil {
					return err
				}
			}
			return nil
		}))
		r.same("the tables", r.tables(), live)
		_, before, err := r.LogContact(r.Context(), ofBZK, contact(p, "C-3"))
		r.must(err)
		r.same("whether a repetition is known", before, true)
	},
	"what is no event of contacts is not folded": func(r *rig) {
		r.log(contact(r.designate(person(bzk)), "C-1"))
		payload := []byte(`{"specversion":"1.0"}`)
		err := r.DB.Write(r.Context(), func(tx *sqldb.Tx) error { return r.Replay(r.Context(), tx, payload) })
		if err == nil {
			r.Error("it was folded")
		}
	},
}

// tables is every row of the tables, as text.
func (r *rig) tables() (rows []string) {
	r.Helper()
	r.must(r.DB.Read(r.Context(), func(tx *sqldb.Tx) error {
		rows = nil
		for _, table := range []struct {
			name    string
			columns int
		}{{"contact_person", 8}, {"contact", 7}} {
			err := sqldb.Each(r.Context(), tx, func(row sqldb.Scanner) error {
				values, into := make([]any, table.columns), make([]any, table.columns)
				for i := range values {
					into[i] = &values[i]
				}
				err := row.Scan(into...)
				rows = append(rows, fmt.Sprint(values))
				return err
			}, "SELECT * FROM "+table.name+" ORDER BY id")
			if err != nil {
				return err
			}
		}
		return nil
	}))
	return rows
}
