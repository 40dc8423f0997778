package sqlstore

import (
	"context"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
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
	// Most are covered as they are now.
	_, err = tx.Exec(ctx, `UPDATE signal SET published = revision WHERE published <> revision AND confidentiality = 1 AND facets <> ''
		AND NOT (organisation >= 'urn:nld:oin:00000099' AND organisation < 'urn:nld:oin:0000009:') AND (id, revision) IN (
			SELECT e.subject, e.revision FROM ledger_order o JOIN ledger_entry e ON e.seq = o.seq
			WHERE o.idx >= $1 AND o.idx < $2)`, from, to)
	if err != nil {
		return false, err
	}
	if err := markOvertaken(ctx, tx, from, to); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE signal_publication SET marked = $1`, to)
	return to < size, err
}

// markOvertaken marks the signals that have later revisions than the entries say of
// which these are, and those whose rows do not tell yet whether they are open.
func markOvertaken(ctx context.Context, tx *sqldb.Tx, from, to int64) error {
	type revision struct {
		id     string
		number int64
	}
	all, err := sqldb.All(ctx, tx, func(row sqldb.Scanner) (r revision, err error) {
		err = row.Scan(&r.id, &r.number)
		return r, err
	}, `SELECT s.id, max(e.revision) FROM ledger_order o JOIN ledger_entry e ON e.seq = o.seq JOIN signal s ON s.id = e.subject
		WHERE o.idx >= $1 AND o.idx < $2 AND `+noSandbox+`
		GROUP BY s.id, s.revision, s.facets HAVING max(e.revision) < s.revision OR s.facets = '' ORDER BY s.id`, from, to)
	if err != nil {
		return err
	}
	for _, r := range all {
		// Nobody revises it between reading what it said and writing that.
		if tx.Engine() == sqldb.Postgres {
			if _, err := tx.Exec(ctx, `SELECT FROM signal WHERE id = $1 FOR NO KEY UPDATE`, r.id); err != nil {
				return err
			}
		}
		payloads, err := sqldb.All(ctx, tx, func(row sqldb.Scanner) (payload []byte, err error) {
			err = row.Scan(&payload)
			return payload, err
		}, `SELECT payload FROM ledger_entry WHERE subject = $1 AND revision >= $2 ORDER BY revision`, r.id, r.number)
		if err != nil {
			return err
		}
		if open, err := signals.StillOpen(payloads); err != nil {
			return err
		} else if !open {
			r.number = 0
		}
		if _, err := tx.Exec(ctx, `UPDATE signal SET published = $1 WHERE id = $2 AND published <> $1`, r.number, r.id); err != nil {
			return err
		}
	}
	return nil
}
