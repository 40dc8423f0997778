package rpc

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

// Call is one RPC in progress, as the layers see it.
type Call struct {
	// Method is the full method, "/package.Service/Method".
	Method string
	// Stream says that either side may send more than one message.
	Stream bool
	// Unobserved says that nobody may watch the call: no layer may tell of it.
	Unobserved bool
	// Claims are those of the caller, once authentication has run.
	Claims access.Claims
	// Fault is what the caller is told, once the errors layer has run; nil
	// after success.
	Fault *fault.Error

	checks []func(proto.Message) error
	// tell makes an error into what the caller is told; the errors layer sets it.
	tell func(context.Context, error) *status.Status
	// stopping is closed when the server begins to stop; the limits layer sets it.
	stopping <-chan struct{}
}

type callKey struct{}

// callOf is the call that ctx serves; an empty one outside a call.
func callOf(ctx context.Context) *Call {
	if call, ok := ctx.Value(callKey{}).(*Call); ok {
		return call
	}
	return &Call{}
}

// Stopping is closed when the server begins to stop. A stream that could go on
// for long ends then by itself, once it has answered what it took in; nothing
// else needs to look. Outside a call it is nil.
func Stopping(ctx context.Context) <-chan struct{} { return callOf(ctx).stopping }

// ItemStatus tells an error that is about one item of a call, such as one signal
// of many, the way that the call itself would be told it: an internal one is
// logged, and masked under a reference.
func ItemStatus(ctx context.Context, err error) *status.Status {
	if tell := callOf(ctx).tell; tell != nil {
		return tell(ctx, err)
	}
	return ToStatus(classify(err))
}

// Check makes every message that the handler receives pass check first: the
// one request of a unary call, each message of a stream. The first error ends
// the call.
func (c *Call) Check(check func(proto.Message) error) { c.checks = append(c.checks, check) }

func (c *Call) received(m any) error {
	message, ok := m.(proto.Message)
	if !ok {
		return errors.New("the received message is no proto message")
	}
	for _, check := range c.checks {
		if err := check(message); err != nil {
			return err
		}
	}
	return nil
}

// Layer is one concern of every call. It serves unary calls and streams alike:
// what it does before and after the rest of the chain, it does in Run; what it
// does for each message, it registers with Call.Check before going on.
type Layer struct {
	Name string
	// Run does the layer's work around next, which runs the layers within and
	// the handler. To refuse the call it returns without calling next.
	Run func(ctx context.Context, call *Call, next Next) error
}

// Next runs the rest of the chain.
type Next func(ctx context.Context) error

// chain runs layers around a handler, as interceptors of gRPC.
type chain func(ctx context.Context, call *Call, handler Next) error

// compose makes a chain of layers, the first one outermost.
func compose(layers []Layer) chain {
	run := func(ctx context.Context, call *Call, handler Next) error {
		return handler(context.WithValue(ctx, callKey{}, call))
	}
	for _, layer := range slices.Backward(layers) {
		inner := run
		run = func(ctx context.Context, call *Call, handler Next) error {
			return layer.Run(ctx, call, func(ctx context.Context) error { return inner(ctx, call, handler) })
		}
	}
	return run
}

// unary is a grpc.UnaryServerInterceptor.
func (c chain) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	call := &Call{Method: info.FullMethod}
	var resp any
	err := c(ctx, call, func(ctx context.Context) (err error) {
		if err = call.received(req); err == nil {
			resp, err = handler(ctx, req)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// stream is a grpc.StreamServerInterceptor.
func (c chain) stream(service any, s grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	call := &Call{Method: info.FullMethod, Stream: true}
	return c(s.Context(), call, func(ctx context.Context) error {
		return handler(service, &serverStream{s, ctx, call})
	})
}

// serverStream is a stream under the context that the layers made.
type serverStream struct {
	grpc.ServerStream
	ctx  context.Context
	call *Call
}

func (s *serverStream) Context() context.Context { return s.ctx }

// RecvMsg receives a message that passes the checks. It ends with the context
// of the layers, which the transport below knows nothing of.
func (s *serverStream) RecvMsg(m any) error {
	if err := s.await(func() error { return s.ServerStream.RecvMsg(m) }); err != nil {
		return err
	}
	return s.call.received(m)
}

// SendMsg sends a message; it, too, ends with the context.
func (s *serverStream) SendMsg(m any) error {
	return s.await(func() error { return s.ServerStream.SendMsg(m) })
}

// await runs do, but no longer than the context lasts. What then still runs
// ends by itself when the handler returns, as the stream ends with it.
func (s *serverStream) await(do func() error) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- Recovered(do) }()
	select {
	case err := <-done:
		return err
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}
