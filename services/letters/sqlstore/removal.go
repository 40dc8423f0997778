package sqlstore

import (
	"context"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters"
)

// PutRemoval implements letters.RemovalStore.
func (s *Store) PutRemoval(ctx context.Context, tx *sqldb.Tx, signal string, index int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO removal (signal, idx, done) VALUES ($1, $2, 0)
		ON CONFLICT (signal) DO UPDATE SET idx = excluded.idx, done = 0`, signal, index)
	return err
}

// Removals implements letters.RemovalStore.
func (s *Store) Removals(ctx context.Context, tx *sqldb.Tx) ([]letters.Removal, error) {
	return sqldb.All(ctx, tx, func(row sqldb.Scanner) (r letters.Removal, err error) {
		err = row.Scan(&r.Signal, &r.Index)
		return r, err
	}, `SELECT signal, idx FROM removal WHERE done = 0 ORDER BY signal`)
}

// Removed implements letters.RemovalStore.
func (s *Store) Removed(ctx context.Context, tx *sqldb.Tx, all []letters.Removal) error {
	for _, r := range all {
		if _, err := tx.Exec(ctx, `UPDATE removal SET done = 1 WHERE signal = $1 AND idx = $2`, r.Signal, r.Index); err != nil {
			return err
		}
	}
	return nil
}

// RemoveAgain implements letters.RemovalStore.
func (s *Store) RemoveAgain(ctx context.Context, tx *sqldb.Tx, from int64) error {
	_, err := tx.Exec(ctx, `UPDATE removal SET done = 0 WHERE idx >= $1`, from)
	return err
}
