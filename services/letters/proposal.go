package letters

import (
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/reference"
)

// Proposal is a bottleneck that signals suggest: fixes that are alike. The meaning
// of each field stands in schakel.letters.v1.Proposal.
type Proposal struct {
	ID                    string
	Organisation          string // TOOI URI
	Category              string // term of categorieen
	Provision             reference.Provision
	Signals               []string // ids, the oldest first
	Threshold, WindowDays int
	ProposedAt            time.Time
	State                 ProposalState
	StateAt               time.Time
	Bottleneck            string // id, once accepted
	Reason                string // once rejected
}

// ProposalState is what became of a proposal; the numbers are those of
// schakel.letters.v1.
type ProposalState int

// The states of a proposal.
const (
	ProposalOpen ProposalState = iota + 1
	ProposalAccepted
	ProposalRejected
)

var (
	errAccepted = fault.New(fault.Precondition, "voorstel-aanvaard", fault.Text{
		NL: "Van dit voorstel is al een knelpunt gemaakt.",
		EN: "a bottleneck came of this proposal already",
	})
	errRejected = fault.New(fault.Precondition, "voorstel-afgewezen", fault.Text{
		NL: "Dit voorstel is al afgewezen, om een andere reden.",
		EN: "this proposal was rejected already, for another reason",
	})
)

// Reject is the proposal as rejected, for a reason. It is the same when it was
// rejected for that reason before.
func (p Proposal) Reject(reason string, now time.Time) (_ Proposal, changed bool, err error) {
	switch {
	case p.State == ProposalAccepted:
		return p, false, errAccepted.About(p.Bottleneck)
	case p.State == ProposalRejected && p.Reason != reason:
		return p, false, errRejected
	case p.State == ProposalRejected:
		return p, false, nil
	}
	p.State, p.StateAt, p.Reason = ProposalRejected, now, reason
	return p, true, nil
}
