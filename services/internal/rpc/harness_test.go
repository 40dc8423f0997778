package rpc

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	echov1 "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake serves one unary method and one stream of ours, and all four shapes of
// gRPC's own test service. Each test sets what it needs.
type fake struct {
	ledgerv1.UnimplementedLedgerServiceServer
	echov1.UnimplementedTestServiceServer
	signalsv1.UnimplementedProtectedSignalServiceServer

	proof  func(context.Context, *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error)
	list   func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error
	upload func(grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error
	hidden func(context.Context, *signalsv1.GetCaseRequest) (*signalsv1.GetCaseResponse, error)
	both   func(grpc.BidiStreamingServer[echov1.StreamingOutputCallRequest, echov1.StreamingOutputCallResponse]) error
}

func (f *fake) register(r grpc.ServiceRegistrar) {
	ledgerv1.RegisterLedgerServiceServer(r, f)
	echov1.RegisterTestServiceServer(r, f)
	signalsv1.RegisterProtectedSignalServiceServer(r, f)
}

func (f *fake) GetCase(ctx context.Context, r *signalsv1.GetCaseRequest) (*signalsv1.GetCaseResponse, error) {
	return f.hidden(ctx, r)
}

func (f *fake) GetInclusionProof(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
	return f.proof(ctx, r)
}

func (f *fake) ListEntries(r *ledgerv1.ListEntriesRequest, s grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
	return f.list(r, s)
}

func (f *fake) StreamingInputCall(s grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error {
	return f.upload(s)
}

func (f *fake) FullDuplexCall(s grpc.BidiStreamingServer[echov1.StreamingOutputCallRequest, echov1.StreamingOutputCallResponse]) error {
	return f.both(s)
}

// verifier knows tokens by their text.
type verifier map[string]access.Claims

func (v verifier) Verify(_ context.Context, token string) (access.Claims, error) {
	if claims, known := v[token]; known {
		return claims, nil
	}
	return access.Claims{}, fault.New(fault.Unauthenticated, "token-ongeldig", fault.Text{NL: "Ongeldig.", EN: "invalid"})
}

const serviceToken, readerToken = "service-token", "reader-token"

// bed is a server under test with its two ways in.
type bed struct {
	*Server
	fake  *fake
	spans *spans
	log   *safeBuffer
	ways  map[string]grpc.ClientConnInterface
}

type settings struct {
	limits  Limits
	wrap    func(Layer) Layer
	onSpan  func()
	verify  Verifier
	metrics metric.MeterProvider
	noServe bool
}

func start(t testing.TB, set settings) *bed {
	t.Helper()
	b := &bed{fake: &fake{}, spans: &spans{onStart: set.onSpan}, log: &safeBuffer{}, ways: map[string]grpc.ClientConnInterface{}}
	log, err := telemetry.NewLogger(b.log, telemetry.JSON, slog.LevelDebug)
	if err != nil {
		t.Fatal(err)
	}
	checker := compiled(t)
	tel := telemetry.None(log)
	tel.Traces = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(b.spans))
	if set.metrics != nil {
		tel.Metrics = set.metrics
	}
	if set.verify == nil {
		set.verify = verifier{
			serviceToken: {Subject: "service:test", Roles: []access.Role{access.Service}},
			readerToken:  {Subject: "reader", Roles: []access.Role{access.Toezichthouder}},
		}
	}
	extra := foreign()
	for _, m := range echov1.TestService_ServiceDesc.Methods {
		extra["/grpc.testing.TestService/"+m.MethodName] = []access.Allowance{{Role: access.Publiek, Reach: access.Openbaar}}
	}
	for _, m := range echov1.TestService_ServiceDesc.Streams {
		extra["/grpc.testing.TestService/"+m.StreamName] = []access.Allowance{{Role: access.Publiek, Reach: access.Openbaar}}
	}
	var ids atomic.Int64
	b.Server, err = newServer(Options{
		Register: b.fake.register, Verifier: set.verify, Rules: checker, Telemetry: tel, Limits: set.limits,
		Now: time.Now, NewID: func() string { return fmt.Sprintf("id-%d", ids.Add(1)) },
	}, extra)
	if err != nil {
		t.Fatal(err)
	}
	if set.wrap != nil {
		policy, err := policy(b.local.GetServiceInfo(), extra)
		if err != nil {
			t.Fatal(err)
		}
		layers, err := b.layers(policy)
		if err != nil {
			t.Fatal(err)
		}
		for i := range layers {
			layers[i] = set.wrap(layers[i])
		}
		b.build(layers)
	}
	b.ways["in process"] = b.InProcess(nil)
	if !set.noServe {
		b.serve(t)
	}
	return b
}

// serve runs the server on a port of its own until the test ends.
func (b *bed) serve(t testing.TB) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- b.Run(ctx, func() { close(ready) }, lis) }()
	<-ready
	conn, err := Dial(DialOptions{Target: lis.Addr().String(), Telemetry: telemetry.None(slog.New(slog.DiscardHandler))})
	if err != nil {
		t.Fatal(err)
	}
	b.ways["over TCP"] = conn
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// each runs a test by every way in.
func (b *bed) each(t *testing.T, test func(t *testing.T, conn grpc.ClientConnInterface)) {
	t.Helper()
	for name, conn := range b.ways {
		t.Run(name, func(t *testing.T) { test(t, conn) })
	}
}

// compile costs more than most tests.
var compile = sync.OnceValues(rules.New)

func compiled(t testing.TB) *rules.Checker {
	t.Helper()
	checker, err := compile()
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

// as makes calls under a token.
func as(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// within bounds a test: what it awaits happens long before.
func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func ok(context.Context, *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
	return &ledgerv1.GetInclusionProofResponse{LeafHash: []byte("leaf")}, nil
}

func proof(ctx context.Context, conn grpc.ClientConnInterface, opts ...grpc.CallOption) (*ledgerv1.GetInclusionProofResponse, error) {
	return ledgerv1.NewLedgerServiceClient(conn).GetInclusionProof(ctx, &ledgerv1.GetInclusionProofRequest{Size: 1}, opts...)
}

// list reads a whole stream of entries.
func list(ctx context.Context, conn grpc.ClientConnInterface, req *ledgerv1.ListEntriesRequest) ([]*ledgerv1.ListEntriesResponse, error) {
	s, err := ledgerv1.NewLedgerServiceClient(conn).ListEntries(ctx, req)
	if err != nil {
		return nil, err
	}
	var all []*ledgerv1.ListEntriesResponse
	for {
		r, err := s.Recv()
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
}

// spans notes when spans start.
type spans struct{ onStart func() }

func (s *spans) OnStart(context.Context, sdktrace.ReadWriteSpan) {
	if s.onStart != nil {
		s.onStart()
	}
}
func (*spans) OnEnd(sdktrace.ReadOnlySpan)      {}
func (*spans) Shutdown(context.Context) error   { return nil }
func (*spans) ForceFlush(context.Context) error { return nil }

// safeBuffer is a log that can be read while it is written.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// listen serves s on a port of its own until the test ends, and returns where.
func listen(t testing.TB, s *grpc.Server) string {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(lis) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return lis.Addr().String()
}
