package signals

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

var (
	errItself = fault.New(fault.Invalid, "zelfde-signaal", fault.Text{
		NL: "Een signaal kan niet met zichzelf worden gekoppeld of samengevoegd.",
		EN: "a signal can be neither linked to nor merged into itself",
	})
	errNotLinked = fault.New(fault.NotFound, "niet-gekoppeld", fault.Text{
		NL: "Deze signalen zijn niet gekoppeld.",
		EN: "these signals are not linked",
	})
	errBundled = fault.New(fault.Precondition, "signaal-gebundeld", fault.Text{
		NL: "Dit signaal hoort al bij een knelpunt en kan niet meer worden samengevoegd.",
		EN: "this signal belongs to a bottleneck already, and can no longer be merged",
	})
	errHasMerged = fault.New(fault.Precondition, "signaal-heeft-dubbele", fault.Text{
		NL: "Met dit signaal zijn andere samengevoegd. Splits die eerst, of voeg samen in de andere richting.",
		EN: "others are merged into this signal; undo that first, or merge the other way round",
	})
	errStillMerged = fault.New(fault.Precondition, "signaal-heeft-dubbele", fault.Text{
		NL: "Met dit signaal zijn andere samengevoegd, en die zouden mee verdwijnen. Maak dat samenvoegen eerst ongedaan.",
		EN: "others are merged into this signal, and would go with it; undo that first",
	})
	errOtherGone = fault.New(fault.Precondition, "ander-signaal-vervallen", fault.Text{
		NL: "Het andere signaal is zelf ingetrokken of samengevoegd.",
		EN: "the other signal was withdrawn or merged itself",
	})
	errApart = fault.New(fault.Precondition, "signaal-onder-bescherming", fault.Text{
		NL: "Een melding onder bescherming kan niet worden samengevoegd met een gewoon signaal: dat zou laten zien dat zij er is. U kunt ze wel koppelen.",
		EN: "a report under protection cannot be merged with an ordinary signal, which would show that it is there; you can link them",
	})
	errNotMerged = fault.New(fault.Precondition, "signaal-niet-samengevoegd", fault.Text{
		NL: "Dit signaal is niet samengevoegd met een ander.",
		EN: "this signal is not merged into another",
	})
)

// both locks two signals of the caller's organisation, in the order of their ids,
// so that two who want the same two wait and do not lock each other out. One that
// is not there and one of another organisation give the same fault, NotFound.
func (s *Service) both(ctx context.Context, tx *sqldb.Tx, grant access.Grant, a, b string) (one, other Signal, err error) {
	if a == b {
		return one, other, errItself
	}
	held := map[string]Signal{}
	for _, id := range []string{min(a, b), max(a, b)} {
		h, ok, err := s.Store.Lock(ctx, tx, grant, id)
		if err != nil {
			return one, other, fmt.Errorf("locking a signal: %w", err)
		}
		if ok && grant.Covers(h.Signal.Organisation) {
			held[id] = h.Signal
		}
	}
	if len(held) < 2 || held[a].Organisation != held[b].Organisation {
		return one, other, errUnknown
	}
	return held[a], held[b], nil
}

// Link links two signals of the caller's organisation that tell of the same
// thing, or undoes that. Linking them again changes nothing. Faults: NotFound for
// either, or when a link to undo is not there; Invalid for a signal and itself.
func (s *Service) Link(ctx context.Context, grant access.Grant, a, b string, linked bool) error {
	err := s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		one, _, err := s.both(ctx, tx, grant, a, b)
		if err != nil {
			return err
		}
		low, high := min(a, b), max(a, b)
		changed, err := s.Store.PutLink(ctx, tx, low, high, linked)
		if err != nil || !changed {
			if err == nil && !linked {
				err = errNotLinked
			}
			return err
		}
		return s.note(ctx, tx, low+"/"+high, one.Organisation, &eventsv1.SignalsLinked{Signals: []string{low, high}, Linked: linked})
	})
	if err == nil {
		s.Log.Wake()
	}
	return err
}

