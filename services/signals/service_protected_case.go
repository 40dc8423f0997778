package signals

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
)

// Case gives the case of a secret, with what of it waits for its day to be over.
// Fault: NotFound.
func (s *Service) Case(ctx context.Context, secretHash []byte) (c Case, err error) {
	id, err := s.caseID(ctx, secretHash)
	if err != nil {
		return Case{}, err
	}
	if c.Messages, err = s.said(ctx, id, true); err != nil {
		return Case{}, err
	}
	c.Signal, c.First, err = s.begun(ctx, id)
	return c, err
}

func (s *Service) caseID(ctx context.Context, secretHash []byte) (id string, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		found, ok, err := s.Store.CaseOf(ctx, tx, secretHash)
		if id = found; err == nil && !ok {
			err = errNoCase
		}
		return err
	})
	return id, err
}

// begun gives the signal of a case as its reporter sees it, and its First.
func (s *Service) begun(ctx context.Context, id string) (Signal, Entry, error) {
	var report ledger.Entry
	var waits bool
	err := s.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		report, waits, err = s.Store.WaitingReport(ctx, tx, id)
		return err
	})
	if err != nil {
		return Signal{}, Entry{}, err
	}
	if waits {
		leaf := report.Leaf()
		signal, err := Decode(report.Payload)
		return signal, Entry{Revision: 1, Payload: report.Payload, Receipt: report.Receipt, Leaf: leaf[:]}, err
	}
	stored, ok, err := s.Store.Get(ctx, reporter, id)
	if err != nil || !ok {
		return Signal{}, Entry{}, cmp.Or[error](err, errNoCase)
	}
	first, err := s.first(ctx, id)
	return stored.Signal, first, err
}

// first is the entry of the first revision of a protected signal, or of the
// first that was not erased.
func (s *Service) first(ctx context.Context, id string) (Entry, error) {
	entries, err := s.Store.Revisions(ctx, reporter, id, 0)
	if err != nil {
		return Entry{}, err
	}
	for _, e := range slices.Backward(entries) {
		if e.Payload != nil {
			return e, nil
		}
	}
	return Entry{}, errNoCase
}

// said is what was said in the case of a signal, in a transaction of its own: also
// what waits, which is for the reporter alone.
func (s *Service) said(ctx context.Context, id string, toReporter bool) (all []Message, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		if all, err = s.messages(ctx, tx, id); err != nil || !toReporter {
			return err
		}
		payloads, err := s.Store.WaitingMessages(ctx, tx, id)
		if err != nil {
			return err
		}
		waiting, err := messagesOf(payloads)
		all = append(all, waiting...)
		return err
	})
	return inOrder(all), err
}

// inOrder puts messages in the order of their days, and within one in the order of
// the ledger: there a reporter's come after the answers of their day. So the order
// stays when those that wait have come in.
func inOrder(all []Message) []Message {
	slices.SortStableFunc(all, func(a, b Message) int { return cmp.Compare(a.Day, b.Day) })
	return all
}

