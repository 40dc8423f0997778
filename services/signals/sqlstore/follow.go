package sqlstore

import (
	"context"
	"time"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// follow is what becomes of a signal when its followed state becomes $1 at $2:
// signals.Shown in SQL.
const follow = `followed = $1, followed_at = $2,
	state = CASE WHEN state IN (6, 7) THEN state ELSE $1 END,
	state_at = CASE WHEN state IN (6, 7) THEN state_at ELSE $2 END`

// Bundle implements signals.StateStore.
func (s *Store) Bundle(ctx context.Context, tx *sqldb.Tx, bottleneck string, ids []string, at time.Time) error {
	for _, id := range ids {
		_, err := tx.Exec(ctx, `UPDATE signal SET `+follow+`, bottleneck = $3 WHERE id = $4 AND bottleneck = ''`,
			int(signals.Bundled), sqldb.Millis(at), bottleneck, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// Answer implements signals.StateStore.
func (s *Store) Answer(ctx context.Context, tx *sqldb.Tx, bottleneck string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE signal SET `+follow+` WHERE bottleneck = $3 AND followed = $4`,
		int(signals.Answered), sqldb.Millis(at), bottleneck, int(signals.Bundled))
	return err
}
