package signals

import (
	"context"
	"fmt"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// Subject is what entries of the ledger of letters are kept in order by: the
// bottleneck that they are about. It is the Subject of a queue.Applier.
func Subject(m queue.Message) string {
	if m.Erased {
		return ""
	}
	event, err := ledger.Parse(m.Payload)
	if err != nil {
		return ""
	}
	if answered, ok := event.Data.(*eventsv1.ItemAnswered); ok {
		return answered.GetBottleneck()
	}
	return event.Subject
}

// Apply folds one entry of the ledger of letters into the states of signals, and
// into who may read them. It is the Apply of a queue.Applier.
func (s *Service) Apply(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
	if m.Erased {
		return nil
	}
	event, err := ledger.Parse(m.Payload)
	if err != nil {
		return fmt.Errorf("entry %d of letters: %w", m.Index, err)
	}
	switch data := event.Data.(type) {
	case *eventsv1.BottleneckOpened:
		b := data.GetBottleneck()
		return s.Store.Bundle(ctx, tx, b.GetId(), b.GetSignals(), event.Time)
	case *eventsv1.ItemAnswered:
		return s.Store.Answer(ctx, tx, data.GetBottleneck(), event.Time)
	case *eventsv1.LetterSent:
		var bottlenecks []string
		for _, item := range data.GetLetter().GetItems() {
			bottlenecks = append(bottlenecks, item.GetBottleneck())
		}
		return s.Store.Address(ctx, tx, data.GetLetter().GetDepartment(), bottlenecks)
	case *eventsv1.EditionCompiled:
		return s.Store.Cover(ctx, tx, s.coveredBy(data.GetEdition()))
	}
	return nil // other events do not touch signals
}

// coveredBy is up to where an edition that was published covers the own ledger; 0
// for an example, which publishes nothing.
func (s *Service) coveredBy(edition *lettersv1.Edition) int64 {
	if edition.GetExample() || edition.GetState() != lettersv1.EditionState_EDITION_STATE_GEPUBLICEERD {
		return 0
	}
	for _, c := range edition.GetCheckpoints() {
		if c.GetOrigin() == s.Signer.Origin() {
			return int64(c.GetSize())
		}
	}
	return 0
}
