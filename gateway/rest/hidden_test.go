package rest_test

import (
	"context"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// hidden is the service of protected reporters. It notes what it gets.
type hidden struct {
	signalsv1.UnimplementedProtectedSignalServiceServer
	mu       sync.Mutex
	metadata []metadata.MD
	requests []proto.Message
	// fail, when set, is what each call comes to.
	fail error
}

func (h *hidden) note(ctx context.Context, request proto.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	md, _ := metadata.FromIncomingContext(ctx)
	h.metadata = append(h.metadata, md)
	h.requests = append(h.requests, request)
	return h.fail
}

// calls gives the metadata and the requests of all calls.
func (h *hidden) calls() ([]metadata.MD, []proto.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.metadata, h.requests
}

// The secrets and codes of the cases.
const (
	secret     = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	usedCode   = "gebruikt"
	brokenCode = "stuk"
)

func (h *hidden) ReportUnderProtection(ctx context.Context, r *signalsv1.ReportUnderProtectionRequest) (*signalsv1.ReportUnderProtectionResponse, error) {
	if err := h.note(ctx, r); err != nil {
		return nil, err
	}
	switch r.GetCode() {
	case usedCode:
		return nil, failure(codes.PermissionDenied, "meldcode-ongeldig", "Deze meldcode is niet geldig.", "this code is not good")
	case brokenCode:
		return nil, failure(codes.Internal, "interne-fout", "Er ging iets mis.", "something went wrong")
	}
	return &signalsv1.ReportUnderProtectionResponse{}, nil
}

func (h *hidden) GetCase(ctx context.Context, r *signalsv1.GetCaseRequest) (*signalsv1.GetCaseResponse, error) {
	if err := h.note(ctx, r); err != nil {
		return nil, err
	}
	switch {
	case len(r.GetSecret()) != len(secret):
		return nil, failure(codes.InvalidArgument, "ongeldige-invoer", "De invoer klopt niet.", "the input is not right",
			invalid(violation("secret", "string-pattern", "Dit is geen geheim.", "this is no secret")))
	case r.GetSecret() != secret:
		return nil, failure(codes.NotFound, "onbekend-dossier", "Dit dossier bestaat niet.", "there is no such case")
	}
	return &signalsv1.GetCaseResponse{ReportedOn: "2026-11-22"}, nil
}

func (h *hidden) AddCaseMessage(ctx context.Context, r *signalsv1.AddCaseMessageRequest) (*signalsv1.AddCaseMessageResponse, error) {
	if err := h.note(ctx, r); err != nil {
		return nil, err
	}
	return &signalsv1.AddCaseMessageResponse{Message: &signalsv1.CaseMessage{Id: r.GetMessageId(), ByReporter: true, Text: r.GetText()}}, nil
}
