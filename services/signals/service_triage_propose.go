package signals

import (
	"context"
	"fmt"
	"time"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// propose is Propose for an event. As it runs in the applier of the own ledger,
// each event is counted once and in order, and the entry of a proposal stands if,
// and only if, its count does.
//
// When everything is built anew from the ledger nothing is proposed twice: all
// proposals are known before the first event is applied, a fix that stands in one
// of them counts no more, and rules come in force in the order of the ledger. So
// at no event are there more fixes to propose, or fewer asked for, than the first
// time. Whether a fix is bundled has no say in it: letters tell that in an order
// of their own.
func (s *Service) propose(ctx context.Context, tx *sqldb.Tx, event ledger.Event) error {
	switch data := event.Data.(type) {
	case *eventsv1.TriageRuleSet:
		return s.Store.ApplyRule(ctx, tx, ruleFromProto(data.GetRule()))
	case told:
		signal := fromProto(data.GetSignal(), nil)
		fresh, err := s.Store.PutThemes(ctx, tx, signal, signal.mayBeProposed())
		if err != nil {
			return fmt.Errorf("keeping the themes of a signal: %w", err)
		}
		for _, theme := range fresh {
			if err := s.proposeOf(ctx, tx, signal, theme); err != nil {
				return fmt.Errorf("proposing a bottleneck: %w", err)
			}
		}
	}
	return nil
}

// proposeOf proposes a bottleneck of a theme, if enough fixes are alike now that
// a signal counts in it.
func (s *Service) proposeOf(ctx context.Context, tx *sqldb.Tx, signal Signal, theme Theme) error {
	rule, ok, err := s.Store.RuleInForce(ctx, tx, signal.Organisation, theme.Category)
	if err != nil {
		return err
	}
	if !ok {
		rule = PresetRule(signal.Organisation, theme.Category)
	}
	if rule.Threshold == 0 {
		return nil
	}
	from, to := rule.since(signal.ReceivedAt), signal.ReceivedAt.AddDate(0, 0, rule.WindowDays)
	last, before, err := s.Store.Proposals(ctx, tx, theme, from)
	if err != nil {
		return err
	}
	enough, err := s.Store.HasFresh(ctx, tx, theme, from, to, rule.Wanted(before))
	if err != nil || !enough {
		return err
	}
	fixes, err := s.Store.Fresh(ctx, tx, theme, from, to, 2*MaxProposed)
	if err != nil {
		return err
	}
	reached := rule.Reached(FixAt{signal.ID, signal.ReceivedAt}, fixes, before)
	if len(reached) == 0 {
		return nil
	}
	p := Proposal{
		ID: ProposalID(signal.Organisation, theme, last+1), Theme: theme, Number: last + 1,
		ProposedAt: s.Now().UTC().Truncate(time.Millisecond),
	}
	for _, fix := range reached {
		p.Signals = append(p.Signals, fix.Signal)
	}
	data, err := proposedToProto(p, rule)
	if err != nil {
		return err
	}
	// The sequencer finds the entry once the applier has committed; a call that
	// comes before that does no harm.
	defer s.Log.Wake()
	if err := s.Store.PutProposal(ctx, tx, p); err != nil {
		return err
	}
	return s.note(ctx, tx, p.ID, rule.Organisation, data)
}
