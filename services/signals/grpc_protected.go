package signals

import (
	"context"
	"encoding/base64"

	"github.com/google/uuid"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// protectedServer speaks signalsv1.ProtectedSignalService for a Service.
type protectedServer struct {
	signalsv1.UnsafeProtectedSignalServiceServer
	*server
}

func (s *protectedServer) CreateReportingCodes(ctx context.Context, req *signalsv1.CreateReportingCodesRequest) (*signalsv1.CreateReportingCodesResponse, error) {
	grant, _ := access.From(ctx)
	codes, err := s.MakeCodes(ctx, grant, int(req.GetCount()))
	return &signalsv1.CreateReportingCodesResponse{Codes: codes}, err
}

// admitReport reads a report, and holds it to everything at once.
func (s *protectedServer) admitReport(m *signalsv1.ProtectedReport) (Report, error) {
	if m == nil {
		m = &signalsv1.ProtectedReport{}
	}
	c := s.data.Checklist(reference.DutchDate(s.Now()))
	report := Report{
		Title: m.GetTitle(), Description: m.GetDescription(), Categories: m.GetCategories(),
		Provisions: refproto.ProvisionsFrom(m.GetProvisions(), "provisions", c), Severity: Severity(m.GetSeverity()),
	}
	report.Check(c)
	return report, form.Check(s.rules, "report", m, c.Faults())
}

func (s *protectedServer) ReportUnderProtection(ctx context.Context, req *signalsv1.ReportUnderProtectionRequest) (*signalsv1.ReportUnderProtectionResponse, error) {
	report, err := s.admitReport(req.GetReport())
	if err != nil {
		return nil, err
	}
	hash, err := base64.RawURLEncoding.Strict().DecodeString(req.GetSecretHash())
	if err != nil {
		return nil, form.ErrInvalid.With(fault.Field{Path: "secret_hash", Reason: "ongeldig", Text: fault.Text{
			NL: "is geen SHA-256 in base64url", EN: "is not a SHA-256 in base64url",
		}})
	}
	reported, err := s.Report(ctx, req.GetCode(), hash, report)
	if err != nil {
		return nil, err
	}
	out := &signalsv1.ReportUnderProtectionResponse{RepeatedSubmission: reported.Repeated}
	out.Receipt, err = receiptToProto(reported.Receipt)
	return out, err
}

func (s *protectedServer) GetCase(ctx context.Context, req *signalsv1.GetCaseRequest) (*signalsv1.GetCaseResponse, error) {
	found, err := s.Case(ctx, hashOf(req.GetSecret()))
	if err != nil {
		return nil, err
	}
	signal := toProto(found.Signal)
	out := &signalsv1.GetCaseResponse{
		Report: &signalsv1.ProtectedReport{
			Title: signal.GetTitle(), Description: signal.GetDescription(), Categories: signal.GetCategories(),
			Provisions: signal.GetProvisions(), Severity: signal.GetSeverity(),
		},
		Organisation: signal.GetOrganisation(), State: signal.GetState(),
		ReportedOn: reference.DutchDate(found.Signal.ReceivedAt).String(), Messages: messagesToProto(found.Messages),
		Payload: found.First.Payload,
	}
	out.Receipt, err = receiptToProto(found.First.Receipt)
	return out, err
}

// random holds the id of a message to telling no time, nor which machine made it
// (RFC 9562: version 4).
func random(id string) (string, error) {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 4 {
		return "", form.ErrInvalid.With(fault.Field{Path: "message_id", Reason: "niet-willekeurig", Text: fault.Text{
			NL: "moet een willekeurige UUID zijn (versie 4)", EN: "must be a random UUID (version 4)",
		}})
	}
	return u.String(), nil
}

func (s *protectedServer) AddCaseMessage(ctx context.Context, req *signalsv1.AddCaseMessageRequest) (*signalsv1.AddCaseMessageResponse, error) {
	id, err := random(req.GetMessageId())
	if err != nil {
		return nil, err
	}
	message, err := s.Say(ctx, hashOf(req.GetSecret()), id, req.GetText())
	if err != nil {
		return nil, err
	}
	return &signalsv1.AddCaseMessageResponse{Message: messageToProto(message)}, nil
}

func (s *protectedServer) ListCaseMessages(ctx context.Context, req *signalsv1.ListCaseMessagesRequest) (*signalsv1.ListCaseMessagesResponse, error) {
	grant, _ := access.From(ctx)
	all, err := s.Messages(ctx, grant, req.GetId())
	return &signalsv1.ListCaseMessagesResponse{Messages: messagesToProto(all)}, err
}

func (s *protectedServer) AnswerCase(ctx context.Context, req *signalsv1.AnswerCaseRequest) (*signalsv1.AnswerCaseResponse, error) {
	grant, _ := access.From(ctx)
	id, err := random(req.GetMessageId())
	if err != nil {
		return nil, err
	}
	message, err := s.Service.Answer(ctx, grant, req.GetId(), id, req.GetText())
	if err != nil {
		return nil, err
	}
	return &signalsv1.AnswerCaseResponse{Message: messageToProto(message)}, nil
}

func messagesToProto(all []Message) []*signalsv1.CaseMessage {
	out := make([]*signalsv1.CaseMessage, len(all))
	for i, m := range all {
		out[i] = messageToProto(m)
	}
	return out
}
