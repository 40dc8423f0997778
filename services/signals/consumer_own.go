package signals

import (
	"context"
	"fmt"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// OwnSubject is what entries of the own ledger are kept in order by. It is the
// Subject of a queue.Applier.
func OwnSubject(m queue.Message) string {
	event, err := ledger.Parse(m.Payload)
	if m.Erased || err != nil {
		return ""
	}
	return event.Subject
}

// ProposeBatch is how many entries Propose takes in one transaction: few, since
// the intake waits for the database meanwhile.
const ProposeBatch = 100

// Propose folds one entry of the own ledger into what signals are alike in, and
// proposes a bottleneck when that makes enough fixes alike. It is the Apply of a
// queue.Applier of its own: it must not begin anew but in empty tables.
func (s *Service) Propose(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
	return s.ProposeAll(ctx, tx, []queue.Message{m})
}

// ProposeAll is Propose for entries in order. New signals that do not count have
// no say in what is proposed, and are kept together. It is the ApplyAll of a
// queue.Applier.
func (s *Service) ProposeAll(ctx context.Context, tx *sqldb.Tx, all []queue.Message) error {
	var idle []Signal
	keep := func() error {
		err := s.Store.AddThemes(ctx, tx, idle)
		idle = nil
		return err
	}
	for _, m := range all {
		if m.Erased {
			continue
		}
		event, err := ledger.Parse(m.Payload)
		if err != nil {
			return fmt.Errorf("entry %d of the own ledger: %w", m.Index, err)
		}
		if data, ok := event.Data.(*eventsv1.SignalSubmitted); ok {
			if signal := fromProto(data.GetSignal(), nil); !signal.mayBeProposed() {
				idle = append(idle, signal)
				continue
			}
		} else if err := keep(); err != nil { // it may be about one of them
			return err
		}
		if err := s.propose(ctx, tx, event); err != nil {
			return err
		}
	}
	return keep()
}
