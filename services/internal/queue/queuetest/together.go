package queuetest

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// folding makes of a config one that folds each batch at once.
func folding(cfg queue.ApplierConfig, seen func(batch []queue.Message)) queue.ApplierConfig {
	one := cfg.Apply
	cfg.ApplyAll = func(ctx context.Context, tx *sqldb.Tx, all []queue.Message) error {
		seen(all)
		for _, m := range all {
			if err := one(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	}
	return cfg
}

// together are the cases about batches that are folded at once, and about
// projections that are filled again.
var together = map[string]func(*rig){
	"what is folded at once is applied once and in order": func(r *rig) {
		var largest atomic.Int64
		cfg := folding(r.config(), func(batch []queue.Message) { largest.Store(max(largest.Load(), int64(len(batch)))) })
		r.publish(r.ledger.add(120)...)
		r.start(r.applier(cfg))
		r.complete()
		r.publish(r.ledger.add(7)...)
		r.complete()
		if n := largest.Load(); n < 2 || n > int64(cfg.Batch) {
			r.Errorf("the largest batch had %d entries", n)
		}
	},
	"a refused entry of a batch that is folded at once is parked alone": func(r *rig) {
		cfg, cure := r.refusing(4) // of subject b
		var seen atomic.Bool
		cfg = folding(cfg, func(batch []queue.Message) {
			if slices.ContainsFunc(batch, func(m queue.Message) bool { return m.Index == 7 }) {
				seen.Store(true) // before the refusal was found, in the same batch
			}
		})
		a := r.applier(cfg)
		r.publish(r.ledger.add(40)...)
		r.start(a)
		r.settle()
		if parked := r.parked(); len(parked) != 12 || parked[0].Index != 4 || parked[0].Reason != "kan-niet" || parked[1].Reason != queue.ReasonBehind {
			r.Errorf("parked: %+v", parked)
		}
		if got := r.order("a"); len(got) != 14 || !seen.Load() {
			r.Errorf("of another subject %v were applied", got)
		}
		cure()
		if n, err := a.Retry(r.Context(), 4); n != 12 || err != nil {
			r.Errorf("Retry after the cure = %d, %v", n, err)
		}
		if got := r.order("b"); !slices.IsSorted(got) || len(got) != 13 {
			r.Errorf("order of b: %v", got)
		}
	},
	"a panic of a batch that is folded at once parks the entry that is to blame": func(r *rig) {
		cfg := r.config()
		one := cfg.Apply
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			if m.Index == 9 {
				panic("so")
			}
			return one(ctx, tx, m)
		}
		r.publish(r.ledger.add(30)...)
		r.start(r.applier(folding(cfg, func([]queue.Message) {})))
		r.settle()
		if parked := r.parked(); len(parked) == 0 || parked[0].Index != 9 || parked[0].Reason != "verwerking-ontspoord" {
			r.Errorf("parked: %+v", parked)
		}
	},
	"a source that is begun anew fills what was emptied, beside a running applier": func(r *rig) {
		cfg, cure := r.refusing(4)
		r.publish(r.ledger.add(60)...)
		r.start(r.applier(cfg))
		r.settle()
		before := r.rows()
		cure()
		if err := r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			if err := queue.Rewind(r.Context(), tx, r.name); err != nil {
				return err
			}
			_, err := tx.Exec(r.Context(), `DELETE FROM queuetest_row WHERE source = $1`, r.name)
			return err
		}); err != nil {
			r.Fatal(err)
		}
		r.publish(r.ledger.add(5)...)
		r.complete()
		if len(before) == 60 || len(r.rows()) != 65 {
			r.Errorf("%d rows, and then %d", len(before), len(r.rows()))
		}
	},
	"an applier that rests lets others go first, and gets there": func(r *rig) {
		cfg := r.config()
		var rests atomic.Int64
		cfg.Rest = func(took time.Duration) time.Duration {
			if took <= 0 {
				r.Errorf("a transaction took %v", took)
			}
			rests.Add(1)
			return time.Hour // more than it may
		}
		r.publish(r.ledger.add(120)...)
		r.start(r.applier(cfg))
		r.complete()
		r.await("a rest after each of three transactions", func() bool { return rests.Load() >= 3 })
	},
}
