package letters

import (
	"context"
	"fmt"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
)

var errUnknownProposal = fault.New(fault.NotFound, "onbekend-voorstel", fault.Text{
	NL: "Dit voorstel is er niet, of u mag het niet zien.",
	EN: "there is no such proposal, or you may not see it",
})

// GetProposal finds one proposal. Fault: NotFound.
func (s *Service) GetProposal(ctx context.Context, grant access.Grant, id string) (Proposal, error) {
	p, ok, err := s.Store.Proposal(ctx, grant, id)
	switch {
	case err != nil:
		return p, fmt.Errorf("getting a proposal: %w", err)
	case !ok:
		return p, errUnknownProposal
	}
	return p, nil
}

// ListProposals gives a page, the newest first, and the cursor of the next.
func (s *Service) ListProposals(ctx context.Context, grant access.Grant, f ProposalFilter) ([]Proposal, string, error) {
	all, err := s.Store.ListProposals(ctx, grant, f)
	if err != nil {
		return nil, "", fmt.Errorf("listing proposals: %w", err)
	}
	all, next := page.Cut(f.Page, all, func(p Proposal) page.Position {
		return page.Position{At: p.ProposedAt, ID: p.ID}
	})
	return all, next, nil
}

// RejectProposal rejects a proposal of the caller's organisation. Rejecting it
// again for the same reason changes nothing. Faults: NotFound; Precondition when
// a bottleneck came of it, or it was rejected for another reason.
func (s *Service) RejectProposal(ctx context.Context, grant access.Grant, id, reason string) (p Proposal, err error) {
	err = s.write(ctx, func(tx *sqldb.Tx) error {
		held, ok, err := s.Store.LockProposal(ctx, tx, grant, id)
		if err != nil {
			return err
		}
		if !ok || !grant.Covers(held.Organisation) {
			return errUnknownProposal
		}
		var changed bool
		if p, changed, err = held.Reject(reason, s.now()); err != nil || !changed {
			return err
		}
		return s.record(ctx, tx, s.rejected(p))
	})
	if err != nil {
		return Proposal{}, fmt.Errorf("rejecting a proposal: %w", err)
	}
	return p, nil
}

// checkProposal holds the proposal that a bottleneck names to what became of it,
// and locks it. One of another organisation is as unknown as one that is not
// there.
func (s *Service) checkProposal(ctx context.Context, tx *sqldb.Tx, grant access.Grant, b Bottleneck) (*fault.Error, error) {
	if b.Proposal == "" {
		return nil, nil
	}
	p, ok, err := s.Store.LockProposal(ctx, tx, grant, b.Proposal)
	field := fault.Field{Path: "bottleneck.proposal"}
	switch {
	case err != nil:
		return nil, err
	case !ok || p.Organisation != b.Organisation:
		field.Reason = "onbekend-voorstel"
		field.Text = fault.Text{NL: "is geen bekend voorstel van deze organisatie", EN: "is not a known proposal of this organisation"}
		return errNoProposal.With(field), nil
	case p.State == ProposalAccepted:
		field.Reason = "voorstel-aanvaard"
		field.Text = fault.Text{NL: "is al een knelpunt geworden", EN: "became a bottleneck already"}
		return errAccepted.About(p.Bottleneck).With(field), nil
	case p.State == ProposalRejected:
		field.Reason = "voorstel-afgewezen"
		field.Text = fault.Text{NL: "is afgewezen", EN: "was rejected"}
		return errDecided.With(field), nil
	}
	return nil, nil
}

var (
	errNoProposal = fault.New(fault.Invalid, "onbekend-voorstel", fault.Text{
		NL: "Dit voorstel is hier niet bekend.", EN: "this proposal is not known here",
	})
	errDecided = fault.New(fault.Precondition, "voorstel-afgewezen", fault.Text{
		NL: "Dit voorstel is afgewezen.", EN: "this proposal was rejected",
	})
)
