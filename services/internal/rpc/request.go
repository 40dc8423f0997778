package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/telemetry"
)

// RequestIDHeader carries the id of a request: in with the headers, out with
// the trailers, since headers sent before an error would keep gRPC from
// repeating a read.
const RequestIDHeader = "x-request-id"

// request is the layer that gives each call an id and a line in the log. It
// takes over the id of a caller when that is harmless to print. An unobserved call
// gets neither, and is stripped of what it tells of the caller.
func request(log *slog.Logger, newID func() string, now func() time.Time) Layer {
	return Layer{"request", func(ctx context.Context, call *Call, next Next) error {
		if call.Unobserved {
			return next(stripped(ctx))
		}
		id := ""
		if given := metadata.ValueFromIncomingContext(ctx, RequestIDHeader); len(given) == 1 && printable(given[0]) {
			id = given[0]
		} else {
			id = newID()
		}
		ctx = telemetry.WithRequestID(ctx, id)
		if err := grpc.SetTrailer(ctx, metadata.Pairs(RequestIDHeader, id)); err != nil {
			return fmt.Errorf("tell the request id: %w", err)
		}
		started := now()
		err := next(ctx)
		logCall(ctx, log, call, now().Sub(started))
		return err
	}}
}

// printable says whether an id may stand in a log: short, and of letters,
// digits and . _ - only.
func printable(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// logCall writes the line of a call: success for who debugs, the rest for all.
// It says nothing of the caller.
func logCall(ctx context.Context, log *slog.Logger, call *Call, took time.Duration) {
	level := slog.LevelDebug
	if f := call.Fault; f != nil {
		level = slog.LevelInfo
		if f.Kind == fault.Internal || f.Kind.Retryable() {
			level = slog.LevelWarn
		}
	}
	code, reason := outcomeOf(call)
	log.LogAttrs(ctx, level, "call", slog.String("method", call.Method), slog.String("code", code.String()),
		slog.String("reason", reason), slog.Duration("took", took))
}

func outcomeOf(call *Call) (codes.Code, string) {
	if f := call.Fault; f != nil {
		return f.Kind.Code(), f.Reason
	}
	return codes.OK, ""
}

// metrics is the layer that counts: calls by method, code and reason, and the
// calls in progress. Durations are OpenTelemetry's.
func metrics(meters metric.MeterProvider) (Layer, error) {
	meter := meters.Meter("schakel.example/services/internal/rpc")
	calls, err := meter.Int64Counter("schakel.rpc.calls", metric.WithDescription("Calls that ended, by outcome."))
	if err != nil {
		return Layer{}, err
	}
	active, err := meter.Int64UpDownCounter("schakel.rpc.active", metric.WithDescription("Calls in progress."))
	if err != nil {
		return Layer{}, err
	}
	return Layer{"metrics", func(ctx context.Context, call *Call, next Next) error {
		if call.Unobserved || !calls.Enabled(ctx) {
			return next(ctx)
		}
		method := attribute.String("rpc.method", call.Method)
		active.Add(ctx, 1, metric.WithAttributes(method))
		defer active.Add(ctx, -1, metric.WithAttributes(method))
		err := next(ctx)
		code, reason := outcomeOf(call)
		calls.Add(ctx, 1, metric.WithAttributes(method, attribute.String("code", code.String()), attribute.String("reason", reason)))
		return err
	}}, nil
}
