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
	"schakel.example/services/reference"
)

// server speaks signalsv1.SignalService for a Service.
type server struct {
	signalsv1.UnsafeSignalServiceServer
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
