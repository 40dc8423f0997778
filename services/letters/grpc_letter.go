package letters

import (
	"context"

	"google.golang.org/grpc"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/form"
	"schakel.example/services/internal/page"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// server is what the gRPC services share.
type server struct {
	service *Service
	rules   *rules.Checker
}

// Register puts proposals, bottlenecks and letters on a gRPC server, whose chain must give
// each call its access.Grant.
func Register(r grpc.ServiceRegistrar, s *Service, checker *rules.Checker) {
	shared := &server{service: s, rules: checker}
	lettersv1.RegisterBottleneckServiceServer(r, bottleneckServer{server: shared})
	lettersv1.RegisterLetterServiceServer(r, letterServer{server: shared})
	lettersv1.RegisterProposalServiceServer(r, proposalServer{server: shared})
}

// checklist begins a list as of today.
func (s *server) checklist() *reference.Checklist {
	return s.service.Data.Checklist(reference.DutchDate(s.service.Now()))
}

// orEmpty is a message that was left out as an empty one, of which the rules say
// what it lacks.
func orEmpty[T any](m *T) *T {
	if m == nil {
		return new(T)
	}
	return m
}

// letterServer speaks lettersv1.LetterService for a Service.
type letterServer struct {
	lettersv1.UnsafeLetterServiceServer
	*server
}

func (s letterServer) DraftLetter(ctx context.Context, req *lettersv1.DraftLetterRequest) (*lettersv1.DraftLetterResponse, error) {
	grant, _ := access.From(ctx)
	c := s.checklist()
	l := letterFromProto(req.GetLetter())
	l.Check(c)
	if err := form.Check(s.rules, "letter", orEmpty(req.GetLetter()), c.Faults()); err != nil {
		return nil, err
	}
	l, before, err := s.service.DraftLetter(ctx, grant, l)
	if err != nil {
		return nil, err
	}
	return &lettersv1.DraftLetterResponse{Letter: letterToProto(l), RepeatedSubmission: before}, nil
}

func (s letterServer) GetLetter(ctx context.Context, req *lettersv1.GetLetterRequest) (*lettersv1.GetLetterResponse, error) {
	grant, _ := access.From(ctx)
	l, err := s.service.GetLetter(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &lettersv1.GetLetterResponse{Letter: letterToProto(l)}, nil
}

func (s letterServer) ListLetters(ctx context.Context, req *lettersv1.ListLettersRequest) (*lettersv1.ListLettersResponse, error) {
	grant, _ := access.From(ctx)
	p, err := page.Parse(req.GetPageSize(), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	f := LetterFilter{
		Organisation: req.GetOrganisation(), Department: req.GetDepartment(),
		ExternalReference: req.GetExternalReference(), Page: p,
	}
	for _, state := range req.GetStates() {
		f.States = append(f.States, LetterState(state))
	}
	all, next, err := s.service.ListLetters(ctx, grant, f)
	if err != nil {
		return nil, err
	}
	out := &lettersv1.ListLettersResponse{NextPageToken: next}
	for _, l := range all {
		out.Letters = append(out.Letters, letterToProto(l))
	}
	return out, nil
}

func (s letterServer) AdoptLetter(ctx context.Context, req *lettersv1.AdoptLetterRequest) (*lettersv1.AdoptLetterResponse, error) {
	grant, _ := access.From(ctx)
	l, err := s.service.AdoptLetter(ctx, grant, req.GetId(), *refproto.OfficeFrom(req.GetAdoptedBy()))
	if err != nil {
		return nil, err
	}
	return &lettersv1.AdoptLetterResponse{Letter: letterToProto(l)}, nil
}

func (s letterServer) SendLetter(ctx context.Context, req *lettersv1.SendLetterRequest) (*lettersv1.SendLetterResponse, error) {
	grant, _ := access.From(ctx)
	l, err := s.service.SendLetter(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &lettersv1.SendLetterResponse{Letter: letterToProto(l)}, nil
}

func (s letterServer) AnswerItem(ctx context.Context, req *lettersv1.AnswerItemRequest) (*lettersv1.AnswerItemResponse, error) {
	grant, _ := access.From(ctx)
	c := s.checklist()
	r := responseFromProto(req.GetResponse())
	r.Check(c, grant.Organisation)
	if err := form.Check(s.rules, "response", orEmpty(req.GetResponse()), c.Faults()); err != nil {
		return nil, err
	}
	r, before, err := s.service.AnswerItem(ctx, grant, req.GetLetter(), int(req.GetNumber()), r)
	if err != nil {
		return nil, err
	}
	return &lettersv1.AnswerItemResponse{Response: responseToProto(r), RepeatedSubmission: before}, nil
}
