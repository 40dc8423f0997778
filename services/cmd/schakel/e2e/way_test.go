package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"schakel.example/proto/wire"
)

// ways are the ways into a house. Each serves the generated clients.
func (h *house) ways() map[string]grpc.ClientConnInterface {
	return map[string]grpc.ClientConnInterface{"REST": overREST{h}, "gRPC": overGRPC{house: h}}
}

// refusal is how a call was refused, in the same words whichever way it went.
type refusal struct {
	// HTTP is the status over REST; Code the one over gRPC.
	HTTP int
	Code codes.Code
	// Reason is the machine-readable one, Text what people read.
	Reason, Text string
	// Faults are the places in the input with what is wrong there, in Dutch
	// names: "/regelingen/0/jci onbekende-regeling".
	Faults []string
	// Resource is the id of what is in the way.
	Resource string
}

// Error tells all of it.
func (r *refusal) Error() string { return fmt.Sprintf("%+v", *r) }

// refused is the refusal that a call came to; nil when it succeeded.
func refused(err error) *refusal {
	var r *refusal
	if err == nil || errors.As(err, &r) {
		return r
	}
	return &refusal{Reason: err.Error()}
}

// overGRPC calls each service at its own address.
type overGRPC struct {
	*house
	// part is who is called; empty is whoever the method is of.
	part string
}

func (w overGRPC) conn(method string) (*grpc.ClientConn, error) {
	part := w.part
	if part == "" {
		part, _, _ = strings.Cut(strings.TrimPrefix(method, "/schakel."), ".")
		if part == "reference" { // served by whom it is held against
			part = "signals"
		}
	}
	if conn, ok := w.conns[part]; ok {
		return conn, nil
	}
	return nil, fmt.Errorf("no service %s", method)
}

// Invoke implements grpc.ClientConnInterface.
func (w overGRPC) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	conn, err := w.conn(method)
	if err != nil {
		return err
	}
	if err = conn.Invoke(ctx, method, args, reply, opts...); err == nil {
		return nil
	}
	return statusOf(method, err)
}

// statusOf reads a status as a refusal.
func statusOf(method string, err error) *refusal {
	s := status.Convert(err)
	r := &refusal{Code: s.Code()}
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			r.Reason = d.GetReason()
		case *errdetails.LocalizedMessage:
			r.Text = d.GetMessage()
		case *errdetails.ResourceInfo:
			r.Resource = d.GetResourceName()
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				r.Faults = append(r.Faults, place(method, v.GetField())+" "+v.GetReason())
			}
		}
	}
	slices.Sort(r.Faults)
	return r
}

// NewStream implements grpc.ClientConnInterface.
func (w overGRPC) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	conn, err := w.conn(method)
	if err != nil {
		return nil, err
	}
	return conn.NewStream(ctx, desc, method, opts...)
}

// place is a proto path as REST tells it: a JSON pointer into the body, or the
// name of a parameter or header.
func place(method, path string) string {
	rule, md := binding(method)
	pointer := wire.Pointer(md.Input(), path)
	first, _, _ := strings.Cut(path, ".")
	switch top := md.Input().Fields().ByName(protoreflect.Name(first)); {
	case top != nil && headerOf(top) != "":
		return headerOf(top)
	case top != nil && first == rule.GetBody():
		return strings.TrimPrefix(pointer, "/"+top.JSONName())
	case rule.GetBody() == "*" && !strings.Contains(pathOf(rule), "{"+first+"}"):
		return pointer
	default:
		return strings.TrimPrefix(pointer, "/")
	}
}

// binding is how a method goes over REST.
func binding(method string) (*annotations.HttpRule, protoreflect.MethodDescriptor) {
	name := strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", ".")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		panic(err) // the generated clients know no other
	}
	md := found.(protoreflect.MethodDescriptor)
	rule, _ := proto.GetExtension(md.Options(), annotations.E_Http).(*annotations.HttpRule)
	return rule, md
}

// overREST calls the gateway as google.api.http says, by hand: a client of its
// own, so that it and the gateway do not agree by sharing a mistake.
type overREST struct{ *house }

// Invoke implements grpc.ClientConnInterface.
func (w overREST) Invoke(ctx context.Context, method string, args, reply any, _ ...grpc.CallOption) error {
	rule, _ := binding(method)
	if rule == nil {
		return fmt.Errorf("%s is not bound to REST", method)
	}
	req, err := w.request(ctx, rule, args.(proto.Message))
	if err != nil {
		return err
	}
	status, body, err := w.do(req)
	if err != nil {
		return err
	}
	if status >= http.StatusBadRequest {
		return problemOf(status, body)
	}
	into := reply.(proto.Message)
	if name := rule.GetResponseBody(); name != "" {
		m := into.ProtoReflect()
		into = m.Mutable(m.Descriptor().Fields().ByName(protoreflect.Name(name))).Message().Interface()
	}
	return wire.Unmarshal(body, into)
}

// do does a request and reads the answer.
func (h *house) do(req *http.Request) (int, []byte, error) {
	resp, err := h.rest.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, body, err
}

// problem is a problem details answer (RFC 9457), strictly.
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Instance string `json:"instance"`
	Reason   string `json:"reden"`
	Resource string `json:"betreft"`
	Faults   []struct {
		Pointer   *string `json:"pointer"`
		Parameter string  `json:"parameter"`
		Header    string  `json:"kop"`
		Reason    string  `json:"reden"`
		Text      string  `json:"tekst"`
	} `json:"fouten"`
}

// problemOf reads a problem as a refusal.
func problemOf(status int, body []byte) error {
	var p problem
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil || p.Status != status || p.Reason == "" || p.Title == "" || p.Detail == "" {
		return fmt.Errorf("%d with what is no problem: %w: %s", status, err, body)
	}
	r := &refusal{HTTP: status, Reason: p.Reason, Text: p.Detail, Resource: p.Resource}
	for _, f := range p.Faults {
		at := f.Parameter + f.Header
		if f.Pointer != nil {
			at += *f.Pointer
		}
		r.Faults = append(r.Faults, at+" "+f.Reason)
	}
	slices.Sort(r.Faults)
	return r
}
