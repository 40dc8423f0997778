package contacts

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
)

// Config is what the service works with.
type Config struct {
	DB    *sqldb.DB
	Store Store
	Log   *ledger.Log
	Data  *reference.Data
	// Source names this system in events: a URN in the NID nld.
	Source string
	Now    func() time.Time
	// NewID makes a UUIDv7.
	NewID func() string
}

// Service is the use cases of contact persons and contacts.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

var (
	errForeign = fault.New(fault.Denied, "andere-organisatie", fault.Text{
		NL: "U kunt dit alleen voor uw eigen departement doen.",
		EN: "you can do this for your own department only",
	})
	errOtherContact = fault.New(fault.Conflict, "kenmerk-bezet", fault.Text{
		NL: "Dit kenmerk is al gebruikt, met andere inhoud.",
		EN: "this reference was used before, with other content",
	})
	errOtherDesignation = fault.New(fault.Conflict, "aanwijzing-bezet", fault.Text{
		NL: "Deze functie is vanaf deze dag al aangewezen, met andere gegevens.",
		EN: "this function was designated from this day before, with other content",
	})
	errUnknownContactPerson = fault.New(fault.NotFound, "onbekende-contactpersoon", fault.Text{
		NL: "Deze contactpersoon is er niet.",
		EN: "there is no such contact person",
	})
	errUnknownContact = fault.New(fault.NotFound, "onbekend-contact", fault.Text{
		NL: "Dit contact is er niet, of u mag het niet zien.",
		EN: "there is no such contact, or you may not see it",
	})
)

// now is the time of a change, in the milliseconds that are stored.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// DesignateContactPerson records a contact person that was checked, of the
// caller's department. It says whether the same one had been recorded before.
// Faults: Denied; Conflict, about the contact person that has the key.
func (s *Service) DesignateContactPerson(ctx context.Context, grant access.Grant, p ContactPerson) (_ ContactPerson, before bool, err error) {
	if !grant.Covers(p.Department) {
		return p, false, errForeign
	}
	digest, err := contactPersonDigest(p)
	if err != nil {
		return p, false, err
	}
	key := ContactPersonKey{p.Department, p.Function, p.ValidFrom}
	var id string
	err = s.write(ctx, func(tx *sqldb.Tx) error {
		held, ok, err := s.Store.LockContactPersonKey(ctx, tx, key)
		if err != nil {
			return err
		}
		if before = ok; ok {
			id = held.ID
			return held.same(digest, errOtherDesignation)
		}
		p = p.Designate(s.NewID(), s.now())
		id = p.ID
		return s.record(ctx, tx, s.designated(p))
	})
	if err != nil {
		return p, false, fmt.Errorf("designating a contact person: %w", err)
	}
	p, err = s.GetContactPerson(ctx, grant, id)
	return p, before, err
}

// LogContact records a contact that was checked, of the caller's department. It
// says whether the same one had been recorded before. Faults: Denied; Conflict,
// about the contact that holds the reference.
func (s *Service) LogContact(ctx context.Context, grant access.Grant, c Contact) (_ Contact, before bool, err error) {
	if !grant.Covers(c.Department) {
		return c, false, errForeign
	}
	digest, err := contactDigest(c)
	if err != nil {
		return c, false, err
	}
	var id string
	err = s.write(ctx, func(tx *sqldb.Tx) error {
		held, ok, err := s.Store.LockContactKey(ctx, tx, ContactKey{c.Department, c.ExternalReference})
		if err != nil {
			return err
		}
		if before = ok; ok {
			id = held.ID
			return held.same(digest, errOtherContact)
		}
		c = c.Log(s.Data, s.NewID(), s.now())
		id = c.ID
		return s.record(ctx, tx, s.logged(c))
	})
	if err != nil {
		return c, false, fmt.Errorf("logging a contact: %w", err)
	}
	c, err = s.GetContact(ctx, grant, id)
	return c, before, err
}

// same gives the conflict, about what is held, unless that is the same content.
func (held Accepted) same(digest []byte, conflict *fault.Error) error {
	if !bytes.Equal(held.Digest, digest) {
		return conflict.About(held.ID)
	}
	return nil
}

// CheckContact holds a contact to all that is known, and gives every fault.
// Contact persons are never taken back, so what it found holds when the contact
// is logged.
func (s *Service) CheckContact(ctx context.Context, grant access.Grant, c Contact) ([]fault.Field, error) {
	var p ContactPerson
	var known bool
	if _, err := uuid.Parse(c.ContactPerson); err == nil { // other text may not even be fit to ask for
		if p, known, err = s.Store.ContactPerson(ctx, grant, c.ContactPerson); err != nil {
			return nil, fmt.Errorf("checking a contact: %w", err)
		}
	}
	return append(c.CheckContactPerson(p, known), c.Check(s.Data, s.now())...), nil
}

// write runs f in a transaction, and wakes the sequencer when it is stored.
func (s *Service) write(ctx context.Context, f func(*sqldb.Tx) error) error {
	if err := s.DB.Write(ctx, f); err != nil {
		return err
	}
	s.Log.Wake()
	return nil
}

// GetContactPerson finds one contact person. Fault: NotFound.
func (s *Service) GetContactPerson(ctx context.Context, grant access.Grant, id string) (ContactPerson, error) {
	p, ok, err := s.Store.ContactPerson(ctx, grant, id)
	switch {
	case err != nil:
		return p, fmt.Errorf("getting a contact person: %w", err)
	case !ok:
		return p, errUnknownContactPerson
	}
	return p, nil
}

// ListContactPersons gives a page, the newest first, and the cursor of the next.
func (s *Service) ListContactPersons(ctx context.Context, grant access.Grant, f ContactPersonFilter) ([]ContactPerson, string, error) {
	all, err := s.Store.ListContactPersons(ctx, grant, f)
	if err != nil {
		return nil, "", fmt.Errorf("listing contact persons: %w", err)
	}
	all, next := page.Cut(f.Page, all, func(p ContactPerson) page.Position {
		return page.Position{At: p.RecordedAt, ID: p.ID}
	})
	return all, next, nil
}

// GetContact finds one contact. What is not there and what the caller may not
// see give the same fault, NotFound.
func (s *Service) GetContact(ctx context.Context, grant access.Grant, id string) (Contact, error) {
	c, ok, err := s.Store.Contact(ctx, grant, id)
	switch {
	case err != nil:
		return c, fmt.Errorf("getting a contact: %w", err)
	case !ok:
		return c, errUnknownContact
	}
	return c, nil
}

// ListContacts gives a page of what the caller may see, the newest first, and
// the cursor of the next.
func (s *Service) ListContacts(ctx context.Context, grant access.Grant, f ContactFilter) ([]Contact, string, error) {
	all, err := s.Store.ListContacts(ctx, grant, f)
	if err != nil {
		return nil, "", fmt.Errorf("listing contacts: %w", err)
	}
	all, next := page.Cut(f.Page, all, func(c Contact) page.Position {
		return page.Position{At: c.RecordedAt, ID: c.ID}
	})
	return all, next, nil
}
