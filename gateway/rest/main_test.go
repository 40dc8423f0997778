package rest_test

import (
	"io"
	"testing"

	"go.uber.org/goleak"
	"google.golang.org/grpc/grpclog"
)

// grpcLog is what gRPC and grpc-gateway log of themselves, in all tests.
var grpcLog logs

func TestMain(m *testing.M) {
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, &grpcLog, &grpcLog))
	goleak.VerifyTestMain(m)
}
