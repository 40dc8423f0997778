package signals

import (
	"cmp"
	"context"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
	"schakel.example/services/reference"
)

// triageServer speaks signalsv1.TriageService for a Service.
type triageServer struct {
	signalsv1.UnsafeTriageServiceServer
	*server
}

func (s triageServer) ListTriage(ctx context.Context, req *signalsv1.ListTriageRequest) (*signalsv1.ListTriageResponse, error) {
	grant, _ := access.From(ctx)
	p, err := QueueKind.Parse(req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, next, err := s.Queue(ctx, grant, p)
	if err != nil {
		return nil, err
	}
	out := &signalsv1.ListTriageResponse{NextPageToken: next}
	for _, w := range all {
		out.Items = append(out.Items, &signalsv1.TriageItem{
			Signal: toProto(w.Signal), DaysWaiting: int32(w.Days), Related: relatedToProto(w.Related),
		})
	}
	return out, nil
}

func (s triageServer) TriageSignal(ctx context.Context, req *signalsv1.TriageSignalRequest) (*signalsv1.TriageSignalResponse, error) {
	grant, _ := access.From(ctx)
	found := Finding{Approach: Approach(req.GetApproach()), Categories: req.GetCategories(), Note: req.GetNote()}
	if err := s.known(found.Check); err != nil {
		return nil, err
	}
	revision, err := s.Triage(ctx, grant, req.GetId(), int(req.GetExpectedRevision()), found)
	if err != nil {
		return nil, err
	}
	out := &signalsv1.TriageSignalResponse{Signal: toProto(revision.Signal)}
	out.Receipt, err = receiptToProto(revision.Receipt)
	return out, err
}

// known holds a request, whose form was checked by the chain, to the reference
// data.
func (s triageServer) known(check func(*reference.Checklist)) error {
	c := s.data.Checklist(reference.DutchDate(s.Now()))
	if check(c); len(c.Faults()) > 0 {
		return form.ErrInvalid.With(c.Faults()...)
	}
	return nil
}

func (s triageServer) ListRelatedSignals(ctx context.Context, req *signalsv1.ListRelatedSignalsRequest) (*signalsv1.ListRelatedSignalsResponse, error) {
	grant, _ := access.From(ctx)
	all, err := s.Related(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &signalsv1.ListRelatedSignalsResponse{Related: relatedToProto(all)}, nil
}

func (s triageServer) LinkSignals(ctx context.Context, req *signalsv1.LinkSignalsRequest) (*signalsv1.LinkSignalsResponse, error) {
	grant, _ := access.From(ctx)
	if err := s.Link(ctx, grant, req.GetId(), req.GetOther(), true); err != nil {
		return nil, err
	}
	return &signalsv1.LinkSignalsResponse{}, nil
}

func (s triageServer) UnlinkSignals(ctx context.Context, req *signalsv1.UnlinkSignalsRequest) (*signalsv1.UnlinkSignalsResponse, error) {
	grant, _ := access.From(ctx)
	if err := s.Link(ctx, grant, req.GetId(), req.GetOther(), false); err != nil {
		return nil, err
	}
	return &signalsv1.UnlinkSignalsResponse{}, nil
}

func (s triageServer) MergeSignal(ctx context.Context, req *signalsv1.MergeSignalRequest) (*signalsv1.MergeSignalResponse, error) {
	grant, _ := access.From(ctx)
	revision, err := s.Merge(ctx, grant, req.GetId(), req.GetInto(), int(req.GetExpectedRevision()), req.GetReason())
	if err != nil {
		return nil, err
	}
	out := &signalsv1.MergeSignalResponse{Signal: toProto(revision.Signal)}
	out.Receipt, err = receiptToProto(revision.Receipt)
	return out, err
}

func (s triageServer) UnmergeSignal(ctx context.Context, req *signalsv1.UnmergeSignalRequest) (*signalsv1.UnmergeSignalResponse, error) {
	grant, _ := access.From(ctx)
	revision, err := s.Unmerge(ctx, grant, req.GetId(), int(req.GetExpectedRevision()), req.GetReason())
	if err != nil {
		return nil, err
	}
	out := &signalsv1.UnmergeSignalResponse{Signal: toProto(revision.Signal)}
	out.Receipt, err = receiptToProto(revision.Receipt)
	return out, err
}

var errWhose = form.ErrInvalid.With(fault.Field{Path: "organisation", Reason: "required", Text: fault.Text{
	NL: "ontbreekt: zeg van welke organisatie", EN: "is missing: say of which organisation",
}})

func (s triageServer) ListTriageRules(ctx context.Context, req *signalsv1.ListTriageRulesRequest) (*signalsv1.ListTriageRulesResponse, error) {
	grant, _ := access.From(ctx)
	organisation := cmp.Or(req.GetOrganisation(), grant.Organisation)
	if organisation == "" {
		return nil, errWhose
	}
	out := &signalsv1.ListTriageRulesResponse{}
	if _, known := s.data.Organisation(organisation); !known {
		return out, nil
	}
	var categories []string
	today := reference.DutchDate(s.Now())
	for _, term := range s.data.Terms(reference.Categories) {
		if term.ValidOn(today) {
			categories = append(categories, term.Slug)
		}
	}
	all, err := s.Rules(ctx, grant, organisation, categories)
	for _, r := range all {
		out.Rules = append(out.Rules, ruleToProto(r))
	}
	return out, err
}

func (s triageServer) SetTriageRule(ctx context.Context, req *signalsv1.SetTriageRuleRequest) (*signalsv1.SetTriageRuleResponse, error) {
	grant, _ := access.From(ctx)
	err := s.known(func(c *reference.Checklist) { c.Term("category", reference.Categories, req.GetCategory()) })
	if err != nil {
		return nil, err
	}
	r := ruleFromProto(req.GetRule())
	r.Organisation, r.Category = grant.Organisation, req.GetCategory()
	if r, err = s.SetRule(ctx, grant, r); err != nil {
		return nil, err
	}
	return &signalsv1.SetTriageRuleResponse{Rule: ruleToProto(r)}, nil
}

func relatedToProto(all []Related) (out []*signalsv1.RelatedSignal) {
	for _, r := range all {
		out = append(out, &signalsv1.RelatedSignal{
			Id: r.Signal.ID, ExternalReference: r.Signal.ExternalReference, Title: r.Signal.Title,
			State: signalsv1.SignalState(r.Signal.State), Linked: r.Linked, Likeness: int32(r.Likeness),
		})
	}
	return out
}
