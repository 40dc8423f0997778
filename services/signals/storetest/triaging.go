package storetest

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
	"schakel.example/services/signals"
)

// triaging are the cases about what an organisation finds of its signals.
var triaging = map[string]func(*rig){
	"the queue begins with what waits longest, and pages hold each once while others come and go": func(r *rig) {
		r.run(r.Service)
		var want, ids []string
		for i := range 7 {
			ids = append(ids, r.accept(signal(uwv, fmt.Sprintf("S-%d", i))).Signal.ID)
			want = append(want, fmt.Sprintf("S-%d 0", i))
			r.pass(time.Millisecond)
		}
		r.accept(signal(svb, "S-9"))
		for _, size := range []int32{1, 2, 3, 7, 8} {
			r.same(fmt.Sprintf("in pages of %d", size), r.queue(size), want)
		}
		p, err := signals.QueueKind.Parse(3, "")
		r.must(err)
		_, next, err := r.Queue(r.Context(), ofUWV, p)
		r.must(err)
		r.triage(ids[1], signals.Finding{Approach: signals.Fix})
		r.triage(ids[4], signals.Finding{Approach: signals.Fix})
		r.accept(signal(uwv, "S-7"))
		p, err = signals.QueueKind.Parse(9, next)
		r.must(err)
		rest, _, err := r.Queue(r.Context(), ofUWV, p)
		r.must(err)
		r.same("after the first three", references(rest), []string{"S-3 0", "S-5 0", "S-6 0", "S-7 0"})
	},
	"only what nobody looked at waits, and days are those of the calendar": func(r *rig) {
		r.run(r.Service)
		ids := map[string]string{}
		for _, s := range []string{"received", "triaged", "bundled", "withdrawn", "merged", "amended", "split"} {
			ids[s] = r.accept(signal(uwv, s)).Signal.ID
		}
		r.triage(ids["triaged"], signals.Finding{Approach: signals.Fix})
		r.apply(r.opened("B-1", ids["bundled"]))
		r.must(second(r.Withdraw(r.Context(), ofUWV, ids["withdrawn"], 0, "Vergissing.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids["merged"], ids["received"], 0, "Zelfde.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids["split"], ids["received"], 0, "Zelfde.")))
		r.must(second(r.Unmerge(r.Context(), ofUWV, ids["split"], 0, "Toch niet.")))
		content := signal(uwv, "amended")
		content.Title = "Anders"
		r.must(second(r.Amend(r.Context(), ofUWV, ids["amended"], 0, content)))
		r.pass(10 * time.Hour) // eleven in the evening in the Netherlands
		r.sameSet("today", r.queue(9), []string{"received 0", "amended 0", "split 0"})
		r.pass(time.Hour)
		r.sameSet("tomorrow", r.queue(9), []string{"received 1", "amended 1", "split 1"})
	},
	"what is found is the next revision, with an entry and a receipt of its own": func(r *rig) {
		r.run(r.Service)
		first := r.accept(r.whole(uwv, "S-1"))
		r.pass(time.Hour)
		found := signals.Finding{Approach: signals.Fix, Categories: []string{"samenloop", "hardheid"}, Note: "Eén geval."}
		got, err := r.Triage(r.Context(), ofUWV, first.Signal.ID, 1, found)
		r.must(err)
		want := first.Signal
		want.Approach, want.Categories, want.TriageNote = found.Approach, found.Categories, found.Note
		want.State, want.StateAt, want.Revision = signals.Triaged, start.Add(time.Hour), 2
		r.same("the answer", got.Signal, want)
		stored := r.get(first.Signal.ID)
		r.same("what is stored", stored.Signal, want)
		_, err = ledger.VerifyReceipt(got.Receipt, stored.Payload, r.keys)
		r.must(err)
		history, err := r.History(r.Context(), ofUWV, first.Signal.ID)
		r.must(err)
		r.same("the event", history[0].Event, "nl.signalen.signaal-getrieerd.v1")
		again, err := submit(r.Context(), r.Service, r.whole(uwv, "S-1"))
		r.must(err)
		r.same("whether it is known as submitted", again.Repeated, true)
	},
	"triaging again replaces what was found, and finding the same changes nothing": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		found := signals.Finding{Approach: signals.Fix, Categories: []string{"samenloop"}, Note: "Eén geval."}
		r.triage(id, found)
		before := r.rows()
		r.pass(time.Hour)
		again, err := r.Triage(r.Context(), ofUWV, id, 1, found) // the answer was lost, say
		r.must(err)
		r.same("the revision", again.Signal.Revision, 2)
		found.Categories = nil // as they are
		r.triage(id, found)
		r.same("what is stored", r.rows(), before)
		for i, other := range []signals.Finding{
			{Approach: signals.Solve, Note: "Eén geval."}, {Approach: signals.Solve}, {Approach: signals.Solve, Categories: []string{"hardheid"}},
		} {
			got := r.triage(id, other)
			r.same("the revision", got.Signal.Revision, 3+i)
			r.same("since when it is triaged", got.Signal.StateAt, start)
			r.same("what was found", got.Signal.TriageNote, other.Note)
		}
	},
	"what was withdrawn or merged is not triaged, nor is another revision": func(r *rig) {
		r.run(r.Service)
		withdrawn, merged := r.accept(signal(uwv, "S-1")).Signal.ID, r.accept(signal(uwv, "S-2")).Signal.ID
		into := r.accept(signal(uwv, "S-3")).Signal.ID
		r.must(second(r.Withdraw(r.Context(), ofUWV, withdrawn, 0, "Vergissing.")))
		r.must(second(r.Merge(r.Context(), ofUWV, merged, into, 0, "Zelfde.")))
		before := r.rows()
		found := signals.Finding{Approach: signals.Fix}
		r.refused(second(r.Triage(r.Context(), ofUWV, withdrawn, 0, found)), fault.Precondition, "signaal-ingetrokken")
		r.refused(second(r.Triage(r.Context(), ofUWV, merged, 0, found)), fault.Precondition, "signaal-samengevoegd")
		r.refused(second(r.Triage(r.Context(), ofUWV, into, 2, found)), fault.Conflict, "revisie-ingehaald")
		r.same("what is stored", r.rows(), before)
	},
	"a signal that is bundled stays shown so when it is triaged or merged": func(r *rig) {
		r.run(r.Service)
		id, other := r.accept(signal(uwv, "S-1")).Signal.ID, r.accept(signal(uwv, "S-2")).Signal.ID
		merged := r.accept(signal(uwv, "S-3")).Signal.ID
		r.pass(time.Hour)
		r.must(second(r.Merge(r.Context(), ofUWV, merged, other, 0, "Zelfde.")))
		r.pass(time.Hour)
		r.apply(r.opened("B-1", id, merged)) // of the merge letters did not know yet
		at := r.Now()
		r.pass(time.Hour)
		got := r.triage(id, signals.Finding{Approach: signals.Fix})
		r.same("its state", []any{got.Signal.State, got.Signal.StateAt, got.Signal.Bottleneck}, []any{signals.Bundled, at, "B-1"})
		r.same("what is stored", r.get(id).Signal, got.Signal)
		r.same("what is merged", []any{r.get(merged).Signal.State, r.get(merged).Signal.StateAt}, []any{signals.Merged, start.Add(time.Hour)})
		split, err := r.Unmerge(r.Context(), ofUWV, merged, 0, "Toch niet.")
		r.must(err)
		r.same("once it is split", []any{split.Signal.State, split.Signal.StateAt, split.Signal.Bottleneck}, []any{signals.Bundled, at, "B-1"})
		r.same("what is stored", r.get(merged).Signal, split.Signal)
		r.refused(second(r.Merge(r.Context(), ofUWV, id, other, 0, "Zelfde.")), fault.Precondition, "signaal-gebundeld")
	},
	"what is alike stands beside a signal: what is linked first, and then what resembles it most": func(r *rig) {
		r.run(r.Service)
		one := r.accept(on(signal(uwv, "S-1"), wia76)).Signal.ID
		same := on(signal(uwv, "S-same"), wia76)
		words := on(signal(uwv, "S-words"), wia76)
		words.Title, words.Description = "Telefoon onbereikbaar", "Wie belt, wacht lang."
		category := on(signal(uwv, "S-category"), wia76)
		category.Categories, category.Title, category.Description = []string{"samenloop"}, words.Title, words.Description
		linked := signal(uwv, "S-linked")
		linked.Categories, linked.Title, linked.Description = category.Categories, words.Title, words.Description
		elsewhere, foreign := on(signal(uwv, "S-elsewhere"), wia77), on(signal(svb, "S-foreign"), wia76)
		gone, merged := on(signal(uwv, "S-gone"), wia76), on(signal(uwv, "S-merged"), wia76)
		ids := map[string]string{}
		for _, s := range []signals.Signal{same, words, category, linked, elsewhere, foreign, gone, merged} {
			ids[s.ExternalReference] = r.accept(s).Signal.ID
		}
		r.must(second(r.Withdraw(r.Context(), ofUWV, ids["S-gone"], 0, "Vergissing.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids["S-merged"], one, 0, "Zelfde.")))
		r.must(r.Link(r.Context(), ofUWV, ids["S-linked"], one, true))
		r.own().apply()
		all, err := r.Related(r.Context(), ofUWV, one)
		r.must(err)
		var got []string
		for _, other := range all {
			got = append(got, fmt.Sprintf("%s %v %d", other.Signal.ExternalReference, other.Linked, other.Likeness))
		}
		r.same("beside it", got, []string{"S-linked true 0", "S-same false 100", "S-words false 67", "S-category false 44"})
		queue, _, err := r.Queue(r.Context(), ofUWV, page.Page{Size: 1})
		r.must(err)
		r.same("beside it in the queue", len(queue[0].Related), 4)
	},
	"few of many that are alike stand beside a signal": func(r *rig) {
		var given []signals.Signal
		for range 60 {
			given = append(given, on(signal(uwv, uuid.NewString()), wia76))
		}
		all := r.together(given...)
		r.own().apply()
		related, err := r.Related(r.Context(), ofUWV, all[0].Signal.ID)
		r.must(err)
		r.same("beside one", len(related), 50)
		queue, _, err := r.Queue(r.Context(), ofUWV, page.Page{Size: 60})
		r.must(err)
		for _, w := range queue {
			r.same("beside one in the queue", len(w.Related), 5)
		}
	},
	"what another organisation has is not there to triage, link or merge": func(r *rig) {
		r.run(r.Service)
		id, other := r.accept(signal(uwv, "S-1")).Signal.ID, r.accept(signal(uwv, "S-2")).Signal.ID
		own := r.accept(signal(svb, "S-1")).Signal.ID
		r.must(r.Link(r.Context(), ofUWV, id, other, true))
		before := r.rows()
		for what, try := range map[string]func(id string) error{
			"Triage": func(id string) error {
				return second(r.Triage(r.Context(), ofSVB, id, 0, signals.Finding{Approach: signals.Fix}))
			},
			"Related":    func(id string) error { return second(r.Related(r.Context(), ofSVB, id)) },
			"Link":       func(id string) error { return r.Link(r.Context(), ofSVB, id, own, true) },
			"Link to":    func(id string) error { return r.Link(r.Context(), ofSVB, own, id, true) },
			"Unlink":     func(id string) error { return r.Link(r.Context(), ofSVB, id, other, false) },
			"Merge":      func(id string) error { return second(r.Merge(r.Context(), ofSVB, id, own, 0, "Zelfde.")) },
			"Merge into": func(id string) error { return second(r.Merge(r.Context(), ofSVB, own, id, 0, "Zelfde.")) },
			"Unmerge":    func(id string) error { return second(r.Unmerge(r.Context(), ofSVB, id, 0, "Toch niet.")) },
		} {
			foreign, missing := try(id), try(uuid.NewString())
			r.refused(foreign, fault.NotFound, "onbekend-signaal")
			r.same(what, fmt.Sprintf("%#v", fault.Of(foreign)), fmt.Sprintf("%#v", fault.Of(missing)))
		}
		r.same("what is stored", r.rows(), before)
		for _, grant := range []struct{ queue []signals.Waiting }{{first(r.Queue(r.Context(), public, page.Page{Size: 9}))}, {first(r.Queue(r.Context(), nobody, page.Page{Size: 9}))}} {
			r.same("the queue of a stranger", len(grant.queue), 0)
		}
	},
}

func first[T, U any](t T, _ U, _ error) T { return t }

// Two articles.
const (
	wia76 = "jci1.3:c:BWBR0019057&artikel=76&lid=1"
	wia77 = "jci1.3:c:BWBR0019057&artikel=77"
	wia79 = "jci1.3:c:BWBR0019057&artikel=79"
	wia80 = "jci1.3:c:BWBR0019057&artikel=80"
)

// on lets a signal point at rules.
func on(s signals.Signal, rules ...string) signals.Signal {
	s.Provisions = nil
	for _, rule := range rules {
		p, err := reference.ParseProvision(reference.ProvisionJCI, rule)
		if err != nil {
			panic(err)
		}
		s.Provisions = append(s.Provisions, p)
	}
	return s
}

// triage triages a signal of UWV, whatever its revision.
func (r *rig) triage(id string, found signals.Finding) signals.Revision {
	r.Helper()
	got, err := r.Triage(r.Context(), ofUWV, id, 0, found)
	r.must(err)
	return got
}

// queue reads what waits at UWV, a page at a time: references and days.
func (r *rig) queue(size int32) (all []string) {
	r.Helper()
	for token := ""; ; {
		p, err := signals.QueueKind.Parse(size, token)
		r.must(err)
		var some []signals.Waiting
		some, token, err = r.Queue(r.Context(), ofUWV, p)
		r.must(err)
		all = append(all, references(some)...)
		if token == "" || len(all) > 10_000 {
			return all
		}
	}
}

func references(all []signals.Waiting) (out []string) {
	for _, w := range all {
		out = append(out, fmt.Sprint(w.Signal.ExternalReference, " ", w.Days))
	}
	return out
}

// sameSet compares what is with what was meant, in whatever order.
func (r *rig) sameSet(what string, got, want []string) {
	r.Helper()
	set := func(all []string) map[string]int {
		n := map[string]int{}
		for _, one := range all {
			n[one]++
		}
		return n
	}
	r.same(what, set(got), set(want))
}

// ownApplier applies the own ledger of a rig, as a queue.Applier would.
type ownApplier struct {
	*rig
	at       int64
	oneByOne bool // or else together, those that are there
}

// own begins to apply the own ledger from its first entry.
func (r *rig) own() *ownApplier { return &ownApplier{rig: r} }

// apply applies what was written since, and what is written by it.
func (a *ownApplier) apply() {
	a.Helper()
	for {
		a.sequence()
		entries, err := a.Service.Log.Entries(a.Context(), a.at, 500)
		a.must(err)
		if len(entries) == 0 {
			return
		}
		a.must(a.db.Write(a.Context(), func(tx *sqldb.Tx) error { return a.fold(tx, entries) }))
		a.at += int64(len(entries))
	}
}

func (a *ownApplier) fold(tx *sqldb.Tx, entries []ledger.Sequenced) error {
	var all []queue.Message
	for _, e := range entries {
		all = append(all, queue.Message{Index: e.Index, Payload: e.Payload, Erased: e.Erased})
	}
	if !a.oneByOne {
		return a.ProposeAll(a.Context(), tx, all)
	}
	for _, m := range all {
		if err := a.Propose(a.Context(), tx, m); err != nil {
			return err
		}
	}
	return nil
}