// note writes an entry of a subject that is no signal, and that the caller holds.
func (s *Service) note(ctx context.Context, tx *sqldb.Tx, subject, organisation string, data proto.Message) error {
	last, err := s.Store.LastRevision(ctx, tx, subject)
	if err != nil {
		return err
	}
	entry, err := ledger.Seal(ledger.Event{
		ID: s.NewID(), Source: s.Source, Subject: subject, Organisation: organisation,
		Time: s.Now().UTC().Truncate(time.Millisecond), Data: data,
	}, last+1)
	if err != nil {
		return err
	}
	return ledger.Append(ctx, tx, []ledger.Entry{entry})
}

// Merge merges a signal, as of a revision, into another one of the caller's
// organisation, for a reason. Merging it into the same one again changes nothing.
// A signal into which others are merged is merged into none, so that there are no
// chains of them. Faults: as revise; Invalid for a signal and itself;
// Precondition.
func (s *Service) Merge(ctx context.Context, grant access.Grant, id, into string, expected int, reason string) (out Revision, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, target, err := s.both(ctx, tx, grant, id, into)
		if err != nil {
			return err
		}
		out, err = s.reviseIn(ctx, tx, grant, id, expected, func(next *Signal, now time.Time) (proto.Message, error) {
			if next.State == Merged && next.MergedInto == into {
				return nil, nil
			}
			if err := s.mergeable(ctx, tx, *next, target); err != nil {
				return nil, err
			}
			next.State, next.StateAt, next.MergedInto = Merged, now, into
			next.Revision++
			return &eventsv1.SignalMerged{Signal: toProto(*next), Reason: reason}, s.Store.PutMerge(ctx, tx, id, into)
		})
		return err
	})
	if err != nil {
		return Revision{}, err
	}
	s.Log.Wake()
	return out, nil
}

// mergeable says why a signal cannot be merged into another, both of which are
// locked.
func (s *Service) mergeable(ctx context.Context, tx *sqldb.Tx, one, target Signal) error {
	if err := changeable(one); err != nil {
		return err
	}
	if one.Protected != target.Protected {
		return errApart
	}
	if one.Bottleneck != "" {
		return errBundled.About(one.Bottleneck)
	}
	if target.State == Withdrawn || target.State == Merged {
		return errOtherGone.About(target.ID)
	}
	first, err := s.Store.FirstMerged(ctx, tx, one.ID)
	if err == nil && first != "" {
		err = errHasMerged.About(first)
	}
	return err
}

// Unmerge undoes the merge of a signal, as of a revision, for a reason: it is what
// it was before. Faults: as revise; Precondition when it is not merged.
func (s *Service) Unmerge(ctx context.Context, grant access.Grant, id string, expected int, reason string) (out Revision, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		out, err = s.reviseIn(ctx, tx, grant, id, expected, func(next *Signal, _ time.Time) (proto.Message, error) {
			if next.State != Merged {
				return nil, errNotMerged
			}
			if err := s.restore(ctx, tx, next); err != nil {
				return nil, err
			}
			next.MergedInto = ""
			next.Revision++
			return &eventsv1.SignalUnmerged{Signal: toProto(*next), Reason: reason}, s.Store.PutMerge(ctx, tx, id, "")
		})
		return err
	})
	if err != nil {
		return Revision{}, err
	}
	s.Log.Wake()
	return out, nil
}

// restore gives a merged signal the state that it had before, which its ledger
// entries tell. When they were erased, it waits to be triaged again, unless it
// still says what triage found.
func (s *Service) restore(ctx context.Context, tx *sqldb.Tx, signal *Signal) error {
	for number := signal.Revision - 1; number > 0; number-- {
		payload, err := s.Store.Payload(ctx, tx, signal.ID, number)
		if err != nil {
			return err
		}
		if payload == nil {
			break
		}
		before, err := Decode(payload)
		if err != nil {
			return err
		}
		if before.State != Merged {
			signal.State, signal.StateAt = before.State, before.StateAt
			return nil
		}
	}
	signal.State, signal.StateAt = Received, signal.ReceivedAt
	if signal.TriageNote != "" {
		signal.State = Triaged
	}
	return nil
}
