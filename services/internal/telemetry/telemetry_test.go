package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"schakel.example/services/internal/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestALogLineCarriesRequestAndTrace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, telemetry.JSON, slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	ctx := telemetry.WithRequestID(context.Background(), "req-1")
	ctx = trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2},
	}))
	log.With("part", "p").InfoContext(ctx, "hello")
	log.DebugContext(ctx, "too quiet")

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil { // one line only
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"msg": "hello", "part": "p", "request_id": "req-1",
		"trace_id": "01000000000000000000000000000000", "span_id": "0200000000000000",
	} {
		if line[key] != want {
			t.Errorf("%s = %v, want %s", key, line[key], want)
		}
	}
	if at, _ := line["time"].(string); !strings.HasSuffix(at, "Z") {
		t.Errorf("time %v is not UTC", line["time"])
	}
}

func TestALogLineWithoutRequestHasNoEmptyIDs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log, err := telemetry.NewLogger(&out, telemetry.Text, slog.LevelInfo)
	if err != nil {
		t.Fatal(err)
	}
	log.Info("hello")
	if strings.Contains(out.String(), "_id=") {
		t.Errorf("line = %s", out.String())
	}
}

func TestAnUnknownLogFormatIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := telemetry.NewLogger(&bytes.Buffer{}, "xml", slog.LevelInfo); err == nil {
		t.Error("accepted")
	}
}

func TestWithoutEndpointNothingIsRecorded(t *testing.T) {
	t.Parallel()
	tel, err := telemetry.Start(context.Background(), telemetry.Config{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.Traces.Tracer("t").Start(context.Background(), "work")
	if span.IsRecording() {
		t.Error("a span is recorded")
	}
	if err := tel.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}

// collector keeps what it is sent.
type collector struct {
	tracepb.UnsafeTraceServiceServer
	mu     sync.Mutex
	spans  []string
	about  map[string]string
	counts []string
}

func (c *collector) Export(_ context.Context, r *tracepb.ExportTraceServiceRequest) (*tracepb.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range r.GetResourceSpans() {
		for _, a := range rs.GetResource().GetAttributes() {
			c.about[a.GetKey()] = a.GetValue().GetStringValue()
		}
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				c.spans = append(c.spans, s.GetName())
			}
		}
	}
	return &tracepb.ExportTraceServiceResponse{}, nil
}

type meterSink struct {
	metricspb.UnsafeMetricsServiceServer
	*collector
}

func (m meterSink) Export(_ context.Context, r *metricspb.ExportMetricsServiceRequest) (*metricspb.ExportMetricsServiceResponse, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, rm := range r.GetResourceMetrics() {
		for _, sm := range rm.GetScopeMetrics() {
			for _, metric := range sm.GetMetrics() {
				m.counts = append(m.counts, metric.GetName())
			}
		}
	}
	return &metricspb.ExportMetricsServiceResponse{}, nil
}

func TestShutdownSendsWhatWasGathered(t *testing.T) {
	c := &collector{about: map[string]string{}}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := grpc.NewServer()
	tracepb.RegisterTraceServiceServer(srv, c)
	metricspb.RegisterMetricsServiceServer(srv, meterSink{collector: c})
	go func() { _ = srv.Serve(lis) }()
	defer srv.Stop()

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tel, err := telemetry.Start(ctx, telemetry.Config{
		Service: "schakel-test", Version: "1.2.3", Log: slog.New(slog.DiscardHandler), Endpoint: "http://" + lis.Addr().String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.Traces.Tracer("t").Start(ctx, "work")
	span.End()
	counter, err := tel.Metrics.Meter("t").Int64Counter("calls")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(ctx, 1)
	if err := tel.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.spans) != 1 || c.spans[0] != "work" || len(c.counts) != 1 || c.counts[0] != "calls" {
		t.Errorf("collected %v, %v", c.spans, c.counts)
	}
	if c.about["service.name"] != "schakel-test" || c.about["service.version"] != "1.2.3" || c.about["service.instance.id"] == "" {
		t.Errorf("resource = %v", c.about)
	}
	for key := range c.about {
		if strings.HasPrefix(key, "host.") || strings.HasPrefix(key, "process.") {
			t.Errorf("the resource tells %s", key)
		}
	}
}
