package signals

import (
	"fmt"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

func ruleToProto(r Rule) *signalsv1.TriageRule {
	return &signalsv1.TriageRule{
		Organisation: r.Organisation, Category: r.Category,
		Threshold: int32(r.Threshold), WindowDays: int32(r.WindowDays), Preset: r.Preset,
	}
}

func ruleFromProto(m *signalsv1.TriageRule) Rule {
	return Rule{
		Organisation: m.GetOrganisation(), Category: m.GetCategory(),
		Threshold: int(m.GetThreshold()), WindowDays: int(m.GetWindowDays()), Preset: m.GetPreset(),
	}
}

func proposedToProto(p Proposal, r Rule) (*eventsv1.BottleneckProposed, error) {
	provision, err := reference.ParseProvisionKey(p.Provision)
	if err != nil {
		return nil, fmt.Errorf("the provision of a proposal: %w", err)
	}
	return &eventsv1.BottleneckProposed{
		Proposal: p.ID, Organisation: r.Organisation, Category: p.Category,
		Provision: refproto.Provisions([]reference.Provision{provision})[0],
		Signals:   p.Signals, Rule: ruleToProto(r), ProposedAt: refproto.Timestamp(p.ProposedAt),
	}, nil
}

func proposedFromProto(m *eventsv1.BottleneckProposed) Proposal {
	provision := refproto.ProvisionsFrom([]*referencev1.Provision{m.GetProvision()}, "", nil)[0]
	return Proposal{
		ID: m.GetProposal(), Theme: NewTheme(m.GetOrganisation(), m.GetCategory(), provision.ArticleKey()),
		Signals: m.GetSignals(), ProposedAt: refproto.Time(m.GetProposedAt()),
	}
}
