package letters

import (
	"crypto/sha256"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// letterEvent is an event that holds a whole letter.
type letterEvent interface{ GetLetter() *lettersv1.Letter }

func (s *Service) event(subject, organisation string, at time.Time, data proto.Message) ledger.Event {
	return ledger.Event{ID: s.NewID(), Source: s.Source, Subject: subject, Organisation: organisation, Time: at, Data: data}
}

// sum is SHA-256 over a message's JSON on the wire, which leaves out what is
// not set: a field that a later version adds does not change it.
func sum(m proto.Message) ([]byte, error) {
	text, err := wire.Marshal(m)
	hash := sha256.Sum256(text)
	return hash[:], err
}

// bottleneckDigest identifies what was submitted: the content without what
// Schakel added.
func bottleneckDigest(b Bottleneck) ([]byte, error) {
	return sum(bottleneckToProto(Bottleneck{
		Organisation: b.Organisation, ExternalReference: b.ExternalReference, Title: b.Title,
		Description: b.Description, Category: b.Category, Provisions: b.Provisions, Signals: b.Signals, Proposal: b.Proposal,
	}))
}

// letterDigest identifies what was submitted, as bottleneckDigest does.
func letterDigest(l Letter) ([]byte, error) {
	items := make([]Item, len(l.Items))
	for i, item := range l.Items {
		items[i] = Item{Bottleneck: item.Bottleneck, Request: item.Request}
	}
	return sum(letterToProto(Letter{
		Organisation: l.Organisation, ExternalReference: l.ExternalReference, Department: l.Department,
		Kind: l.Kind, Edition: l.Edition, Title: l.Title, Introduction: l.Introduction, Items: items, AnswerBy: l.AnswerBy,
	}))
}

// contentHash is the hash of what a letter says when it is sent.
func contentHash(l Letter) ([]byte, error) {
	l.Items = append([]Item(nil), l.Items...)
	for i := range l.Items {
		l.Items[i].State, l.Items[i].StateAt, l.Items[i].Responses = 0, time.Time{}, nil
	}
	return sum(letterToProto(Letter{
		Organisation: l.Organisation, ExternalReference: l.ExternalReference, Department: l.Department,
		Kind: l.Kind, Edition: l.Edition, Title: l.Title, Introduction: l.Introduction, Items: l.Items, AnswerBy: l.AnswerBy,
	}))
}

func bottleneckFromProto(m *lettersv1.Bottleneck, c *reference.Checklist) Bottleneck {
	return Bottleneck{
		ID:                m.GetId(),
		Organisation:      m.GetOrganisation(),
		ExternalReference: m.GetExternalReference(),
		Title:             m.GetTitle(),
		Description:       m.GetDescription(),
		Category:          m.GetCategory(),
		Provisions:        refproto.ProvisionsFrom(m.GetProvisions(), "provisions", c),
		Signals:           m.GetSignals(),
		Proposal:          m.GetProposal(),
		State:             BottleneckState(m.GetState()),
		StateAt:           refproto.Time(m.GetStateAt()),
		Revision:          int(m.GetRevision()),
		OpenedAt:          refproto.Time(m.GetOpenedAt()),
	}
}

func bottleneckToProto(b Bottleneck) *lettersv1.Bottleneck {
	return &lettersv1.Bottleneck{
		Id:                b.ID,
		Organisation:      b.Organisation,
		ExternalReference: b.ExternalReference,
		Title:             b.Title,
		Description:       b.Description,
		Category:          b.Category,
		Provisions:        refproto.Provisions(b.Provisions),
		Signals:           b.Signals,
		Proposal:          b.Proposal,
		State:             lettersv1.BottleneckState(b.State),
		StateAt:           refproto.Timestamp(b.StateAt),
		Revision:          int32(b.Revision),
		OpenedAt:          refproto.Timestamp(b.OpenedAt),
	}
}

func letterFromProto(m *lettersv1.Letter) Letter {
	l := Letter{
		ID:                m.GetId(),
		Organisation:      m.GetOrganisation(),
		ExternalReference: m.GetExternalReference(),
		Department:        m.GetDepartment(),
		Kind:              LetterKind(m.GetKind()),
		Edition:           m.GetEdition(),
		Title:             m.GetTitle(),
		Introduction:      m.GetIntroduction(),
		AnswerBy:          m.GetAnswerBy(),
		State:             LetterState(m.GetState()),
		Revision:          int(m.GetRevision()),
		DraftedAt:         refproto.Time(m.GetDraftedAt()),
		AdoptedAt:         refproto.Time(m.GetAdoptedAt()),
		AdoptedBy:         refproto.OfficeFrom(m.GetAdoptedBy()),
		SentAt:            refproto.Time(m.GetSentAt()),
		ContentHash:       m.GetContentHash(),
		Deadline:          refproto.DeadlineFrom(m.GetDeadline()),
	}
	for _, item := range m.GetItems() {
		l.Items = append(l.Items, itemFromProto(item))
	}
	return l
}

func letterToProto(l Letter) *lettersv1.Letter {
	m := &lettersv1.Letter{
		Id:                l.ID,
		Organisation:      l.Organisation,
		ExternalReference: l.ExternalReference,
		Department:        l.Department,
		Kind:              lettersv1.LetterKind(l.Kind),
		Edition:           l.Edition,
		Title:             l.Title,
		Introduction:      l.Introduction,
		AnswerBy:          l.AnswerBy,
		State:             lettersv1.LetterState(l.State),
		Revision:          int32(l.Revision),
		DraftedAt:         refproto.Timestamp(l.DraftedAt),
		AdoptedAt:         refproto.Timestamp(l.AdoptedAt),
		AdoptedBy:         refproto.Office(l.AdoptedBy),
		SentAt:            refproto.Timestamp(l.SentAt),
		ContentHash:       l.ContentHash,
		Deadline:          refproto.Deadline(l.Deadline),
	}
	for _, item := range l.Items {
		m.Items = append(m.Items, itemToProto(item))
	}
	return m
}

func itemFromProto(m *lettersv1.LetterItem) Item {
	item := Item{
		Bottleneck:  m.GetBottleneck(),
		Request:     m.GetRequest(),
		Number:      int(m.GetNumber()),
		Title:       m.GetTitle(),
		Description: m.GetDescription(),
		Category:    m.GetCategory(),
		Provisions:  refproto.ProvisionsFrom(m.GetProvisions(), "provisions", nil),
		SignalCount: int(m.GetSignalCount()),
		State:       ItemState(m.GetState()),
		StateAt:     refproto.Time(m.GetStateAt()),
	}
	for _, r := range m.GetResponses() {
		item.Responses = append(item.Responses, responseFromProto(r))
	}
	return item
}

func itemToProto(item Item) *lettersv1.LetterItem {
	m := &lettersv1.LetterItem{
		Bottleneck:  item.Bottleneck,
		Request:     item.Request,
		Number:      int32(item.Number),
		Title:       item.Title,
		Description: item.Description,
		Category:    item.Category,
		Provisions:  refproto.Provisions(item.Provisions),
		SignalCount: int32(item.SignalCount),
		State:       lettersv1.ItemState(item.State),
		StateAt:     refproto.Timestamp(item.StateAt),
	}
	for _, r := range item.Responses {
		m.Responses = append(m.Responses, responseToProto(r))
	}
	return m
}

func responseFromProto(m *lettersv1.Response) Response {
	r := Response{
		ID: m.GetId(), ExternalReference: m.GetExternalReference(),
		Choice:     Choice(m.GetChoice()),
		Instrument: m.GetInstrument(),
		Ground:     Ground(m.GetGround()),
		Motive:     m.GetMotive(),
		Due:        m.GetDue(),
		AnsweredAt: refproto.Time(m.GetAnsweredAt()),
		Department: m.GetDepartment(),
	}
	if o := refproto.OfficeFrom(m.GetOwner()); o != nil {
		r.Owner = *o
	}
	return r
}

func responseToProto(r Response) *lettersv1.Response {
	return &lettersv1.Response{
		Id: r.ID, ExternalReference: r.ExternalReference,
		Choice:     lettersv1.ResponseChoice(r.Choice),
		Instrument: r.Instrument,
		Ground:     lettersv1.NotNowGround(r.Ground),
		Motive:     r.Motive,
		Owner:      refproto.Office(&r.Owner),
		Due:        r.Due,
		AnsweredAt: refproto.Timestamp(r.AnsweredAt),
		Department: r.Department,
	}
}

// DecodeBottleneck makes the bottleneck out of the payload of its ledger entry.
func DecodeBottleneck(payload []byte) (Bottleneck, error) {
	data, err := decode[*eventsv1.BottleneckOpened](payload)
	return bottleneckFromProto(data.GetBottleneck(), nil), err
}

// DecodeLetter makes the letter out of the payload of its newest ledger entry,
// without the words of its items and without answers.
func DecodeLetter(payload []byte) (Letter, error) {
	data, err := decode[letterEvent](payload)
	if err != nil {
		return Letter{}, err
	}
	return letterFromProto(data.GetLetter()), nil
}

// DecodeItem makes the item out of the payload of the entry that froze it.
func DecodeItem(payload []byte) (Item, error) {
	data, err := decode[*eventsv1.ItemPresented](payload)
	return itemFromProto(data.GetItem()), err
}

// DecodeResponse makes the response out of the payload of its ledger entry.
func DecodeResponse(payload []byte) (Response, error) {
	data, err := decode[*eventsv1.ItemAnswered](payload)
	return responseFromProto(data.GetResponse()), err
}

// decode reads the data of an event that must be a T.
func decode[T any](payload []byte) (T, error) {
	event, err := ledger.Parse(payload)
	if err != nil {
		var none T
		return none, err
	}
	data, ok := event.Data.(T)
	if !ok {
		return data, fmt.Errorf("letters: an entry holds %T where %T was meant", event.Data, data)
	}
	return data, nil
}
