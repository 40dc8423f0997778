package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"schakel.example/gateway/problem"
	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	"schakel.example/proto/wire"
)

// call is one HTTP binding of one RPC.
type call struct {
	*server
	method         string // "/package.Service/Method"
	verb, template string
	input, output  protoreflect.MessageType
	binding        wire.Binding
	body           protoreflect.FieldDescriptor // when it is one field
	answer         protoreflect.FieldDescriptor // when it is one field
	member         protoreflect.FieldDescriptor // of the answer: the resource that it is about, if any
	headers        []string                     // that hold a field of the request
	creates        bool                         // a member of a collection
	locates        bool                         // and the member can be fetched
	unobserved     bool                         // see unobserved.go
	streams        bool                         // the answer is a stream, see export.go
	public         bool                         // anybody may call it
	reference      bool                         // it reads reference data
	conn           grpc.ClientConnInterface     // for a stream
}

// calls makes the calls of one RPC service.
func (s *server) calls(desc *grpc.ServiceDesc) ([]*call, error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(desc.ServiceName))
	service, ok := found.(protoreflect.ServiceDescriptor)
	if err != nil || !ok {
		return nil, fmt.Errorf("rest: service %s is not linked", desc.ServiceName)
	}
	var all []*call
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		rule := ruleOf(method)
		if rule == nil {
			continue
		}
		for _, rule := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
			c, err2 := newCall(method, rule)
			if err2 != nil {
				err = errors.Join(err, fmt.Errorf("rest: %s: %w", method.FullName(), err2))
				continue
			}
			c.server = s
			all = append(all, c)
		}
	}
	return all, err
}

// ruleOf is the HTTP binding of an RPC, or nil.
func ruleOf(method protoreflect.MethodDescriptor) *annotations.HttpRule {
	rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	return rule
}

func newCall(method protoreflect.MethodDescriptor, rule *annotations.HttpRule) (*call, error) {
	c := &call{method: fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name()), streams: method.IsStreamingServer()}
	if c.verb, c.template = pattern(rule); c.verb == "" {
		return nil, errors.New("only GET, PUT, POST, PATCH and DELETE are served")
	}
	if method.IsStreamingClient() || c.streams && c.verb != http.MethodGet {
		return nil, errors.New("of streams only answers to a GET are bound to HTTP this way")
	}
	c.binding = wire.Binding{Body: rule.GetBody(), Path: variables(c.template), Patch: c.verb == http.MethodPatch}
	var err error
	if c.input, err = protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName()); err != nil {
		return nil, err
	}
	if c.output, err = protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName()); err != nil {
		return nil, err
	}
	if c.body = method.Input().Fields().ByName(protoreflect.Name(c.binding.Body)); c.verb == http.MethodGet && c.binding.Body != "" {
		return nil, errors.New("a GET has no body")
	}
	if name := rule.GetResponseBody(); name != "" {
		if c.answer = method.Output().Fields().ByName(protoreflect.Name(name)); c.answer == nil {
			return nil, fmt.Errorf("the response has no field %s", name)
		}
	}
	c.member = memberOf(method.Output(), c.answer)
	// A POST to a noun makes a member; one to a verb, such as _verzend, acts.
	last := c.template[strings.LastIndexByte(c.template, '/')+1:]
	c.creates = c.verb == http.MethodPost && !strings.HasPrefix(last, "_") && !strings.HasPrefix(last, "{")
	c.headers, err = wire.Headers(method.Input())
	c.unobserved, _ = proto.GetExtension(method.Options(), optionsv1.E_Unobserved).(bool)
	c.public, c.reference = isPublic(method), isReference(method)
	return c, errors.Join(
		err,
		c.binding.Check(method.Input()),
		wire.Check(method.Output()),
		c.checkUnobserved(),
	)
}

// pattern gives the method and the path of a binding; no method for one that is
// not served.
func pattern(rule *annotations.HttpRule) (verb, template string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, p.Get
	case *annotations.HttpRule_Put:
		return http.MethodPut, p.Put
	case *annotations.HttpRule_Post:
		return http.MethodPost, p.Post
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, p.Patch
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, p.Delete
	default:
		return "", ""
	}
}

// findMembers finds out whether what a call creates can be fetched below it,
// so that the answer can say where.
func (c *call) findMembers(routes *node) {
	member := routes.walk(c.template + "/{id}")
	c.locates = c.creates && member != nil && member.methods[http.MethodGet].serve != nil
}

// locate finds what the caller sent for a field of the request.
func (c *call) locate(path string) problem.Place {
	return problem.Place(c.binding.Locate(c.input.Descriptor(), path))
}

// outgoing is the context of the call to the service: what the services need to
// know of the request that the message does not say. Of one that nobody watches
// they need to know nothing.
func outgoing(ctx context.Context, r *http.Request) context.Context {
	if isUnobserved(ctx) {
		return metadata.NewOutgoingContext(ctx, metadata.MD{})
	}
	ctx = metadata.NewOutgoingContext(ctx, metadata.Pairs(strings.ToLower(requestIDHeader), idOf(r.Context())))
	if token := token(r); token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", token)
	}
	return withTrace(ctx)
}

// token is what the services are shown of who calls. gRPC refuses other metadata;
// whoever has such a token has none.
func token(r *http.Request) string {
	token := r.Header.Get("Authorization")
	if !printable(token) {
		return ""
	}
	return token
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c > '~' })
}

// isTrue says whether a message has such a field, which is true.
func isTrue(m protoreflect.Message, name protoreflect.Name) bool {
	f := m.Descriptor().Fields().ByName(name)
	return f != nil && f.Kind() == protoreflect.BoolKind && !f.IsList() && m.Get(f).Bool()
}

// memberOf is the field of a response that holds the resource that it is about:
// the one that is the answer, or the first message in it; nil when there is none.
func memberOf(response protoreflect.MessageDescriptor, answer protoreflect.FieldDescriptor) protoreflect.FieldDescriptor {
	fields := response.Fields()
	for i := 0; answer == nil && i < fields.Len(); i++ {
		if f := fields.Get(i); f.Message() != nil && f.Cardinality() != protoreflect.Repeated {
			answer = f
		}
	}
	if answer == nil || answer.Message() == nil || answer.Cardinality() == protoreflect.Repeated {
		return nil
	}
	return answer
}

// memberID is the id of the resource in a response, if it has one.
func (c *call) memberID(response protoreflect.Message) string {
	if c.member == nil {
		return ""
	}
	id := c.member.Message().Fields().ByName("id")
	if id == nil || id.Kind() != protoreflect.StringKind || id.IsList() {
		return ""
	}
	return response.Get(c.member).Message().Get(id).String()
}
