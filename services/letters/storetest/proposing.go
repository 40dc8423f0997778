package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/queue"
	"schakel.example/services/letters"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// sandbox is an organisation for trying out.
const sandbox = "urn:nld:oin:00000099000000001000"

// proposing are the cases about bottlenecks that signals suggest.
var proposing = map[string]func(*rig){
	"a proposal is known once its event came, and no less when it comes again": func(r *rig) {
		id, ids := r.NewID(), r.signals(uwv, 5)
		event := r.proposed(id, uwv, ids...)
		at := r.Now()
		r.pass(time.Minute)
		r.apply(event)
		want := letters.Proposal{
			ID: id, Organisation: uwv, Category: "hardheid", Provision: r.bottleneck(uwv, "K").Provisions[0], Signals: ids,
			Threshold: 5, WindowDays: 365, ProposedAt: at, State: letters.ProposalOpen, StateAt: at,
		}
		r.same("what is read", r.proposal(id), want)
		rows := r.rows()
		r.apply(event, r.proposed(id, uwv, ids[0]))
		r.same("what is stored", r.rows(), rows)
	},
	"a proposal is rejected with a reason, once": func(r *rig) {
		id := r.propose(uwv, 3)
		r.pass(time.Hour)
		got, err := r.RejectProposal(r.Context(), ofUWV, id, "Al opgelost.")
		r.must(err)
		want := got
		want.State, want.StateAt, want.Reason = letters.ProposalRejected, r.Now(), "Al opgelost."
		r.same("the answer", got, want)
		r.same("what is stored", r.proposal(id), want)
		entries, err := r.Service.Log.History(r.Context(), id)
		r.must(err)
		r.same("the entries", len(entries), 1)
		event, err := ledger.Parse(entries[0].Payload)
		r.must(err)
		r.same("the event", []string{event.Type, event.Subject, event.Organisation}, []string{"nl.knelpunten.voorstel-afgewezen.v1", id, uwv})
		rows := r.rows()
		r.pass(time.Hour)
		again, err := r.RejectProposal(r.Context(), ofUWV, id, "Al opgelost.")
		r.must(err)
		r.same("the same again", again, want)
		r.refused(second(r.RejectProposal(r.Context(), ofUWV, id, "Anders.")), fault.Precondition, "voorstel-afgewezen")
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, r.of(id, "K-1", r.proposal(id).Signals...))),
			fault.Precondition, "voorstel-afgewezen", "bottleneck.proposal voorstel-afgewezen")
		r.same("what is stored", r.rows(), rows)
	},
	"a bottleneck that names a proposal accepts it, once": func(r *rig) {
		id := r.propose(uwv, 3)
		p := r.proposal(id)
		r.pass(time.Hour)
		given := r.of(id, "K-1", p.Signals[:2]...)
		opened, before, err := r.OpenBottleneck(r.Context(), ofUWV, given)
		r.must(err)
		r.same("whether it was there", before, false)
		r.same("what it names", opened.Proposal, id)
		r.same("what is stored", r.dossier(opened.ID).Proposal, id)
		p.State, p.StateAt, p.Bottleneck = letters.ProposalAccepted, r.Now(), opened.ID
		r.same("the proposal", r.proposal(id), p)
		rows := r.rows()
		again, before, err := r.OpenBottleneck(r.Context(), ofUWV, given)
		r.must(err)
		r.same("the same again", again, opened)
		r.same("whether it was there", before, true)
		other := given
		other.Proposal = ""
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, other)), fault.Conflict, "kenmerk-bezet")
		err = third(r.OpenBottleneck(r.Context(), ofUWV, r.of(id, "K-2", p.Signals[2])))
		r.refused(err, fault.Precondition, "voorstel-aanvaard", "bottleneck.proposal voorstel-aanvaard")
		r.same("what is in the way", fault.Of(err).Resource, opened.ID)
		err = second(r.RejectProposal(r.Context(), ofUWV, id, "Toch niet."))
		r.refused(err, fault.Precondition, "voorstel-aanvaard")
		r.same("what is in the way", fault.Of(err).Resource, opened.ID)
		r.same("what is stored", r.rows(), rows)
	},
	"of many who decide at once on a proposal one does": func(r *rig) {
		for round := range 3 {
			id := r.propose(uwv, 8)
			ids := r.proposal(id).Signals
			replicas := r.replicas(2)
			var good [8]bool
			_ = atOnce(8, func(i int) error {
				var err error
				if s := replicas[i%2]; i < 4 {
					_, err = s.RejectProposal(r.Context(), ofUWV, id, fmt.Sprint("Reden ", i))
				} else {
					_, _, err = s.OpenBottleneck(r.Context(), ofUWV, r.of(id, fmt.Sprintf("K-%d-%d", round, i), ids[i]))
				}
				good[i] = err == nil
				if err != nil && !fault.Is(err, fault.Precondition) {
					r.Errorf("%v", err)
				}
				return nil
			})
			n := 0
			for _, ok := range good {
				if ok {
					n++
				}
			}
			r.same("how many decided", n, 1)
		}
	},
	"what another organisation's signals suggest is as if it were not there": func(r *rig) {
		id := r.propose(uwv, 2)
		for name, grant := range strangers() {
			for what, err := range map[string]error{
				"GetProposal":    second(r.GetProposal(r.Context(), grant, id)),
				"RejectProposal": second(r.RejectProposal(r.Context(), grant, id, "Nee.")),
			} {
				r.refused(err, fault.NotFound, "onbekend-voorstel")
				missing := second(r.GetProposal(r.Context(), grant, uuid.NewString()))
				r.same(name+": "+what, fault.Of(err).Text, fault.Of(missing).Text)
			}
			for _, f := range []letters.ProposalFilter{{}, {Organisation: uwv}, {States: []letters.ProposalState{letters.ProposalOpen}}} {
				r.same(name+" lists", r.listed(grant, f, 9), []string(nil))
			}
		}
		own := r.signals(svb, 1)
		for _, of := range []string{id, uuid.NewString()} {
			given := r.of(of, "K-1", own...)
			given.Organisation = svb
			for _, grant := range []access.Grant{ofSVB, overseer} { // who reaches both, too
				r.refused(third(r.OpenBottleneck(r.Context(), grant, given)), fault.Invalid, "onbekend-voorstel", "bottleneck.proposal onbekend-voorstel")
			}
		}
		r.same("the organisation itself", r.listed(ofUWV, letters.ProposalFilter{}, 9), []string{id})
		r.same("who oversees", r.listed(overseer, letters.ProposalFilter{Organisation: uwv}, 9), []string{id})
	},
	"proposals are listed with the newest first, by what became of them": func(r *rig) {
		var want []string
		for range 5 {
			want = append(want, r.propose(uwv, 1))
			r.pass(time.Second)
		}
		r.propose(svb, 1)
		slices.Reverse(want)
		for _, size := range []int{1, 2, 5, 6} {
			r.same(fmt.Sprintf("in pages of %d", size), r.listed(ofUWV, letters.ProposalFilter{}, size), want)
		}
		r.must(second(r.RejectProposal(r.Context(), ofUWV, want[0], "Nee.")))
		r.must(third(r.OpenBottleneck(r.Context(), ofUWV, r.of(want[1], "K-1", r.proposal(want[1]).Signals...))))
		for state, of := range map[letters.ProposalState][]string{
			letters.ProposalOpen: want[2:], letters.ProposalRejected: want[:1], letters.ProposalAccepted: want[1:2],
		} {
			r.same("of one state", r.listed(ofUWV, letters.ProposalFilter{States: []letters.ProposalState{state}}, 9), of)
		}
		r.same("of two", r.listed(ofUWV, letters.ProposalFilter{States: []letters.ProposalState{letters.ProposalAccepted, letters.ProposalRejected}}, 1), want[:2])
	},
	"every signal that no longer stands is named, and all that is wrong at once": func(r *rig) {
		free, bundled := r.signals(uwv, 3), r.open("K-0", 1).Signals
		withdrawn, merged := r.signals(uwv, 1)[0], r.signals(uwv, 1)[0]
		r.apply(r.became(withdrawn, 2, signalsv1.SignalState_SIGNAL_STATE_INGETROKKEN), r.became(merged, 2, signalsv1.SignalState_SIGNAL_STATE_SAMENGEVOEGD))
		rows := r.rows()
		given := r.bottleneck(uwv, "K-1", free[0], withdrawn, bundled[0], merged)
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, given)), fault.Precondition, "signalen-vervallen",
			"bottleneck.signals[1] ingetrokken", "bottleneck.signals[2] al-gebundeld", "bottleneck.signals[3] samengevoegd")
		given.Signals, given.Proposal = []string{uuid.NewString(), merged}, uuid.NewString()
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, given)), fault.Invalid, "onbekende-signalen",
			"bottleneck.signals[0] onbekend-signaal", "bottleneck.signals[1] samengevoegd", "bottleneck.proposal onbekend-voorstel")
		given.Signals = []string{merged}
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, given)), fault.Invalid, "onbekend-voorstel",
			"bottleneck.proposal onbekend-voorstel", "bottleneck.signals[0] samengevoegd")
		r.same("what is stored", r.rows(), rows)
		r.apply(r.became(merged, 3, signalsv1.SignalState_SIGNAL_STATE_GETRIEERD))
		r.must(third(r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-1", merged, free[0]))))
	},
	"a state that was overtaken does not come back": func(r *rig) {
		id := r.signals(uwv, 1)[0]
		merged, split := r.became(id, 2, signalsv1.SignalState_SIGNAL_STATE_SAMENGEVOEGD), r.became(id, 3, signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN)
		r.apply(merged, split)
		rows := r.rows()
		r.apply(merged, split, r.submitted(id, uwv))
		r.same("what is stored", r.rows(), rows)
	},
	"a signal of which nothing but its redaction is left is known as it is": func(r *rig) {
		redacted := func(id string, state signalsv1.SignalState) queue.Message {
			return r.event(id, &eventsv1.SignalRedacted{Ground: "Naam.", Signal: &signalsv1.Signal{Id: id, Organisation: uwv, Revision: 4, State: state}})
		}
		stands, withdrawn := r.NewID(), r.NewID()
		r.apply(redacted(stands, signalsv1.SignalState_SIGNAL_STATE_GETRIEERD), redacted(withdrawn, signalsv1.SignalState_SIGNAL_STATE_INGETROKKEN))
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-1", stands, withdrawn))), fault.Precondition,
			"signalen-vervallen", "bottleneck.signals[1] ingetrokken")
		r.must(third(r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-1", stands))))
	},
	"a protected signal is bundled as any other": func(r *rig) {
		id := r.NewID()
		r.apply(r.event(id, &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{
			Id: id, Organisation: uwv, Protected: true, Revision: 1, State: signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN, ReceivedAt: refproto.Timestamp(r.Now()),
		}}))
		r.must(third(r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-1", id))))
	},
	"nothing of a sandbox is known here": func(r *rig) {
		id := r.NewID()
		r.apply(r.submitted(id, sandbox), r.became(r.NewID(), 2, signalsv1.SignalState_SIGNAL_STATE_GETRIEERD, sandbox), r.proposed(r.NewID(), sandbox, id))
		r.same("what is stored", r.rows(), []string(nil))
	},
	"proposals of a closed database are unavailable, and of a call that was given up as such": func(r *rig) {
		id := r.propose(uwv, 1)
		calls := func(ctx context.Context) map[string]error {
			return map[string]error{
				"GetProposal":    second(r.GetProposal(ctx, ofUWV, id)),
				"ListProposals":  third(r.ListProposals(ctx, ofUWV, letters.ProposalFilter{})),
				"RejectProposal": second(r.RejectProposal(ctx, ofUWV, id, "Nee.")),
			}
		}
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		for what, err := range calls(ctx) {
			if !errors.Is(err, ctx.Err()) {
				r.Errorf("%s: %v", what, err)
			}
		}
		r.must(r.db.Close())
		for what, err := range calls(r.Context()) {
			if !fault.Is(err, fault.Unavailable) {
				r.Errorf("%s: %v", what, err)
			}
		}
	},
}

// proposed is the message of a proposal of an organisation's signals, made now.
func (r *rig) proposed(id, organisation string, signals ...string) queue.Message {
	r.Helper()
	return r.event(id, &eventsv1.BottleneckProposed{
		Proposal: id, Organisation: organisation, Category: "hardheid", Signals: signals,
		Provision:  refproto.Provisions([]reference.Provision{r.bottleneck(uwv, "K").Provisions[0]})[0],
		Rule:       &signalsv1.TriageRule{Organisation: organisation, Category: "hardheid", Threshold: 5, WindowDays: 365, Preset: true},
		ProposedAt: refproto.Timestamp(r.Now()),
	})
}

// propose makes a proposal of so many new signals known.
func (r *rig) propose(organisation string, n int) string {
	r.Helper()
	id := r.NewID()
	r.apply(r.proposed(id, organisation, r.signals(organisation, n)...))
	return id
}

// became is the message of a revision of a signal, of UWV unless it is said, that
// brought it in a state.
func (r *rig) became(id string, revision int32, state signalsv1.SignalState, of ...string) queue.Message {
	r.Helper()
	organisation := append(of, uwv)[0]
	return r.event(id, &eventsv1.SignalTriaged{Signal: &signalsv1.Signal{Id: id, Organisation: organisation, Revision: revision, State: state}})
}

// of is a bottleneck of UWV that names a proposal.
func (r *rig) of(proposal, kenmerk string, ids ...string) letters.Bottleneck {
	r.Helper()
	b := r.bottleneck(uwv, kenmerk, ids...)
	b.Proposal = proposal
	return b
}

// proposal reads a proposal.
func (r *rig) proposal(id string) letters.Proposal {
	r.Helper()
	p, err := r.GetProposal(r.Context(), overseer, id)
	r.must(err)
	return p
}

// listed reads the ids of all proposals that a grant sees under a filter, a page
// at a time.
func (r *rig) listed(grant access.Grant, f letters.ProposalFilter, size int) (all []string) {
	r.Helper()
	for token := ""; ; {
		var err error
		f.Page, err = page.Parse(int32(size), token)
		r.must(err)
		var some []letters.Proposal
		some, token, err = r.ListProposals(r.Context(), grant, f)
		r.must(err)
		for _, p := range some {
			all = append(all, p.ID)
		}
		if token == "" || len(all) > 10_000 {
			return all
		}
	}
}
