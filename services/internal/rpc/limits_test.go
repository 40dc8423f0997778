package rpc

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	echov1 "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
)

// refused holds an error to the fault that it must be.
func refused(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	if status.Code(err) != code {
		t.Errorf("err = %v, want %v %s", err, code, reason)
		return
	}
	if got := errorInfo(t, err).GetReason(); got != reason {
		t.Errorf("reason = %s, want %s", got, reason)
	}
}

func upload(ctx context.Context, conn grpc.ClientConnInterface, sizes ...int) (*echov1.StreamingInputCallResponse, error) {
	s, err := echov1.NewTestServiceClient(conn).StreamingInputCall(ctx)
	if err != nil {
		return nil, err
	}
	for _, size := range sizes {
		m := &echov1.StreamingInputCallRequest{Payload: &echov1.Payload{Body: make([]byte, size)}}
		if err := s.Send(m); err != nil {
			break // the status comes from CloseAndRecv
		}
	}
	return s.CloseAndRecv()
}

// readAll takes what is uploaded and counts its bytes.
func readAll(s grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error {
	var total int32
	for {
		m, err := s.Recv()
		if err == io.EOF {
			return s.SendAndClose(&echov1.StreamingInputCallResponse{AggregatedPayloadSize: total})
		}
		if err != nil {
			return err
		}
		total += int32(len(m.GetPayload().GetBody()))
	}
}

func TestAMessageThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, settings{limits: Limits{MaxMessage: 1000}})
	b.fake.upload = readAll
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		got, err := upload(within(t), conn, 900, 900, 900)
		if err != nil || got.GetAggregatedPayloadSize() != 2700 {
			t.Errorf("of good size: %v, %v", got, err)
		}
		_, err = upload(within(t), conn, 10, 1001)
		refused(t, err, codes.InvalidArgument, "bericht-te-groot")
		// A far larger one the transport refuses unread, in its own words.
		if _, err = upload(within(t), conn, 10, 10_000); err == nil {
			t.Error("accepted")
		}
	})
}

func TestTooManyCallsAtOnceAreRefusedAndHealthChecksAreNot(t *testing.T) {
	t.Parallel()
	b := start(t, settings{limits: Limits{MaxCalls: 2, MaxOwn: 2, MaxPublicStreams: 2}})
	inside, release := make(chan struct{}), make(chan struct{})
	b.fake.upload = func(s grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error {
		inside <- struct{}{}
		<-release
		return readAll(s)
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		done := make(chan error)
		for range 2 {
			go func() { _, err := upload(within(t), conn); done <- err }()
			<-inside
		}
		_, err := upload(within(t), conn)
		refused(t, err, codes.ResourceExhausted, "te-druk")
		health, err := healthv1.NewHealthClient(conn).Check(within(t), &healthv1.HealthCheckRequest{})
		if err != nil || health.GetStatus() != healthv1.HealthCheckResponse_SERVING {
			t.Errorf("health = %v, %v", health, err)
		}
		for range 2 {
			release <- struct{}{}
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		go func() { <-inside; release <- struct{}{} }()
		if _, err := upload(within(t), conn); err != nil {
			t.Errorf("after the others ended: %v", err)
		}
	})
}

func TestACallerWhoCallsTooOftenIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	b := start(t, settings{limits: Limits{Rate: 0.001, Burst: 2}})
	b.fake.proof = ok
	b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		return nil
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		_, _ = list(as(within(t), readerToken), conn, &ledgerv1.ListEntriesRequest{})
	})
	for range 2 { // one caller, two ways in, one limit; asking again does not make it longer
		_, err := list(as(within(t), readerToken), b.ways["in process"], &ledgerv1.ListEntriesRequest{})
		refused(t, err, codes.ResourceExhausted, "te-vaak")
		if wait := detail[*errdetails.RetryInfo](t, err).GetRetryDelay().AsDuration(); wait < 900*time.Second || wait > 1000*time.Second {
			t.Errorf("wait = %v", wait)
		}
	}
	for range 5 {
		if _, err := list(as(within(t), serviceToken), b.ways["in process"], &ledgerv1.ListEntriesRequest{}); err != io.EOF {
			t.Errorf("a service is limited: %v", err)
		}
	}
	if _, err := proof(within(t), b.ways["in process"]); err != nil {
		t.Errorf("another caller is limited: %v", err)
	}
}

func TestCallersAtRestAreForgotten(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	c := newCallers(Limits{Rate: 1, Burst: 1}, func() time.Time { return now })
	for i := range 10 * sweepSize {
		now = now.Add(time.Millisecond)
		if wait := c.wait(string(rune(i))); wait != 0 {
			t.Fatalf("caller %d waits %v", i, wait)
		}
	}
	// At one call a second a caller rests after a second: a thousand others.
	if n := len(c.seen); n > 3*sweepSize {
		t.Errorf("%d callers are remembered", n)
	}
}

