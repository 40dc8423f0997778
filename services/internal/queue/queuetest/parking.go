package queuetest

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

var refused = fault.New(fault.Precondition, "kan-niet", fault.Text{NL: "Kan niet.", EN: "cannot be"})

// refusing is a config whose Apply refuses some entries until cured.
func (r *rig) refusing(indexes ...int64) (cfg queue.ApplierConfig, cure func()) {
	var cured atomic.Bool
	cfg = r.config()
	cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
		// The row first: a refusal must undo it.
		if err := r.apply(ctx, tx, m); err != nil {
			return err
		}
		if !cured.Load() && slices.Contains(indexes, m.Index) {
			return refused
		}
		return nil
	}
	return cfg, func() { cured.Store(true) }
}

type aside struct {
	Index   int64
	Subject string
	Reason  string
	Tries   int64
}

func (r *rig) wantParked(want ...aside) {
	r.Helper()
	var got []aside
	for _, p := range r.parked() {
		got = append(got, aside{p.Index, p.Subject, p.Reason, p.Tries})
		if p.ParkedAt.IsZero() || p.TriedAt.Before(p.ParkedAt) {
			r.Errorf("entry %d: parked at %v, tried at %v", p.Index, p.ParkedAt, p.TriedAt)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("parked (-want +got):\n%s", diff)
	}
}

// order gives the indexes of one subject in the order of application.
func (r *rig) order(subject string) (indexes []int64) {
	for _, x := range r.rows() {
		if subjectOf(queue.Message{Payload: []byte(x.Payload)}) == subject {
			indexes = append(indexes, x.Index)
		}
	}
	return indexes
}

// parking are the cases about entries that cannot be applied.
var parking = map[string]func(*rig){
	"a refused entry is parked with the later ones of its subject, and the others go on": func(r *rig) {
		cfg, cure := r.refusing(4) // of subject b
		a := r.applier(cfg)
		r.publish(r.ledger.add(9)...)
		r.start(a)
		r.settle()
		r.wantParked(aside{4, "b", "kan-niet", 1}, aside{7, "b", queue.ReasonBehind, 0})
		r.publish(r.ledger.add(3)...)
		r.settle()
		if w := r.watermark(); w.Parked != 3 {
			r.Errorf("Watermark says %d parked, want 3", w.Parked)
		}

		if n, err := a.Retry(r.Context(), 7); n != 0 || !errors.Is(err, refused) {
			r.Errorf("Retry while the cause is there = %d, %v", n, err)
		}
		r.wantParked(aside{4, "b", "kan-niet", 2}, aside{7, "b", queue.ReasonBehind, 0}, aside{10, "b", queue.ReasonBehind, 0})

		cure()
		if n, err := a.Retry(r.Context(), 10); n != 3 || err != nil {
			r.Errorf("Retry after the cure = %d, %v; want 3, nil", n, err)
		}
		r.wantParked()
		r.publish(r.ledger.add(3)...)
		r.settle()
		for subject, want := range map[string][]int64{"a": {0, 3, 6, 9, 12}, "b": {1, 4, 7, 10, 13}, "c": {2, 5, 8, 11, 14}} {
			if diff := cmp.Diff(want, r.order(subject)); diff != "" {
				r.Errorf("order of %s (-want +got):\n%s", subject, diff)
			}
		}
	},
	"a retry beside a running applier keeps the order": func(r *rig) {
		cfg, cure := r.refusing(1)
		a := r.applier(cfg)
		r.publish(r.ledger.add(30)...)
		r.start(a)
		r.settle()
		cure()
		applied := 0
		for range 20 {
			r.publish(r.ledger.add(7)...)
			n, err := a.Retry(r.Context(), 1)
			if err != nil && !fault.Is(err, fault.NotFound) {
				r.Fatalf("Retry: %v", err)
			}
			applied += n
		}
		r.settle()
		if list := r.parked(); len(list) > 0 {
			r.Fatalf("still parked: %+v", list)
		}
		if got := r.order("b"); !slices.IsSorted(got) || len(got) != 57 {
			r.Errorf("order of b after retrying %d: %v", applied, got)
		}
	},
	"a retry waits for the batch that parks behind it": func(r *rig) {
		cfg, cure := r.refusing(1)
		plain, reached, resume := cfg.Apply, make(chan struct{}), make(chan struct{})
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			if m.Index == 6 { // comes after 4, which is parked behind 1
				close(reached)
				<-resume
			}
			return plain(ctx, tx, m)
		}
		a := r.applier(cfg)
		r.start(a)
		r.publish(r.ledger.add(3)...)
		r.settle()
		cure()
		r.publish(r.ledger.add(4)...)
		<-reached
		retried := make(chan int, 1)
		go func() {
			n, err := a.Retry(r.Context(), 1)
			if err != nil {
				r.Errorf("Retry: %v", err)
			}
			retried <- n
		}()
		select {
		case n := <-retried:
			r.Errorf("Retry applied %d without waiting for the batch", n)
			retried <- n
		case <-time.After(10 * block):
		}
		close(resume)
		if n := <-retried; n != 2 {
			r.Errorf("Retry applied %d, want 2", n)
		}
		r.wantParked()
	},
	"a batch in which all is refused is parked whole": func(r *rig) {
		cfg := r.config()
		cfg.Apply = func(context.Context, *sqldb.Tx, queue.Message) error { return refused }
		r.publish(r.ledger.add(60)...)
		r.start(r.applier(cfg))
		r.settle()
		if n := len(r.parked()); n != 60 {
			r.Errorf("%d parked, want 60", n)
		}
	},
	"an entry without a subject parks alone": func(r *rig) {
		cfg, cure := r.refusing(3, 8)
		cfg.Subject = func(queue.Message) string { return "" }
		a := r.applier(cfg)
		r.publish(r.ledger.add(20)...)
		r.start(a)
		r.settle()
		r.wantParked(aside{3, "", "kan-niet", 1}, aside{8, "", "kan-niet", 1})
		cure()
		if n, err := a.Retry(r.Context(), 3); n != 1 || err != nil {
			r.Errorf("Retry = %d, %v", n, err)
		}
		r.wantParked(aside{8, "", "kan-niet", 1})
	},
	"an entry that makes Apply or Subject panic is parked": func(r *rig) {
		cfg := r.config()
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			if m.Index == 5 {
				panic("boem \x00\xff")
			}
			return r.apply(ctx, tx, m)
		}
		cfg.Subject = func(queue.Message) string { panic("boem") }
		r.publish(r.ledger.add(20)...)
		r.start(r.applier(cfg))
		r.settle()
		r.wantParked(aside{5, "", "verwerking-ontspoord", 1})
		if n := len(r.rows()); n != 19 {
			r.Errorf("%d rows, want 19", n)
		}
	},
	"texts that a database cannot store do not prevent parking": func(r *rig) {
		cfg := r.config()
		cfg.Apply = func(context.Context, *sqldb.Tx, queue.Message) error {
			return errors.New("nul \x00 and no UTF-8 \xff")
		}
		cfg.Subject = func(queue.Message) string { return "s\x00\xff" }
		r.publish(r.ledger.add(2)...)
		r.start(r.applier(cfg))
		r.settle()
		r.wantParked(aside{0, "s\uFFFD\uFFFD", fault.ReasonInternal, 1}, aside{1, "s\uFFFD\uFFFD", queue.ReasonBehind, 0})
	},
	"an entry that only the commit refuses is parked": func(r *rig) {
		cfg := r.config()
		cfg.Subject = func(queue.Message) string { return "" }
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			if m.Index == 13 {
				_, err := tx.Exec(ctx, `INSERT INTO queuetest_child (source, idx) VALUES ($1, 1000)`, r.name)
				return err
			}
			return r.apply(ctx, tx, m)
		}
		r.publish(r.ledger.add(40)...)
		r.start(r.applier(cfg))
		r.settle()
		r.wantParked(aside{13, "", sqldb.ReasonReference, 1})
		if n := len(r.rows()); n != 39 {
			r.Errorf("%d rows, want 39", n)
		}
	},
	"a fault that passes is tried again and parks nothing": func(r *rig) {
		cfg := r.config()
		var failures atomic.Int64
		cfg.Apply = func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
			if err := r.apply(ctx, tx, m); err != nil {
				return err
			}
			if m.Index == 7 && failures.Add(1) <= 4 {
				return unavailable
			}
			return nil
		}
		r.publish(r.ledger.add(20)...)
		r.start(r.applier(cfg))
		r.complete()
	},
	"a retry of what is not parked is not found": func(r *rig) {
		if n, err := r.applier(r.config()).Retry(r.Context(), 3); n != 0 || !fault.Is(err, fault.NotFound) {
			r.Errorf("Retry = %d, %v; want NotFound", n, err)
		}
	},
	"a retry that meets a passing fault leaves the entry parked": func(r *rig) {
		cfg, cure := r.refusing(0)
		a := r.applier(cfg)
		r.publish(r.ledger.add(2)...)
		stop := r.start(a)
		r.settle()
		stop()
		cure()
		r.ledger.set(func(l *ledger) { l.fault = unavailable })
		if n, err := a.Retry(r.Context(), 0); n != 0 || !errors.Is(err, unavailable) {
			r.Errorf("Retry = %d, %v", n, err)
		}
		r.wantParked(aside{0, "a", "kan-niet", 1})
	},
}
