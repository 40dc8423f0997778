package sqlstore

import (
	"context"
	"time"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// shown is what the state of a signal becomes when its followed state becomes
// $1: signals.Shown in SQL.
const shown = `CASE WHEN state IN (6, 7) THEN state ELSE $1 END`

// Bundle implements signals.StateStore.
func (s *Store) Bundle(ctx context.Context, tx *sqldb.Tx, bottleneck string, ids []string, at time.Time) error {
	for _, id := range ids {
		_, err := tx.Exec(ctx, `UPDATE signal SET followed = $1, state = `+shown+`, state_at = $2, bottleneck = $3
			WHERE id = $4 AND bottleneck = '' `,
			int(signals.Bundled), sqldb.Millis(at), bottleneck, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// Answer implements signals.StateStore.
func (s *Store) Answer(ctx context.Context, tx *sqldb.Tx, bottleneck string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE signal SET followed = $1, state = `+shown+`, state_at = $2 WHERE bottleneck = $3 AND followed = $4`,
		int(signals.Answered), sqldb.Millis(at), bottleneck, int(signals.Bundled))
	return err
}
