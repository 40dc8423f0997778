package letters

import (
	"context"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/form"
	"schakel.example/services/internal/page"
)

// bottleneckServer speaks lettersv1.BottleneckService for a Service.
type bottleneckServer struct {
	lettersv1.UnsafeBottleneckServiceServer
	*server
}

func (s bottleneckServer) OpenBottleneck(ctx context.Context, req *lettersv1.OpenBottleneckRequest) (*lettersv1.OpenBottleneckResponse, error) {
	grant, _ := access.From(ctx)
	c := s.checklist()
	b := bottleneckFromProto(req.GetBottleneck(), c)
	b.Check(c)
	if err := form.Check(s.rules, "bottleneck", orEmpty(req.GetBottleneck()), c.Faults()); err != nil {
		return nil, err
	}
	b, before, err := s.service.OpenBottleneck(ctx, grant, b)
	if err != nil {
		return nil, err
	}
	return &lettersv1.OpenBottleneckResponse{Bottleneck: bottleneckToProto(b), RepeatedSubmission: before}, nil
}

func (s bottleneckServer) GetBottleneck(ctx context.Context, req *lettersv1.GetBottleneckRequest) (*lettersv1.GetBottleneckResponse, error) {
	grant, _ := access.From(ctx)
	b, err := s.service.GetBottleneck(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &lettersv1.GetBottleneckResponse{Bottleneck: shown(grant, b)}, nil
}

func (s bottleneckServer) ListBottlenecks(ctx context.Context, req *lettersv1.ListBottlenecksRequest) (*lettersv1.ListBottlenecksResponse, error) {
	grant, _ := access.From(ctx)
	p, err := page.Parse(req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	f := BottleneckFilter{Organisation: req.GetOrganisation(), ExternalReference: req.GetExternalReference(), Page: p}
	for _, state := range req.GetStates() {
		f.States = append(f.States, BottleneckState(state))
	}
	all, next, err := s.service.ListBottlenecks(ctx, grant, f)
	if err != nil {
		return nil, err
	}
	out := &lettersv1.ListBottlenecksResponse{NextPageToken: next}
	for _, b := range all {
		out.Bottlenecks = append(out.Bottlenecks, shown(grant, b))
	}
	return out, nil
}

// shown is what a caller sees of a bottleneck that they reach. The organisation's
// own reference, signals and proposal, some of which may be confidential, are for
// itself: a department sees what was put to it.
func shown(grant access.Grant, b Bottleneck) *lettersv1.Bottleneck {
	if !grant.Covers(b.Organisation) {
		b.ExternalReference, b.Signals, b.Proposal = "", nil, ""
	}
	return bottleneckToProto(b)
}
