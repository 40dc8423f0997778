package letters

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
)

var errUnknownBottlenecks = fault.New(fault.Invalid, "onbekende-knelpunten", fault.Text{
	NL: "Niet alle knelpunten van de brief zijn er.",
	EN: "not all bottlenecks of the letter exist",
})

// DraftLetter drafts a letter that was checked, for the caller's organisation.
// It says whether the same letter had been drafted before. Faults: Denied;
// Conflict, about the letter that holds the reference; Invalid for unknown
// bottlenecks.
func (s *Service) DraftLetter(ctx context.Context, grant access.Grant, l Letter) (_ Letter, before bool, err error) {
	if !grant.Covers(l.Organisation) {
		return l, false, errForeign
	}
	digest, err := letterDigest(l)
	if err != nil {
		return l, false, err
	}
	var id string
	err = s.write(ctx, func(tx *sqldb.Tx) error {
		held, ok, err := s.Store.LockLetterKey(ctx, tx, Key{l.Organisation, l.ExternalReference})
		if err != nil {
			return err
		}
		if before = ok; ok {
			id, err = repeated(held, digest)
			return err
		}
		if _, err := s.bottlenecksOf(ctx, tx, l); err != nil {
			return err
		}
		l = l.Draft(s.NewID(), s.now())
		id = l.ID
		drafted := s.drafted(l)
		if err := sendable(drafted); err != nil {
			return err
		}
		return s.record(ctx, tx, drafted)
	})
	if err != nil {
		return l, false, fmt.Errorf("drafting a letter: %w", err)
	}
	l, err = s.GetLetter(ctx, grant, id)
	return l, before, err
}

// addedLater is more than what a letter gains between draft and sending: the
// office that adopts it, times, and a deadline with its explanation.
const addedLater = 4 << 10

var errTooLarge = fault.New(fault.Invalid, "brief-te-groot", fault.Text{
	NL: "De brief is te groot om als geheel te bewaren. Verdeel de knelpunten over meer dan één brief, of vraag korter.",
	EN: "the letter is too large to be kept as one; spread its bottlenecks over more letters, or ask in fewer words",
}).With(fault.Field{Path: "letter.items", Reason: "brief-te-groot", Text: fault.Text{
	NL: "zijn samen te groot", EN: "are too large together",
}})

// sendable refuses a draft that would not fit in an event once it is sent, when
// nothing can be changed any more.
func sendable(drafted change) error {
	payload, err := drafted.event.Marshal()
	if err == nil && len(payload) > ledger.MaxPayload-addedLater {
		err = errTooLarge
	}
	return err
}

