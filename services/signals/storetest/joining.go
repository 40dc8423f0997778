package storetest

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// joining are the cases about signals that are linked or merged.
var joining = map[string]func(*rig){
	"an ordinary signal is merged with none under protection, nor the other way round": func(r *rig) {
		r.run(r.Service)
		ordinary := r.accept(signal(uwv, "S-1")).Signal.ID
		var hidden []string
		for i, code := range r.codes(2) {
			r.must(second(r.Report(r.Context(), code, secret(i), report())))
		}
		r.overnight()
		for i := range 2 {
			found, err := r.Case(r.Context(), secret(i))
			r.must(err)
			hidden = append(hidden, found.Signal.ID)
		}
		before := r.rows()
		r.refused(second(r.Merge(r.Context(), editor, ordinary, hidden[0], 0, "Zelfde.")), fault.Precondition, "signaal-onder-bescherming")
		r.refused(second(r.Merge(r.Context(), editor, hidden[0], ordinary, 0, "Zelfde.")), fault.Precondition, "signaal-onder-bescherming")
		r.same("what is stored", r.rows(), before)
		r.must(second(r.Merge(r.Context(), editor, hidden[0], hidden[1], 0, "Zelfde.")))
	},
	"two signals are linked once, whichever is named first, and unlinked once": func(r *rig) {
		r.run(r.Service)
		a, b := r.accept(signal(uwv, "S-1")).Signal.ID, r.accept(signal(uwv, "S-2")).Signal.ID
		r.must(r.Link(r.Context(), ofUWV, b, a, true))
		before := r.joined()
		r.must(r.Link(r.Context(), ofUWV, b, a, true))
		r.must(r.Link(r.Context(), ofUWV, a, b, true))
		r.same("what is stored", r.joined(), before)
		r.must(r.Link(r.Context(), ofUWV, a, b, false))
		r.refused(r.Link(r.Context(), ofUWV, a, b, false), fault.NotFound, "niet-gekoppeld")
		r.refused(r.Link(r.Context(), ofUWV, b, a, false), fault.NotFound, "niet-gekoppeld")
		r.must(r.Link(r.Context(), ofUWV, a, b, true))
		var told []bool
		for _, e := range r.history(min(a, b) + "/" + max(a, b)) {
			event, err := ledger.Parse(e.Payload)
			r.must(err)
			data := event.Data.(*eventsv1.SignalsLinked)
			r.same("whose", event.Organisation, uwv)
			r.same("which", data.GetSignals(), []string{min(a, b), max(a, b)})
			told = append(told, data.GetLinked())
		}
		r.same("what the ledger tells", told, []bool{true, false, true})
	},
	"a signal is neither linked to nor merged into itself": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		r.refused(r.Link(r.Context(), ofUWV, id, id, true), fault.Invalid, "zelfde-signaal")
		r.refused(second(r.Merge(r.Context(), ofUWV, id, id, 0, "Zelfde.")), fault.Invalid, "zelfde-signaal")
	},
	"links made at once by many are made once": func(r *rig) {
		r.run(r.Service)
		a, b := r.accept(signal(uwv, "S-1")).Signal.ID, r.accept(signal(uwv, "S-2")).Signal.ID
		r.must(atOnce(8, func(i int) error {
			if i%2 == 0 {
				return r.Link(r.Context(), ofUWV, a, b, true)
			}
			return r.Link(r.Context(), ofUWV, b, a, true)
		}))
		r.same("what the ledger tells", len(r.history(min(a, b)+"/"+max(a, b))), 1)
	},
	"a merge is a revision with its reason, and undoing it gives back what was before": func(r *rig) {
		r.run(r.Service)
		into := r.accept(signal(uwv, "S-0")).Signal
		for i, triage := range []bool{false, true} {
			id := r.accept(r.whole(uwv, fmt.Sprint("S-whole-", i))).Signal.ID
			if triage {
				r.pass(time.Hour)
				r.triage(id, signals.Finding{Approach: signals.Fix, Categories: []string{"samenloop"}, Note: "Eén geval."})
			}
			before := r.get(id).Signal
			r.pass(time.Hour)
			got, err := r.Merge(r.Context(), ofUWV, id, into.ID, before.Revision, "Zelfde geval.")
			r.must(err)
			want := before
			want.State, want.StateAt, want.MergedInto, want.Revision = signals.Merged, r.Now(), into.ID, before.Revision+1
			r.same("the answer", got.Signal, want)
			r.same("what is stored", r.get(id).Signal, want)
			_, err = ledger.VerifyReceipt(got.Receipt, r.get(id).Payload, r.keys)
			r.must(err)
			event, err := ledger.Parse(r.get(id).Payload)
			r.must(err)
			r.same("why", event.Data.(*eventsv1.SignalMerged).GetReason(), "Zelfde geval.")

			rows := r.joined()
			again, err := r.Merge(r.Context(), ofUWV, id, into.ID, before.Revision, "Zelfde geval.")
			r.must(err)
			r.same("the same again", again, got)
			r.same("what is stored", r.joined(), rows)

			r.pass(time.Hour)
			_, err = r.Unmerge(r.Context(), ofUWV, id, before.Revision, "Toch niet.")
			r.refused(err, fault.Conflict, "revisie-ingehaald")
			split, err := r.Unmerge(r.Context(), ofUWV, id, want.Revision, "Toch niet.")
			r.must(err)
			want = before
			want.Revision = before.Revision + 2
			r.same("what it is again", split.Signal, want)
			r.same("what is stored", r.get(id).Signal, want)
			_, err = r.Unmerge(r.Context(), ofUWV, id, 0, "Toch niet.")
			r.refused(err, fault.Precondition, "signaal-niet-samengevoegd")
		}
		r.same("the one that stays", r.get(into.ID).Signal, into)
	},
	"undoing the merge of a signal whose past was erased brings it back to where it is looked at": func(r *rig) {
		r.run(r.Service)
		into := r.accept(signal(uwv, "S-0")).Signal.ID
		for i, want := range []signals.State{signals.Received, signals.Triaged} {
			id := r.accept(signal(uwv, fmt.Sprint("S-", i+1))).Signal.ID
			if want == signals.Triaged {
				r.triage(id, signals.Finding{Approach: signals.Fix, Note: "Eén geval."})
			}
			merged, err := r.Merge(r.Context(), ofUWV, id, into, 0, "Zelfde.")
			r.must(err)
			places := []signals.Place{{Field: "/titel", First: 1, Last: 4}}
			r.must(second(r.Redact(r.Context(), ofUWV, id, merged.Signal.Revision, places, "Naam.")))
			split, err := r.Unmerge(r.Context(), ofUWV, id, 0, "Toch niet.")
			r.must(err)
			r.same("its state", split.Signal.State, want)
			r.same("what it is merged into", split.Signal.MergedInto, "")
		}
	},
	"what cannot be merged is told why": func(r *rig) {
		r.run(r.Service)
		ids := map[string]string{}
		for _, s := range []string{"free", "other", "withdrawn", "bundled", "merged", "target"} {
			ids[s] = r.accept(signal(uwv, s)).Signal.ID
		}
		r.must(second(r.Withdraw(r.Context(), ofUWV, ids["withdrawn"], 0, "Vergissing.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids["merged"], ids["target"], 0, "Zelfde.")))
		r.apply(r.opened("B-1", ids["bundled"]))
		before := r.joined()
		for _, tt := range []struct {
			name, from, into, reason, about string
			revision                        int
		}{
			{"a withdrawn one", "withdrawn", "free", "signaal-ingetrokken", "", 0},
			{"a bundled one", "bundled", "free", "signaal-gebundeld", "B-1", 0},
			{"a merged one", "merged", "free", "signaal-samengevoegd", ids["target"], 0},
			{"one into which another is merged", "target", "free", "signaal-heeft-dubbele", ids["merged"], 0},
			{"into a withdrawn one", "free", "withdrawn", "ander-signaal-vervallen", ids["withdrawn"], 0},
			{"into a merged one", "free", "merged", "ander-signaal-vervallen", ids["merged"], 0},
		} {
			_, err := r.Merge(r.Context(), ofUWV, ids[tt.from], ids[tt.into], 0, "Zelfde.")
			r.refused(err, fault.Precondition, tt.reason)
			r.same(tt.name+": what is in the way", fault.Of(err).Resource, tt.about)
		}
		r.refused(second(r.Merge(r.Context(), ofUWV, ids["free"], ids["other"], 2, "Zelfde.")), fault.Conflict, "revisie-ingehaald")
		r.same("what is stored", r.joined(), before)
		r.must(second(r.Merge(r.Context(), ofUWV, ids["free"], ids["bundled"], 0, "Zelfde.")))
		r.must(second(r.Unmerge(r.Context(), ofUWV, ids["merged"], 0, "Toch niet.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids["target"], ids["other"], 0, "Zelfde.")))
	},
	"a signal into which others are merged is not withdrawn before that is undone": func(r *rig) {
		r.run(r.Service)
		var ids []string
		for i := range 3 {
			ids = append(ids, r.accept(signal(uwv, fmt.Sprint("S-", i))).Signal.ID)
		}
		into := ids[0]
		for _, id := range ids[1:] {
			r.must(second(r.Merge(r.Context(), ofUWV, id, into, 0, "Zelfde.")))
		}
		slices.Sort(ids[1:])
		for _, id := range ids[1:] {
			before := r.joined()
			_, err := r.Withdraw(r.Context(), ofUWV, into, 0, "Vergissing.")
			r.refused(err, fault.Precondition, "signaal-heeft-dubbele")
			r.same("what is to be undone first", fault.Of(err).Resource, id)
			r.same("what is stored", r.joined(), before)
			r.must(second(r.Unmerge(r.Context(), ofUWV, id, 0, "Toch niet.")))
		}
		r.must(second(r.Withdraw(r.Context(), ofUWV, into, 0, "Vergissing.")))
	},
	"of a merge and a withdrawal of its target at once one is refused": func(r *rig) {
		r.run(r.Service)
		services := r.replicas(2)
		for round := range 10 {
			from := r.accept(signal(uwv, fmt.Sprint("S-from-", round))).Signal.ID
			into := r.accept(signal(uwv, fmt.Sprint("S-into-", round))).Signal.ID
			var failed atomic.Int64
			r.must(atOnce(2, func(i int) error {
				var err error
				if i == round%2 { // so that either comes first now and then
					_, err = services[i].Merge(r.Context(), ofUWV, from, into, 0, "Zelfde.")
				} else {
					_, err = services[i].Withdraw(r.Context(), ofUWV, into, 0, "Vergissing.")
				}
				if fault.Is(err, fault.Precondition) {
					failed.Add(1)
					err = nil
				}
				return err
			}))
			r.same("how many were refused", failed.Load(), int64(1))
		}
	},
	"of merges at once none makes a chain or a circle": func(r *rig) {
		r.run(r.Service)
		services := r.replicas(3)
		for round := range 5 {
			var ids []string
			for i := range 3 {
				ids = append(ids, r.accept(signal(uwv, fmt.Sprintf("S-%d-%d", round, i))).Signal.ID)
			}
			_ = atOnce(6, func(i int) error {
				from, into := ids[i%3], ids[(i+1+i/3)%3] // each into each other
				_, err := services[i%3].Merge(r.Context(), ofUWV, from, into, 0, "Zelfde.")
				if err != nil && !fault.Is(err, fault.Precondition) {
					r.Errorf("%v", err)
				}
				return nil
			})
			merged := 0
			for _, id := range ids {
				s := r.get(id).Signal
				if s.State != signals.Merged {
					continue
				}
				merged++
				if into := r.get(s.MergedInto).Signal; into.State == signals.Merged {
					r.Errorf("%s is merged into %s, which is merged itself", id, into.ID)
				}
			}
			r.same("how many are merged", merged, 2)
		}
	},
	"links and merges folded anew from the ledger are as they are live": func(r *rig) {
		r.run(r.Service)
		var ids []string
		for i := range 6 {
			ids = append(ids, r.accept(signal(uwv, fmt.Sprint("S-", i))).Signal.ID)
		}
		r.triage(ids[1], signals.Finding{Approach: signals.Fix, Note: "Eén geval."})
		for _, i := range []int{1, 2, 3} {
			r.must(second(r.Merge(r.Context(), ofUWV, ids[i], ids[0], 0, "Zelfde.")))
			r.must(r.Link(r.Context(), ofUWV, ids[i], ids[4], true))
		}
		r.must(second(r.Unmerge(r.Context(), ofUWV, ids[2], 0, "Toch niet.")))
		r.must(r.Link(r.Context(), ofUWV, ids[4], ids[2], false))
		places := []signals.Place{{Field: "/titel", First: 1, Last: 4}}
		r.must(second(r.Redact(r.Context(), ofUWV, ids[3], 2, places, "Naam.")))
		r.sequence()
		to := r.moved(r.fresh)
		r.must(second(to.Replay(r.Context())))
		tables := []string{"signal_link", "signal_merge"}
		r.same("the tables", testenv.Rows(r.T, to.db, tables...), testenv.Rows(r.T, r.db, tables...))
		to.run(to.Service)
		for _, i := range []int{1, 3} {
			live, err := r.Unmerge(r.Context(), ofUWV, ids[i], 0, "Toch niet.")
			r.must(err)
			folded, err := to.Unmerge(r.Context(), ofUWV, ids[i], 0, "Toch niet.")
			r.must(err)
			r.same("what it is again", folded.Signal, live.Signal)
		}
	},
}

// joined is all that is stored of signals, of what is linked and merged, and of
// the ledger.
func (r *rig) joined() []string {
	r.Helper()
	return append(r.rows(), testenv.Rows(r.T, r.db, "signal_link", "signal_merge")...)
}

// history is what the ledger holds of a subject, the oldest first.
func (r *rig) history(subject string) []ledger.Sequenced {
	r.Helper()
	all, err := r.Service.Log.History(r.Context(), subject)
	r.must(err)
	return all
}
