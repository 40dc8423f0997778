package letters

import (
	"context"
	"fmt"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// change is an event on its way into tables and ledger, with the revision of
// its subject after it.
type change struct {
	event    ledger.Event
	revision int64
}

func (s *Service) opened(b Bottleneck) change {
	return change{s.event(b.ID, b.Organisation, b.StateAt, &eventsv1.BottleneckOpened{Bottleneck: bottleneckToProto(b)}), 1}
}

func (s *Service) drafted(l Letter) change {
	return change{s.event(l.ID, l.Organisation, l.DraftedAt, &eventsv1.LetterDrafted{Letter: letterToProto(l)}), int64(l.Revision)}
}

func (s *Service) adopted(l Letter) change {
	return change{s.event(l.ID, l.Organisation, l.AdoptedAt, &eventsv1.LetterAdopted{Letter: letterToProto(l)}), int64(l.Revision)}
}

// sent is the letter as an event without its frozen words, and each item with
// them as an event of its own: so every event stays small.
func (s *Service) sent(l Letter) []change {
	short := l
	short.Items = make([]Item, len(l.Items))
	for i, item := range l.Items {
		short.Items[i] = Item{Bottleneck: item.Bottleneck, Request: item.Request, Number: item.Number, State: item.State, StateAt: item.StateAt}
	}
	changes := []change{{
		s.event(l.ID, l.Organisation, l.SentAt, &eventsv1.LetterSent{Letter: letterToProto(short)}), int64(l.Revision),
	}}
	for _, item := range l.Items {
		changes = append(changes, change{s.event(ItemSubject(l.ID, item.Number), l.Organisation, l.SentAt,
			&eventsv1.ItemPresented{Letter: l.ID, Item: itemToProto(item)}), 1})
	}
	return changes
}

func (s *Service) answered(l Letter, item Item, r Response) change {
	return change{s.event(r.ID, l.Organisation, r.AnsweredAt, &eventsv1.ItemAnswered{
		Letter: l.ID, Number: int32(item.Number), Bottleneck: item.Bottleneck, Response: responseToProto(r),
	}), 1}
}

func (s *Service) rejected(p Proposal) change {
	return change{s.event(p.ID, p.Organisation, p.StateAt, &eventsv1.ProposalRejected{Proposal: proposalToProto(p)}), 1}
}

// ItemSubject is the subject of the event that froze an item of a letter.
func ItemSubject(letter string, number int) string { return fmt.Sprintf("%s/%d", letter, number) }

// Replay folds the own ledger, such as one that was imported, into the tables,
// which must be empty, and returns how many entries there were. What was erased
// stays out. After a fault the tables are as empty as before.
func (s *Service) Replay(ctx context.Context) (int, error) {
	return ledger.Replay(ctx, s.DB, func(ctx context.Context, tx *sqldb.Tx, page []ledger.Sequenced) error {
		for _, entry := range page {
			if entry.Erased {
				continue
			}
			event, err := ledger.Parse(entry.Payload)
			if err != nil {
				return err
			}
			if err := s.fold(ctx, tx, event); err != nil {
				return err
			}
		}
		return nil
	})
}

// fold puts what an event says in the tables. It is the only way into them, so
// that folding the ledger anew gives the same tables.
func (s *Service) fold(ctx context.Context, tx *sqldb.Tx, event ledger.Event) error {
	switch data := event.Data.(type) {
	case *eventsv1.BottleneckOpened:
		b := bottleneckFromProto(data.GetBottleneck(), nil)
		digest, err := bottleneckDigest(b)
		if err != nil {
			return err
		}
		if err := s.Store.PutBottleneck(ctx, tx, b, digest); err != nil || b.Proposal == "" {
			return err
		}
		return s.Store.Decide(ctx, tx, b.Proposal, ProposalAccepted, b.OpenedAt, b.ID)
	case letterEvent:
		l := letterFromProto(data.GetLetter())
		digest, err := letterDigest(l)
		if err != nil {
			return err
		}
		return s.Store.PutLetter(ctx, tx, l, digest)
	case *eventsv1.ItemPresented:
		return s.Store.Present(ctx, tx, data.GetLetter(), itemFromProto(data.GetItem()))
	case *eventsv1.ItemAnswered:
		return s.Store.PutResponse(ctx, tx, data.GetLetter(), int(data.GetNumber()), responseFromProto(data.GetResponse()))
	case *eventsv1.ProposalRejected:
		return s.Store.Decide(ctx, tx, event.Subject, ProposalRejected, event.Time, "")
	case *eventsv1.EditionCompiled:
		return s.Store.PutEdition(ctx, tx, event.Subject, event.Time)
	}
	return fmt.Errorf("letters: no way to fold %T", event.Data)
}
