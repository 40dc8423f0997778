package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// binding is one way to call a method over HTTP, as the gateway understands
// google.api.http.
type binding struct {
	method    protoreflect.MethodDescriptor
	verb      string // get, post …
	path      string // without the servers' prefix, its variables named as in JSON
	variables []variable
	query     []protoreflect.FieldDescriptor
	// The fields that stand in a header (schakel.options.v1.header).
	headers []protoreflect.FieldDescriptor
	// The field that is the body, or all that the path does not hold, or
	// neither.
	bodyField protoreflect.FieldDescriptor
	bodyAll   bool
	// The field that is the answer, or nil for the whole response.
	answer protoreflect.FieldDescriptor
}

// variable is a part of the path that holds a field.
type variable struct {
	name  string
	field protoreflect.FieldDescriptor
	top   protoreflect.FieldDescriptor // the request's field that it lies in
}

// variables matches the variables of a path template.
var variables = regexp.MustCompile(`\{([^}]*)\}`)

func parseBinding(m protoreflect.MethodDescriptor, rule *annotations.HttpRule, prefix string) (*binding, error) {
	b := &binding{method: m}
	var template string
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		b.verb, template = "get", p.Get
	case *annotations.HttpRule_Put:
		b.verb, template = "put", p.Put
	case *annotations.HttpRule_Post:
		b.verb, template = "post", p.Post
	case *annotations.HttpRule_Delete:
		b.verb, template = "delete", p.Delete
	case *annotations.HttpRule_Patch:
		b.verb, template = "patch", p.Patch
	default:
		return nil, errors.New("only GET, PUT, POST, DELETE and PATCH are described")
	}
	path, ok := strings.CutPrefix(template, prefix+"/")
	if !ok {
		return nil, fmt.Errorf("%s does not lie under the servers' %s", template, prefix)
	}
	if err := b.parsePath("/" + path); err != nil {
		return nil, err
	}
	if err := b.parseBody(rule.GetBody(), rule.GetResponseBody()); err != nil {
		return nil, err
	}
	b.takeHeaders()
	b.takeQuery()
	return b, nil
}

// parsePath finds the variables of the path, and names them as JSON does.
func (b *binding) parsePath(path string) error {
	var err error
	b.path = variables.ReplaceAllStringFunc(path, func(part string) string {
		v, e := b.variable(strings.Trim(part, "{}"))
		err = errors.Join(err, e)
		b.variables = append(b.variables, v)
		return "{" + v.name + "}"
	})
	return err
}

// variable finds the field that a variable such as "letter.id" stands for.
func (b *binding) variable(path string) (variable, error) {
	var v variable
	message := b.method.Input()
	for name := range strings.SplitSeq(path, ".") {
		if message == nil {
			return v, fmt.Errorf("{%s}: no message to find %s in", path, name)
		}
		v.field = message.Fields().ByName(protoreflect.Name(name))
		if v.field == nil {
			return v, fmt.Errorf("{%s}: %s has no field %s", path, message.FullName(), name)
		}
		if v.top == nil {
			v.top = v.field
		}
		message = v.field.Message()
	}
	if v.field.Message() != nil || v.field.IsList() {
		return v, fmt.Errorf("{%s}: a part of a path is one plain value", path)
	}
	v.name = v.field.JSONName()
	return v, nil
}

// parseBody finds what goes in the bodies of request and answer.
func (b *binding) parseBody(request, answer string) error {
	switch {
	case request == "*":
		b.bodyAll = true
	case request != "":
		b.bodyField = b.method.Input().Fields().ByName(protoreflect.Name(request))
		if b.bodyField == nil || b.bodyField.Message() == nil || b.bodyField.IsList() {
			return fmt.Errorf("body: %s has no message %s", b.method.Input().FullName(), request)
		}
	}
	if answer != "" {
		b.answer = b.method.Output().Fields().ByName(protoreflect.Name(answer))
		if b.answer == nil {
			return fmt.Errorf("response_body: %s has no field %s", b.method.Output().FullName(), answer)
		}
	}
	return nil
}

// takeHeaders finds the fields that a header holds.
func (b *binding) takeHeaders() {
	fields := b.method.Input().Fields()
	for i := range fields.Len() {
		if headerOf(fields.Get(i)) != "" {
			b.headers = append(b.headers, fields.Get(i))
		}
	}
}

// elsewhere says whether the field is in the path or in a header.
func (b *binding) elsewhere(field protoreflect.FieldDescriptor) bool {
	return b.inPath(field) || headerOf(field) != ""
}

// takeQuery gives the query what is neither in the path, a header nor the body.
// A field mask is left out: the gateway derives it from the body.
func (b *binding) takeQuery() {
	if b.bodyAll {
		return
	}
	fields := b.method.Input().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		mask := field.Message() != nil && field.Message().FullName() == "google.protobuf.FieldMask"
		if field != b.bodyField && !b.elsewhere(field) && !mask {
			b.query = append(b.query, field)
		}
	}
}

// inPath says whether the field, or a part of it, is in the path.
func (b *binding) inPath(field protoreflect.FieldDescriptor) bool {
	return slices.ContainsFunc(b.variables, func(v variable) bool { return v.top == field })
}

// names says whether the path or a header names what the call is about.
func (b *binding) names() bool {
	return len(b.variables) > 0 || slices.ContainsFunc(b.headers, func(f protoreflect.FieldDescriptor) bool { return headerOf(f) != ifMatch })
}

// conditional says whether the caller can name the revision that must be there.
func (b *binding) conditional() bool {
	return slices.ContainsFunc(b.headers, func(f protoreflect.FieldDescriptor) bool { return headerOf(f) == ifMatch })
}

// has says whether the request has a field.
func (b *binding) has(name protoreflect.Name) bool {
	return b.method.Input().Fields().ByName(name) != nil
}

// tagged says whether the answer carries an entity tag: it is about a resource,
// the answer or the first message in it, that has a revision, and which the call
// does not make. Each message of a stream is about another one.
func (b *binding) tagged() bool {
	resource := b.answer
	fields := b.method.Output().Fields()
	for i := 0; resource == nil && i < fields.Len(); i++ {
		if f := fields.Get(i); f.Message() != nil && f.Cardinality() != protoreflect.Repeated {
			resource = f
		}
	}
	if b.creates() || b.method.IsStreamingServer() || resource == nil || resource.Message() == nil || resource.Cardinality() == protoreflect.Repeated {
		return false
	}
	revision := resource.Message().Fields().ByName("revision")
	return revision != nil && revision.Kind() == protoreflect.Int32Kind && !revision.IsList()
}

// etag names the kind of entity tag that the answer carries: of a revision, or of
// the content of reference data; empty for none.
func (b *binding) etag() string {
	switch {
	case b.tagged():
		return "ETag"
	case b.method.ParentFile().Package() == "schakel.reference.v1":
		return "ETagInhoud"
	}
	return ""
}

// creates says whether the call makes a new member of a collection: a POST to
// a noun rather than to a verb, which starts with an underscore.
func (b *binding) creates() bool {
	last := b.path[strings.LastIndexByte(b.path, '/')+1:]
	return b.verb == "post" && !strings.HasPrefix(last, "_") && !strings.HasPrefix(last, "{")
}

// repeats says whether the answer tells that a member had been made before.
func (b *binding) repeats() bool {
	fields := b.method.Output().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); f.Kind() == protoreflect.BoolKind && strings.HasPrefix(string(f.Name()), "repeated") {
			return true
		}
	}
	return false
}
