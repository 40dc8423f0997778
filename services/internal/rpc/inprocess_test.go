package rpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	echov1 "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/telemetry"
)

func TestACallerMayChangeItsRequestAsSoonAsTheCallReturns(t *testing.T) {
	t.Parallel()
	b := start(t, settings{noServe: true})
	b.fake.proof = ok
	for range 300 { // the race detector watches
		ctx, cancel := context.WithCancel(context.Background())
		req := &ledgerv1.GetInclusionProofRequest{Size: 1}
		go cancel()
		_, _ = ledgerv1.NewLedgerServiceClient(b.ways["in process"]).GetInclusionProof(ctx, req)
		req.Size = 2
	}
	b.gate.awaitEmpty(t)
}

func TestWhatTheServerKeepsIsNotTheCallers(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	var kept *ledgerv1.GetInclusionProofResponse
	b.fake.proof = func(context.Context, *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		if kept == nil {
			kept = &ledgerv1.GetInclusionProofResponse{LeafHash: []byte("leaf"), Path: [][]byte{[]byte("a")}}
		}
		return kept, nil // one answer for all, as a cache gives
	}
	entry := &ledgerv1.Entry{Id: "1", Payload: []byte("payload")}
	b.fake.list = func(_ *ledgerv1.ListEntriesRequest, s grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		m := &ledgerv1.ListEntriesResponse{Entries: []*ledgerv1.Entry{entry}}
		for range 2 {
			if err := s.Send(m); err != nil {
				return err
			}
		}
		m.Entries[0] = nil
		return nil
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for range 2 {
			got, err := proof(within(t), conn)
			if err != nil || string(got.GetLeafHash()) != "leaf" || len(got.GetPath()) != 1 {
				t.Fatalf("got %v, %v", got, err)
			}
			got.LeafHash[0], got.Path[0] = 'X', nil
		}
		all, err := list(as(within(t), serviceToken), conn, &ledgerv1.ListEntriesRequest{})
		if err != io.EOF || len(all) != 2 {
			t.Fatalf("got %v, %v", all, err)
		}
		all[0].Entries[0].Payload[0] = 'X'
		if string(all[1].GetEntries()[0].GetPayload()) != "payload" {
			t.Error("two messages share their bytes")
		}
	})
	if string(entry.GetPayload()) != "payload" || string(kept.GetLeafHash()) != "leaf" {
		t.Error("the caller changed what the server keeps")
	}
}

func TestAMessageArrivesWhole(t *testing.T) {
	t.Parallel()
	full := &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{
		Title: "t", Categories: []string{"a", "b"}, Severity: 2, Revision: 7,
		Extent:     &signalsv1.Extent{Minimum: 1, PerYear: true},
		Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Celex{Celex: "32004R0883"}}, {}},
	}}
	full.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 9999, protowire.VarintType), 1))
	for name, in := range map[string]any{"moved": moved{proto.Clone(full)}, "copied": full} {
		out := &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{Description: "from before"}}
		if err := (cloner{}).Copy(out, in); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(full, out, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-sent +got):\n%s", name, diff)
		}
	}
	if err := (cloner{}).Copy("no message", full); err == nil {
		t.Error("copied into no message")
	}
	if _, err := (cloner{}).Clone("no message"); err == nil {
		t.Error("cloned no message")
	}
	if err := (channel{}).Invoke(context.Background(), "/m/m", "no message", nil); err == nil {
		t.Error("sent no message")
	}
}

func TestAnErrorAfterTheAnswerOfAnUploadIsNotLost(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.fake.upload = func(s grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error {
		if err := s.SendAndClose(&echov1.StreamingInputCallResponse{}); err != nil {
			return err
		}
		return errors.New("fails after all")
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		_, err := upload(within(t), conn, 1)
		refused(t, err, codes.Internal, "interne-fout")
	})
}

