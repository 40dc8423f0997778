package rest

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/metadata"
)

// W3C Trace Context, both ways, as Logboek Dataverwerkingen asks; without
// baggage, which would carry free text. The middleware of OpenTelemetry would
// also record paths, addresses and browsers, which are nobody's business here.

// startSpan begins a server span (semantic conventions for HTTP) within the
// trace that the caller began, if any.
func (s *server) startSpan(r *http.Request, route string) (context.Context, trace.Span) {
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	method := knownMethod(r.Method)
	return s.tracer.Start(ctx, strings.TrimSpace(method+" "+route), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("http.request.method", method),
		attribute.String("http.route", route),
	))
}

// endSpan ends it. Only a fault of ours is an error: a refusal is an answer.
func endSpan(span trace.Span, status int) {
	span.SetAttributes(attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError || status == 0 {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// withTrace passes the trace on over a connection that has no tracing of its
// own.
func withTrace(ctx context.Context) context.Context {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	for name, value := range carrier {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	return ctx
}
