package contacts

import (
	"context"

	"google.golang.org/grpc"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/form"
	"schakel.example/services/internal/page"
	"schakel.example/services/reference"
)

// server speaks contactsv1.ContactService for a Service.
type server struct {
	contactsv1.UnsafeContactServiceServer
	service *Service
	rules   *rules.Checker
}

// Register puts the service on a gRPC server, whose chain must give each call
// its access.Grant.
func Register(r grpc.ServiceRegistrar, s *Service, checker *rules.Checker) {
	contactsv1.RegisterContactServiceServer(r, &server{service: s, rules: checker})
}

// orEmpty is a message that was left out as an empty one, of which the rules say
// what it lacks.
func orEmpty[T any](m *T) *T {
	if m == nil {
		return new(T)
	}
	return m
}

func (s *server) DesignateContactPerson(ctx context.Context, req *contactsv1.DesignateContactPersonRequest) (*contactsv1.DesignateContactPersonResponse, error) {
	grant, _ := access.From(ctx)
	c := s.service.Data.Checklist(reference.DutchDate(s.service.Now()))
	p := contactPersonFromProto(req.GetContactPerson())
	p.Check(c)
	if err := form.Check(s.rules, "contact_person", orEmpty(req.GetContactPerson()), c.Faults()); err != nil {
		return nil, err
	}
	p, before, err := s.service.DesignateContactPerson(ctx, grant, p)
	if err != nil {
		return nil, err
	}
	return &contactsv1.DesignateContactPersonResponse{ContactPerson: contactPersonToProto(p), RepeatedSubmission: before}, nil
}

func (s *server) GetContactPerson(ctx context.Context, req *contactsv1.GetContactPersonRequest) (*contactsv1.GetContactPersonResponse, error) {
	grant, _ := access.From(ctx)
	p, err := s.service.GetContactPerson(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &contactsv1.GetContactPersonResponse{ContactPerson: contactPersonToProto(p)}, nil
}

func (s *server) ListContactPersons(ctx context.Context, req *contactsv1.ListContactPersonsRequest) (*contactsv1.ListContactPersonsResponse, error) {
	grant, _ := access.From(ctx)
	p, err := page.Parse(req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, next, err := s.service.ListContactPersons(ctx, grant, ContactPersonFilter{
		Department: req.GetDepartment(), ValidOn: req.GetValidOn(), Page: p,
	})
	if err != nil {
		return nil, err
	}
	out := &contactsv1.ListContactPersonsResponse{NextPageToken: next}
	for _, person := range all {
		out.ContactPersons = append(out.ContactPersons, contactPersonToProto(person))
	}
	return out, nil
}

func (s *server) LogContact(ctx context.Context, req *contactsv1.LogContactRequest) (*contactsv1.LogContactResponse, error) {
	grant, _ := access.From(ctx)
	c := contactFromProto(req.GetContact())
	faults, err := s.service.CheckContact(ctx, grant, c)
	if err != nil {
		return nil, err
	}
	if err := form.Check(s.rules, "contact", orEmpty(req.GetContact()), faults); err != nil {
		return nil, err
	}
	c, before, err := s.service.LogContact(ctx, grant, c)
	if err != nil {
		return nil, err
	}
	return &contactsv1.LogContactResponse{Contact: contactToProto(c), RepeatedSubmission: before}, nil
}

func (s *server) GetContact(ctx context.Context, req *contactsv1.GetContactRequest) (*contactsv1.GetContactResponse, error) {
	grant, _ := access.From(ctx)
	c, err := s.service.GetContact(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &contactsv1.GetContactResponse{Contact: contactToProto(c)}, nil
}

func (s *server) ListContacts(ctx context.Context, req *contactsv1.ListContactsRequest) (*contactsv1.ListContactsResponse, error) {
	grant, _ := access.From(ctx)
	p, err := page.Parse(req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, next, err := s.service.ListContacts(ctx, grant, ContactFilter{
		Department: req.GetDepartment(), ExternalReference: req.GetExternalReference(), Page: p,
	})
	if err != nil {
		return nil, err
	}
	out := &contactsv1.ListContactsResponse{NextPageToken: next}
	for _, c := range all {
		out.Contacts = append(out.Contacts, contactToProto(c))
	}
	return out, nil
}