// bottlenecksOf finds the bottlenecks of a letter's items, and locks them: the
// letter may change their states. One of another organisation is as unknown as
// one that is not there.
func (s *Service) bottlenecksOf(ctx context.Context, tx *sqldb.Tx, l Letter) (map[string]Bottleneck, error) {
	ids := make([]string, len(l.Items))
	for i, item := range l.Items {
		ids[i] = item.Bottleneck
	}
	known, err := s.Store.LockBottlenecks(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	var unknown []fault.Field
	for i, id := range ids {
		if b, ok := known[id]; !ok || b.Organisation != l.Organisation {
			unknown = append(unknown, fault.Field{
				Path: fmt.Sprintf("letter.items[%d].bottleneck", i), Reason: "onbekend-knelpunt",
				Text: fault.Text{NL: "is geen knelpunt van deze organisatie", EN: "is not a bottleneck of this organisation"},
			})
		}
	}
	if len(unknown) > 0 {
		return nil, errUnknownBottlenecks.With(unknown...)
	}
	return known, nil
}

// lock finds a letter for a change.
func (s *Service) lock(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string) (Letter, error) {
	l, ok, err := s.Store.LockLetter(ctx, tx, grant, id)
	if err == nil && !ok {
		err = errUnknownLetter
	}
	return l, err
}

// AdoptLetter adopts a draft. Adopting it again by the same office changes
// nothing. Faults: NotFound; Denied for the department it is for; Invalid when
// the office is another organisation's; Precondition when it is no draft.
func (s *Service) AdoptLetter(ctx context.Context, grant access.Grant, id string, by reference.Office) (Letter, error) {
	err := s.write(ctx, func(tx *sqldb.Tx) error {
		l, err := s.lock(ctx, tx, grant, id)
		switch {
		case err != nil:
			return err
		case !grant.Covers(l.Organisation):
			return errForeign
		case l.State == LetterAdopted && l.AdoptedBy != nil && *l.AdoptedBy == by:
			return nil
		}
		if l, err = l.Adopt(by, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, s.adopted(l))
	})
	if err != nil {
		return Letter{}, fmt.Errorf("adopting a letter: %w", err)
	}
	return s.GetLetter(ctx, grant, id)
}

// SendLetter sends an adopted letter to its department: it is frozen, hashed,
// and the clock starts. Sending it again changes nothing. Faults: NotFound;
// Denied; Precondition when it is not adopted, or its day for an answer is past.
func (s *Service) SendLetter(ctx context.Context, grant access.Grant, id string) (Letter, error) {
	err := s.write(ctx, func(tx *sqldb.Tx) error {
		l, err := s.lock(ctx, tx, grant, id)
		switch {
		case err != nil:
			return err
		case !grant.Covers(l.Organisation):
			return errForeign
		case l.State >= LetterSent:
			return nil
		}
		frozen, err := s.bottlenecksOf(ctx, tx, l)
		if err != nil {
			return err
		}
		shown, err := s.Store.CountShown(ctx, tx, slices.Sorted(maps.Keys(frozen)))
		if err != nil {
			return err
		}
		if l, err = l.Send(s.Data, frozen, shown, s.now()); err != nil {
			return err
		}
		if l.ContentHash, err = contentHash(l); err != nil {
			return err
		}
		return s.record(ctx, tx, s.sent(l)...)
	})
	if err != nil {
		return Letter{}, fmt.Errorf("sending a letter: %w", err)
	}
	return s.GetLetter(ctx, grant, id)
}

// AnswerItem records the department's answer, which was checked, to an item of a
// letter that was sent. It says whether the same answer had been given before.
// Faults: NotFound; Denied for any but the department that the letter is
// addressed to; Conflict, about the answer that holds the reference;
// Precondition when the letter is not sent, or the item is solved.
func (s *Service) AnswerItem(ctx context.Context, grant access.Grant, letter string, number int, r Response) (_ Response, before bool, err error) {
	err = s.write(ctx, func(tx *sqldb.Tx) error {
		l, err := s.lock(ctx, tx, grant, letter)
		if err != nil {
			return err
		}
		if !grant.Covers(l.Department) {
			return errNotAddressed
		}
		held, ok := l.response(number, r.ExternalReference)
		if before = ok; ok {
			if !held.repeats(r) {
				return errOtherContent.About(held.ID)
			}
			r = held
			return nil
		}
		item, err := l.Answerable(number)
		if err != nil {
			return err
		}
		// Other letters may be about the same bottleneck: without the lock the
		// order of the entries could be another than that of the changes.
		if _, err := s.Store.LockBottlenecks(ctx, tx, []string{item.Bottleneck}); err != nil {
			return err
		}
		r.ID, r.AnsweredAt, r.Department = s.NewID(), s.now(), l.Department
		return s.record(ctx, tx, s.answered(l, item, r))
	})
	if err != nil {
		return Response{}, false, fmt.Errorf("answering an item: %w", err)
	}
	return r, before, nil
}

var errNotAddressed = fault.New(fault.Denied, "ander-departement", fault.Text{
	NL: "Alleen het departement waaraan de brief is gericht, kan antwoorden.",
	EN: "only the department that the letter is addressed to can answer",
})
