package storetest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// errWrong is a fault with which a signal came in.
var errWrong = fault.New(fault.Invalid, "ongeldige-invoer", fault.Text{NL: "Klopt niet.", EN: "is wrong"})

// mixed are signals of every kind, and mixedWant what becomes of each when S-1 was
// accepted before: "new", "again", or the reason of a fault.
func mixed() (given []signals.Incoming, want []string) {
	add := func(becomes string, change func(*signals.Incoming)) {
		in := signals.Incoming{Signal: signal(uwv, fmt.Sprintf("S-%d", len(given)+1))}
		change(&in)
		given, want = append(given, in), append(want, becomes)
	}
	add("again", func(*signals.Incoming) {})
	add("new", func(*signals.Incoming) {})
	add("kenmerk-bezet", func(in *signals.Incoming) { in.Signal.ExternalReference, in.Signal.Title = "S-1", "Anders" })
	add("ongeldige-invoer", func(in *signals.Incoming) { in.Fault = errWrong })
	add("again", func(in *signals.Incoming) { in.Signal.ExternalReference, in.Fault = "S-1", errWrong })
	add("ongeldige-invoer", func(in *signals.Incoming) {
		in.Signal.ExternalReference, in.Signal.Title, in.Fault = "S-1", "Anders", errWrong
	})
	add("ongeldige-invoer", func(in *signals.Incoming) { in.Signal, in.Fault = signals.Signal{Organisation: uwv}, errWrong })
	add("andere-organisatie", func(in *signals.Incoming) { in.Signal.Organisation = svb })
	add("ongeldige-invoer", func(in *signals.Incoming) { in.Signal.Organisation, in.Fault = svb, errWrong })
	add("ongeldige-invoer", func(in *signals.Incoming) {
		in.Signal.ExternalReference, in.Fault, in.Partial = "S-1", errWrong, true
	})
	add("again", func(in *signals.Incoming) { in.Signal.ExternalReference = "S-2" })
	add("kenmerk-bezet", func(in *signals.Incoming) { in.Signal.ExternalReference, in.Signal.Title = "S-2", "Anders" })
	add("signaal-te-groot", func(in *signals.Incoming) { in.Signal = tooLarge("S-13") })
	add("new", func(*signals.Incoming) {})
	return given, want
}

// verdict is what an outcome says, in a word.
func verdict(o signals.Outcome) string {
	switch {
	case o.Err != nil:
		return fault.Of(o.Err).Reason
	case o.Repeated:
		return "again"
	default:
		return "new"
	}
}

func verdicts(all []signals.Outcome) (words []string) {
	for _, o := range all {
		words = append(words, verdict(o))
	}
	return words
}