func TestMetadataGoesBothWays(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.fake.proof = func(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		if err := grpc.SetHeader(ctx, metadata.Pairs("echo", strings.Join(md.Get("given"), ","))); err != nil {
			return nil, err
		}
		if err := grpc.SetTrailer(ctx, metadata.Pairs("end", "1")); err != nil {
			return nil, err
		}
		return ok(ctx, r)
	}
	b.fake.both = func(s grpc.BidiStreamingServer[echov1.StreamingOutputCallRequest, echov1.StreamingOutputCallResponse]) error {
		md, _ := metadata.FromIncomingContext(s.Context())
		if err := s.SendHeader(metadata.Pairs("echo", strings.Join(md.Get("given"), ","))); err != nil {
			return err
		}
		s.SetTrailer(metadata.Pairs("end", "1"))
		for {
			m, err := s.Recv()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := s.Send(&echov1.StreamingOutputCallResponse{Payload: m.GetPayload()}); err != nil {
				return err
			}
		}
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		ctx := metadata.AppendToOutgoingContext(within(t), "given", "1", "given", "2")
		var header, trailer metadata.MD
		if _, err := proof(ctx, conn, grpc.Header(&header), grpc.Trailer(&trailer)); err != nil {
			t.Fatal(err)
		}
		if header.Get("echo")[0] != "1,2" || trailer.Get("end")[0] != "1" {
			t.Errorf("unary: %v, %v", header, trailer)
		}
		s, err := echov1.NewTestServiceClient(conn).FullDuplexCall(ctx)
		if err != nil {
			t.Fatal(err)
		}
		header, err = s.Header()
		if err != nil || header.Get("echo")[0] != "1,2" {
			t.Errorf("stream: %v, %v", header, err)
		}
		for _, text := range []string{"a", "b"} { // both sides take turns
			if err := s.Send(&echov1.StreamingOutputCallRequest{Payload: &echov1.Payload{Body: []byte(text)}}); err != nil {
				t.Fatal(err)
			}
			if m, err := s.Recv(); err != nil || string(m.GetPayload().GetBody()) != text {
				t.Fatalf("got %v, %v", m, err)
			}
		}
		if err := s.CloseSend(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Recv(); err != io.EOF || s.Trailer().Get("end")[0] != "1" || len(s.Trailer().Get(RequestIDHeader)) != 1 {
			t.Errorf("end: %v, %v", err, s.Trailer())
		}
	})
}

type secretKey struct{}

func TestValuesOfTheCallersContextStayWithTheCaller(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	leaked := make(chan bool, 1)
	b.fake.proof = func(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		grant, _ := access.From(ctx)
		leaked <- ctx.Value(secretKey{}) != nil || grant.Caller != ""
		return ok(ctx, r)
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		ctx := context.WithValue(within(t), secretKey{}, "secret")
		// A service that calls on must not lend its own grant.
		ctx = access.With(ctx, access.Grant{Caller: "another", Reach: access.Alle})
		if _, err := proof(ctx, conn); err != nil || <-leaked {
			t.Errorf("leaked, or %v", err)
		}
	})
}

func TestACallPassesOnTheRequestIDOfTheOneItServes(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	got := make(chan string, 1)
	b.fake.proof = func(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		got <- telemetry.RequestID(ctx)
		return ok(ctx, r)
	}
	b.fake.list = func(_ *ledgerv1.ListEntriesRequest, s grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		got <- telemetry.RequestID(s.Context())
		return nil
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		ctx := telemetry.WithRequestID(within(t), "outer-1")
		if _, err := proof(ctx, conn); err != nil || <-got != "outer-1" {
			t.Errorf("unary: another id, or %v", err)
		}
		if _, err := list(as(ctx, serviceToken), conn, &ledgerv1.ListEntriesRequest{}); err != io.EOF || <-got != "outer-1" {
			t.Errorf("stream: another id, or %v", err)
		}
	})
}

func TestCredentialsThatCannotBeHadFailTheCall(t *testing.T) {
	t.Parallel()
	b := start(t, settings{noServe: true})
	conn := b.InProcess(access.NewCredentials(func(context.Context) (string, time.Time, error) {
		return "", time.Time{}, errors.New("down")
	}, time.Now))
	if _, err := proof(within(t), conn); status.Code(err) != codes.Unavailable {
		t.Errorf("unary: %v", err)
	}
	if _, err := list(within(t), conn, &ledgerv1.ListEntriesRequest{}); status.Code(err) != codes.Unavailable {
		t.Errorf("stream: %v", err)
	}
}

func TestATraceGoesOnInTheOtherPart(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.fake.proof = ok
	traces := make(chan string, 1)
	b.fake.proof = func(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		traces <- strings.Join(md.Get("traceparent"), "")
		return ok(ctx, r)
	}
	tel := b.options.Telemetry
	ctx, span := tel.Traces.Tracer("test").Start(within(t), "outer")
	defer span.End()
	if _, err := proof(ctx, b.ways["in process"]); err != nil {
		t.Fatal(err)
	}
	if got := <-traces; !strings.Contains(got, span.SpanContext().TraceID().String()) {
		t.Errorf("traceparent = %q", got)
	}
	if !strings.Contains(b.log.String(), `"trace_id":"`+span.SpanContext().TraceID().String()+`"`) {
		t.Error("the log does not carry the trace")
	}
}
