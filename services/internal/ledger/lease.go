package ledger

import (
	"context"
	"time"

	"schakel.example/services/internal/sqldb"
)

// rival is what we last saw of another leader.
type rival struct {
	epoch, beat int64
	since       time.Time
}

// silent says whether the state has not changed for d. It goes by our own
// monotonic clock: wall clocks are never compared, so that a wrong one cannot
// make two processes fight or keep a dead leader in office.
func (r *rival) silent(s state, d time.Duration) bool {
	if r.since.IsZero() || s.epoch != r.epoch || s.beat != r.beat {
		*r = rival{s.epoch, s.beat, time.Now()}
		return false
	}
	return time.Since(r.since) >= d
}

// state is the row of ledger_state.
type state struct {
	size, published, epoch, beat int64
	leader                       string
}

func scanState(row sqldb.Scanner) (s state, err error) {
	err = row.Scan(&s.size, &s.published, &s.epoch, &s.beat, &s.leader)
	return s, err
}

const stateColumns = "size, published, epoch, beat, leader"

// lead takes the lease if nobody holds it, or its holder fell silent. Otherwise
// the fault is ErrNotLeader.
func (l *Log) lead(ctx context.Context) error {
	var s state
	err := l.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		s, _, err = sqldb.One(ctx, tx, scanState, "SELECT "+stateColumns+" FROM ledger_state")
		return err
	})
	if err != nil {
		return err
	}
	if s.leader != "" && s.leader != l.cfg.Holder && !l.rival.silent(s, l.cfg.Lease) {
		return ErrNotLeader
	}
	if err := l.takeOver(ctx, &s); err != nil {
		return err
	}
	l.epoch.Store(s.epoch)
	l.published.Store(s.published)
	l.beat = time.Now()
	l.cfg.Logger.InfoContext(ctx, "leads the log", "epoch", s.epoch, "size", s.size)
	return nil
}

// takeOver raises the epoch, if the state is still as it was seen. The leader of
// a new log signs that it is empty, so that there always is a checkpoint.
func (l *Log) takeOver(ctx context.Context, s *state) error {
	seen := *s
	return l.db.Write(ctx, func(tx *sqldb.Tx) error {
		now, taken, err := sqldb.One(ctx, tx, scanState, `
			UPDATE ledger_state SET epoch = epoch + 1, beat = beat + 1, leader = $1
			WHERE epoch = $2 AND beat = $3 RETURNING `+stateColumns, l.cfg.Holder, seen.epoch, seen.beat)
		if err != nil {
			return err
		}
		if !taken {
			return ErrNotLeader
		}
		*s = now
		if _, err := newestCheckpoint(ctx, tx); now.size > 0 || err == nil {
			return err
		}
		return l.sign(ctx, tx, tree{})
	})
}

// stepDown gives the lease back, so that the next leader need not wait. If it
// fails the lease runs out.
func (l *Log) stepDown(ctx context.Context) {
	epoch := l.epoch.Swap(0)
	if epoch == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := l.db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ledger_state SET beat = beat + 1, leader = '', published = $1 WHERE epoch = $2",
			l.published.Load(), epoch)
		return err
	})
	if err != nil {
		l.cfg.Logger.WarnContext(ctx, "could not give the lease back; it runs out by itself", "error", err)
	}
}
