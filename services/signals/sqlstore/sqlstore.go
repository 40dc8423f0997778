// Package sqlstore keeps signals in SQLite or PostgreSQL, beside the ledger of
// the same database: it is signals.Store. It must not decide anything: which
// states follow which is said by package signals, who may see what by the grant.
package sqlstore

import (
	"context"
	"embed"
	"io/fs"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables of signals up to date.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "signals", files)
}

// Store is signals.Store in a database in which Migrate and the migrations of
// the ledger were run. It is safe for concurrent use.
type Store struct{ db *sqldb.DB }

// New makes the store.
func New(db *sqldb.DB) *Store { return &Store{db} }

var _ signals.Store = (*Store)(nil)
