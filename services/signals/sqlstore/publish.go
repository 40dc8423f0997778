package sqlstore

import (
	"context"

	"schakel.example/services/internal/sqldb"
)

// Address implements signals.PublicationStore.
func (s *Store) Address(ctx context.Context, tx *sqldb.Tx, department string, bottlenecks []string) error {
	for _, id := range bottlenecks {
		_, err := tx.Exec(ctx, `INSERT INTO signal_audience (bottleneck, department) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, department)
		if err != nil {
			return err
		}
	}
	return nil
}

// Cover implements signals.PublicationStore.
func (s *Store) Cover(ctx context.Context, tx *sqldb.Tx, size int64) error {
	_, err := tx.Exec(ctx, `UPDATE signal_publication SET size = $1 WHERE size < $1`, size)
	return err
}

// covered is up to where the own ledger is covered by editions, as far as the
// ledger goes: after an old backup was put back it may be shorter.
const covered = `(SELECT CASE WHEN p.size < l.size THEN p.size ELSE l.size END FROM signal_publication p,
	(SELECT coalesce(max(idx) + 1, 0) AS size FROM ledger_order) AS l)`

// Unmarked implements signals.PublicationStore.
func (s *Store) Unmarked(ctx context.Context, tx *sqldb.Tx) (bool, error) {
	_, some, err := sqldb.One(ctx, tx, scanNumber, `SELECT marked FROM signal_publication WHERE marked < `+covered)
	return some, err
}

// Mark implements signals.PublicationStore.
func (s *Store) Mark(ctx context.Context, tx *sqldb.Tx, limit int) (more bool, err error) {
	var from, size int64
	err = sqldb.Each(ctx, tx, func(row sqldb.Scanner) error { return row.Scan(&from, &size) },
		`SELECT marked, `+covered+` FROM signal_publication`+tx.Pick(``, ` FOR UPDATE`))
	to := min(from+int64(limit), size)
	if err != nil || from >= to {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE signal SET published = 1 WHERE published = 0
		AND NOT (organisation >= 'urn:nld:oin:00000099' AND organisation < 'urn:nld:oin:0000009:') AND id IN (
			SELECT e.subject FROM ledger_order o JOIN ledger_entry e ON e.seq = o.seq
			WHERE o.idx >= $1 AND o.idx < $2 AND e.revision = 1)`, from, to)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE signal_publication SET marked = $1`, to)
	return to < size, err
}
