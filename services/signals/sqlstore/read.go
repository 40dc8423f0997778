package sqlstore

import (
	"context"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// row are the columns of a signal that scan reads, and content those of its newest
// ledger entry.
const (
	row = `s.id, s.organisation, s.external_reference, s.revision, s.received_at, s.state, s.state_at, s.bottleneck`
	// stored is what a signal is read by: its row, and its content in the ledger.
	stored = `SELECT ` + row + `, e.payload, e.receipt
	FROM signal s JOIN ledger_entry e ON e.subject = s.id AND e.revision = s.revision`
)

// Get implements signals.Reader.
func (s *Store) Get(ctx context.Context, grant access.Grant, id string) (signals.Stored, bool, error) {
	var w sqldb.Where
	return s.get(ctx, `SELECT `+row+`, e.payload, e.receipt FROM `+readable(&w, grant, id)+` AS s
		JOIN ledger_entry e ON e.subject = s.id AND e.revision = s.revision`, w.Args())
}

// GetOwn implements signals.Reader.
func (s *Store) GetOwn(ctx context.Context, grant access.Grant, id string) (signals.Stored, bool, error) {
	var w sqldb.Where
	w.And("s.id = ?", id)
	reach(&w, grant)
	return s.get(ctx, stored+w.String(), w.Args())
}

func (s *Store) get(ctx context.Context, q string, args []any) (out signals.Stored, ok bool, err error) {
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		out, ok, err = sqldb.One(ctx, tx, scan, q, args...)
		return err
	})
	return out, ok, err
}

// Revisions implements signals.Reader.
func (s *Store) Revisions(ctx context.Context, grant access.Grant, id string, number int) (all []signals.Entry, err error) {
	var w sqldb.Where
	w.And("s.id = ?", id)
	reach(&w, grant)
	if number > 0 {
		w.And("e.revision = ?", number)
	}
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		all, err = sqldb.All(ctx, tx, func(row sqldb.Scanner) (e signals.Entry, err error) {
			err = row.Scan(&e.Revision, &e.Payload, &e.Receipt, &e.Leaf)
			return e, err
		}, `SELECT e.revision, e.payload, e.receipt, e.leaf FROM signal s JOIN ledger_entry e ON e.subject = s.id`+
			w.String()+` ORDER BY e.revision DESC`, w.Args()...)
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
