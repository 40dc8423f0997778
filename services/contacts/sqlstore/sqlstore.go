// Package sqlstore keeps contact persons and contacts in SQLite or PostgreSQL,
// beside the ledger of the same database: it is contacts.Store. It must not
// decide anything: what may be recorded is said by package contacts, who may see
// what by the grant.
package sqlstore

import (
	"context"
	"embed"
	"io/fs"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables of contacts up to date.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "contacts", files)
}

// Store is contacts.Store in a database in which Migrate and the migrations of
// the ledger were run. It is safe for concurrent use.
type Store struct{ db *sqldb.DB }

// New makes the store.
func New(db *sqldb.DB) *Store { return &Store{db} }

var _ contacts.Store = (*Store)(nil)

// PutContactPerson implements contacts.FoldStore.
func (s *Store) PutContactPerson(ctx context.Context, tx *sqldb.Tx, p contacts.ContactPerson, digest []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO contact_person
		(id, department, function, valid_from, valid_until, digest, revision, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.ID, p.Department, p.Function, p.ValidFrom, p.ValidUntil, digest, p.Revision, sqldb.Millis(p.RecordedAt))
	return err
}

// PutContact implements contacts.FoldStore.
func (s *Store) PutContact(ctx context.Context, tx *sqldb.Tx, c contacts.Contact, digest []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO contact
		(id, department, external_reference, contact_person, digest, revision, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.Department, c.ExternalReference, c.ContactPerson, digest, c.Revision, sqldb.Millis(c.RecordedAt))
	return err
}

// LockContactPersonKey implements contacts.LockStore.
func (s *Store) LockContactPersonKey(ctx context.Context, tx *sqldb.Tx, k contacts.ContactPersonKey) (contacts.Accepted, bool, error) {
	if err := tx.Lock(ctx, "contact_person "+k.Department+" "+k.ValidFrom+" "+k.Function); err != nil {
		return contacts.Accepted{}, false, err
	}
	return sqldb.One(ctx, tx, scanAccepted, `SELECT id, digest FROM contact_person
		WHERE department = $1 AND function = $2 AND valid_from = $3`, k.Department, k.Function, k.ValidFrom)
}

// LockContactKey implements contacts.LockStore.
func (s *Store) LockContactKey(ctx context.Context, tx *sqldb.Tx, k contacts.ContactKey) (contacts.Accepted, bool, error) {
	if err := tx.Lock(ctx, "contact "+k.Department+" "+k.ExternalReference); err != nil {
		return contacts.Accepted{}, false, err
	}
	return sqldb.One(ctx, tx, scanAccepted, `SELECT id, digest FROM contact
		WHERE department = $1 AND external_reference = $2`, k.Department, k.ExternalReference)
}

func scanAccepted(row sqldb.Scanner) (contacts.Accepted, error) {
	var a contacts.Accepted
	err := row.Scan(&a.ID, &a.Digest)
	return a, err
}
