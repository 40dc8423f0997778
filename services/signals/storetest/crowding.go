package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// crowding are the cases about many signals at once.
var crowding = map[string]func(*rig){
	"each signal of a batch has a receipt of its own": func(r *rig) {
		var given []signals.Signal
		for i := range 33 {
			given = append(given, signal(uwv, fmt.Sprintf("S-%02d", i)))
		}
		for i, a := range r.together(given...) {
			r.must(a.err)
			r.same("the reference", a.Signal.ExternalReference, given[i].ExternalReference)
			_, err := ledger.VerifyReceipt(a.Receipt, r.get(a.Signal.ID).Payload, r.keys)
			r.must(err)
		}
	},
	"the same reference twice in one batch is accepted once": func(r *rig) {
		answers := r.together(signal(uwv, "S-1"), signal(uwv, "S-1"), signal(uwv, "S-1"))
		fresh := 0
		for _, a := range answers {
			r.must(a.err)
			if !a.Repeated {
				fresh++
			}
			r.same("the signal", a.Signal, answers[0].Signal)
			r.same("the receipt", string(a.Receipt), string(answers[0].Receipt))
		}
		r.same("how many were new", fresh, 1)
		r.same("what is stored", r.list(overseer, signals.Filter{}, 9), []string{"S-1"})
	},
	"two contents under one reference in one batch are one signal and one conflict": func(r *rig) {
		other := signal(uwv, "S-1")
		other.Title = "Anders"
		answers := r.together(signal(uwv, "S-1"), other)
		if answers[0].err != nil {
			answers[0], answers[1] = answers[1], answers[0]
		}
		r.must(answers[0].err)
		r.refused(answers[1].err, fault.Conflict, "kenmerk-bezet")
		r.same("what is in the way", fault.Of(answers[1].err).Resource, answers[0].Signal.ID)
	},
	"one bad signal does not fail its batch": func(r *rig) {
		bad := fault.New(fault.Invalid, "slecht", fault.Text{NL: "Slecht.", EN: "bad"})
		r.watch().fail = func(rows []signals.Row) error {
			if slices.ContainsFunc(rows, func(row signals.Row) bool { return row.Signal.Title == "slecht" }) {
				return bad
			}
			return nil
		}
		given := []signals.Signal{signal(uwv, "S-001"), signal(uwv, "T-1")}
		given[0].Title, given[1].Title = "slecht", "slecht"
		for i := range 20 {
			given = append(given, signal(uwv, fmt.Sprintf("S-%02d", i)))
		}
		answers := r.together(given...)
		r.refused(answers[0].err, fault.Invalid, "slecht")
		r.refused(answers[1].err, fault.Invalid, "slecht")
		for i, a := range answers[2:] {
			r.must(a.err)
			_, err := ledger.VerifyReceipt(a.Receipt, r.get(a.Signal.ID).Payload, r.keys)
			r.must(err)
			r.same("the reference", a.Signal.ExternalReference, given[2+i].ExternalReference)
		}
		r.same("how many are stored", len(r.list(overseer, signals.Filter{}, 9)), 20)
		r.same("how many rows", len(r.rows()), 3*20)
	},
	"whoever comes when too many wait is told to come back, and those who wait are answered": func(r *rig) {
		r.within(signals.Bounds{OwnSignals: 1500})
		var refused atomic.Int64
		const many = 2000
		failed := make(chan error, 1)
		go func() {
			failed <- atOnce(many, func(i int) error {
				_, err := submit(r.Context(), r.Service, signal(uwv, fmt.Sprintf("S-%d", i)))
				if f := fault.Of(err); f != nil && f.Reason == "te-druk" && f.Kind == fault.Exhausted && f.RetryAfter >= time.Second {
					refused.Add(1)
					return nil
				}
				return err
			})
		}()
		r.await("all wait or are refused", func() bool { return r.Waiting()+int(refused.Load()) == many })
		r.same("how many wait", r.Waiting(), 1500)
		r.run(r.Service)
		r.must(<-failed)
		r.same("how many are stored", len(r.list(overseer, signals.Filter{}, 500)), 1500)
	},
	"what waits when the service stops is stored and answered": func(r *rig) {
		const many = 1200 // more than one batch
		failed := make(chan error, 1)
		go func() {
			failed <- atOnce(many, func(i int) error {
				return second(submit(r.Context(), r.Service, signal(uwv, fmt.Sprintf("S-%d", i))))
			})
		}()
		r.await("all wait", func() bool { return r.Waiting() == many })
		stopped, cancel := context.WithCancel(r.Context())
		cancel()
		r.must(r.Service.Run(stopped))
		r.must(<-failed)
		r.same("how many are stored", len(r.list(overseer, signals.Filter{}, 500)), many)
		_, err := submit(r.Context(), r.Service, signal(uwv, "S-late"))
		r.refused(err, fault.Unavailable, "stopt")
	},
	"replicas that get the same signals at once, in every way, accept each exactly once": func(r *rig) {
		const callers, references = 64, 40
		replicas := r.replicas(2)
		var mu sync.Mutex
		receipts := map[string]map[string]int{} // by reference: how often which
		var fresh, busy atomic.Int64
		r.must(atOnce(callers, func(caller int) error {
			given := make([]signals.Signal, references)
			for i, n := range rand.Perm(references) {
				given[i] = signal(uwv, fmt.Sprintf("S-%02d", n))
			}
			got, err := ways[caller%len(ways)](r, replicas[caller/len(ways)%len(replicas)], given, &busy)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for i, o := range got {
				if o.ExternalReference != given[i].ExternalReference {
					return fmt.Errorf("the answer about %s is about %s", given[i].ExternalReference, o.ExternalReference)
				}
				if !o.Repeated {
					fresh.Add(1)
				}
				if receipts[o.ExternalReference] == nil {
					receipts[o.ExternalReference] = map[string]int{}
				}
				receipts[o.ExternalReference][o.ID+string(o.Receipt)]++
			}
			return nil
		}))
		r.Logf("%d of %d calls had to be repeated", busy.Load(), callers*references)
		r.same("how many were new", fresh.Load(), int64(references))
		for key, of := range receipts {
			if len(of) != 1 {
				r.Errorf("%s has %d receipts", key, len(of))
			}
		}
		r.same("how many are stored", len(r.list(overseer, signals.Filter{}, 500)), references)
		r.same("how many rows", len(r.rows()), 3*references)
	},
	"of two contents that reach replicas at once one wins, and the other is told which": func(r *rig) {
		const callers, references = 16, 20
		replicas := r.replicas(2)
		var mu sync.Mutex
		ids := map[string]map[string]bool{} // by reference: what the answers point at
		titles := map[string]map[string]bool{}
		r.must(atOnce(callers, func(caller int) error {
			for n := range references {
				s := signal(uwv, fmt.Sprintf("S-%02d", n))
				s.Title = fmt.Sprintf("Titel %d", caller%2)
				got, err := insist(r, replicas[caller%2], s, new(atomic.Int64))
				id := got.Signal.ID
				if fault.Is(err, fault.Conflict) {
					id, err = fault.Of(err).Resource, nil
				} else if err == nil {
					mu.Lock()
					mark(titles, s.ExternalReference, got.Signal.Title)
					mu.Unlock()
				}
				if err != nil {
					return err
				}
				mu.Lock()
				mark(ids, s.ExternalReference, id)
				mu.Unlock()
			}
			return nil
		}))
		for key := range ids {
			if len(ids[key]) != 1 || len(titles[key]) != 1 {
				r.Errorf("%s: %d ids, %d contents accepted", key, len(ids[key]), len(titles[key]))
			}
		}
		r.same("how many are stored", len(r.list(overseer, signals.Filter{}, 500)), references)
	},
}

