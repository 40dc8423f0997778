package signals

import (
	"context"
	"fmt"
	"slices"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// Replay folds the own ledger, such as one that was imported, into the tables,
// which must be empty, and returns how many entries there were. What was erased
// stays out. What follows from letters comes with their events, so Replay goes
// before Apply. After a fault the tables are as before.
func (s *Service) Replay(ctx context.Context) (int, error) {
	return ledger.Replay(ctx, s.DB, s.replay)
}

func (s *Service) replay(ctx context.Context, tx *sqldb.Tx, page []ledger.Sequenced) error {
	f := fold{Service: s, tx: tx}
	for _, entry := range page {
		if entry.Erased {
			continue
		}
		event, err := ledger.Parse(entry.Payload)
		if err == nil {
			err = f.take(ctx, event)
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", entry.Index, err)
		}
	}
	return f.flush(ctx)
}

// fold takes events of the own ledger in, in order. Signals that begin with an
// event are gathered, for they are many.
type fold struct {
	*Service
	tx   *sqldb.Tx
	rows []Row
}

func (f *fold) take(ctx context.Context, event ledger.Event) error {
	data, ok := event.Data.(told)
	if !ok {
		return f.other(ctx, event)
	}
	signal := fromProto(data.GetSignal(), nil)
	current, err := digest(submitted(signal))
	if err != nil {
		return err
	}
	row := Row{Signal: &signal, Current: current}
	if begins(event) {
		row.Digest = current
		f.rows = append(f.rows, row)
		return f.foldMerge(ctx, signal, event)
	}
	if err := f.flush(ctx); err != nil {
		return err
	}
	if err := f.Store.Revise(ctx, f.tx, row); err != nil {
		return err
	}
	return f.foldMerge(ctx, signal, event)
}

// begins says whether nothing is known of a signal before an event: it is the
// first, or all before it was erased with it.
func begins(event ledger.Event) bool {
	switch data := event.Data.(type) {
	case *eventsv1.SignalSubmitted:
		return true
	case *eventsv1.SignalRedacted:
		return slices.ContainsFunc(data.GetErased(), func(e *signalsv1.ErasedEntry) bool { return e.GetMessage() == "" })
	}
	return false
}

// other takes an event in that is not of a signal.
func (f *fold) other(ctx context.Context, event ledger.Event) error {
	switch data := event.Data.(type) {
	case *eventsv1.SignalsLinked, *eventsv1.TriageRuleSet, *eventsv1.BottleneckProposed:
		return f.foldTriage(ctx, data)
	case *eventsv1.CaseOpened:
		return f.Store.OpenCase(ctx, f.tx, data.GetSecretHash(), data.GetSignal())
	case *eventsv1.CaseMessageAdded:
		return f.Store.AddMessage(ctx, f.tx, data.GetSignal(), event.Subject)
	case *eventsv1.CaseMessageRedacted: // it is there, unless what it said before was erased
		return f.Store.AddMessage(ctx, f.tx, data.GetSignal(), event.Subject)
	}
	return fmt.Errorf("an event %s does not belong to signals", event.Type)
}

func (f *fold) flush(ctx context.Context) error {
	rows := f.rows
	f.rows = nil
	if len(rows) == 0 {
		return nil
	}
	n, err := f.Store.Insert(ctx, f.tx, rows)
	if err == nil && n < len(rows) {
		err = errOtherContent
	}
	return err
}