// messages gives what was said in the case of a signal, the oldest first. What
// was erased is left out.
func (s *Service) messages(ctx context.Context, tx *sqldb.Tx, id string) (all []Message, err error) {
	payloads, err := s.Store.Messages(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return messagesOf(payloads)
}

func messagesOf(payloads [][]byte) (all []Message, err error) {
	for _, payload := range payloads {
		event, err := ledger.Parse(payload)
		if err != nil {
			return nil, err
		}
		data, ok := event.Data.(interface{ GetMessage() *signalsv1.CaseMessage })
		if !ok {
			return nil, fmt.Errorf("signals: an entry of a message holds %T", event.Data)
		}
		_, redacted := event.Data.(*eventsv1.CaseMessageRedacted)
		m := data.GetMessage()
		all = append(all, Message{ID: m.GetId(), ByReporter: m.GetByReporter(), Text: m.GetText(), Day: m.GetSaidOn(), Redacted: redacted})
	}
	return all, nil
}

// Say adds a message of the reporter to the case of a secret, which the organisation
// sees when its day is over. The same message again changes nothing. Faults: NotFound; Conflict for another message under the
// id; Precondition when the case is full.
func (s *Service) Say(ctx context.Context, secretHash []byte, id, text string) (Message, error) {
	signal, err := s.caseID(ctx, secretHash)
	if err != nil {
		return Message{}, err
	}
	stored, _, err := s.begun(ctx, signal)
	if err != nil {
		return Message{}, err
	}
	return s.say(ctx, stored, Message{ID: id, ByReporter: true, Text: text})
}

// Answer adds a message of the organisation to the case of a protected signal.
// Faults: NotFound; as Say.
func (s *Service) Answer(ctx context.Context, grant access.Grant, signal, id, text string) (Message, error) {
	stored, err := s.protected(ctx, grant, signal)
	if err != nil {
		return Message{}, err
	}
	return s.say(ctx, stored, Message{ID: id, Text: text})
}

// Messages gives what was said in the case of a protected signal. Fault:
// NotFound.
func (s *Service) Messages(ctx context.Context, grant access.Grant, signal string) ([]Message, error) {
	if _, err := s.protected(ctx, grant, signal); err != nil {
		return nil, err
	}
	return s.said(ctx, signal, false)
}

// protected finds a protected signal of the caller's own organisation.
func (s *Service) protected(ctx context.Context, grant access.Grant, id string) (Signal, error) {
	stored, err := s.Get(ctx, grant, id)
	if err == nil && (!stored.Signal.Protected || !grant.Covers(stored.Signal.Organisation)) {
		err = errUnknown
	}
	return stored.Signal, err
}

// say stores a message. Its day is all that is told of the time, whoever says it.
// That of a reporter waits; an answer need not, for it can be to nothing that does.
func (s *Service) say(ctx context.Context, signal Signal, m Message) (Message, error) {
	day := dayOf(s.Now())
	m.Day = reference.DutchDate(day).String()
	entries, err := s.sealAnonymous(signal.Organisation, day,
		subject{m.ID, &eventsv1.CaseMessageAdded{Signal: signal.ID, Message: messageToProto(m)}})
	if err != nil {
		return Message{}, err
	}
	taken := false
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		held, room, err := s.Store.RoomFor(ctx, tx, signal.ID, m.ID, maxMessages)
		if taken = !room; err != nil || taken {
			return err
		}
		if m.ByReporter {
			return s.Store.Wait(ctx, tx, Withheld{Entry: entries[0], Signal: signal.ID, Number: firstMessage + held, Day: day})
		}
		if err := s.Store.AddMessage(ctx, tx, signal.ID, m.ID); err != nil {
			return err
		}
		return ledger.Append(ctx, tx, entries)
	})
	if err != nil {
		return Message{}, err
	}
	if taken {
		return s.saidBefore(ctx, signal.ID, m)
	}
	if !m.ByReporter {
		s.Log.Wake()
	}
	return m, nil
}

// saidBefore finds a message that is there already. Of one from which something was
// removed nobody knows what it said: whoever says it again is believed.
func (s *Service) saidBefore(ctx context.Context, signal string, m Message) (Message, error) {
	all, err := s.said(ctx, signal, m.ByReporter)
	if err != nil {
		return Message{}, err
	}
	for _, was := range all {
		switch {
		case was.ID != m.ID:
		case was.ByReporter == m.ByReporter && (was.Redacted || was.Text == m.Text):
			return was, nil
		default:
			return Message{}, errOtherMessage
		}
	}
	if len(all) >= maxMessages {
		return Message{}, errCaseFull
	}
	return Message{}, errOtherMessage
}

func messageToProto(m Message) *signalsv1.CaseMessage {
	return &signalsv1.CaseMessage{Id: m.ID, ByReporter: m.ByReporter, Text: m.Text, SaidOn: m.Day}
}