// answer is what became of a submission.
type answer struct {
	signals.Submission
	err error
}

// together submits signals that all wait when the service begins to run.
func (r *rig) together(given ...signals.Signal) []answer {
	r.Helper()
	answers, done := make([]answer, len(given)), make(chan error)
	go func() {
		done <- atOnce(len(given), func(i int) error {
			answers[i].Submission, answers[i].err = submit(r.Context(), r.Service, given[i])
			return nil
		})
	}()
	r.await("all wait", func() bool { return r.Waiting() == len(given) })
	r.run(r.Service)
	r.must(<-done)
	return answers
}

// replicas are services that run on one database: on PostgreSQL each with
// connections of its own, as processes beside each other have; on SQLite, which
// one process holds, they share them.
func (r *rig) replicas(n int) []*signals.Service {
	r.Helper()
	all := make([]*signals.Service, n)
	for i := range all {
		db, store := r.db, r.Store
		if r.db.Engine() == sqldb.Postgres {
			db, store = r.database(r.T)
		}
		all[i] = r.service(db, store)
		r.run(all[i])
	}
	return all
}

// insist submits a signal as a careful client does: again, when told that it
// may help.
func insist(r *rig, s *signals.Service, signal signals.Signal, again *atomic.Int64) (signals.Submission, error) {
	for range 100 {
		got, err := submit(r.Context(), s, signal)
		if err == nil || !fault.Of(err).Kind.Retryable() {
			return got, err
		}
		again.Add(1)
	}
	return signals.Submission{}, errors.New("refused a hundred times")
}

