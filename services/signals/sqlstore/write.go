package sqlstore

import (
	"context"
	"math/bits"
	"slices"
	"strings"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// Known implements signals.IntakeStore.
func (s *Store) Known(ctx context.Context, tx *sqldb.Tx, keys []signals.Key) (map[signals.Key]signals.Accepted, error) {
	known := make(map[signals.Key]signals.Accepted, len(keys))
	scan := func(row sqldb.Scanner) error {
		var k signals.Key
		var a signals.Accepted
		err := row.Scan(&k.Organisation, &k.ExternalReference, &a.ID, &a.Digest, &a.Current)
		known[k] = a
		return err
	}
	for some := range slices.Chunk(keys, maxKeys) {
		keyed, args := keyedBy(tx, some)
		err := sqldb.Each(ctx, tx, scan, `SELECT s.organisation, s.external_reference, s.id, s.digest, s.current_digest FROM signal s `+keyed, args...)
		if err != nil {
			return nil, err
		}
	}
	return known, nil
}

// maxKeys is how many keys are looked for at once.
const maxKeys = 1024

// keyedBy limits a statement to the signals with these keys. Its text is one of
// few, so that it stays prepared.
func keyedBy(tx *sqldb.Tx, keys []signals.Key) (clause string, args []any) {
	if tx.Engine() == sqldb.Postgres {
		organisations, references := make([]string, len(keys)), make([]string, len(keys))
		for i, k := range keys {
			organisations[i], references[i] = k.Organisation, k.ExternalReference
		}
		return `JOIN unnest($1::text[], $2::text[]) AS k (organisation, external_reference)
			ON s.organisation = k.organisation AND s.external_reference = k.external_reference`, []any{organisations, references}
	}
	keys = padded(keys)
	for _, k := range keys {
		args = append(args, k.Organisation, k.ExternalReference)
	}
	return `WHERE (s.organisation, s.external_reference) IN (VALUES (?,?)` + strings.Repeat(",(?,?)", len(keys)-1) + `)`, args
}

// padded repeats the last element until there are as many as a power of two.
func padded[T any](all []T) []T {
	if len(all) == 0 {
		return all
	}
	size := 1 << bits.Len(uint(len(all)-1))
	return append(slices.Clip(all), slices.Repeat(all[len(all)-1:], size-len(all))...)
}

// columns are those of a row, in the order of values.
var columns = []string{
	"id", "organisation", "external_reference", "digest", "current_digest", "revision", "received_at",
	"state", "state_at", "followed", "bottleneck",
	"confidentiality", "severity", "protected", "level", "approach", "facets",
}

func values(r signals.Row) []any {
	s := r.Signal
	return append([]any{
		s.ID, s.Organisation, s.ExternalReference, r.Digest, r.Current, s.Revision, sqldb.Millis(s.ReceivedAt),
		int(s.State), sqldb.Millis(s.StateAt), int(r.Followed), s.Bottleneck,
	}, beside(s)...)
}

// beside are the values of the columns by which signals are selected and counted,
// which follow from the content: the last six columns.
func beside(s *signals.Signal) []any {
	protected := 0
	if s.Protected {
		protected = 1
	}
	return []any{int(s.Confidentiality), int(s.Severity), protected, s.Level, int(s.Approach), signals.Facets(s)}
}

// Insert implements signals.IntakeStore.
func (s *Store) Insert(ctx context.Context, tx *sqldb.Tx, rows []signals.Row) (int, error) {
	all := make([][]any, len(rows))
	for i, r := range rows {
		all[i] = values(r)
	}
	n, err := sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "signal", Columns: columns, Values: all,
		Suffix: "ON CONFLICT (organisation, external_reference) DO NOTHING",
	})
	return int(n), err
}

