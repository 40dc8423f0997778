package signals

import (
	"crypto/sha256"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// submitted is a signal as it could have come in, without what Schakel and later
// acts added.
func submitted(s Signal) Signal {
	s.ID, s.Revision, s.ReceivedAt = "", 0, time.Time{}
	s.State, s.StateAt, s.Bottleneck = 0, time.Time{}, ""
	s.AmendmentReason, s.WithdrawalReason, s.TriageNote, s.MergedInto = "", "", "", ""
	s.Protected, s.RedactedAt = false, time.Time{}
	return s
}

// content is a signal as JSON on the wire. What only Schakel fills in must not be
// there.
func content(s Signal) ([]byte, error) { return wire.Append(make([]byte, 0, 1<<10), toProto(s)) }

// digest identifies the content of a signal as submitted: SHA-256 over it, which
// leaves out what is not set, so that a field that a later version adds does not
// change it.
func digest(s Signal) ([]byte, error) {
	text, err := content(s)
	sum := sha256.Sum256(text)
	return sum[:], err
}

// event is what the ledger records of a new signal, whose content was written
// before: what Schakel fills in goes before it.
func (c Config) event(s Signal, content []byte) (ledger.Event, error) {
	event := c.eventOf(s, s.ReceivedAt, &eventsv1.SignalSubmitted{})
	text := append(make([]byte, 0, len(content)+256), `{"signaal":`...)
	text, err := wire.AppendWith(text, &signalsv1.Signal{
		Id: s.ID, State: signalsv1.SignalState(s.State), Revision: int32(s.Revision),
		ReceivedAt: refproto.Timestamp(s.ReceivedAt), StateAt: refproto.Timestamp(s.StateAt),
	}, content)
	event.JSON = append(text, '}')
	return event, err
}

// eventOf is what the ledger records of something that happened to a signal.
func (c Config) eventOf(s Signal, at time.Time, data proto.Message) ledger.Event {
	return ledger.Event{
		ID: c.NewID(), Source: c.Source, Subject: s.ID, Organisation: s.Organisation, Time: at, Data: data,
	}
}

// told is an event that tells of a signal, whole as it was after it.
type told interface{ GetSignal() *signalsv1.Signal }

// Decode makes the signal out of the payload of one of its ledger entries.
func Decode(payload []byte) (Signal, error) {
	event, err := ledger.Parse(payload)
	if err != nil {
		return Signal{}, err
	}
	data, ok := event.Data.(told)
	if !ok {
		return Signal{}, fmt.Errorf("signals: an entry of a signal holds %T", event.Data)
	}
	return fromProto(data.GetSignal(), nil), nil
}

// fromProto reads a signal, and notes what of it cannot be read; with a nil
// checklist that is left out.
func fromProto(m *signalsv1.Signal, c *reference.Checklist) Signal {
	s := Signal{
		ID:                   m.GetId(),
		Organisation:         m.GetOrganisation(),
		ExternalReference:    m.GetExternalReference(),
		Title:                m.GetTitle(),
		Description:          m.GetDescription(),
		Level:                m.GetLevel(),
		Categories:           m.GetCategories(),
		PublicValues:         m.GetPublicValues(),
		Principles:           m.GetPrinciples(),
		TargetGroups:         m.GetTargetGroups(),
		Severity:             Severity(m.GetSeverity()),
		Since:                m.GetSince(),
		Approach:             Approach(m.GetApproach()),
		Customisation:        m.GetCustomisation(),
		OtherOrganisations:   m.GetOtherOrganisations(),
		CausingOrganisations: m.GetCausingOrganisations(),
		SocietalTask:         m.GetSocietalTask(),
		PolicyStage:          m.GetPolicyStage(),
		Confidentiality:      Confidentiality(m.GetConfidentiality()),
		State:                State(m.GetState()),
		Revision:             int(m.GetRevision()),
		ReceivedAt:           refproto.Time(m.GetReceivedAt()),
		StateAt:              refproto.Time(m.GetStateAt()),
		Provisions:           refproto.ProvisionsFrom(m.GetProvisions(), "provisions", c),
		Bottleneck:           m.GetBottleneck(),
		AmendmentReason:      m.GetAmendmentReason(),
		WithdrawalReason:     m.GetWithdrawalReason(),
		TriageNote:           m.GetTriageNote(),
		MergedInto:           m.GetMergedInto(),
		Protected:            m.GetProtected(),
		RedactedAt:           refproto.Time(m.GetRedactedAt()),
	}
	for _, p := range m.GetProposedSolutions() {
		s.ProposedSolutions = append(s.ProposedSolutions, ProposedSolution{
			Description: p.GetDescription(), Actor: p.GetActor(), Instrument: p.GetInstrument(), Cost: p.GetCost(),
		})
	}
	for _, r := range m.GetReferences() {
		s.References = append(s.References, Reference{Description: r.GetDescription(), URI: r.GetUri()})
	}
	if e := m.GetExtent(); e != nil {
		s.Extent = &Extent{
			Minimum: int(e.GetMinimum()), Maximum: int(e.GetMaximum()), PerYear: e.GetPerYear(),
			Source: e.GetSource(), Certainty: Certainty(e.GetCertainty()),
		}
	}
	return s
}

func toProto(s Signal) *signalsv1.Signal {
	m := &signalsv1.Signal{
		Id:                   s.ID,
		Organisation:         s.Organisation,
		ExternalReference:    s.ExternalReference,
		Title:                s.Title,
		Description:          s.Description,
		Level:                s.Level,
		Categories:           s.Categories,
		PublicValues:         s.PublicValues,
		Principles:           s.Principles,
		TargetGroups:         s.TargetGroups,
		Severity:             signalsv1.Severity(s.Severity),
		Since:                s.Since,
		Approach:             signalsv1.Approach(s.Approach),
		Customisation:        s.Customisation,
		OtherOrganisations:   s.OtherOrganisations,
		CausingOrganisations: s.CausingOrganisations,
		SocietalTask:         s.SocietalTask,
		PolicyStage:          s.PolicyStage,
		Confidentiality:      signalsv1.Confidentiality(s.Confidentiality),
		State:                signalsv1.SignalState(s.State),
		Revision:             int32(s.Revision),
		ReceivedAt:           refproto.Timestamp(s.ReceivedAt),
		StateAt:              refproto.Timestamp(s.StateAt),
		Bottleneck:           s.Bottleneck,
		AmendmentReason:      s.AmendmentReason,
		WithdrawalReason:     s.WithdrawalReason,
		TriageNote:           s.TriageNote,
		MergedInto:           s.MergedInto,
		Protected:            s.Protected,
		RedactedAt:           refproto.Timestamp(s.RedactedAt),
		Provisions:           refproto.Provisions(s.Provisions),
	}
	for _, p := range s.ProposedSolutions {
		m.ProposedSolutions = append(m.ProposedSolutions, &signalsv1.ProposedSolution{
			Description: p.Description, Actor: p.Actor, Instrument: p.Instrument, Cost: p.Cost,
		})
	}
	for _, r := range s.References {
		m.References = append(m.References, &signalsv1.Reference{Description: r.Description, Uri: r.URI})
	}
	if e := s.Extent; e != nil {
		m.Extent = &signalsv1.Extent{
			Minimum: int32(e.Minimum), Maximum: int32(e.Maximum), PerYear: e.PerYear,
			Source: e.Source, Certainty: signalsv1.Certainty(e.Certainty),
		}
	}
	return m
}
