package letters

import (
	"context"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
)

// proposalServer speaks lettersv1.ProposalService for a Service.
type proposalServer struct {
	lettersv1.UnsafeProposalServiceServer
	*server
}

func (s proposalServer) ListProposals(ctx context.Context, req *lettersv1.ListProposalsRequest) (*lettersv1.ListProposalsResponse, error) {
	grant, _ := access.From(ctx)
	p, err := page.Parse(req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	f := ProposalFilter{Organisation: req.GetOrganisation(), Page: p}
	for _, state := range req.GetStates() {
		f.States = append(f.States, ProposalState(state))
	}
	all, next, err := s.service.ListProposals(ctx, grant, f)
	if err != nil {
		return nil, err
	}
	out := &lettersv1.ListProposalsResponse{NextPageToken: next}
	for _, p := range all {
		out.Proposals = append(out.Proposals, proposalToProto(p))
	}
	return out, nil
}

func (s proposalServer) GetProposal(ctx context.Context, req *lettersv1.GetProposalRequest) (*lettersv1.GetProposalResponse, error) {
	grant, _ := access.From(ctx)
	p, err := s.service.GetProposal(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &lettersv1.GetProposalResponse{Proposal: proposalToProto(p)}, nil
}

func (s proposalServer) RejectProposal(ctx context.Context, req *lettersv1.RejectProposalRequest) (*lettersv1.RejectProposalResponse, error) {
	grant, _ := access.From(ctx)
	p, err := s.service.RejectProposal(ctx, grant, req.GetId(), req.GetReason())
	if err != nil {
		return nil, err
	}
	return &lettersv1.RejectProposalResponse{Proposal: proposalToProto(p)}, nil
}