// Lock implements signals.RevisionStore.
func (s *Store) Lock(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string) (signals.Held, bool, error) {
	var w sqldb.Where
	w.And("s.id = ?", id)
	reach(&w, grant)
	// The row is locked apart from the reading: a join that waits for a lock
	// goes on with the new row and the old ones of what it joins.
	if tx.Engine() == sqldb.Postgres {
		if _, err := tx.Exec(ctx, `SELECT FROM signal s`+w.String()+` FOR NO KEY UPDATE`, w.Args()...); err != nil {
			return signals.Held{}, false, err
		}
	}
	w.And("e.payload IS NOT NULL")
	return sqldb.One(ctx, tx, scanHeld, `SELECT s.digest, s.followed, s.followed_at, s.bottleneck, e.payload, e.receipt
		FROM signal s JOIN ledger_entry e ON e.subject = s.id AND e.revision = s.revision`+w.String(), w.Args()...)
}

// scanHeld reads a signal as its newest entry tells of it.
func scanHeld(row sqldb.Scanner) (held signals.Held, err error) {
	var followed int
	var followedAt int64
	var bottleneck string
	var payload []byte
	if err = row.Scan(&held.Digest, &followed, &followedAt, &bottleneck, &payload, &held.Receipt); err != nil {
		return held, err
	}
	held.Signal, err = signals.Decode(payload)
	held.Signal.Bottleneck, held.Followed, held.FollowedAt = bottleneck, signals.State(followed), sqldb.Time(followedAt)
	return held, err
}

// errOvertaken says that the row is no longer the one that was locked.
var errOvertaken = fault.New(fault.Internal, "vergrendeling-verloren", fault.Text{
	NL: "Het signaal is tijdens de bewerking gewijzigd.", EN: "the signal changed while it was locked",
})

// stillThere is the revision that is published, unless that was erased.
const stillThere = `coalesce((SELECT e.revision FROM ledger_entry e
	WHERE e.subject = signal.id AND e.revision = signal.published AND e.payload IS NOT NULL), 0)`

// Revise implements signals.RevisionStore.
func (s *Store) Revise(ctx context.Context, tx *sqldb.Tx, r signals.Row) error {
	args := append([]any{
		r.Signal.ExternalReference, r.Digest, r.Current, r.Signal.Revision, int(r.Signal.State), sqldb.Millis(r.Signal.StateAt),
	}, append(beside(r.Signal), r.Signal.ID, r.Signal.Revision-1)...)
	n, err := tx.Exec(ctx, `UPDATE signal SET external_reference = $1, digest = coalesce($2, digest), current_digest = $3, revision = $4,
		state = $5, state_at = $6, confidentiality = $7, severity = $8, protected = $9, level = $10, approach = $11, facets = $12,
		published = CASE WHEN published > 0 AND current_digest = $3 THEN `+stillThere+` ELSE 0 END
		WHERE id = $13 AND revision = $14`, args...)
	if err == nil && n != 1 {
		err = errOvertaken
	}
	return err
}

// Again implements signals.IntakeStore.
func (s *Store) Again(ctx context.Context, grant access.Grant, ids []string) (all []signals.Stored, err error) {
	var w sqldb.Where
	sqldb.In(&w, "s.id", padded(ids))
	reach(&w, grant)
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		all, err = sqldb.All(ctx, tx, scanRow, `SELECT s.id, s.organisation, s.external_reference, s.revision, s.received_at,
			s.state, s.state_at, s.bottleneck, e.payload, coalesce(f.receipt, e.receipt)
			FROM signal s JOIN ledger_entry e ON e.subject = s.id AND e.revision = s.revision
			JOIN ledger_entry f ON f.subject = s.id AND f.revision = 1`+w.String(), w.Args()...)
		return err
	})
	return all, err
}

// scanRow reads what a row says of a signal, and leaves its content as it is.
func scanRow(row sqldb.Scanner) (out signals.Stored, err error) {
	s := &out.Signal
	var state int
	var receivedAt, stateAt int64
	err = row.Scan(&s.ID, &s.Organisation, &s.ExternalReference, &s.Revision, &receivedAt,
		&state, &stateAt, &s.Bottleneck, &out.Payload, &out.Receipt)
	s.ReceivedAt, s.State, s.StateAt = sqldb.Time(receivedAt), signals.State(state), sqldb.Time(stateAt)
	return out, err
}
