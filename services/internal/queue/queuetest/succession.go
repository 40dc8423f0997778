package queuetest

import (
	"context"
	"sync/atomic"
	"time"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// succession are the cases about several appliers of one source.
var succession = map[string]func(*rig){
	"of two appliers one is active, and the other takes over when it stops": func(r *rig) {
		first, second := r.config(), r.config()
		first.Holder, second.Holder = "first", "second"
		// Longer than the test: it is for the first to say that it stops.
		first.LeaseTTL, second.LeaseTTL = time.Hour, time.Hour
		stop := r.start(r.applier(first))
		r.publish(r.ledger.add(30)...)
		r.settle()
		r.start(r.applier(second))
		r.publish(r.ledger.add(30)...)
		r.settle()
		if w := r.watermark(); w.Holder != "first" {
			r.Errorf("holder is %q while the first is well", w.Holder)
		}
		stop()
		r.publish(r.ledger.add(30)...)
		r.complete()
		if w := r.watermark(); w.Holder != "second" {
			r.Errorf("holder is %q after the first stopped", w.Holder)
		}
	},
	"an applier that died without a word is succeeded": func(r *rig) {
		r.hold("dead", 7)
		r.publish(r.ledger.add(30)...)
		r.run()
		r.complete()
		if w := r.watermark(); w.Epoch != 8 {
			r.Errorf("epoch = %d, want 8", w.Epoch)
		}
	},
	"an instance takes its own lease back at once after a crash": func(r *rig) {
		r.hold("same", 7)
		cfg := r.config()
		cfg.Holder, cfg.LeaseTTL = "same", time.Hour
		r.publish(r.ledger.add(30)...)
		r.start(r.applier(cfg))
		r.complete()
	},
	"an applier that gives signs of life keeps the lease": func(r *rig) {
		r.publish(r.ledger.add(10)...)
		first, second := r.config(), r.config()
		first.Holder, second.Holder = "first", "second"
		r.start(r.applier(first))
		r.settle()
		before := r.watermark()
		// The second watches for as long as it takes the first to be idle for
		// several leases.
		r.start(r.applier(second))
		idle := time.Now()
		r.await("several leases of idleness", func() bool { return time.Since(idle) > 3*leaseTTL })
		if after := r.watermark(); after.Epoch != before.Epoch {
			r.Errorf("epoch went from %d to %d", before.Epoch, after.Epoch)
		}
	},
	"an applier killed in mid-batch leaves nothing behind": func(r *rig) {
		cfg := r.config()
		reached := make(chan struct{})
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			if err := r.apply(ctx, tx, m); err != nil || m.Index < 25 {
				return err
			}
			close(reached)
			<-ctx.Done()
			return ctx.Err()
		}
		r.publish(r.ledger.add(50)...)
		stop := r.start(r.applier(cfg))
		<-reached
		stop()
		if rows := r.rows(); len(rows) > 25 {
			r.Errorf("%d rows of a batch that was cut off", len(rows))
		}
		r.run()
		r.complete()
	},
	"an applier that was succeeded while it hung cannot write": func(r *rig) {
		// The first hangs in its source, off Redis, with a page in hand.
		stale := &ledger{hang: make(chan struct{})}
		stale.add(40)
		r.ledger.add(40)
		cfg := r.config()
		cfg.Source = stale
		var applied atomic.Int64
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			applied.Add(1)
			return r.apply(ctx, tx, m)
		}
		stop := r.start(r.applier(cfg))
		r.await("the first to hold the lease", func() bool { return r.watermark().Holder != "" })
		before := r.watermark()
		r.run()
		r.settle()
		close(stale.hang)
		stale.set(func(l *ledger) { l.hang = nil })
		r.ledger.add(40)
		r.complete()
		stop()
		if w := r.watermark(); w.Epoch <= before.Epoch {
			r.Errorf("epoch went from %d to %d", before.Epoch, w.Epoch)
		}
		if n := applied.Load(); n != 0 {
			r.Errorf("the stale applier applied %d entries", n)
		}
	},
	"an applier stopped in mid-transaction does not block its successor": func(r *rig) {
		if r.db.Engine() == sqldb.SQLite {
			return // one process: when it is stopped, so are its successors
		}
		cfg := r.config()
		reached, resume := make(chan struct{}), make(chan struct{})
		var first atomic.Bool
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			if first.CompareAndSwap(false, true) {
				close(reached)
				<-resume
			}
			return r.apply(ctx, tx, m)
		}
		r.publish(r.ledger.add(10)...)
		r.start(r.applier(cfg))
		<-reached
		r.run()
		r.settle()
		close(resume)
		r.publish(r.ledger.add(10)...)
		r.complete()
	},
	"many appliers that fight for the lease do no harm": func(r *rig) {
		for range 4 {
			cfg := r.config()
			cfg.Holder = "the same name, against the rules"
			r.start(r.applier(cfg))
		}
		for range 20 {
			r.publish(r.ledger.add(10)...)
		}
		r.complete()
	},
}

// hold puts the lease in the hands of an applier that does not exist.
func (r *rig) hold(holder string, epoch int64) {
	r.Helper()
	if err := r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(r.Context(), `
			INSERT INTO queue_watermark (source, applied, epoch, beat, holder)
			VALUES ($1, 0, $2, 3, $3)`, r.name, epoch, holder)
		return err
	}); err != nil {
		r.Fatal(err)
	}
}
