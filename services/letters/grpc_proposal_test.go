package letters_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/fault"
)

// suggestion is the proposal of a bed, as nobody decided on it.
func (b bed) suggestion() *lettersv1.Proposal {
	return &lettersv1.Proposal{
		Id: b.suggested, Organisation: uwv, Category: "hardheid", Provision: jci("jci1.3:c:BWBR0019057&artikel=76"), Signals: b.known,
		Threshold: 3, WindowDays: 30, ProposedAt: timestamppb.New(now),
		State: lettersv1.ProposalState_PROPOSAL_STATE_OPEN, StateAt: timestamppb.New(now),
	}
}

func (b bed) same(what string, got, want proto.Message) {
	b.Helper()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		b.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAProposalIsShownToItsOrganisationAlone(t *testing.T) {
	t.Parallel()
	b := serve(t)
	got, err := b.proposals.GetProposal(b.as(uwv), &lettersv1.GetProposalRequest{Id: b.suggested})
	b.must(err)
	b.same("the proposal", got.GetProposal(), b.suggestion())
	listed, err := b.proposals.ListProposals(b.as(uwv), &lettersv1.ListProposalsRequest{
		PageSize: 1, Organisation: uwv, States: []lettersv1.ProposalState{lettersv1.ProposalState_PROPOSAL_STATE_OPEN},
	})
	b.must(err)
	b.same("the list", listed, &lettersv1.ListProposalsResponse{Proposals: []*lettersv1.Proposal{b.suggestion()}})
	for _, other := range []string{szw, tooi + "zbo/zb000143"} {
		_, err = b.proposals.GetProposal(b.as(other), &lettersv1.GetProposalRequest{Id: b.suggested})
		b.refused(err, fault.NotFound, "onbekend-voorstel")
		listed, err = b.proposals.ListProposals(b.as(other), &lettersv1.ListProposalsRequest{})
		b.must(err)
		b.same("the list of another", listed, &lettersv1.ListProposalsResponse{})
	}
}

func TestAProposalIsRejectedOverTheWire(t *testing.T) {
	t.Parallel()
	b := serve(t)
	got, err := b.proposals.RejectProposal(b.as(uwv), &lettersv1.RejectProposalRequest{Id: b.suggested, Reason: "Al opgelost."})
	b.must(err)
	want := b.suggestion()
	want.State, want.Reason = lettersv1.ProposalState_PROPOSAL_STATE_AFGEWEZEN, "Al opgelost."
	b.same("the answer", got.GetProposal(), want)
	_, err = b.proposals.RejectProposal(b.as(uwv), &lettersv1.RejectProposalRequest{Id: b.suggested, Reason: "Anders."})
	b.refused(err, fault.Precondition, "voorstel-afgewezen")
	_, err = b.proposals.RejectProposal(b.as(uwv), &lettersv1.RejectProposalRequest{Id: b.suggested})
	b.refused(err, fault.Invalid, "ongeldige-invoer", "reason required")
	m := bottleneckMessage(b.known...)
	m.Proposal = b.suggested
	_, err = b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{Bottleneck: m})
	b.refused(err, fault.Precondition, "voorstel-afgewezen", "bottleneck.proposal voorstel-afgewezen")
}

func TestABottleneckAcceptsTheProposalThatItNames(t *testing.T) {
	t.Parallel()
	b := serve(t)
	m := bottleneckMessage(b.known...)
	m.Proposal = "K-1"
	_, err := b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{Bottleneck: m})
	b.refused(err, fault.Invalid, "ongeldige-invoer", "bottleneck.proposal string-uuid")
	m.Proposal = b.known[0] // no proposal
	_, err = b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{Bottleneck: m})
	b.refused(err, fault.Invalid, "onbekend-voorstel", "bottleneck.proposal onbekend-voorstel")
	m.Proposal = b.suggested
	opened, err := b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{Bottleneck: m})
	b.must(err)
	if got := opened.GetBottleneck().GetProposal(); got != b.suggested {
		t.Errorf("it comes of %q", got)
	}
	got, err := b.proposals.GetProposal(b.as(uwv), &lettersv1.GetProposalRequest{Id: b.suggested})
	b.must(err)
	want := b.suggestion()
	want.State, want.Bottleneck = lettersv1.ProposalState_PROPOSAL_STATE_AANVAARD, opened.GetBottleneck().GetId()
	b.same("the proposal", got.GetProposal(), want)
	_, err = b.proposals.RejectProposal(b.as(uwv), &lettersv1.RejectProposalRequest{Id: b.suggested, Reason: "Toch niet."})
	b.refused(err, fault.Precondition, "voorstel-aanvaard")

	// The department sees what is put to it, and not what suggested it.
	l, err := b.letters.DraftLetter(b.as(uwv), &lettersv1.DraftLetterRequest{Letter: letterMessage(opened.GetBottleneck().GetId())})
	b.must(err)
	_, err = b.letters.AdoptLetter(b.as(uwv), &lettersv1.AdoptLetterRequest{Id: l.GetLetter().GetId(), AdoptedBy: board()})
	b.must(err)
	_, err = b.letters.SendLetter(b.as(uwv), &lettersv1.SendLetterRequest{Id: l.GetLetter().GetId()})
	b.must(err)
	shown, err := b.bottlenecks.GetBottleneck(b.as(szw), &lettersv1.GetBottleneckRequest{Id: opened.GetBottleneck().GetId()})
	b.must(err)
	if m := shown.GetBottleneck(); m.GetProposal() != "" || m.GetSignals() != nil {
		t.Errorf("the department sees %v", m)
	}
}
