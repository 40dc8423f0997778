package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/rpc"
	"schakel.example/services/internal/telemetry"
	"schakel.example/services/reference"
	"schakel.example/services/signals"
)

// bearer takes every token for that of the agency.
type bearer struct{}

func (bearer) Verify(context.Context, string) (access.Claims, error) {
	return access.Claims{Subject: "bench", Organisation: agency, Roles: []access.Role{access.Aanleveraar}}, nil
}

// dial serves a service over TCP with all checks, and connects to it.
func dial(b *testing.B, service *signals.Service) signalsv1.SignalServiceClient {
	b.Helper()
	checker, err := rules.New()
	data, err2 := reference.Load()
	lis, err3 := net.Listen("tcp", "127.0.0.1:0")
	if err := errors.Join(err, err2, err3); err != nil {
		b.Fatal(err)
	}
	server, err := rpc.NewServer(rpc.Options{
		Register: func(r grpc.ServiceRegistrar) { signals.Register(r, service, checker, data) },
		Verifier: bearer{}, Rules: checker, Telemetry: telemetry.None(slog.New(slog.DiscardHandler)), Now: time.Now, NewID: uuid.NewString,
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, func() {}, lis) }()
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = conn.Close()
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	return signalsv1.NewSignalServiceClient(conn)
}

// message is nth as a client sends it.
func message(n int) *signalsv1.Signal {
	s := nth(n).Signal
	return &signalsv1.Signal{
		Organisation: s.Organisation, ExternalReference: s.ExternalReference, Title: s.Title, Description: s.Description,
		Level: s.Level, Categories: s.Categories, Severity: signalsv1.Severity(s.Severity), Approach: signalsv1.Approach(s.Approach),
		Confidentiality: signalsv1.Confidentiality(s.Confidentiality),
	}
}

func bearing(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer token")
}

func inBatchesOverGRPC(ctx context.Context, client signalsv1.SignalServiceClient, from, n int) error {
	const size = 1000
	var next atomic.Int64
	return atOnce(4, func(int) error {
		for i := int(next.Add(size)); i <= n; i = int(next.Add(size)) {
			req := &signalsv1.BatchSubmitSignalsRequest{Signals: make([]*signalsv1.Signal, size)}
			for j := range req.Signals {
				req.Signals[j] = message(from + i - size + j)
			}
			got, err := client.BatchSubmitSignals(bearing(ctx), req)
			if err != nil {
				return err
			}
			for _, r := range got.GetResults() {
				if r.GetAccepted() == nil {
					return fmt.Errorf("%v", r)
				}
			}
		}
		return nil
	})
}

func onStreamsOverGRPC(ctx context.Context, client signalsv1.SignalServiceClient, from, n int) error {
	const streams, window = 4, 1000
	return atOnce(streams, func(stream int) error {
		s, err := client.SubmitSignals(bearing(ctx))
		if err != nil {
			return err
		}
		free, sent := make(chan struct{}, window), make(chan error, 1)
		go func() {
			for i := range n / streams {
				free <- struct{}{}
				if err := s.Send(&signalsv1.SubmitSignalsRequest{Signal: message(from + stream*n/streams + i)}); err != nil {
					sent <- err
					return
				}
			}
			sent <- s.CloseSend()
		}()
		for {
			got, err := s.Recv()
			if errors.Is(err, io.EOF) {
				return <-sent
			}
			if err != nil || got.GetResult().GetAccepted() == nil {
				return errors.Join(err, fmt.Errorf("%v", got))
			}
			<-free
		}
	})
}
