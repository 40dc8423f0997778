package contacts

import (
	"context"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
)

// ContactKey is what makes two contacts the same one.
type ContactKey struct{ Department, ExternalReference string }

// ContactPersonKey is what makes two designations the same one.
type ContactPersonKey struct{ Department, Function, ValidFrom string }

// Accepted is what the store holds of what was recorded, beside its content.
type Accepted struct {
	ID     string
	Digest []byte // SHA-256 of the content as it came in
}

// FoldStore puts what an event says in the tables. Its methods run in the
// caller's transaction, beside the ledger entry of the event; the content itself
// is in that entry.
type FoldStore interface {
	// PutContactPerson adds a contact person who was designated.
	PutContactPerson(ctx context.Context, tx *sqldb.Tx, p ContactPerson, digest []byte) error
	// PutContact adds a contact that was logged; its contact person must be
	// there.
	PutContact(ctx context.Context, tx *sqldb.Tx, c Contact, digest []byte) error
}

// LockStore finds what is stored under a key, false when nothing is, and holds
// the key until the transaction ends.
type LockStore interface {
	LockContactPersonKey(ctx context.Context, tx *sqldb.Tx, k ContactPersonKey) (Accepted, bool, error)
	LockContactKey(ctx context.Context, tx *sqldb.Tx, k ContactKey) (Accepted, bool, error)
}

// Reader is what showing needs. What the grant does not reach is not found:
// everyone reaches contact persons, a department its own contacts. Lists are
// ordered from the newest, and hold one more than the page if there are more.
type Reader interface {
	ContactPerson(ctx context.Context, grant access.Grant, id string) (ContactPerson, bool, error)
	ListContactPersons(ctx context.Context, grant access.Grant, f ContactPersonFilter) ([]ContactPerson, error)
	Contact(ctx context.Context, grant access.Grant, id string) (Contact, bool, error)
	ListContacts(ctx context.Context, grant access.Grant, f ContactFilter) ([]Contact, error)
}

// ContactPersonFilter selects contact persons. Zero fields select nothing away.
type ContactPersonFilter struct {
	Department string
	ValidOn    string // YYYY-MM-DD
	Page       page.Page
}

// ContactFilter selects contacts, as ContactPersonFilter does.
type ContactFilter struct {
	Department, ExternalReference string
	Page                          page.Page
}

// Store is all of it.
type Store interface {
	FoldStore
	LockStore
	Reader
}
