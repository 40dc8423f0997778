package signals

import (
	"context"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/ledger"
)

// foldTriage takes an event of triage in that is not of a signal.
func (f *fold) foldTriage(ctx context.Context, data any) error {
	switch data := data.(type) {
	case *eventsv1.SignalsLinked:
		_, err := f.Store.PutLink(ctx, f.tx, data.GetSignals()[0], data.GetSignals()[1], data.GetLinked())
		return err
	case *eventsv1.TriageRuleSet:
		return f.Store.PutRule(ctx, f.tx, ruleFromProto(data.GetRule()))
	case *eventsv1.BottleneckProposed:
		p := proposedFromProto(data)
		last, _, err := f.Store.Proposals(ctx, f.tx, p.Theme, p.ProposedAt)
		if err != nil {
			return err
		}
		p.Number = last + 1
		return f.Store.PutProposal(ctx, f.tx, p)
	}
	return nil
}

// foldMerge keeps into which signal one is merged, as an event of it tells.
func (f *fold) foldMerge(ctx context.Context, signal Signal, event ledger.Event) error {
	_, undone := event.Data.(*eventsv1.SignalUnmerged)
	if signal.State != Merged && !undone {
		return nil
	}
	return f.Store.PutMerge(ctx, f.tx, signal.ID, signal.MergedInto)
}