// ways are the ways in, each of which submits signals until all are accepted.
var ways = []func(r *rig, s *signals.Service, given []signals.Signal, again *atomic.Int64) ([]signals.Outcome, error){
	func(r *rig, s *signals.Service, given []signals.Signal, again *atomic.Int64) (all []signals.Outcome, err error) {
		for _, one := range given {
			got, err := insist(r, s, one, again)
			if err != nil {
				return nil, err
			}
			all = append(all, signals.Outcome{
				ExternalReference: got.Signal.ExternalReference, ID: got.Signal.ID, Receipt: got.Receipt, Repeated: got.Repeated,
			})
		}
		return all, nil
	},
	func(r *rig, s *signals.Service, given []signals.Signal, again *atomic.Int64) ([]signals.Outcome, error) {
		return insistOnAll(given, again, func(in []signals.Incoming) ([]signals.Outcome, error) {
			return s.SubmitAll(r.Context(), ofUWV, in)
		})
	},
	func(r *rig, s *signals.Service, given []signals.Signal, again *atomic.Int64) ([]signals.Outcome, error) {
		return insistOnAll(given, again, func(in []signals.Incoming) ([]signals.Outcome, error) {
			return stream(r.Context(), s.Stream(ofUWV), in)
		})
	},
}

// insistOnAll submits signals together, until each is accepted.
func insistOnAll(given []signals.Signal, again *atomic.Int64, submit func([]signals.Incoming) ([]signals.Outcome, error)) ([]signals.Outcome, error) {
	all := make([]signals.Outcome, len(given))
	left := make([]int, len(given)) // places of those that are not yet accepted
	for i := range left {
		left[i] = i
	}
	for range 100 {
		in := make([]signals.Incoming, len(left))
		for i, place := range left {
			in[i].Signal = given[place]
		}
		got, err := submit(in)
		if err != nil && !fault.Of(err).Kind.Retryable() {
			return nil, err
		}
		var next []int
		for i, place := range left {
			switch {
			case err != nil || got[i].Err != nil && fault.Of(got[i].Err).Kind.Retryable():
				again.Add(1)
				next = append(next, place)
			case got[i].Err != nil:
				return nil, got[i].Err
			default:
				all[place] = got[i]
			}
		}
		if left = next; len(left) == 0 {
			return all, nil
		}
	}
	return nil, errors.New("refused a hundred times")
}

func mark(sets map[string]map[string]bool, key, value string) {
	if sets[key] == nil {
		sets[key] = map[string]bool{}
	}
	sets[key][value] = true
}
