package contacts

import (
	"crypto/sha256"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// sum is SHA-256 over a message's JSON on the wire, which leaves out what is
// not set: a field that a later version adds does not change it.
func sum(m proto.Message) ([]byte, error) {
	text, err := wire.Marshal(m)
	hash := sha256.Sum256(text)
	return hash[:], err
}

// contactPersonDigest identifies what came in: the content without what Schakel
// added.
func contactPersonDigest(p ContactPerson) ([]byte, error) {
	p.ID, p.RecordedAt, p.Revision = "", time.Time{}, 0
	return sum(contactPersonToProto(p))
}

// contactDigest identifies what came in, as contactPersonDigest does.
func contactDigest(c Contact) ([]byte, error) {
	c.ID, c.Regime, c.Proof, c.RecordedAt, c.LeadDays, c.Revision = "", "", 0, time.Time{}, 0, 0
	return sum(contactToProto(c))
}

func contactPersonFromProto(m *contactsv1.ContactPerson) ContactPerson {
	return ContactPerson{
		ID:         m.GetId(),
		Department: m.GetDepartment(),
		Function:   m.GetFunction(),
		Mailbox:    m.GetMailbox(),
		ValidFrom:  m.GetValidFrom(),
		ValidUntil: m.GetValidUntil(),
		RecordedAt: refproto.Time(m.GetRecordedAt()),
		Revision:   int(m.GetRevision()),
	}
}

func contactPersonToProto(p ContactPerson) *contactsv1.ContactPerson {
	return &contactsv1.ContactPerson{
		Id:         p.ID,
		Department: p.Department,
		Function:   p.Function,
		Mailbox:    p.Mailbox,
		ValidFrom:  p.ValidFrom,
		ValidUntil: p.ValidUntil,
		RecordedAt: refproto.Timestamp(p.RecordedAt),
		Revision:   int32(p.Revision),
	}
}

func contactFromProto(m *contactsv1.Contact) Contact {
	c := Contact{
		ID:                m.GetId(),
		Department:        m.GetDepartment(),
		ExternalReference: m.GetExternalReference(),
		ContactPerson:     m.GetContactPerson(),
		Subject:           m.GetSubject(),
		Form:              m.GetForm(),
		Initiative:        Initiative(m.GetInitiative()),
		RequestedAt:       refproto.Time(m.GetRequestedAt()),
		Consent: Consent{
			DecidedBy: officeFromProto(m.GetConsent().GetDecidedBy()),
			DecidedAt: refproto.Time(m.GetConsent().GetDecidedAt()),
			Reference: m.GetConsent().GetReference(),
		},
		HeldAt:     refproto.Time(m.GetHeldAt()),
		Regime:     m.GetRegime(),
		Proof:      Proof(m.GetProof()),
		RecordedAt: refproto.Time(m.GetRecordedAt()),
		LeadDays:   int(m.GetLeadDays()),
		Revision:   int(m.GetRevision()),
	}
	for _, official := range m.GetOfficials() {
		c.Officials = append(c.Officials, officeFromProto(official))
	}
	for _, member := range m.GetMembers() {
		c.Members = append(c.Members, Member{Chamber: Chamber(member.GetChamber()), ID: member.GetId()})
	}
	return c
}

// officeFromProto reads an office; none is the zero Office.
func officeFromProto(m *referencev1.Office) reference.Office {
	return reference.Office{Organisation: m.GetOrganisation(), Function: m.GetFunction()}
}

func contactToProto(c Contact) *contactsv1.Contact {
	m := &contactsv1.Contact{
		Id:                c.ID,
		Department:        c.Department,
		ExternalReference: c.ExternalReference,
		ContactPerson:     c.ContactPerson,
		Subject:           c.Subject,
		Form:              c.Form,
		Initiative:        contactsv1.Initiative(c.Initiative),
		RequestedAt:       refproto.Timestamp(c.RequestedAt),
		Consent: &contactsv1.Consent{
			DecidedBy: refproto.Office(&c.Consent.DecidedBy),
			DecidedAt: refproto.Timestamp(c.Consent.DecidedAt),
			Reference: c.Consent.Reference,
		},
		HeldAt:     refproto.Timestamp(c.HeldAt),
		Regime:     c.Regime,
		Proof:      contactsv1.Proof(c.Proof),
		RecordedAt: refproto.Timestamp(c.RecordedAt),
		LeadDays:   int32(c.LeadDays),
		Revision:   int32(c.Revision),
	}
	for _, official := range c.Officials {
		m.Officials = append(m.Officials, refproto.Office(&official))
	}
	for _, member := range c.Members {
		m.Members = append(m.Members, &referencev1.MemberOfParliament{Chamber: referencev1.Chamber(member.Chamber), Id: member.ID})
	}
	return m
}

// DecodeContactPerson makes the contact person out of the payload of its ledger
// entry.
func DecodeContactPerson(payload []byte) (ContactPerson, error) {
	data, err := decode[*eventsv1.ContactPersonDesignated](payload)
	return contactPersonFromProto(data.GetContactPerson()), err
}

// DecodeContact makes the contact out of the payload of its ledger entry.
func DecodeContact(payload []byte) (Contact, error) {
	data, err := decode[*eventsv1.ContactLogged](payload)
	return contactFromProto(data.GetContact()), err
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
		return data, fmt.Errorf("contacts: an entry holds %T where %T was meant", event.Data, data)
	}
	return data, nil
}