func TestEveryCallEnds(t *testing.T) {
	t.Parallel()
	b := start(t, settings{limits: Limits{Unary: 30 * time.Millisecond, Stream: 30 * time.Millisecond}})
	b.fake.proof = func(ctx context.Context, _ *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		<-ctx.Done()
		return nil, errors.New("a driver that says: interrupted")
	}
	b.fake.list = func(_ *ledgerv1.ListEntriesRequest, s grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		for { // until the client, who does not read, lets it no further
			if err := s.Send(&ledgerv1.ListEntriesResponse{Entries: []*ledgerv1.Entry{{Payload: make([]byte, 1<<16)}}}); err != nil {
				return err
			}
		}
	}
	b.fake.both = func(s grpc.BidiStreamingServer[echov1.StreamingOutputCallRequest, echov1.StreamingOutputCallResponse]) error {
		_, err := s.Recv() // the client sends nothing
		return err
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		_, err := ledgerv1.NewLedgerServiceClient(conn).GetConsistencyProof(within(t), &ledgerv1.GetConsistencyProofRequest{From: 1, To: 1})
		if status.Code(err) != codes.Internal { // not implemented by the fake
			t.Errorf("err = %v", err)
		}
		s, err := echov1.NewTestServiceClient(conn).FullDuplexCall(within(t))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Recv()
		refused(t, err, codes.Unavailable, "te-lang-geduurd")

		entries, err := ledgerv1.NewLedgerServiceClient(conn).ListEntries(as(within(t), serviceToken), &ledgerv1.ListEntriesRequest{})
		if err != nil {
			t.Fatal(err)
		}
		b.gate.awaitEmpty(t) // the handler ended though nobody read
		for err == nil {
			_, err = entries.Recv()
		}
		refused(t, err, codes.Unavailable, "te-lang-geduurd")
	})
	// Reads are repeated over TCP, so once is enough.
	_, err := proof(within(t), b.ways["in process"])
	refused(t, err, codes.Unavailable, "te-lang-geduurd")
}

// awaitEmpty waits until no call is in progress.
func (g *gate) awaitEmpty(t *testing.T) {
	t.Helper()
	g.await(t, func() bool { return g.calls == 0 })
}

// await waits until the gate is as asked.
func (g *gate) await(t *testing.T, is func() bool) {
	t.Helper()
	ctx := within(t)
	for {
		g.mu.Lock()
		done := is()
		g.mu.Unlock()
		if done {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain; %d calls are in progress", g.calls)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestAServerThatStopsLetsCallsEndAndRefusesNewOnes(t *testing.T) {
	t.Parallel()
	b := start(t, settings{noServe: true})
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- b.Run(ctx, func() { close(ready) }, lis) }()
	<-ready
	inside, release := make(chan struct{}), make(chan struct{})
	b.fake.upload = func(s grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error {
		inside <- struct{}{}
		<-release
		return readAll(s)
	}
	done := make(chan error, 1)
	go func() { _, err := upload(within(t), b.ways["in process"], 1); done <- err }()
	<-inside
	cancel()
	b.gate.await(t, func() bool { return b.gate.closed })
	_, err = upload(within(t), b.ways["in process"], 1)
	refused(t, err, codes.Unavailable, "sluit-af")
	release <- struct{}{}
	if err := <-done; err != nil {
		t.Errorf("the call in progress: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestCallsThatDoNotEndAreCutWhenTheServerStops(t *testing.T) {
	t.Parallel()
	b := start(t, settings{noServe: true, limits: Limits{Drain: time.Millisecond}})
	var cut atomic.Bool
	inside := make(chan struct{})
	b.fake.upload = func(s grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error {
		close(inside)
		_, err := s.Recv()
		cut.Store(errors.Is(err, context.Canceled))
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx, func() {}) }()
	s, err := echov1.NewTestServiceClient(b.ways["in process"]).StreamingInputCall(within(t))
	if err != nil {
		t.Fatal(err)
	}
	<-inside
	cancel()
	if err := <-ended; err != nil || !cut.Load() {
		t.Errorf("Run = %v, cut = %v", err, cut.Load())
	}
	_, err = s.CloseAndRecv()
	refused(t, err, codes.Unavailable, "afgebroken")
}

func TestAHealthWatchDoesNotHoldUpStopping(t *testing.T) {
	t.Parallel()
	b := start(t, settings{noServe: true})
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx, func() {}, lis) }()
	conn, err := Dial(DialOptions{Target: lis.Addr().String(), Telemetry: b.options.Telemetry})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	watch, err := healthv1.NewHealthClient(conn).Watch(within(t), &healthv1.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := watch.Recv(); err != nil || first.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		t.Fatalf("watch = %v, %v", first, err)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second): // Drain is ten
		t.Error("the watch holds up stopping")
		<-ended
	}
	for err == nil {
		_, err = watch.Recv()
	}
	after, err := healthv1.NewHealthClient(b.ways["in process"]).Check(within(t), &healthv1.HealthCheckRequest{})
	if err != nil || after.GetStatus() != healthv1.HealthCheckResponse_NOT_SERVING {
		t.Errorf("after stopping: %v, %v", after, err)
	}
}

func TestListeningBeyondThisMachineNeedsTLS(t *testing.T) {
	t.Parallel()
	b := start(t, settings{noServe: true})
	lis, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Run(context.Background(), func() { t.Error("ready") }, lis); err == nil || !strings.Contains(err.Error(), "needs TLS") {
		t.Errorf("err = %v", err)
	}
	if _, err := lis.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener is open: %v", err)
	}
}
