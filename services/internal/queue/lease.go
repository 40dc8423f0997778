package queue

import (
	"context"
	"errors"
	"time"

	"schakel.example/services/internal/sqldb"
)

// errFenced says that another applier took over: whatever this one was doing
// must be rolled back.
var errFenced = errors.New("queue: another applier took the lease")

// lease is the right of one applier to move the watermark of one source. It
// holds for as long as the row in the database carries its epoch; no clock has
// a say in that.
type lease struct {
	source  string
	epoch   int64
	applied int64
}

// advance moves the watermark within the caller's transaction. It comes first
// in a batch: it locks the row, so that a second applier waits instead of doing
// the same work. The caller sets l.applied when the transaction is committed.
func (l *lease) advance(ctx context.Context, tx *sqldb.Tx, to int64) error {
	return fence(tx.Exec(ctx, `
		UPDATE queue_watermark SET applied = $1, beat = beat + 1
		WHERE source = $2 AND epoch = $3 AND applied = $4`+unlessStopped(tx),
		to, l.source, l.epoch, l.applied))
}

// unlessStopped ends a statement that locks the row of the watermark: should
// this process be stopped in the middle of the transaction (SIGSTOP, a host
// that hangs), PostgreSQL ends it, and frees the row, after five seconds. It is
// part of the statement to save a round trip. SQLite is within this process.
func unlessStopped(tx *sqldb.Tx) string {
	return tx.Pick(``, ` AND set_config('idle_in_transaction_session_timeout', '5000', true) <> ''`)
}

// renew gives a sign of life when there was nothing to apply.
func (l *lease) renew(ctx context.Context, db *sqldb.DB) error {
	return db.Write(ctx, func(tx *sqldb.Tx) error {
		return fence(tx.Exec(ctx, `
			UPDATE queue_watermark SET beat = beat + 1
			WHERE source = $1 AND epoch = $2`, l.source, l.epoch))
	})
}

// release steps down, so that the next applier need not wait.
func (l *lease) release(ctx context.Context, db *sqldb.DB) error {
	return db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE queue_watermark SET beat = beat + 1, holder = ''
			WHERE source = $1 AND epoch = $2`, l.source, l.epoch)
		return err
	})
}

func fence(rows int64, err error) error {
	if err == nil && rows == 0 {
		return errFenced
	}
	return err
}

// candidate is an applier that wants the lease. It takes it when nobody holds
// it, or when the holder gave no sign of life for ttl on the candidate's own
// monotonic clock: wall clocks are never compared, so clocks that are wrong
// cannot make two replicas fight.
type candidate struct {
	db     *sqldb.DB
	source string
	holder string
	ttl    time.Duration

	seenEpoch, seenBeat int64
	seenAt              time.Time
}

// try makes one attempt. Held is the lease that this applier had last, if any:
// while its epoch stands it goes on, at the watermark that the database says,
// since a fault may have hidden that a commit succeeded. A nil lease means that
// another applier is at work.
func (c *candidate) try(ctx context.Context, held *lease) (*lease, error) {
	row, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if held != nil && row.Epoch == held.epoch {
		return &lease{source: c.source, epoch: row.Epoch, applied: row.Applied}, nil
	}
	if row.Holder != "" && row.Holder != c.holder && !c.silent(row) {
		return nil, nil
	}
	return c.take(ctx, row)
}

// silent says whether the row has not changed for ttl.
func (c *candidate) silent(row Watermark) bool {
	if c.seenAt.IsZero() || row.Epoch != c.seenEpoch || row.beat != c.seenBeat {
		c.seenEpoch, c.seenBeat, c.seenAt = row.Epoch, row.beat, time.Now()
		return false
	}
	return time.Since(c.seenAt) >= c.ttl
}

// look reads the row, and makes it for a source not seen before.
func (c *candidate) look(ctx context.Context) (row Watermark, err error) {
	read := func(tx *sqldb.Tx) error {
		row, err = ReadWatermark(ctx, tx, c.source)
		return err
	}
	if err := c.db.Read(ctx, read); err != nil || row.Epoch != 0 {
		return row, err
	}
	return row, c.db.Write(ctx, func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO queue_watermark (source, applied, epoch, beat, holder)
			VALUES ($1, 0, 1, 0, '') ON CONFLICT DO NOTHING`, c.source); err != nil {
			return err
		}
		return read(tx)
	})
}

// take raises the epoch if the row is still as seen.
func (c *candidate) take(ctx context.Context, row Watermark) (l *lease, err error) {
	err = c.db.Write(ctx, func(tx *sqldb.Tx) error {
		rows, err := tx.Exec(ctx, `
			UPDATE queue_watermark SET epoch = epoch + 1, beat = beat + 1, holder = $1
			WHERE source = $2 AND epoch = $3 AND beat = $4`,
			c.holder, c.source, row.Epoch, row.beat)
		l = nil
		if rows == 1 {
			l = &lease{source: c.source, epoch: row.Epoch + 1, applied: row.Applied}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}
