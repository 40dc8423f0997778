package contacts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/contacts"
	"schakel.example/services/contacts/sqlstore"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// handlers is a grpc.ServiceRegistrar that keeps what is registered: calls to
// it skip the chain, which package rpc tests.
type handlers struct {
	contactsv1.ContactServiceServer
}

func (h *handlers) RegisterService(_ *grpc.ServiceDesc, impl any) {
	h.ContactServiceServer = impl.(contactsv1.ContactServiceServer)
}

// serve makes the gRPC service on an empty SQLite database.
func serve(t *testing.T) *handlers {
	t.Helper()
	db := testenv.Open(t, sqldb.SQLite)
	signer, _ := ledgertest.Signer(t)
	log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
	must(t, err)
	must(t, ledger.Migrate(t.Context(), db))
	must(t, sqlstore.Migrate(t.Context(), db))
	checker, err := rules.New()
	must(t, err)
	h := &handlers{}
	contacts.Register(h, contacts.New(contacts.Config{
		DB: db, Store: sqlstore.New(db), Log: log, Data: load(t),
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-contacten",
		Now:    func() time.Time { return now },
		NewID:  func() string { return uuid.Must(uuid.NewV7()).String() },
	}), checker)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func goodPerson() *contactsv1.ContactPerson {
	return &contactsv1.ContactPerson{
		Department: bzk, Function: "parlementair contactpersoon",
		Mailbox: "parlementaire-zaken@example.nl", ValidFrom: "2024-01-01",
	}
}

func goodContact(by string) *contactsv1.Contact {
	return &contactsv1.Contact{
		Department: bzk, ExternalReference: "C-1", ContactPerson: by,
		Officials: []*referencev1.Office{{Organisation: logius, Function: "directeur"}},
		Members: []*referencev1.MemberOfParliament{
			{Chamber: referencev1.Chamber_CHAMBER_TWEEDE_KAMER, Id: "6a2f3ef6-8e37-4a3a-9f0a-2d8c5c9b2b11"},
		},
		Subject: "Toelichting op de planning", Form: "technische-briefing",
		Initiative:  contactsv1.Initiative_INITIATIVE_KAMERLID,
		RequestedAt: timestamppb.New(at("2026-11-02 09:00")),
		Consent: &contactsv1.Consent{
			DecidedBy: &referencev1.Office{Organisation: bzk, Function: "staatssecretaris"},
			DecidedAt: timestamppb.New(at("2026-11-04 15:00")), Reference: "nota 2026-0000123",
		},
		HeldAt: timestamppb.New(at("2026-11-12 10:00")),
	}
}

// logged says how the good contact comes back.
func logged(by, id string) *contactsv1.Contact {
	c := goodContact(by)
	c.Id, c.Revision, c.RecordedAt = id, 1, timestamppb.New(now)
	c.Regime, c.Proof, c.LeadDays = contacts.MinisterialResponsibility, contactsv1.Proof_PROOF_VERKLAARD, 2
	return c
}

var (
	minister = access.Grant{Organisation: bzk, Role: access.Bewindspersoon, Reach: access.Eigen}
	handler  = access.Grant{Organisation: bzk, Role: access.Contactpersoon, Reach: access.Eigen}
	anyone   = access.Grant{Role: access.Publiek, Reach: access.Openbaar}
)

// designate records the good contact person and gives its id.
func (h *handlers) designate(t *testing.T) string {
	t.Helper()
	r, err := h.DesignateContactPerson(access.With(t.Context(), minister), &contactsv1.DesignateContactPersonRequest{ContactPerson: goodPerson()})
	must(t, err)
	return r.GetContactPerson().GetId()
}

func TestAContactIsLoggedReadAndListedOverGRPC(t *testing.T) {
	t.Parallel()
	h := serve(t)
	by := h.designate(t)
	ctx := access.With(t.Context(), handler)
	first, err := h.LogContact(ctx, &contactsv1.LogContactRequest{Contact: goodContact(by)})
	must(t, err)
	want := logged(by, first.GetContact().GetId())
	equal(t, first, &contactsv1.LogContactResponse{Contact: want})
	again, err := h.LogContact(ctx, &contactsv1.LogContactRequest{Contact: goodContact(by)})
	must(t, err)
	equal(t, again, &contactsv1.LogContactResponse{Contact: want, RepeatedSubmission: true})
	got, err := h.GetContact(ctx, &contactsv1.GetContactRequest{Id: want.GetId()})
	must(t, err)
	equal(t, got, &contactsv1.GetContactResponse{Contact: want})
	for _, req := range []*contactsv1.ListContactsRequest{{}, {Department: bzk, ExternalReference: "C-1", PageSize: 1}} {
		list, err := h.ListContacts(ctx, req)
		must(t, err)
		equal(t, list, &contactsv1.ListContactsResponse{Contacts: []*contactsv1.Contact{want}})
	}
	for _, req := range []*contactsv1.ListContactsRequest{{Department: fin}, {ExternalReference: "C-2"}} {
		list, err := h.ListContacts(ctx, req)
		must(t, err)
		equal(t, list, &contactsv1.ListContactsResponse{})
	}
}

func TestAContactPersonIsDesignatedReadAndListedOverGRPC(t *testing.T) {
	t.Parallel()
	h := serve(t)
	want := goodPerson()
	want.Id, want.Revision, want.RecordedAt = h.designate(t), 1, timestamppb.New(now)
	again, err := h.DesignateContactPerson(access.With(t.Context(), minister), &contactsv1.DesignateContactPersonRequest{ContactPerson: goodPerson()})
	must(t, err)
	equal(t, again, &contactsv1.DesignateContactPersonResponse{ContactPerson: want, RepeatedSubmission: true})
	ctx := access.With(t.Context(), anyone)
	got, err := h.GetContactPerson(ctx, &contactsv1.GetContactPersonRequest{Id: want.GetId()})
	must(t, err)
	equal(t, got, &contactsv1.GetContactPersonResponse{ContactPerson: want})
	for _, req := range []*contactsv1.ListContactPersonsRequest{{}, {Department: bzk, ValidOn: "2026-11-20", PageSize: 1}} {
		list, err := h.ListContactPersons(ctx, req)
		must(t, err)
		equal(t, list, &contactsv1.ListContactPersonsResponse{ContactPersons: []*contactsv1.ContactPerson{want}})
	}
	for _, req := range []*contactsv1.ListContactPersonsRequest{{Department: fin}, {ValidOn: "2023-12-31"}} {
		list, err := h.ListContactPersons(ctx, req)
		must(t, err)
		equal(t, list, &contactsv1.ListContactPersonsResponse{})
	}
}

func TestListsGoOnWhereTheCursorPoints(t *testing.T) {
	t.Parallel()
	h := serve(t)
	by := h.designate(t)
	second := goodContact(by)
	second.ExternalReference = "C-2"
	ctx := access.With(t.Context(), handler)
	for _, c := range []*contactsv1.Contact{goodContact(by), second} {
		_, err := h.LogContact(ctx, &contactsv1.LogContactRequest{Contact: c})
		must(t, err)
	}
	page, err := h.ListContacts(ctx, &contactsv1.ListContactsRequest{PageSize: 1})
	must(t, err)
	rest, err := h.ListContacts(ctx, &contactsv1.ListContactsRequest{PageSize: 1, PageToken: page.GetNextPageToken()})
	must(t, err)
	if page.GetContacts()[0].GetExternalReference() != "C-2" || rest.GetContacts()[0].GetExternalReference() != "C-1" || rest.GetNextPageToken() != "" {
		t.Errorf("%v, then %v", page, rest)
	}
	_, err = h.ListContacts(ctx, &contactsv1.ListContactsRequest{PageToken: "x"})
	refused(t, err, fault.Invalid, "ongeldige-cursor", "page_token ongeldige-cursor")
	_, err = h.ListContactPersons(ctx, &contactsv1.ListContactPersonsRequest{PageToken: "x"})
	refused(t, err, fault.Invalid, "ongeldige-cursor", "page_token ongeldige-cursor")
}

func TestAllFaultsOfAContactAreListed(t *testing.T) {
	t.Parallel()
	h := serve(t)
	by := h.designate(t)
	tests := []struct {
		name   string
		change func(*contactsv1.Contact)
		want   []string
	}{
		{"faults of the form", func(c *contactsv1.Contact) {
			c.Subject, c.Members, c.Initiative, c.ContactPerson = "", nil, 9, "x\x00"
		}, []string{
			"contact.contact_person string-uuid", "contact.members repeated-min-items",
			"contact.subject required", "contact.initiative enum-defined-only",
		}},
		{"faults of what is named", func(c *contactsv1.Contact) {
			c.ContactPerson, c.Form, c.Officials[0].Organisation = uuid.NewString(), "brief", zbo
			c.Consent.DecidedBy.Organisation = logius
		}, []string{
			"contact.contact_person onbekende-contactpersoon", "contact.officials[0].organisation geen-toestemming-nodig",
			"contact.form onbekend-begrip", "contact.consent.decided_by.organisation verkeerde-soort-organisatie",
		}},
		{"faults of both kinds", func(c *contactsv1.Contact) {
			c.Subject, c.Form = " ", "brief"
			c.RequestedAt = timestamppb.New(now.Add(time.Hour))
		}, []string{
			"contact.subject string-prose", "contact.requested_at tijdstip-in-toekomst", "contact.form onbekend-begrip",
		}},
		{"of a field that breaks the form only that is said", func(c *contactsv1.Contact) {
			c.Department, c.Form, c.HeldAt, c.Officials[0].Organisation = "BZK", "Een Brief", nil, "zbo"
		}, []string{
			"contact.department string-tooi", "contact.officials[0].organisation string-tooi", "contact.form string-slug",
			"contact.held_at required",
			// For what department, then?
			"contact.contact_person onbekende-contactpersoon",
		}},
		{"a contact person who was not designated", func(c *contactsv1.Contact) {
			c.RequestedAt = timestamppb.New(at("2023-12-01 09:00"))
			c.Consent.DecidedAt = timestamppb.New(at("2023-12-29 09:00"))
		}, []string{"contact.contact_person niet-aangewezen"}},
		{"a time that no calendar knows", func(c *contactsv1.Contact) {
			c.RequestedAt = &timestamppb.Timestamp{Seconds: -62135596800} // the zero time of Go
		}, []string{"contact.requested_at buiten-kalender"}},
		{"what only Schakel fills in", func(c *contactsv1.Contact) {
			c.Id, c.Proof = uuid.NewString(), contactsv1.Proof_PROOF_AANGETOOND
		}, []string{"contact.id alleen-lezen", "contact.proof alleen-lezen"}},
		{"nothing", func(c *contactsv1.Contact) {
			proto.Reset(c)
		}, []string{
			"contact.department required", "contact.external_reference required", "contact.contact_person required",
			"contact.officials repeated-min-items", "contact.members repeated-min-items", "contact.subject required",
			"contact.form required", "contact.initiative required", "contact.requested_at required",
			"contact.consent required", "contact.held_at required",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := goodContact(by)
			tt.change(c)
			_, err := h.LogContact(access.With(t.Context(), handler), &contactsv1.LogContactRequest{Contact: c})
			refused(t, err, fault.Invalid, "ongeldige-invoer", tt.want...)
		})
	}
	t.Run("no contact at all", func(t *testing.T) {
		t.Parallel()
		_, err := h.LogContact(access.With(t.Context(), handler), &contactsv1.LogContactRequest{})
		if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 11 {
			t.Error(err)
		}
	})
}

func TestAllFaultsOfAContactPersonAreListed(t *testing.T) {
	t.Parallel()
	h := serve(t)
	ctx := access.With(t.Context(), minister)
	p := goodPerson()
	p.Department, p.Mailbox, p.ValidUntil = logius, "geen adres", "2023-12-31"
	_, err := h.DesignateContactPerson(ctx, &contactsv1.DesignateContactPersonRequest{ContactPerson: p})
	refused(t, err, fault.Invalid, "ongeldige-invoer", "contact_person.mailbox string-email",
		"contact_person.department verkeerde-soort-organisatie", "contact_person.valid_until einde-voor-begin")
	_, err = h.DesignateContactPerson(ctx, &contactsv1.DesignateContactPersonRequest{})
	refused(t, err, fault.Invalid, "ongeldige-invoer", "contact_person.department required",
		"contact_person.function required", "contact_person.mailbox required", "contact_person.valid_from required")
}

func TestWithoutAGrantNothingIsDone(t *testing.T) {
	t.Parallel()
	h := serve(t)
	by := h.designate(t)
	_, err := h.LogContact(t.Context(), &contactsv1.LogContactRequest{Contact: goodContact(by)})
	if fault.Of(err) == nil {
		t.Error("a contact was logged")
	}
	_, err = h.DesignateContactPerson(t.Context(), &contactsv1.DesignateContactPersonRequest{ContactPerson: goodPerson()})
	refused(t, err, fault.Denied, "andere-organisatie")
	_, err = h.GetContactPerson(t.Context(), &contactsv1.GetContactPersonRequest{Id: by})
	refused(t, err, fault.NotFound, "onbekende-contactpersoon")
	_, err = h.GetContact(t.Context(), &contactsv1.GetContactRequest{Id: by})
	refused(t, err, fault.NotFound, "onbekend-contact")
}

// refused checks that an error is a fault with these faults of fields.
func refused(t *testing.T, err error, kind fault.Kind, reason string, fields ...string) {
	t.Helper()
	f := fault.Of(err)
	if f == nil || f.Kind != kind || f.Reason != reason {
		t.Errorf("%v, want a fault %v with reason %q", err, kind, reason)
		return
	}
	if diff := cmp.Diff(fields, brief(f.Fields)); diff != "" {
		t.Error(diff)
	}
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
