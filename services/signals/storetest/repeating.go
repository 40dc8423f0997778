package storetest

import (
	"context"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// watched is a store that notes what is asked of it, and can hold up who inserts.
type watched struct {
	signals.Store
	mu    sync.Mutex
	calls map[string]int
	// inserts are the references of each batch that was inserted, in order.
	inserts [][]string
	// hold, when not nil, is called before an insert; fail may make one fail.
	hold func()
	fail func(rows []signals.Row) error
}

func (w *watched) note(call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls == nil {
		w.calls = map[string]int{}
	}
	w.calls[call]++
}

func (w *watched) Known(ctx context.Context, tx *sqldb.Tx, keys []signals.Key) (map[signals.Key]signals.Accepted, error) {
	w.note("Known")
	return w.Store.Known(ctx, tx, keys)
}

func (w *watched) Insert(ctx context.Context, tx *sqldb.Tx, rows []signals.Row) (int, error) {
	w.note("Insert")
	if w.hold != nil {
		w.hold()
	}
	var references []string
	for _, r := range rows {
		references = append(references, r.Signal.ExternalReference)
	}
	w.mu.Lock()
	w.inserts = append(w.inserts, references)
	w.mu.Unlock()
	if w.fail != nil {
		if err := w.fail(rows); err != nil {
			return 0, err
		}
	}
	return w.Store.Insert(ctx, tx, rows)
}

func (w *watched) Again(ctx context.Context, grant access.Grant, ids []string) ([]signals.Stored, error) {
	w.note("Again")
	return w.Store.Again(ctx, grant, ids)
}

func (w *watched) Get(ctx context.Context, grant access.Grant, id string) (signals.Stored, bool, error) {
	w.note("Get")
	return w.Store.Get(ctx, grant, id)
}

// watch makes the service anew, on a store that is watched.
func (r *rig) watch() *watched {
	r.Helper()
	w := &watched{Store: r.Store}
	r.Service = r.service(r.db, w)
	return w
}

// repeating are the cases about what many signals cost.
var repeating = map[string]func(*rig){
	"what is submitted has the digest that every build gives it": func(r *rig) {
		r.run(r.Service)
		key := signals.Key{Organisation: uwv, ExternalReference: "S-1"}
		r.accept(r.whole(key.Organisation, key.ExternalReference))
		r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) error {
			known, err := r.Store.Known(r.Context(), tx, []signals.Key{key})
			// With another one, what an earlier build stored passes for other content.
			r.same("the digest", hex.EncodeToString(known[key].Digest), "a2d2e2e112e2b326d00a0fe85e950ac9cda27eccbdaf89996e0fcf537f72b370")
			return err
		}))
	},
	"new signals are not looked up": func(r *rig) {
		w := r.watch()
		r.run(r.Service)
		_, err := r.SubmitAll(r.Context(), ofUWV, r.many(100))
		r.must(err)
		if w.calls["Insert"] == 0 || w.calls["Known"]+w.calls["Again"]+w.calls["Get"] > 0 {
			r.Errorf("the store was asked %v", w.calls)
		}
	},
	"many repetitions are answered together": func(r *rig) {
		w := r.watch()
		r.run(r.Service)
		first, err := r.SubmitAll(r.Context(), ofUWV, r.many(500))
		r.must(err)
		r.pass(time.Hour)
		again, err := r.SubmitAll(r.Context(), ofUWV, r.many(500))
		r.must(err)
		for i := range first {
			first[i].Repeated = true
		}
		r.same("the answers", again, first)
		if n := w.calls["Again"] + w.calls["Get"]; n == 0 || n > 2 {
			r.Errorf("the store was asked %v", w.calls)
		}
	},
	"a repetition is answered as the signal is now, with the receipt that was given first": func(r *rig) {
		r.run(r.Service)
		first := r.accept(signal(uwv, "S-1"))
		other := signal(uwv, "S-1")
		other.Title, other.AmendmentReason = "Anders", "Verduidelijkt."
		amended, err := r.Amend(r.Context(), ofUWV, first.Signal.ID, 1, other)
		r.must(err)
		r.apply(r.opened("B-1", first.Signal.ID))
		want := amended.Signal
		want.State, want.StateAt, want.Bottleneck = signals.Bundled, start, "B-1"
		for _, content := range []signals.Signal{signal(uwv, "S-1"), other} { // as it was, and as it is
			content.AmendmentReason = ""
			again, err := submit(r.Context(), r.Service, content)
			r.must(err)
			r.same("the answer", again, signals.Submission{Signal: want, Receipt: first.Receipt, Repeated: true})
		}
	},
	"an organisation that floods keeps nobody waiting": func(r *rig) {
		w := r.watch()
		begin := make(chan struct{})
		w.hold = func() { <-begin }
		flood := make(chan error)
		for i := range 5 {
			go func() {
				given := r.many(1000)
				for j := range given {
					given[j].Signal.ExternalReference = strings.Replace(given[j].Signal.ExternalReference, "S", string(rune('A'+i)), 1)
				}
				_, err := r.SubmitAll(r.Context(), ofUWV, given)
				flood <- err
			}()
		}
		r.await("the flood waits", func() bool { return r.Waiting() == 5000 })
		r.run(r.Service)
		r.await("two batches are on their way", func() bool { return r.Waiting() == 3000 })
		single := make(chan error)
		go func() { single <- second(submit(r.Context(), r.Service, signal(svb, "S-single"))) }()
		r.await("another's signal waits too", func() bool { return r.Waiting() == 3001 })
		close(begin)
		r.must(<-single)
		for range 5 {
			r.must(<-flood)
		}
		place := -1
		for i, references := range w.inserts {
			for _, reference := range references {
				if reference == "S-single" {
					place = i
				}
			}
		}
		// After the two that were on their way it goes in the first that a writer
		// takes, beside which the other writer may take one, and be first.
		if place < 2 || place > 3 {
			r.Errorf("it went in batch %d of %d", place+1, len(w.inserts))
		}
	},
}