// batching are the cases about handing in many signals at once.
var batching = map[string]func(*rig){
	"of a batch each signal has its own outcome, in order": func(r *rig) {
		r.run(r.Service)
		first := r.accept(signal(uwv, "S-1"))
		given, want := mixed()
		got, err := r.SubmitAll(r.Context(), ofUWV, given)
		r.must(err)
		r.same("the outcomes", verdicts(got), want)
		r.examine(first, given, got)
		r.same("what is stored", len(r.list(overseer, signals.Filter{}, 9)), 3)
	},
	"a batch for which there is no room is refused as a whole, and stores nothing": func(r *rig) {
		r.within(signals.Bounds{OwnSignals: 100})
		waits := make(chan error)
		go func() { waits <- second(submit(r.Context(), r.Service, signal(uwv, "S-waits"))) }()
		r.await("one waits", func() bool { return r.Waiting() == 1 })
		_, err := r.SubmitAll(r.Context(), ofUWV, r.many(100))
		r.refused(err, fault.Exhausted, "te-druk")
		if wait := fault.Of(err).RetryAfter; wait <= 0 {
			r.Errorf("told to wait %v", wait)
		}
		r.same("how many wait", r.Waiting(), 1)
		r.run(r.Service)
		r.must(<-waits)
		got, err := r.SubmitAll(r.Context(), ofUWV, r.many(100))
		r.must(err)
		for _, o := range got {
			r.same("when there is room", verdict(o), "new")
		}
	},
	"a trial looks at everything and stores nothing": func(r *rig) {
		r.run(r.Service)
		r.accept(signal(uwv, "S-1"))
		before := r.rows()
		given, want := mixed()
		for i := range given {
			given[i].Trial = true
		}
		got, err := r.SubmitAll(r.Context(), ofUWV, given)
		r.must(err)
		r.same("the outcomes", verdicts(got), want)
		for i, o := range got {
			if o.ID != "" || o.Receipt != nil || !o.ReceivedAt.IsZero() {
				r.Errorf("signal %d has something of what is stored: %+v", i, o)
			}
			one, err := r.Submit(r.Context(), ofUWV, given[i])
			if want[i] == "again" && given[i].Signal.ExternalReference == "S-2" || want[i] == "kenmerk-bezet" && given[i].Signal.ExternalReference == "S-2" {
				continue // by itself it is the first
			}
			r.same("by itself", verdict(signals.Outcome{Err: err, Repeated: one.Repeated}), want[i])
			if err == nil {
				as := given[i].Signal
				as.Revision, as.State = 1, signals.Received
				r.same("as it would be", one, signals.Submission{Signal: as, Repeated: want[i] == "again"})
			}
		}
		r.same("what is stored", r.rows(), before)
	},
	"a batch is stored while others are": func(r *rig) {
		r.run(r.Service)
		var stored atomic.Int64
		r.must(atOnce(8, func(caller int) error {
			grant, of := ofUWV, uwv
			if caller%2 == 1 {
				grant, of = ofSVB, svb
			}
			var given []signals.Incoming
			for i := range 300 {
				given = append(given, signals.Incoming{Signal: signal(of, fmt.Sprintf("S-%d-%d", caller, i))})
			}
			got, err := r.SubmitAll(r.Context(), grant, given)
			for _, o := range got {
				if verdict(o) == "new" {
					stored.Add(1)
				}
			}
			return err
		}))
		r.same("how many were stored", stored.Load(), int64(8*300))
		r.same("how many are stored", len(r.list(overseer, signals.Filter{}, 500)), 8*300)
	},
	"of one reference twice in a batch the later is not stored when nobody knows whether the earlier is": func(r *rig) {
		away := fault.New(fault.Unavailable, "weg", fault.Text{NL: "Weg.", EN: "away"})
		w := r.watch()
		given := r.many(1500) // more than one commit
		twice := given[3].Signal.ExternalReference
		var once sync.Once
		w.fail = func(rows []signals.Row) (err error) {
			if slices.ContainsFunc(rows, func(row signals.Row) bool { return row.Signal.ExternalReference == twice }) {
				once.Do(func() { err = away })
			}
			return err
		}
		given[1200].Signal.ExternalReference = twice
		given[1200].Signal.Title = "Iets anders"
		handed := make(chan []signals.Outcome)
		go func() {
			got, err := r.SubmitAll(r.Context(), ofUWV, given)
			if err != nil {
				r.Error(err)
			}
			handed <- got
		}()
		r.await("all wait", func() bool { return r.Waiting() == len(given) })
		r.run(r.Service)
		got := <-handed
		r.refused(got[3].Err, fault.Unavailable, "weg")
		r.refused(got[1200].Err, fault.Unavailable, "weg")
		r.same("another behind it", verdict(got[1300]), "new")
		got, err := r.SubmitAll(r.Context(), ofUWV, given)
		r.must(err)
		r.same("the earlier, when all come again", verdict(got[3]), "new")
		r.same("the later", verdict(got[1200]), "kenmerk-bezet")
	},
	"of one reference twice in a commit that is made row by row neither is the later": func(r *rig) {
		away := fault.New(fault.Unavailable, "weg", fault.Text{NL: "Weg.", EN: "away"})
		w := r.watch()
		var once sync.Once
		w.fail = func(rows []signals.Row) (err error) {
			if len(rows) > 1 {
				return fault.New(fault.Invalid, "een-ervan", fault.Text{NL: "Een ervan.", EN: "one of them"})
			}
			once.Do(func() { err = away })
			return err
		}
		given := r.many(2)
		given[1].Signal.ExternalReference, given[1].Signal.Title = given[0].Signal.ExternalReference, "Iets anders"
		r.run(r.Service)
		got, err := r.SubmitAll(r.Context(), ofUWV, given)
		r.must(err)
		r.refused(got[0].Err, fault.Unavailable, "weg")
		r.refused(got[1].Err, fault.Unavailable, "weg")
	},
	"a batch to a database that cannot be reached is not known to be stored": func(r *rig) {
		r.run(r.Service)
		r.must(r.db.Close())
		got, err := r.SubmitAll(r.Context(), ofUWV, r.many(3))
		r.must(err)
		for _, o := range got {
			r.refused(o.Err, fault.Unavailable, sqldb.ReasonUnreachable)
		}
		trial := r.many(1)
		trial[0].Trial = true
		got, err = r.SubmitAll(r.Context(), ofUWV, trial)
		r.must(err)
		r.refused(got[0].Err, fault.Unavailable, sqldb.ReasonUnreachable)
		wrong := r.many(1)
		wrong[0].Fault = errWrong
		got, err = r.SubmitAll(r.Context(), ofUWV, wrong)
		r.must(err)
		r.same("of what is wrong anyway that is told", got[0].Err, error(errWrong))
	},
}

// many are so many signals that nothing is wrong with.
func (r *rig) many(n int) []signals.Incoming {
	all := make([]signals.Incoming, n)
	for i := range all {
		all[i].Signal = signal(uwv, fmt.Sprintf("S-%04d", i+1))
	}
	return all
}

// examine holds the outcomes of mixed to what is stored.
func (r *rig) examine(first signals.Submission, given []signals.Incoming, got []signals.Outcome) {
	r.Helper()
	for i, o := range got {
		r.same("its reference", o.ExternalReference, given[i].Signal.ExternalReference)
		switch {
		case o.Err != nil:
			if o.ID != "" || o.Receipt != nil {
				r.Errorf("%s was refused, with %+v", o.ExternalReference, o)
			}
			if f := fault.Of(o.Err); f.Reason == "kenmerk-bezet" {
				held := first.Signal.ID
				if o.ExternalReference == "S-2" {
					held = got[1].ID
				}
				r.same("what is in the way", f.Resource, held)
			}
			continue
		case o.ExternalReference == "S-1":
			r.same("what was accepted before", []string{o.ID, string(o.Receipt)}, []string{first.Signal.ID, string(first.Receipt)})
		case o.ExternalReference == "S-2":
			r.same("what was accepted just now", []string{o.ID, string(o.Receipt)}, []string{got[1].ID, string(got[1].Receipt)})
		}
		stored := r.get(o.ID)
		r.same("when", o.ReceivedAt, stored.Signal.ReceivedAt)
		_, err := ledger.VerifyReceipt(o.Receipt, stored.Payload, r.keys)
		r.must(err)
	}
}
