package rpc

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/telemetry"
)

// identity stands for a caller, wherever a call can carry one.
const (
	identity   = "jansen"
	identityTr = "0af7651916cd43dd8448eb211c80cafe"
)

func planted(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx,
		RequestIDHeader, identity, "traceparent", "00-"+identityTr+"-b7ad6b7169203331-01", "tracestate", identity+"=1",
		"baggage", "wie="+identity, "x-forwarded-for", identity, "cookie", identity, "x-"+identity, identity)
}

// visit makes an unobserved call.
func visit(ctx context.Context, conn grpc.ClientConnInterface, options ...grpc.CallOption) error {
	_, err := signalsv1.NewProtectedSignalServiceClient(conn).GetCase(ctx, &signalsv1.GetCaseRequest{Secret: strings.Repeat("A", 43)}, options...)
	return err
}

// unseen holds a server to having told nothing but, after a failure, one line
// of the day for each.
func unseen(t *testing.T, b *bed, spans int, failures int) {
	t.Helper()
	if spans != 0 {
		t.Errorf("%d spans", spans)
	}
	line := regexp.MustCompile(`^{"time":"\d{4}-\d\d-\d\dT00:00:00Z","level":"ERROR","msg":"unobserved call failed","code":"[A-Za-z]+"}$`)
	lines := strings.FieldsFunc(b.log.String(), func(c rune) bool { return c == '\n' })
	if len(lines) != failures {
		t.Errorf("%d lines in the log, want %d", len(lines), failures)
	}
	for _, l := range lines {
		if !line.MatchString(l) {
			t.Errorf("the log tells %s", l)
		}
	}
}

func TestNothingTellsOfAnUnobservedCall(t *testing.T) {
	t.Parallel()
	spans := 0
	reader := sdkmetric.NewManualReader()
	b := start(t, settings{
		onSpan: func() { spans++ }, limits: Limits{Rate: 0.001, Burst: 1},
		metrics: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)),
	})
	b.fake.hidden = func(ctx context.Context, _ *signalsv1.GetCaseRequest) (*signalsv1.GetCaseResponse, error) {
		if md, _ := metadata.FromIncomingContext(ctx); len(md) > 0 {
			t.Errorf("the handler learns %v", md)
		}
		if p, ok := peer.FromContext(ctx); !ok || p.Addr.String() != "unobserved" || p.AuthInfo != nil {
			t.Errorf("the handler learns of %v", p)
		}
		if id := telemetry.RequestID(ctx); id != "" {
			t.Errorf("the call has the id %s", id)
		}
		if trace.SpanContextFromContext(ctx).IsValid() {
			t.Error("the call is part of a trace")
		}
		if grant, _ := access.From(ctx); grant.Role != access.Publiek || grant.Caller != "" {
			t.Errorf("grant %+v", grant)
		}
		return &signalsv1.GetCaseResponse{}, nil
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for range 5 { // no rate tells callers apart
			var header, trailer metadata.MD
			if err := visit(planted(within(t)), conn, grpc.Header(&header), grpc.Trailer(&trailer)); err != nil {
				t.Fatal(err)
			}
			if header.Get(RequestIDHeader) != nil || trailer.Get(RequestIDHeader) != nil {
				t.Errorf("the answer has the id %v %v", header, trailer)
			}
		}
	})
	unseen(t, b, spans, 0)
	if names := measured(t, reader); len(names) > 0 {
		t.Errorf("measured %q", names)
	}
}

// measured lists the instruments that have data.
func measured(t *testing.T, reader sdkmetric.Reader) []string {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			names = append(names, m.Name)
		}
	}
	return names
}

func TestAnUnobservedCallThatFailsTellsOfTheDayAlone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fail   func() error
		code   codes.Code
		logged int // for each way in
	}{
		"a refusal": {func() error { return fault.New(fault.NotFound, "r", fault.Text{NL: "a", EN: "a"}) }, codes.NotFound, 0},
		"a defect":  {func() error { return errors.New(identity) }, codes.Internal, 1},
		"a defect with words": {func() error {
			return fault.New(fault.Internal, identity, fault.Text{NL: identity, EN: identity}).About(identity)
		}, codes.Internal, 1},
		"a panic":                   {func() error { panic(identity) }, codes.Internal, 1},
		"another part that is full": {func() error { return FromStatus(status.Error(codes.ResourceExhausted, identity)) }, codes.ResourceExhausted, 1},
		"a status passed on":        {func() error { return status.Error(codes.NotFound, identity) }, codes.Internal, 1},
		"what the rules refuse":     {nil, codes.InvalidArgument, 0},
		"a token that is shown":     {nil, codes.InvalidArgument, 0},
		"a token that is no one":    {nil, codes.InvalidArgument, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spans := 0
			b := start(t, settings{onSpan: func() { spans++ }})
			b.fake.hidden = func(context.Context, *signalsv1.GetCaseRequest) (*signalsv1.GetCaseResponse, error) {
				return nil, tt.fail()
			}
			for _, conn := range b.ways {
				ctx := planted(within(t))
				var err error
				switch name {
				case "what the rules refuse":
					_, err = signalsv1.NewProtectedSignalServiceClient(conn).GetCase(ctx, &signalsv1.GetCaseRequest{Secret: identity})
				case "a token that is shown":
					err = visit(as(ctx, serviceToken), conn)
				case "a token that is no one":
					err = visit(as(ctx, identity), conn)
				default:
					err = visit(ctx, conn)
				}
				told := status.Convert(err)
				if told.Code() != tt.code || strings.Contains(told.Proto().String(), identity) {
					t.Errorf("err = %v", told.Proto())
				}
				if strings.HasPrefix(name, "a token") {
					refused(t, err, codes.InvalidArgument, "token-ongewenst")
				}
				if tt.code == codes.Internal && errorInfo(t, err).GetMetadata()[MetaReference] != "" {
					t.Error("a reference is given")
				}
			}
			unseen(t, b, spans, tt.logged*len(b.ways))
		})
	}
}

