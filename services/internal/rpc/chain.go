package rpc

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/grpc"
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
	run := func(ctx context.Context, _ *Call, handler Next) error { return handler(ctx) }
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
	go func() { done <- recovered(do) }()
	select {
	case err := <-done:
		return err
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}
