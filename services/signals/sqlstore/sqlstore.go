// Package sqlstore keeps signals in SQLite or PostgreSQL, beside the ledger of
// the same database: it is signals.Store. It must not decide anything: which
// states follow which is said by package signals, who may see what by the grant.
package sqlstore

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"schakel.example/services/internal/access"
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

// Known implements signals.IntakeStore.
func (s *Store) Known(ctx context.Context, tx *sqldb.Tx, keys []signals.Key) (map[signals.Key]signals.Accepted, error) {
	known := make(map[signals.Key]signals.Accepted)
	args := make([]any, 0, 2*len(keys))
	for _, k := range keys {
		args = append(args, k.Organisation, k.ExternalReference)
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
		var k signals.Key
		var a signals.Accepted
		err := row.Scan(&k.Organisation, &k.ExternalReference, &a.ID, &a.Digest)
		known[k] = a
		return err
	}, `SELECT organisation, external_reference, id, digest FROM signal
		WHERE (organisation, external_reference) IN (VALUES `+sqldb.Tuples(1, len(keys), 2)+`)`, args...)
	return known, err
}

// Insert implements signals.IntakeStore.
func (s *Store) Insert(ctx context.Context, tx *sqldb.Tx, rows []signals.Row) (int, error) {
	values := make([][]any, len(rows))
	for i, r := range rows {
		values[i] = []any{
			r.Signal.ID, r.Signal.Organisation, r.Signal.ExternalReference, r.Digest, r.Signal.Revision,
			sqldb.Millis(r.Signal.ReceivedAt), int(r.Signal.State), sqldb.Millis(r.Signal.StateAt), r.Signal.Bottleneck,
		}
	}
	n, err := sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "signal",
		Columns: []string{
			"id", "organisation", "external_reference", "digest", "revision",
			"received_at", "state", "state_at", "bottleneck",
		},
		Values: values,
		Suffix: "ON CONFLICT (organisation, external_reference) DO NOTHING",
	})
	return int(n), err
}

// stored is what a signal is read by: its row, and its content in the ledger.
const stored = `SELECT s.id, s.organisation, s.external_reference, s.revision, s.received_at,
	s.state, s.state_at, s.bottleneck, e.payload, e.receipt
	FROM signal s JOIN ledger_entry e ON e.subject = s.id AND e.revision = s.revision`

// reach limits a statement to what the grant reaches. It is the same statement
// for what is missing and for what is another's.
func reach(w *sqldb.Where, grant access.Grant) {
	if !grant.All() {
		w.And("s.organisation = ?", grant.Organisation)
	}
}

// Get implements signals.Reader.
func (s *Store) Get(ctx context.Context, grant access.Grant, id string) (out signals.Stored, ok bool, err error) {
	var w sqldb.Where
	w.And("s.id = ?", id)
	reach(&w, grant)
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		out, ok, err = sqldb.One(ctx, tx, scan, stored+w.String(), w.Args()...)
		return err
	})
	return out, ok, err
}

// List implements signals.Reader.
func (s *Store) List(ctx context.Context, grant access.Grant, f signals.Filter) (all []signals.Signal, err error) {
	var w sqldb.Where
	reach(&w, grant)
	if f.Organisation != "" {
		w.And("s.organisation = ?", f.Organisation)
	}
	if f.ExternalReference != "" {
		w.And("s.external_reference = ?", f.ExternalReference)
	}
	sqldb.In(&w, "s.state", f.States)
	if after := f.Page.After; !after.IsZero() {
		w.And("(s.received_at, s.id) < (?, ?)", sqldb.Millis(after.At), after.ID)
	}
	limit := w.Arg(f.Page.Size + 1)
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		all, err = sqldb.All(ctx, tx, func(row sqldb.Scanner) (signals.Signal, error) {
			one, err := scan(row)
			return one.Signal, err
		}, stored+w.String()+` ORDER BY s.received_at DESC, s.id DESC LIMIT `+limit, w.Args()...)
		return err
	})
	return all, err
}

// scan reads a row of stored. Of a signal whose content was erased the row is
// what is left.
func scan(row sqldb.Scanner) (out signals.Stored, err error) {
	var s signals.Signal
	var state int
	var receivedAt, stateAt int64
	err = row.Scan(&s.ID, &s.Organisation, &s.ExternalReference, &s.Revision, &receivedAt,
		&state, &stateAt, &s.Bottleneck, &out.Payload, &out.Receipt)
	if err != nil {
		return out, err
	}
	s.ReceivedAt = sqldb.Time(receivedAt)
	bottleneck := s.Bottleneck
	if out.Payload != nil {
		if s, err = signals.Decode(out.Payload); err != nil {
			return out, err
		}
	}
	s.State, s.StateAt, s.Bottleneck = signals.State(state), sqldb.Time(stateAt), bottleneck
	out.Signal = s
	return out, nil
}

// Bundle implements signals.StateStore.
func (s *Store) Bundle(ctx context.Context, tx *sqldb.Tx, bottleneck string, ids []string, at time.Time) error {
	for _, id := range ids {
		_, err := tx.Exec(ctx, `UPDATE signal SET state = $1, state_at = $2, bottleneck = $3
			WHERE id = $4 AND state < $1`,
			int(signals.Bundled), sqldb.Millis(at), bottleneck, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// Answer implements signals.StateStore.
func (s *Store) Answer(ctx context.Context, tx *sqldb.Tx, bottleneck string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE signal SET state = $1, state_at = $2 WHERE bottleneck = $3 AND state = $4`,
		int(signals.Answered), sqldb.Millis(at), bottleneck, int(signals.Bundled))
	return err
}
