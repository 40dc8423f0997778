package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"schakel.example/proto/wire"
)

// restStream is an answer in lines of NDJSON, as the stream that it stands for.
type restStream struct {
	grpc.ClientStream // of which nobody asks more than is below
	overREST
	ctx    context.Context
	method string
	lines  *bufio.Reader
}

// NewStream implements grpc.ClientConnInterface.
func (w overREST) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	if rule, _ := binding(method); rule == nil || desc.ClientStreams {
		return nil, fmt.Errorf("%s is not bound to REST", method)
	}
	return &restStream{overREST: w, ctx: ctx, method: method}, nil
}

// SendMsg implements grpc.ClientStream: it does the request.
func (s *restStream) SendMsg(m any) error {
	rule, _ := binding(s.method)
	req, err := s.request(s.ctx, rule, m.(proto.Message))
	if err != nil {
		return err
	}
	status, body, err := s.do(req)
	if err == nil && status >= http.StatusBadRequest {
		err = problemOf(status, body)
	}
	s.lines = bufio.NewReader(bytes.NewReader(body))
	return err
}

// CloseSend implements grpc.ClientStream.
func (*restStream) CloseSend() error { return nil }

// RecvMsg implements grpc.ClientStream: it reads a line.
func (s *restStream) RecvMsg(m any) error {
	line, err := s.lines.ReadBytes('\n')
	if err != nil {
		return errors.Join(err, io.EOF) // half a line is none
	}
	rule, _ := binding(s.method)
	into := m.(proto.Message).ProtoReflect()
	field := into.Descriptor().Fields().ByName(protoreflect.Name(rule.GetResponseBody()))
	return wire.Unmarshal(line, into.Mutable(field).Message().Interface())
}
