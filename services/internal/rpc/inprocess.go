package rpc

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/telemetry"
)

// InProcess returns a channel to the server within the process: the same
// chain and stats handlers, messages copied once instead of encoded, sent and
// decoded. With credentials, its calls are made as a service; without, under
// the token that the caller puts in the metadata.
//
// It is grpchan's channel, with flaws mended that tests hold it to: the server
// read a request while its caller, having cancelled, could already change it;
// messages on streams were copied twice; an error after the response of a
// client stream was lost; and so was one that came before the request of a
// server stream was sent.
func (s *Server) InProcess(credentials *access.Credentials) grpc.ClientConnInterface {
	c := channel{local: s.local, unobserved: s.unobserved}
	if credentials != nil {
		c.options = []grpc.CallOption{grpc.PerRPCCredentials(credentials.Plain())}
	}
	return c
}

type channel struct {
	local      *inprocgrpc.Channel
	unobserved unobserved
	options    []grpc.CallOption
}

// Invoke implements grpc.ClientConnInterface.
func (c channel) Invoke(ctx context.Context, method string, req, resp any, options ...grpc.CallOption) error {
	message, ok := req.(proto.Message)
	if !ok {
		return errors.New("rpc: the request is no proto message")
	}
	err := c.local.Invoke(c.unobserved.withRequestID(ctx, method), method, moved{proto.Clone(message)}, resp, slices.Concat(options, c.options)...)
	return asStatus(err)
}

// NewStream implements grpc.ClientConnInterface.
func (c channel) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := c.local.NewStream(c.unobserved.withRequestID(ctx, method), desc, method, slices.Concat(options, c.options)...)
	if err != nil {
		return nil, asStatus(err)
	}
	return clientStream{s, desc}, nil
}

type clientStream struct {
	grpc.ClientStream
	desc *grpc.StreamDesc
}

func (s clientStream) SendMsg(m any) error {
	err := s.ClientStream.SendMsg(m)
	if err == io.EOF && !s.desc.ClientStreams {
		return nil // the server ended the call already; RecvMsg tells how
	}
	return err
}

func (s clientStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	if err == nil && !s.desc.ServerStreams {
		// The one response is not all: how the call ended comes after it.
		if err = s.ClientStream.RecvMsg(m); err == io.EOF {
			return nil
		}
	}
	if err == io.EOF {
		return err
	}
	return asStatus(err)
}

// asStatus gives every error the form that it has over the network.
func asStatus(err error) error {
	if err == nil {
		return nil
	}
	return innermost(err).Err()
}

// moved is a message that nobody else holds, so that the receiver may take it
// without a copy.
type moved struct{ proto.Message }

// cloner implements inprocgrpc.Cloner.
type cloner struct{}

func (cloner) Clone(in any) (any, error) {
	message, ok := in.(proto.Message)
	if !ok {
		return nil, errors.New("rpc: no proto message")
	}
	return moved{proto.Clone(message)}, nil
}

func (cloner) Copy(out, in any) error {
	to, ok := out.(proto.Message)
	if !ok {
		return errors.New("rpc: no proto message")
	}
	proto.Reset(to)
	switch from := in.(type) {
	case moved:
		move(to.ProtoReflect(), from.ProtoReflect())
	case proto.Message:
		// The response of a unary call, which the handler may still hold.
		proto.Merge(to, from)
	default:
		return errors.New("rpc: no proto message")
	}
	return nil
}

// move gives to all that from holds.
func move(to, from protoreflect.Message) {
	if to.Descriptor() != from.Descriptor() {
		proto.Merge(to.Interface(), from.Interface())
		return
	}
	from.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		to.Set(field, value)
		return true
	})
	to.SetUnknown(from.GetUnknown())
}

// withRequestID passes the id of the request that ctx serves on to the calls
// made for it, but for those that nobody may watch.
func (u unobserved) withRequestID(ctx context.Context, method string) context.Context {
	if id := telemetry.RequestID(ctx); id != "" && !u[method] {
		return metadata.AppendToOutgoingContext(ctx, RequestIDHeader, id)
	}
	return ctx
}
