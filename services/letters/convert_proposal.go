package letters

import (
	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

func proposalToProto(p Proposal) *lettersv1.Proposal {
	return &lettersv1.Proposal{
		Id: p.ID, Organisation: p.Organisation, Category: p.Category,
		Provision: refproto.Provisions([]reference.Provision{p.Provision})[0],
		Signals:   p.Signals, Threshold: int32(p.Threshold), WindowDays: int32(p.WindowDays),
		ProposedAt: refproto.Timestamp(p.ProposedAt),
		State:      lettersv1.ProposalState(p.State), StateAt: refproto.Timestamp(p.StateAt),
		Bottleneck: p.Bottleneck, Reason: p.Reason,
	}
}

// proposalFrom reads a proposal as signals tell of it.
func proposalFrom(m *eventsv1.BottleneckProposed) Proposal {
	at := refproto.Time(m.GetProposedAt())
	return Proposal{
		ID: m.GetProposal(), Organisation: m.GetOrganisation(), Category: m.GetCategory(),
		Provision: refproto.ProvisionsFrom([]*referencev1.Provision{m.GetProvision()}, "", nil)[0],
		Signals:   m.GetSignals(), Threshold: int(m.GetRule().GetThreshold()), WindowDays: int(m.GetRule().GetWindowDays()),
		ProposedAt: at, State: ProposalOpen, StateAt: at,
	}
}

// DecodeRejection gives the reason out of the payload of the ledger entry of a
// rejection.
func DecodeRejection(payload []byte) (reason string, err error) {
	data, err := decode[*eventsv1.ProposalRejected](payload)
	return data.GetProposal().GetReason(), err
}
