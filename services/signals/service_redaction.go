package signals

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/form"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// Redacted is a signal from which something was removed.
type Redacted struct {
	Revision
	Erased []ledger.Erased
}

// Redact removes places from a signal, as of a revision: places are counted in
// the text of one revision, so there is no other way to say which. What is left
// is the next revision; all before it are erased, in the same transaction as the
// entry that says so. Also of what was withdrawn or merged. Faults: as revise;
// Invalid for places that are not there.
func (s *Service) Redact(ctx context.Context, grant access.Grant, id string, expected int, places []Place, ground string) (out Redacted, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		held, ok, err := s.Store.Lock(ctx, tx, grant, id)
		switch {
		case err != nil:
			return err
		case !ok || !grant.Covers(held.Signal.Organisation):
			return errUnknown
		case expected != held.Signal.Revision:
			return ErrOvertaken.About(id)
		}
		out, err = s.redact(ctx, tx, held, places, ground)
		return err
	})
	if err != nil {
		return Redacted{}, err
	}
	s.Log.Wake()
	return out, nil
}

func (s *Service) redact(ctx context.Context, tx *sqldb.Tx, held Held, places []Place, ground string) (Redacted, error) {
	next := held.Signal
	// Not a word of the old reference may be left, nor anything made of it.
	if faults := next.Blacken(places, "verwijderd-"+s.NewID()); len(faults) > 0 {
		return Redacted{}, form.ErrInvalid.With(faults...)
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	next.RedactedAt = now
	next.Revision++
	erased, err := ledger.Erase(ctx, tx, next.ID, int64(next.Revision))
	if err != nil {
		return Redacted{}, err
	}
	// What was submitted could be guessed from its digest.
	if held.Digest, err = digest(submitted(next)); err != nil {
		return Redacted{}, err
	}
	revision, err := s.record(ctx, tx, held, next, now, redactedEvent(next, ground, erased))
	if err != nil {
		return Redacted{}, err
	}
	// The index follows the ledger in a second; but what was removed is removed.
	return Redacted{revision, erased}, s.index(ctx, tx, next.ID)
}

func redactedEvent(s Signal, ground string, erased []ledger.Erased) proto.Message {
	event := &eventsv1.SignalRedacted{Signal: toProto(s), Ground: ground}
	for _, e := range erased {
		event.Erased = append(event.Erased, erasedToProto(e))
	}
	return event
}

func erasedToProto(e ledger.Erased) *signalsv1.ErasedEntry {
	return &signalsv1.ErasedEntry{Id: e.ID, Revision: int32(e.Revision), LeafHash: e.Leaf}
}
