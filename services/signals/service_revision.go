package signals

import (
	"bytes"
	"context"
	"crypto/sha256"
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
	// ErrOvertaken says that a signal is not in the revision that the caller
	// looked at.
	ErrOvertaken = fault.New(fault.Conflict, "revisie-ingehaald", fault.Text{
		NL: "Het signaal is intussen gewijzigd. Lees het opnieuw en kijk of uw wijziging nog klopt.",
		EN: "the signal was changed meanwhile; read it again",
	})
	errWithdrawn = fault.New(fault.Precondition, "signaal-ingetrokken", fault.Text{
		NL: "Dit signaal is ingetrokken en kan niet meer worden gewijzigd.",
		EN: "this signal was withdrawn and can no longer be changed",
	})
	errMerged = fault.New(fault.Precondition, "signaal-samengevoegd", fault.Text{
		NL: "Dit signaal is samengevoegd met een ander. Maak dat eerst ongedaan.",
		EN: "this signal was merged into another; undo that first",
	})
	errErased = fault.New(fault.NotFound, "revisie-gewist", fault.Text{
		NL: "De inhoud van deze revisie is gewist, en het bewijs ervan ook. Wat ervan over is, staat bij de revisies van het signaal.",
		EN: "this revision was erased, and so was its receipt; what is left stands with the revisions of the signal",
	})
)

// Revision is a signal after a change, with the receipt of that change.
type Revision struct {
	Signal  Signal
	Receipt []byte
}

// change makes the next revision out of a signal, as of now, and says what the
// ledger records of it; nil data is no change. The signal is in the
// organisation's own state.
type change func(s *Signal, now time.Time) (proto.Message, error)

// revise changes a signal within reach, with its ledger entry and receipt, in one
// transaction. An expected revision above 0 must be the one that is there, unless
// there is nothing to change. Faults: NotFound; ErrOvertaken; those of do.
func (s *Service) revise(ctx context.Context, grant access.Grant, id string, expected int, do change) (out Revision, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		out, err = s.reviseIn(ctx, tx, grant, id, expected, do)
		return err
	})
	if err != nil {
		return Revision{}, err
	}
	s.Log.Wake()
	return out, nil
}

// reviseIn is revise in a transaction of the caller, who wakes the log.
func (s *Service) reviseIn(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string, expected int, do change) (Revision, error) {
	held, ok, err := s.Store.Lock(ctx, tx, grant, id)
	switch {
	case err != nil:
		return Revision{}, fmt.Errorf("locking a signal: %w", err)
	case !ok || !grant.Covers(held.Signal.Organisation):
		return Revision{}, errUnknown
	}
	now := s.Now().UTC().Truncate(time.Millisecond)
	next := held.Signal
	data, err := do(&next, now)
	if err != nil {
		return Revision{}, err
	}
	if data == nil {
		return Revision{Signal: held.shown(held.Signal), Receipt: held.Receipt}, nil
	}
	if expected > 0 && expected != held.Signal.Revision {
		return Revision{}, ErrOvertaken.About(id)
	}
	return s.record(ctx, tx, held, next, now, data)
}

// shown is a signal in the state in which it is shown.
func (h Held) shown(s Signal) Signal {
	if shown := Shown(s.State, h.Followed); shown != s.State {
		s.State, s.StateAt = shown, h.FollowedAt
	}
	return s
}

// record stores the next revision of a signal that is held. The data must be of
// the signal in its own state; what it says of revision and time is filled in
// here.
func (s *Service) record(ctx context.Context, tx *sqldb.Tx, held Held, next Signal, now time.Time, data proto.Message) (Revision, error) {
	current, err := digest(submitted(next))
	if err != nil {
		return Revision{}, err
	}
	entry, err := s.seal(next, now, data)
	if err != nil {
		return Revision{}, err
	}
	if err := ledger.Append(ctx, tx, entry); err != nil {
		return Revision{}, err
	}
	shown := held.shown(next)
	row := Row{Signal: &shown, Digest: held.Digest, Current: current, Followed: held.Followed}
	if err := s.Store.Revise(ctx, tx, row); err != nil {
		return Revision{}, err
	}
	return Revision{Signal: shown, Receipt: entry[0].Receipt}, nil
}

// seal makes the entry of one change, with its receipt.
func (s *Service) seal(next Signal, now time.Time, data proto.Message) ([]ledger.Entry, error) {
	entry, err := ledger.Seal(s.eventOf(next, now, data), int64(next.Revision))
	if err != nil {
		return nil, err
	}
	entries := []ledger.Entry{entry}
	return entries, s.Signer.Receipts(now, entries)
}

