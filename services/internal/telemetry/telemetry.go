package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"
)

// Config says where telemetry goes.
type Config struct {
	// Service and Version name the program, such as "schakel-signals".
	Service, Version string
	// Log is the logger in use.
	Log *slog.Logger
	// Endpoint is the URL of an OTLP collector over gRPC, such as
	// "http://localhost:4317" (https for TLS). Empty: nothing is gathered.
	// Headers, certificates, timeouts and the sampler follow the OTEL_…
	// variables of the OpenTelemetry specification.
	Endpoint string
}

// Telemetry is what parts of the program record with.
type Telemetry struct {
	Log        *slog.Logger
	Traces     trace.TracerProvider
	Metrics    metric.MeterProvider
	Propagator propagation.TextMapPropagator

	stop []func(context.Context) error
}

// None records nothing beyond the log.
func None(log *slog.Logger) *Telemetry {
	return &Telemetry{
		Log:        log,
		Traces:     notrace.NewTracerProvider(),
		Metrics:    nometric.NewMeterProvider(),
		Propagator: propagation.TraceContext{}, // no baggage: it would carry free text
	}
}

// Start sets up the exporters that cfg asks for. It does not wait for the
// collector: it may come and go.
func Start(ctx context.Context, cfg Config) (*Telemetry, error) {
	t := None(cfg.Log)
	if cfg.Endpoint == "" {
		return t, nil
	}
	about, err := resource.New(ctx, resource.WithFromEnv(), resource.WithTelemetrySDK(), resource.WithAttributes(
		semconv.ServiceName(cfg.Service),
		semconv.ServiceVersion(cfg.Version),
		semconv.ServiceInstanceID(uuid.NewString()),
	))
	if err != nil {
		return nil, fmt.Errorf("telemetry: describe the program: %w", err)
	}
	spans, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpointURL(cfg.Endpoint))
	if err != nil {
		return nil, fmt.Errorf("telemetry: traces: %w", err)
	}
	measures, err := otlpmetricgrpc.New(ctx, otlpmetricgrpc.WithEndpointURL(cfg.Endpoint))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("telemetry: metrics: %w", err), spans.Shutdown(ctx))
	}
	// OpenTelemetry offers no other place for the errors of its background
	// work than a global one.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		cfg.Log.Warn("telemetry", "error", err)
	}))
	traces := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(about))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(measures)), sdkmetric.WithResource(about))
	t.Traces, t.Metrics = traces, metrics
	t.stop = []func(context.Context) error{traces.Shutdown, metrics.Shutdown}
	return t, nil
}

// Shutdown sends what was gathered and stops. Call it once, after the servers
// have stopped; ctx bounds how long it may take.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var errs []error
	for _, stop := range t.stop {
		errs = append(errs, stop(ctx))
	}
	return errors.Join(errs...)
}
