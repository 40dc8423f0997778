package letters

import (
	"context"
	"fmt"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference/refproto"
)

// Subject is what entries of the ledger of signals are kept in order by: the
// signal. It is the Subject of a queue.Applier.
func Subject(m queue.Message) string {
	event, err := ledger.Parse(m.Payload)
	if m.Erased || err != nil {
		return ""
	}
	return event.Subject
}

// Apply folds one entry of the ledger of signals into the projection. It is the
// Apply of a queue.Applier.
func (s *Service) Apply(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
	if m.Erased {
		return nil
	}
	event, err := ledger.Parse(m.Payload)
	if err != nil {
		return fmt.Errorf("entry %d of signals: %w", m.Index, err)
	}
	if data, ok := event.Data.(*eventsv1.SignalSubmitted); ok {
		signal := data.GetSignal()
		return s.Store.PutSignal(ctx, tx,
			KnownSignal{ID: signal.GetId(), Organisation: signal.GetOrganisation()}, refproto.Time(signal.GetReceivedAt()))
	}
	return nil // other events do not touch the projection
}