// changeable refuses a signal whose content stands.
func changeable(s Signal) error {
	switch s.State {
	case Withdrawn:
		return errWithdrawn
	case Merged:
		return errMerged.About(s.MergedInto)
	}
	return nil
}

// Amend gives a signal other content, which was checked, as of a revision. When
// it says that already nothing changes. Faults: as revise; Precondition; Invalid when
// it is too large.
func (s *Service) Amend(ctx context.Context, grant access.Grant, id string, expected int, to Signal) (Revision, error) {
	text, err := content(submitted(to))
	if err != nil {
		return Revision{}, err
	}
	wanted := sha256.Sum256(text)
	return s.revise(ctx, grant, id, expected, func(next *Signal, now time.Time) (proto.Message, error) {
		if err := changeable(*next); err != nil {
			return nil, err
		}
		if current, err := digest(submitted(*next)); err != nil || bytes.Equal(current, wanted[:]) {
			return nil, err
		}
		if len(text) > maxContent {
			return nil, errTooLarge
		}
		before := *next
		*next = to
		next.keep(before)
		next.Revision++
		return &eventsv1.SignalAmended{Signal: toProto(*next)}, nil
	})
}

// keep takes over what an amendment leaves as it was.
func (s *Signal) keep(before Signal) {
	s.ID, s.Organisation, s.ExternalReference = before.ID, before.Organisation, before.ExternalReference
	s.Revision, s.ReceivedAt = before.Revision, before.ReceivedAt
	s.State, s.StateAt, s.Bottleneck = before.State, before.StateAt, before.Bottleneck
	s.WithdrawalReason, s.TriageNote, s.MergedInto = before.WithdrawalReason, before.TriageNote, before.MergedInto
	s.Protected, s.RedactedAt = before.Protected, before.RedactedAt
}

// Withdraw withdraws a signal. Faults: as revise; Precondition for one that was
// merged, or withdrawn for another reason, and for one into which others are merged:
// what they tell would count nowhere any more.
func (s *Service) Withdraw(ctx context.Context, grant access.Grant, id string, expected int, reason string) (out Revision, err error) {
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		out, err = s.reviseIn(ctx, tx, grant, id, expected, func(next *Signal, now time.Time) (proto.Message, error) {
			if next.State == Withdrawn && next.WithdrawalReason == reason {
				return nil, nil
			}
			if err := changeable(*next); err != nil {
				return nil, err
			}
			switch first, err := s.Store.FirstMerged(ctx, tx, id); {
			case err != nil:
				return nil, err
			case first != "":
				return nil, errStillMerged.About(first)
			}
			next.State, next.StateAt, next.WithdrawalReason = Withdrawn, now, reason
			next.Revision++
			return &eventsv1.SignalWithdrawn{Signal: toProto(*next)}, nil
		})
		return err
	})
	if err != nil {
		return Revision{}, err
	}
	s.Log.Wake()
	return out, nil
}

// Past is a revision of a signal.
type Past struct {
	Entry
	// Event is the type of what happened, and At when; both empty after
	// erasure, as the Signal is.
	Event  string
	At     time.Time
	Signal Signal
}

// History gives the revisions of a signal, the newest first. Faults: as Get.
func (s *Service) History(ctx context.Context, grant access.Grant, id string) ([]Past, error) {
	entries, err := s.Store.Revisions(ctx, grant, id, 0)
	switch {
	case err != nil:
		return nil, fmt.Errorf("listing revisions: %w", err)
	case len(entries) == 0:
		return nil, errUnknown
	}
	all := make([]Past, len(entries))
	for i, e := range entries {
		all[i].Entry = e
		if e.Payload == nil {
			continue
		}
		event, err := ledger.Parse(e.Payload)
		if err != nil {
			return nil, err
		}
		all[i].Event, all[i].At = event.Type, event.Time
		if all[i].Signal, err = Decode(e.Payload); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Receipt gives the ledger entry of a revision; 0 is the newest. Faults: as Get;
// NotFound for one that was erased.
func (s *Service) Receipt(ctx context.Context, grant access.Grant, id string, number int) (Entry, error) {
	found, err := s.revision(ctx, grant, id, number)
	if err == nil && found.Payload == nil {
		err = errErased
	}
	return found, err
}

func (s *Service) revision(ctx context.Context, grant access.Grant, id string, number int) (Entry, error) {
	if number == 0 {
		stored, err := s.GetOwn(ctx, grant, id)
		return Entry{Payload: stored.Payload, Receipt: stored.Receipt}, err
	}
	entries, err := s.Store.Revisions(ctx, grant, id, number)
	switch {
	case err != nil:
		return Entry{}, fmt.Errorf("finding a revision: %w", err)
	case len(entries) == 0:
		return Entry{}, errUnknown
	}
	return entries[0], nil
}
