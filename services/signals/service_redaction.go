package signals

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// Redacted is a signal from which something was removed.
type Redacted struct {
	Revision
	Erased []Erased
}

// Erased is what is left of an entry of a signal, or of a message in its case.
type Erased struct {
	ledger.Erased
	Message string // its id; none for an entry of the signal
}

// errNothing keeps the receipt of what was submitted from being erased for nothing.
var errNothing = form.ErrInvalid.With(fault.Field{Path: "places", Reason: "required", Text: fault.Text{
	NL: "ontbreekt: dit signaal heeft geen eerdere revisies, dus zeg welke plaatsen weg moeten",
	EN: "is missing: this signal has no earlier revisions, so say which places must go",
}})

// Redact removes places from a signal, and from messages in its case, as of a
// revision: places are counted in the text of one revision, so there is no other
// way to say which. What is left is the next revision; all before it are erased,
// of the signal and of the messages that have places, in the same transaction as
// the entry that says so. The revisions of a signal stay when all places are in
// messages; without any place they are all that goes. Also of what was withdrawn or
// merged. Faults: as revise; Invalid for places that are not there, and without any
// for a signal of one revision.
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
		case len(places) == 0 && expected == 1:
			return errNothing
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
	said, err := s.messages(ctx, tx, next.ID)
	if err != nil {
		return Redacted{}, err
	}
	// Not a word of the old reference may be left, nor anything made of it.
	if faults := next.Blacken(places, said, "verwijderd-"+s.NewID()); len(faults) > 0 {
		return Redacted{}, form.ErrInvalid.With(faults...)
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	next.RedactedAt = now
	next.Revision++
	ofMessages, err := s.rewrite(ctx, tx, next, said, places, now)
	if err != nil {
		return Redacted{}, err
	}
	var own []Erased
	if len(places) == 0 || slices.ContainsFunc(places, func(p Place) bool { return p.message() == "" }) {
		gone, err := ledger.Erase(ctx, tx, next.ID, int64(next.Revision))
		if err != nil {
			return Redacted{}, err
		}
		own = erasedOf(gone, "")
		// What was submitted could be guessed from its digest.
		if held.Digest, err = digest(submitted(next)); err != nil {
			return Redacted{}, err
		}
	}
	told := slices.Concat(own[max(0, len(own)-maxErased):], ofMessages)
	revision, err := s.record(ctx, tx, held, next, now, redactedEvent(next, ground, told))
	if err != nil {
		return Redacted{}, err
	}
	// The index follows the ledger in a second; but what was removed is removed.
	return Redacted{revision, slices.Concat(own, ofMessages)}, s.index(ctx, tx, next.ID)
}

// rewrite stores the messages that have places as they are now, and erases what
// they were.
func (s *Service) rewrite(ctx context.Context, tx *sqldb.Tx, signal Signal, said []Message, places []Place, now time.Time) (all []Erased, err error) {
	for _, m := range said {
		if !slices.ContainsFunc(places, func(p Place) bool { return p.message() == m.ID }) {
			continue
		}
		last, err := s.Store.LastRevision(ctx, tx, m.ID)
		if err != nil {
			return nil, err
		}
		gone, err := ledger.Erase(ctx, tx, m.ID, last+1)
		if err != nil {
			return nil, err
		}
		event := s.eventOf(signal, now, &eventsv1.CaseMessageRedacted{Signal: signal.ID, Message: messageToProto(m)})
		event.Subject = m.ID
		entry, err := ledger.Seal(event, last+1)
		if err != nil {
			return nil, err
		}
		if err := ledger.Append(ctx, tx, []ledger.Entry{entry}); err != nil {
			return nil, err
		}
		all = append(all, erasedOf(gone, m.ID)...)
	}
	return all, nil
}

func erasedOf(gone []ledger.Erased, message string) []Erased {
	all := make([]Erased, len(gone))
	for i, e := range gone {
		all[i] = Erased{e, message}
	}
	return all
}

// maxErased bounds how many erased entries of a signal an event names: a signal
// that was amended each day for years must be one that can be redacted. Of a
// message there never is more than one.
const maxErased = 100

func redactedEvent(s Signal, ground string, erased []Erased) proto.Message {
	event := &eventsv1.SignalRedacted{Signal: toProto(s), Ground: ground}
	for _, e := range erased {
		event.Erased = append(event.Erased, erasedToProto(e))
	}
	return event
}

func erasedToProto(e Erased) *signalsv1.ErasedEntry {
	return &signalsv1.ErasedEntry{Id: e.ID, Revision: int32(e.Revision), LeafHash: e.Leaf, Message: e.Message}
}
