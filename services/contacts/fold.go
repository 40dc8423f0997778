package contacts

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

func (s *Service) designated(p ContactPerson) change {
	return change{ledger.Event{
		ID: s.NewID(), Source: s.Source, Subject: p.ID, Organisation: p.Department, Time: p.RecordedAt,
		Data: &eventsv1.ContactPersonDesignated{ContactPerson: contactPersonToProto(p)},
	}, int64(p.Revision)}
}

func (s *Service) logged(c Contact) change {
	return change{ledger.Event{
		ID: s.NewID(), Source: s.Source, Subject: c.ID, Organisation: c.Department, Time: c.RecordedAt,
		Data: &eventsv1.ContactLogged{Contact: contactToProto(c)},
	}, int64(c.Revision)}
}

// record folds a change into the tables and writes it in the ledger.
func (s *Service) record(ctx context.Context, tx *sqldb.Tx, c change) error {
	if err := s.fold(ctx, tx, c.event); err != nil {
		return err
	}
	entry, err := ledger.Seal(c.event, c.revision)
	if err != nil {
		return err
	}
	return ledger.Append(ctx, tx, []ledger.Entry{entry})
}

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
	case *eventsv1.ContactPersonDesignated:
		p := contactPersonFromProto(data.GetContactPerson())
		digest, err := contactPersonDigest(p)
		if err != nil {
			return err
		}
		return s.Store.PutContactPerson(ctx, tx, p, digest)
	case *eventsv1.ContactLogged:
		c := contactFromProto(data.GetContact())
		digest, err := contactDigest(c)
		if err != nil {
			return err
		}
		return s.Store.PutContact(ctx, tx, c, digest)
	}
	return fmt.Errorf("contacts: no way to fold %T", event.Data)
}
