package sqlstore

import (
	"context"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// Waiting implements signals.QueueStore.
func (s *Store) Waiting(ctx context.Context, tx *sqldb.Tx, grant access.Grant, organisation string, p page.Page) ([]signals.Signal, error) {
	var w sqldb.Where
	reach(&w, grant)
	w.And("s.organisation = ?", organisation)
	w.And("s.state = 1") // signals.Received: the words of the index
	if !p.After.IsZero() {
		w.And("(s.received_at, s.id) > (?, ?)", sqldb.Millis(p.After.At), p.After.ID)
	}
	limit := w.Arg(p.Size + 1)
	return shownSignals(ctx, tx, w, " ORDER BY s.received_at, s.id LIMIT "+limit)
}

// Some implements signals.QueueStore.
func (s *Store) Some(ctx context.Context, tx *sqldb.Tx, grant access.Grant, ids []string) ([]signals.Signal, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var w sqldb.Where
	reach(&w, grant)
	sqldb.In(&w, "s.id", ids)
	return shownSignals(ctx, tx, w, "")
}

func shownSignals(ctx context.Context, tx *sqldb.Tx, w sqldb.Where, rest string) ([]signals.Signal, error) {
	return sqldb.All(ctx, tx, func(row sqldb.Scanner) (signals.Signal, error) {
		one, err := scan(row)
		return one.Signal, err
	}, stored+w.String()+rest, w.Args()...)
}

// Kin implements signals.QueueStore.
func (s *Store) Kin(ctx context.Context, tx *sqldb.Tx, kin [16]byte, limit int) ([]string, error) {
	return sqldb.All(ctx, tx, scanText,
		`SELECT signal FROM signal_theme WHERE kin = $1 ORDER BY received_at DESC, signal DESC LIMIT $2`, kin[:], limit)
}

// Linked implements signals.QueueStore.
func (s *Store) Linked(ctx context.Context, tx *sqldb.Tx, id string) ([]string, error) {
	return sqldb.All(ctx, tx, scanText,
		`SELECT other FROM signal_link WHERE one = $1 UNION ALL SELECT one FROM signal_link WHERE other = $1`, id)
}

// PutLink implements signals.JoinStore.
func (s *Store) PutLink(ctx context.Context, tx *sqldb.Tx, one, other string, linked bool) (bool, error) {
	q := `DELETE FROM signal_link WHERE one = $1 AND other = $2`
	if linked {
		q = `INSERT INTO signal_link (one, other) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	}
	n, err := tx.Exec(ctx, q, one, other)
	return n > 0, err
}

// PutMerge implements signals.JoinStore.
func (s *Store) PutMerge(ctx context.Context, tx *sqldb.Tx, id, target string) error {
	if target == "" {
		_, err := tx.Exec(ctx, `DELETE FROM signal_merge WHERE signal = $1`, id)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO signal_merge (signal, target) VALUES ($1, $2)
		ON CONFLICT (signal) DO UPDATE SET target = excluded.target`, id, target)
	return err
}

// FirstMerged implements signals.JoinStore.
func (s *Store) FirstMerged(ctx context.Context, tx *sqldb.Tx, id string) (string, error) {
	first, _, err := sqldb.One(ctx, tx, scanText, `SELECT signal FROM signal_merge WHERE target = $1 ORDER BY signal LIMIT 1`, id)
	return first, err
}

// Payload implements signals.JoinStore.
func (s *Store) Payload(ctx context.Context, tx *sqldb.Tx, subject string, revision int) ([]byte, error) {
	payload, _, err := sqldb.One(ctx, tx, func(row sqldb.Scanner) (payload []byte, err error) {
		err = row.Scan(&payload)
		return payload, err
	}, `SELECT payload FROM ledger_entry WHERE subject = $1 AND revision = $2`, subject, revision)
	return payload, err
}

// LastRevision implements signals.JoinStore.
func (s *Store) LastRevision(ctx context.Context, tx *sqldb.Tx, subject string) (int64, error) {
	last, _, err := sqldb.One(ctx, tx, scanInt, `SELECT coalesce(max(revision), 0) FROM ledger_entry WHERE subject = $1`, subject)
	return last, err
}

func scanInt(row sqldb.Scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}