func TestAPanicOutsideTheLayersOfAnUnobservedCallTellsNothing(t *testing.T) {
	t.Parallel()
	b := start(t, settings{wrap: func(l Layer) Layer {
		if l.Name != "request" {
			return l
		}
		return Layer{l.Name, func(context.Context, *Call, Next) error { panic(identity) }}
	}})
	for _, conn := range b.ways {
		if err := visit(planted(within(t)), conn); status.Code(err) != codes.Internal || strings.Contains(err.Error(), identity) {
			t.Errorf("err = %v", err)
		}
	}
	unseen(t, b, 0, len(b.ways))
}

func TestAClientTellsNothingOfAnUnobservedCallEither(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	got := make(chan metadata.MD, 2)
	b.fake.hidden = func(context.Context, *signalsv1.GetCaseRequest) (*signalsv1.GetCaseResponse, error) {
		return &signalsv1.GetCaseResponse{}, nil
	}
	// A server that strips nothing shows what the client sends.
	plain := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, _ any, _ *grpc.UnaryServerInfo, _ grpc.UnaryHandler) (any, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		got <- md
		return &signalsv1.GetCaseResponse{}, nil
	}))
	signalsv1.RegisterProtectedSignalServiceServer(plain, b.fake)
	target := listen(t, plain)
	spans, reader := tracetest.NewSpanRecorder(), sdkmetric.NewManualReader()
	tel := telemetry.None(slog.New(slog.DiscardHandler))
	tel.Traces = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	tel.Metrics = sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	conn, err := Dial(DialOptions{Target: target, Telemetry: tel})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ctx, span := tel.Traces.Tracer("test").Start(telemetry.WithRequestID(within(t), "request-1"), "around")
	defer span.End()
	if err := visit(ctx, conn); err != nil {
		t.Fatal(err)
	}
	md := <-got
	for _, name := range []string{RequestIDHeader, "traceparent", "tracestate", "baggage", "authorization"} {
		if md.Get(name) != nil {
			t.Errorf("%s is sent: %q", name, md.Get(name))
		}
	}
	if n := len(spans.Started()); n != 1 {
		t.Errorf("%d spans, want the one around", n)
	}
	if names := measured(t, reader); len(names) > 0 {
		t.Errorf("measured %q", names)
	}
}

// follower notes the calls that a stats handler follows.
type follower struct{ tagged, handled []string }

func (f *follower) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	f.tagged = append(f.tagged, info.FullMethodName)
	return ctx
}
func (f *follower) HandleRPC(context.Context, stats.RPCStats)                       { f.handled = append(f.handled, "") }
func (*follower) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (*follower) HandleConn(context.Context, stats.ConnStats)                       {}

func TestWhatIsCalledForAnUnobservedCallIsNotWatchedEither(t *testing.T) {
	t.Parallel()
	f := &follower{}
	w := watch{f, unobserved{"/hidden": true}}
	hidden := w.TagRPC(context.Background(), &stats.RPCTagInfo{FullMethodName: "/hidden"})
	w.HandleRPC(hidden, &stats.Begin{})
	within := w.TagRPC(hidden, &stats.RPCTagInfo{FullMethodName: "/other"})
	w.HandleRPC(within, &stats.Begin{})
	if len(f.tagged)+len(f.handled) != 0 {
		t.Errorf("followed: %q, %d", f.tagged, len(f.handled))
	}
	w.HandleRPC(w.TagRPC(context.Background(), &stats.RPCTagInfo{FullMethodName: "/other"}), &stats.Begin{})
	if len(f.tagged) != 1 || len(f.handled) != 1 {
		t.Errorf("followed: %q, %d", f.tagged, len(f.handled))
	}
}

func TestOnlyTheCallsOfReportersAreUnobserved(t *testing.T) {
	t.Parallel()
	const service = "/schakel.signals.v1.ProtectedSignalService/"
	got := unobservedMethods()
	for _, method := range []string{"ReportUnderProtection", "GetCase", "AddCaseMessage"} {
		if !got[service+method] {
			t.Errorf("%s may be watched", method)
		}
	}
	if len(got) != 3 {
		t.Errorf("unobserved: %v", got)
	}
}

func TestTheLineOfAnUnobservedFailureHasADay(t *testing.T) {
	t.Parallel()
	var out safeBuffer
	log, err := telemetry.NewLogger(&out, telemetry.JSON, slog.LevelError)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 1, 30, 15, 7, time.FixedZone("", 2*60*60)) // the 21st in UTC
	outcome{log: log, now: func() time.Time { return now }}.failedUnobserved(fault.New(fault.Unavailable, "r", fault.Text{}))
	want := `{"time":"2026-11-21T00:00:00Z","level":"ERROR","msg":"unobserved call failed","code":"Unavailable"}` + "\n"
	if out.String() != want {
		t.Errorf("got %s", out.String())
	}
}
