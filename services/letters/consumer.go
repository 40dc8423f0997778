package letters

import (
	"context"
	"fmt"
	"sync"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
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

// knownPart is what the projection keeps of a signal: no more of it is read.
var knownPart = sync.OnceValues(func() (wire.Part, error) {
	return wire.NewPart(&signalsv1.Signal{}, "id", "organisation", "state", "revision", "received_at", "confidentiality", "protected")
})

// Apply folds one entry of the ledger of signals into the projection. It is the
// Apply of a queue.Applier.
func (s *Service) Apply(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
	if m.Erased {
		return nil
	}
	known, err := knownPart()
	if err != nil {
		return err
	}
	event, err := ledger.ParsePart(m.Payload, known)
	if err != nil {
		return fmt.Errorf("entry %d of signals: %w", m.Index, err)
	}
	if data, ok := event.Data.(*eventsv1.SignalRedacted); ok {
		if err := s.Store.PutRemoval(ctx, tx, data.GetSignal().GetId(), m.Index); err != nil {
			return err
		}
	}
	switch data := event.Data.(type) {
	case told:
		signal := data.GetSignal()
		// What is of a sandbox stays out: it is bundled and counted nowhere.
		if reference.IsSandbox(signal.GetOrganisation()) {
			return nil
		}
		return s.Store.PutSignal(ctx, tx, KnownSignal{
			ID: signal.GetId(), Organisation: signal.GetOrganisation(),
			State: SignalState(signal.GetState()), Revision: int(signal.GetRevision()), Hidden: hidden(signal),
		}, refproto.Time(signal.GetReceivedAt()))
	case *eventsv1.BottleneckProposed:
		if reference.IsSandbox(data.GetOrganisation()) {
			return nil
		}
		return s.Store.PutProposal(ctx, tx, proposalFrom(data))
	}
	return nil // other events do not touch the projection
}

// told is an event that tells of a signal, whole as it was after it: that it was
// submitted, amended, triaged, merged, split, withdrawn or redacted.
type told interface{ GetSignal() *signalsv1.Signal }

// hidden says whether others than its organisation and who oversees may know nothing
// of a signal: also when it does not tell.
func hidden(s *signalsv1.Signal) bool {
	switch s.GetConfidentiality() {
	case signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR, signalsv1.Confidentiality_CONFIDENTIALITY_INTERN:
		return s.GetProtected()
	}
	return true
}
