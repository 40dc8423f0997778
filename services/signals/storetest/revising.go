package storetest

import (
	"sort"
	"strings"
	"sync"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/signals"
)

// revising are the cases about what happens to a signal after it was accepted.
var revising = map[string]func(*rig){
	"an amendment is the next revision, with an entry and a receipt of its own": func(r *rig) {
		r.run(r.Service)
		first := r.accept(r.whole(uwv, "S-1"))
		r.pass(time.Hour)
		content := r.whole(uwv, "S-1")
		content.Title, content.AmendmentReason, content.Confidentiality = "Nieuwe titel", "Titel verduidelijkt.", 3
		got, err := r.Amend(r.Context(), ofUWV, first.Signal.ID, 1, content)
		r.must(err)
		want := content
		want.ID, want.Revision, want.State = first.Signal.ID, 2, signals.Received
		want.ReceivedAt, want.StateAt = start, start
		r.same("the answer", got.Signal, want)
		stored := r.get(first.Signal.ID)
		r.same("what is stored", stored.Signal, want)
		_, err = ledger.VerifyReceipt(got.Receipt, stored.Payload, r.keys)
		r.must(err)
		history, err := r.History(r.Context(), ofUWV, first.Signal.ID)
		r.must(err)
		r.same("the events", []string{history[0].Event, history[1].Event},
			[]string{"nl.signalen.signaal-gewijzigd.v1", "nl.signalen.signaal-ingediend.v1"})
		r.same("what it said before", history[1].Signal.Title, first.Signal.Title)
		r.same("when", []time.Time{history[0].At, history[1].At}, []time.Time{start.Add(time.Hour), start})
		old, err := r.Receipt(r.Context(), ofUWV, first.Signal.ID, 1)
		r.must(err)
		r.same("the receipt of the first revision", old.Receipt, first.Receipt)
	},
	"whatever was accepted has room for what comes later": func(r *rig) {
		r.run(r.Service)
		// The largest that is accepted, and texts that are as long as they may be.
		large, long := r.whole(uwv, "S-1"), strings.Repeat("🌷", 1000)
		sized := func(n int) signals.Signal {
			large.Description = strings.Repeat("x", n)
			return large
		}
		n := sort.Search(ledger.MaxPayload, func(n int) bool {
			_, err := r.Submit(r.Context(), ofUWV, signals.Incoming{Signal: sized(n), Trial: true})
			return err != nil
		})
		_, err := submit(r.Context(), r.Service, sized(n))
		r.refused(err, fault.Invalid, "signaal-te-groot")
		id := r.accept(sized(n - 1)).Signal.ID
		into := r.accept(signal(uwv, "S-2")).Signal.ID
		_, err = r.Amend(r.Context(), ofUWV, id, 0, sized(n))
		r.refused(err, fault.Invalid, "signaal-te-groot")
		other := sized(n - 1)
		other.Title, other.AmendmentReason = strings.ToUpper(other.Title), long
		r.must(second(r.Amend(r.Context(), ofUWV, id, 0, other)))
		r.triage(id, signals.Finding{Approach: signals.Fix, Note: long, Categories: []string{
			"gegevensuitwisseling", "financiering", "hardheid", "complexiteit", "rechtmatigheid",
		}})
		r.must(second(r.Merge(r.Context(), ofUWV, id, into, 0, long)))
		r.must(second(r.Unmerge(r.Context(), ofUWV, id, 0, long)))
		r.must(second(r.Withdraw(r.Context(), ofUWV, id, 0, long)))
	},
	"amending to what it says already changes nothing": func(r *rig) {
		r.run(r.Service)
		first := r.accept(r.whole(uwv, "S-1"))
		content := r.whole(uwv, "S-1")
		content.Title, content.AmendmentReason = "Nieuwe titel", "Titel verduidelijkt."
		_, err := r.Amend(r.Context(), ofUWV, first.Signal.ID, 1, content)
		r.must(err)
		before := r.rows()
		again, err := r.Amend(r.Context(), ofUWV, first.Signal.ID, 1, content) // the answer was lost, say
		r.must(err)
		r.same("the revision", again.Signal.Revision, 2)
		r.same("what is stored", r.rows(), before)
	},
	"of another revision than the expected one nothing is changed": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		before := r.rows()
		content := signal(uwv, "S-1")
		content.Title = "Nieuwe titel"
		_, err := r.Amend(r.Context(), ofUWV, id, 2, content)
		r.refused(err, fault.Conflict, "revisie-ingehaald")
		_, err = r.Withdraw(r.Context(), ofUWV, id, 2, "Vergissing.")
		r.refused(err, fault.Conflict, "revisie-ingehaald")
		r.same("what is stored", r.rows(), before)
	},
	"of amendments to one revision at once one holds": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		var done sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			done.Go(func() {
				content := signal(uwv, "S-1")
				content.Title = string(rune('A' + i))
				_, errs[i] = r.Amend(r.Context(), ofUWV, id, 1, content)
			})
		}
		done.Wait()
		good := 0
		for _, err := range errs {
			if err == nil {
				good++
				continue
			}
			r.refused(err, fault.Conflict, "revisie-ingehaald")
		}
		r.same("how many hold", good, 1)
		r.same("the revision", r.get(id).Signal.Revision, 2)
	},
	"what was submitted and what it says now are repetitions, anything else a conflict": func(r *rig) {
		r.run(r.Service)
		first := r.accept(signal(uwv, "S-1"))
		content := signal(uwv, "S-1")
		content.Title, content.AmendmentReason = "Nieuwe titel", "Titel verduidelijkt."
		_, err := r.Amend(r.Context(), ofUWV, first.Signal.ID, 1, content)
		r.must(err)
		content.AmendmentReason = ""
		for _, same := range []signals.Signal{signal(uwv, "S-1"), content} {
			again, err := submit(r.Context(), r.Service, same)
			r.must(err)
			r.same("repeated", again.Repeated, true)
			r.same("the signal", again.Signal.Title, "Nieuwe titel")
			r.same("the receipt of acceptance", again.Receipt, first.Receipt)
		}
		content.Title = "Nog een titel"
		_, err = submit(r.Context(), r.Service, content)
		r.refused(err, fault.Conflict, "kenmerk-bezet")
	},
	"a signal that was withdrawn stays, and changes no more": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		r.pass(time.Hour)
		got, err := r.Withdraw(r.Context(), ofUWV, id, 0, "Dubbel ingediend.")
		r.must(err)
		r.same("its state", got.Signal.State, signals.Withdrawn)
		r.same("since when", got.Signal.StateAt, start.Add(time.Hour))
		r.same("why", got.Signal.WithdrawalReason, "Dubbel ingediend.")
		before := r.rows()
		again, err := r.Withdraw(r.Context(), ofUWV, id, 1, "Dubbel ingediend.")
		r.must(err)
		r.same("the answer", again, got)
		_, err = r.Withdraw(r.Context(), ofUWV, id, 0, "Anders.")
		r.refused(err, fault.Precondition, "signaal-ingetrokken")
		content := signal(uwv, "S-1")
		content.Title = "Nieuwe titel"
		_, err = r.Amend(r.Context(), ofUWV, id, 0, content)
		r.refused(err, fault.Precondition, "signaal-ingetrokken")
		r.same("what is stored", r.rows(), before)
	},
	"another organisation's signal is not there to change": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		before := r.rows()
		for _, grant := range []struct{ id string }{{id}, {r.NewID()}} {
			_, err := r.Amend(r.Context(), ofSVB, grant.id, 0, signal(uwv, "S-1"))
			r.refused(err, fault.NotFound, "onbekend-signaal")
			_, err = r.Withdraw(r.Context(), ofSVB, grant.id, 0, "Vergissing.")
			r.refused(err, fault.NotFound, "onbekend-signaal")
			_, err = r.History(r.Context(), ofSVB, grant.id)
			r.refused(err, fault.NotFound, "onbekend-signaal")
			_, err = r.Receipt(r.Context(), ofSVB, grant.id, 1)
			r.refused(err, fault.NotFound, "onbekend-signaal")
		}
		r.same("what is stored", r.rows(), before)
	},
	"an amended ledger folds to the same tables": func(r *rig) {
		r.run(r.Service)
		one, two := r.accept(r.whole(uwv, "S-1")).Signal.ID, r.accept(signal(uwv, "S-2")).Signal.ID
		content := r.whole(uwv, "S-1")
		content.Title, content.AmendmentReason, content.Severity = "Nieuwe titel", "Titel verduidelijkt.", 4
		_, err := r.Amend(r.Context(), ofUWV, one, 1, content)
		r.must(err)
		_, err = r.Withdraw(r.Context(), ofUWV, two, 0, "Dubbel ingediend.")
		r.must(err)
		r.sequence()
		to := r.moved(r.fresh)
		_, err = to.Replay(r.Context())
		r.must(err)
		for _, id := range []string{one, two} {
			r.same("what is stored", to.get(id), r.get(id))
		}
		again, err := submit(r.Context(), r.Service, r.whole(uwv, "S-1"))
		r.must(err)
		r.same("repeated", again.Repeated, true)
	},
}
