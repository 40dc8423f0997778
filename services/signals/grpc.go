package signals

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
	"schakel.example/services/reference"
)

// server speaks signalsv1.SignalService for a Service.
type server struct {
	signalsv1.UnimplementedSignalServiceServer
	*Service
	rules *rules.Checker
	data  *reference.Data
}

// Register puts the service on a gRPC server, whose chain must give each call
// its access.Grant.
func Register(r grpc.ServiceRegistrar, s *Service, checker *rules.Checker, data *reference.Data) {
	plain := &server{Service: s, rules: checker, data: data}
	signalsv1.RegisterSignalServiceServer(r, plain)
	signalsv1.RegisterProtectedSignalServiceServer(r, &protectedServer{server: plain})
	signalsv1.RegisterTriageServiceServer(r, triageServer{server: plain})
}

// admit reads a signal that came in, and holds it to everything at once. More
// faults may have been found otherwise.
func (s *server) admit(m *signalsv1.Signal, more ...fault.Field) (Signal, error) {
	if m == nil {
		m = &signalsv1.Signal{}
	}
	c := s.data.Checklist(reference.DutchDate(s.Now()))
	signal := fromProto(m, c)
	signal.Check(c)
	return signal, form.Check(s.rules, "signal", m, append(c.Faults(), more...))
}

func (s *server) SubmitSignal(ctx context.Context, req *signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
	grant, _ := access.From(ctx)
	signal, err := s.admit(req.GetSignal())
	var accepted Submission
	if err == nil {
		accepted, err = s.Submit(ctx, grant, signal)
	} else if held, ok := s.Held(ctx, grant, signal); ok {
		accepted, err = held, nil
	}
	if err != nil {
		return nil, err
	}
	receipt, err := receiptToProto(accepted.Receipt)
	if err != nil {
		return nil, err
	}
	return &signalsv1.SubmitSignalResponse{
		Signal: toProto(accepted.Signal), Receipt: receipt, RepeatedSubmission: accepted.Repeated,
	}, nil
}

func (s *server) GetSignal(ctx context.Context, req *signalsv1.GetSignalRequest) (*signalsv1.GetSignalResponse, error) {
	grant, _ := access.From(ctx)
	stored, err := s.Get(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	return &signalsv1.GetSignalResponse{Signal: toProto(stored.Signal)}, nil
}

// receiptToProto reads the stored bytes of a receipt; none, after erasure, is
// nil.
func receiptToProto(stored []byte) (*ledgerv1.Receipt, error) {
	if stored == nil {
		return nil, nil
	}
	receipt := &ledgerv1.Receipt{}
	if err := proto.Unmarshal(stored, receipt); err != nil {
		return nil, fmt.Errorf("a stored receipt: %w", err)
	}
	return receipt, nil
}
