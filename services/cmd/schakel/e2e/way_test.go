package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
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
// name of a parameter.
func place(method, path string) string {
	rule, md := binding(method)
	pointer := wire.Pointer(md.Input(), path)
	if field := md.Input().Fields().ByName(protoreflect.Name(rule.GetBody())); field != nil {
		if rest, ok := strings.CutPrefix(pointer, "/"+field.JSONName()); ok {
			return rest
		}
	}
	if rule.GetBody() == "*" {
		return pointer
	}
	return strings.TrimPrefix(pointer, "/")
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

// NewStream implements grpc.ClientConnInterface.
func (overREST) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no stream is bound to REST")
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

// request spreads a message over path, query and body.
func (w overREST) request(ctx context.Context, rule *annotations.HttpRule, args proto.Message) (*http.Request, error) {
	verb, path := http.MethodGet, rule.GetGet()
	if post := rule.GetPost(); post != "" {
		verb, path = http.MethodPost, post
	}
	query := url.Values{}
	var body []byte
	var err error
	if rule.GetBody() == "*" {
		body, err = wire.Marshal(args)
	}
	m := args.ProtoReflect()
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		variable := "{" + string(f.Name()) + "}"
		switch {
		case strings.Contains(path, variable):
			path = strings.ReplaceAll(path, variable, url.PathEscape(v.String()))
		case string(f.Name()) == rule.GetBody():
			body, err = wire.Marshal(v.Message().Interface())
		case rule.GetBody() != "*":
			for _, word := range words(f, v) {
				query.Add(f.JSONName(), word)
			}
		}
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	if strings.Contains(path, "{") {
		path = emptied(path)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, verb, w.http+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	for _, value := range md.Get("authorization") {
		req.Header.Add("Authorization", value)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// emptied puts something in the variables of a path that were not set.
func emptied(path string) string {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if strings.HasPrefix(s, "{") {
			segments[i] = "-"
		}
	}
	return strings.Join(segments, "/")
}

// words are a field's values as a query spells them.
func words(f protoreflect.FieldDescriptor, v protoreflect.Value) []string {
	if f.IsList() {
		var all []string
		for i := range v.List().Len() {
			all = append(all, word(f, v.List().Get(i)))
		}
		return all
	}
	return []string{word(f, v)}
}

// word is a value: an enum's is its name without prefix, small, with hyphens.
func word(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	if f.Enum() == nil {
		return v.String()
	}
	values := f.Enum().Values()
	prefix := strings.TrimSuffix(string(values.Get(0).Name()), "UNSPECIFIED")
	name := strings.TrimPrefix(string(values.ByNumber(v.Enum()).Name()), prefix)
	return strings.ReplaceAll(strings.ToLower(name), "_", "-")
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
		at := f.Parameter
		if f.Pointer != nil {
			at += *f.Pointer
		}
		r.Faults = append(r.Faults, at+" "+f.Reason)
	}
	slices.Sort(r.Faults)
	return r
}
