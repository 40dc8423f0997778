package sqlstore

import (
	"context"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
)

// What a contact person and a contact are read by: their content in the ledger.
const (
	contactPersonRows = `SELECT e.payload FROM contact_person p
		JOIN ledger_entry e ON e.subject = p.id AND e.revision = p.revision`
	contactRows = `SELECT e.payload FROM contact c
		JOIN ledger_entry e ON e.subject = c.id AND e.revision = c.revision`
)

// reachContactPerson and reachContact limit a statement to what the grant
// reaches: all contact persons, which are public, unless it reaches nothing at
// all; and the contacts of the caller's department. What is missing and what is
// another's run the same statement.
func reachContactPerson(w *sqldb.Where, grant access.Grant) {
	if grant.Reach < access.Openbaar {
		w.And("1 = 0")
	}
}

func reachContact(w *sqldb.Where, grant access.Grant) {
	if !grant.All() {
		w.And("c.department = ?", grant.Organisation)
	}
}

// ContactPerson implements contacts.Reader.
func (s *Store) ContactPerson(ctx context.Context, grant access.Grant, id string) (contacts.ContactPerson, bool, error) {
	var w sqldb.Where
	w.And("p.id = ?", id)
	reachContactPerson(&w, grant)
	return one(ctx, s.db, contacts.DecodeContactPerson, contactPersonRows+w.String(), w.Args())
}

// ListContactPersons implements contacts.Reader.
func (s *Store) ListContactPersons(ctx context.Context, grant access.Grant, f contacts.ContactPersonFilter) ([]contacts.ContactPerson, error) {
	var w sqldb.Where
	reachContactPerson(&w, grant)
	equal(&w, "p.department", f.Department)
	if f.ValidOn != "" {
		w.And("p.valid_from <= ? AND (p.valid_until = '' OR p.valid_until >= ?)", f.ValidOn, f.ValidOn)
	}
	order := paged(&w, f.Page, "p.recorded_at", "p.id")
	return all(ctx, s.db, contacts.DecodeContactPerson, contactPersonRows+w.String()+order, w.Args())
}

// Contact implements contacts.Reader.
func (s *Store) Contact(ctx context.Context, grant access.Grant, id string) (contacts.Contact, bool, error) {
	var w sqldb.Where
	w.And("c.id = ?", id)
	reachContact(&w, grant)
	return one(ctx, s.db, contacts.DecodeContact, contactRows+w.String(), w.Args())
}

// ListContacts implements contacts.Reader.
func (s *Store) ListContacts(ctx context.Context, grant access.Grant, f contacts.ContactFilter) ([]contacts.Contact, error) {
	var w sqldb.Where
	reachContact(&w, grant)
	equal(&w, "c.department", f.Department)
	equal(&w, "c.external_reference", f.ExternalReference)
	order := paged(&w, f.Page, "c.recorded_at", "c.id")
	return all(ctx, s.db, contacts.DecodeContact, contactRows+w.String()+order, w.Args())
}

// equal adds that a column has a value, if one is asked for.
func equal(w *sqldb.Where, column, value string) {
	if value != "" {
		w.And(column+" = ?", value)
	}
}

// paged adds the place to begin at, and returns the order and the limit: the
// newest first, and one more than the page holds.
func paged(w *sqldb.Where, p page.Page, at, id string) string {
	if !p.After.IsZero() {
		w.And("("+at+", "+id+") < (?, ?)", sqldb.Millis(p.After.At), p.After.ID)
	}
	return " ORDER BY " + at + " DESC, " + id + " DESC LIMIT " + w.Arg(p.Size+1)
}

// all reads the payloads that a statement finds.
func all[T any](ctx context.Context, db *sqldb.DB, decode func([]byte) (T, error), q string, args []any) (found []T, err error) {
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		found, err = sqldb.All(ctx, tx, func(row sqldb.Scanner) (t T, err error) {
			var payload []byte
			if err := row.Scan(&payload); err != nil {
				return t, err
			}
			return decode(payload)
		}, q, args...)
		return err
	})
	return found, err
}

// one reads the only payload that a statement finds; false when it finds none.
func one[T any](ctx context.Context, db *sqldb.DB, decode func([]byte) (T, error), q string, args []any) (T, bool, error) {
	found, err := all(ctx, db, decode, q, args)
	if err != nil || len(found) == 0 {
		var none T
		return none, false, err
	}
	return found[0], true, nil
}
