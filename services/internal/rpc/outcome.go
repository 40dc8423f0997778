package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"schakel.example/services/internal/fault"
)

// outcome tells callers how a call ended, and the log why.
type outcome struct {
	log        *slog.Logger
	newID      func() string
	now        func() time.Time
	unobserved unobserved
}

// errors is the layer that turns what comes out of the layers within into a
// status.
func (o outcome) errors() Layer {
	return Layer{"errors", func(ctx context.Context, call *Call, next Next) error {
		call.tell = func(ctx context.Context, err error) *status.Status {
			_, st := o.status(ctx, call, err)
			return st
		}
		if err := next(ctx); err != nil {
			return o.tell(ctx, call, err)
		}
		return nil
	}}
}

// recovery is the layer that turns a panic into an error.
func recovery() Layer {
	return Layer{"recovery", func(ctx context.Context, _ *Call, next Next) error {
		return Recovered(func() error { return next(ctx) })
	}}
}

// guard is a last resort around a whole chain, for a panic in the layers
// outside recovery. It also says, before any layer, whether the call may be
// watched.
func (o outcome) guard(c chain) chain {
	return func(ctx context.Context, call *Call, handler Next) error {
		call.Unobserved = o.unobserved[call.Method]
		panicked := true
		err := Recovered(func() error {
			err := c(ctx, call, handler)
			panicked = false
			return err
		})
		if panicked {
			return o.tell(ctx, call, err)
		}
		return err
	}
}

// tell notes the fault of a call and makes it into the status that the caller
// gets.
func (o outcome) tell(ctx context.Context, call *Call, err error) error {
	f, st := o.status(ctx, call, err)
	call.Fault = f
	return st.Err()
}

// status makes an error into what the caller is told. An internal fault is told
// by a reference; its cause goes to the log. Of an unobserved call there is no
// reference, and no cause.
func (o outcome) status(ctx context.Context, call *Call, err error) (*fault.Error, *status.Status) {
	f := classify(err)
	var meta map[string]string
	switch {
	case call.Unobserved && f.Kind == fault.Internal:
		o.failedUnobserved(f)
		f = masked("")
	case call.Unobserved && f.Err != nil && ctx.Err() == nil:
		o.failedUnobserved(f)
	case f.Kind == fault.Internal:
		reference := o.newID()
		attrs := []any{"method", call.Method, "reference", reference, "error", err.Error()}
		var p *panicError
		if errors.As(err, &p) {
			attrs = append(attrs, "stack", string(p.stack))
		}
		o.log.ErrorContext(ctx, "call failed", attrs...)
		f, meta = masked(reference), map[string]string{MetaReference: reference}
	case f.Err != nil && ctx.Err() == nil:
		o.log.WarnContext(ctx, "call not served", "method", call.Method, "error", err.Error())
	}
	return f, toStatus(f, meta)
}

// classify finds the fault in an error. Statuses come from streams that broke,
// or from a call to another part whose error was passed on unchanged: of those
// only that trying again may help is passed on.
func classify(err error) *fault.Error {
	var f *fault.Error
	st, isStatus := status.FromError(err)
	if errors.As(err, &f) || !isStatus {
		return fault.Of(err)
	}
	switch st.Code() {
	case codes.Canceled:
		return fault.Of(context.Canceled).Because(err)
	case codes.DeadlineExceeded:
		return fault.Of(context.DeadlineExceeded).Because(err)
	case codes.Unavailable, codes.ResourceExhausted:
		return elsewhere(codes.Unavailable).Because(err)
	default:
		return fault.Of(fmt.Errorf("a status was passed on: %w", err))
	}
}

// panicError is a panic that was caught.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// Recovered runs do and returns a panic of it as an error. A handler runs the
// goroutines that it starts so: the chain recovers only its own.
func Recovered(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value, debug.Stack()}
		}
	}()
	return do()
}
