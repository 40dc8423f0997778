package sqlstore

import (
	"context"
	"strings"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters"
	"schakel.example/services/reference"
)

// PutProposal implements letters.ProjectionStore.
func (s *Store) PutProposal(ctx context.Context, tx *sqldb.Tx, p letters.Proposal) error {
	_, err := tx.Exec(ctx, `INSERT INTO proposal
		(id, organisation, category, provision, signals, threshold, window_days, proposed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
		p.ID, p.Organisation, p.Category, p.Provision.Key(), strings.Join(p.Signals, " "),
		p.Threshold, p.WindowDays, sqldb.Millis(p.ProposedAt))
	return err
}

// Decide implements letters.FoldStore.
func (s *Store) Decide(ctx context.Context, tx *sqldb.Tx, proposal string, state letters.ProposalState, at time.Time, bottleneck string) error {
	_, err := tx.Exec(ctx, `INSERT INTO proposal_decision (proposal, state, decided_at, bottleneck) VALUES ($1, $2, $3, $4)`,
		proposal, int(state), sqldb.Millis(at), bottleneck)
	return err
}

// reachProposal limits a statement to an organisation's own.
func reachProposal(w *sqldb.Where, grant access.Grant) {
	if !grant.All() {
		w.And("p.organisation = ?", grant.Organisation)
	}
}

// decided is the state of a proposal.
const decided = "coalesce(d.state, 1)" // letters.ProposalOpen

// Proposal implements letters.Reader.
func (s *Store) Proposal(ctx context.Context, grant access.Grant, id string) (letters.Proposal, bool, error) {
	var w sqldb.Where
	w.And("p.id = ?", id)
	reachProposal(&w, grant)
	return one(ctx, s.db, proposalRows, w)
}

// ListProposals implements letters.Reader.
func (s *Store) ListProposals(ctx context.Context, grant access.Grant, f letters.ProposalFilter) ([]letters.Proposal, error) {
	var w sqldb.Where
	reachProposal(&w, grant)
	equal(&w, "p.organisation", f.Organisation)
	sqldb.In(&w, decided, f.States)
	order := paged(&w, f.Page, "p.proposed_at", "p.id")
	return read(ctx, s.db, proposalRows, w, order)
}

// LockProposal implements letters.LockStore.
func (s *Store) LockProposal(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string) (letters.Proposal, bool, error) {
	var w sqldb.Where
	w.And("p.id = ?", id)
	reachProposal(&w, grant)
	if err := lockRows(ctx, tx, "proposal p", "p.id", w); err != nil {
		return letters.Proposal{}, false, err
	}
	found, err := proposalRows(ctx, tx, w, "")
	if err != nil || len(found) == 0 {
		return letters.Proposal{}, false, err
	}
	return found[0], true, nil
}

// proposalRows reads proposals with what became of them. The reason of a rejection
// is in its ledger entry.
func proposalRows(ctx context.Context, tx *sqldb.Tx, w sqldb.Where, rest string) ([]letters.Proposal, error) {
	return sqldb.All(ctx, tx, scanProposal, `SELECT p.id, p.organisation, p.category, p.provision, p.signals,
		p.threshold, p.window_days, p.proposed_at, `+decided+`, coalesce(d.decided_at, p.proposed_at), coalesce(d.bottleneck, ''), e.payload
		FROM proposal p LEFT JOIN proposal_decision d ON d.proposal = p.id
		LEFT JOIN ledger_entry e ON e.subject = p.id AND e.revision = 1`+w.String()+rest, w.Args()...)
}

func scanProposal(row sqldb.Scanner) (p letters.Proposal, err error) {
	var provision, signals string
	var state int
	var proposedAt, decidedAt int64
	var rejection []byte
	err = row.Scan(&p.ID, &p.Organisation, &p.Category, &provision, &signals,
		&p.Threshold, &p.WindowDays, &proposedAt, &state, &decidedAt, &p.Bottleneck, &rejection)
	if err != nil {
		return p, err
	}
	p.Signals = strings.Fields(signals)
	p.State, p.ProposedAt, p.StateAt = letters.ProposalState(state), sqldb.Time(proposedAt), sqldb.Time(decidedAt)
	if p.Provision, err = reference.ParseProvisionKey(provision); err != nil {
		return p, err
	}
	if len(rejection) > 0 {
		p.Reason, err = letters.DecodeRejection(rejection)
	}
	return p, err
}
