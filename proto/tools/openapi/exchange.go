package main

import (
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// The media types that the gateway speaks.
const (
	jsonType       = "application/json"
	ndjsonType     = "application/x-ndjson"
	mergePatchType = "application/merge-patch+json"
)

// The headers of conditions (RFC 9110 §13.1). The one holds a field; the other
// the gateway deals with itself.
const (
	ifMatch     = "If-Match"
	ifNoneMatch = "If-None-Match"
)

// parameters describes the path's variables and the query.
func (d *describer) parameters(b *binding) ([]parameter, error) {
	var all []parameter
	for _, v := range b.variables {
		s, err := d.schemas.field(v.field)
		if err != nil {
			return nil, err
		}
		all = append(all, newParameter("path", v.name, s))
		all[len(all)-1].Required = true
	}
	for _, field := range b.headers {
		p, err := d.header(field)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if b.verb == "get" && b.etag() != "" {
		all = append(all, parameter{
			Name: ifNoneMatch, In: "header", Schema: &schema{Type: "string"},
			Description: "The entity tag that the caller has: while it is the current one, the answer is 304.",
		})
	}
	if len(b.query) == 0 {
		return all, nil
	}
	required, err := d.schemas.required(b.method.Input())
	if err != nil {
		return nil, err
	}
	for _, field := range b.query {
		if m := field.Message(); m != nil && wellKnown(m) == nil {
			return nil, fmt.Errorf("query: %s is a message, and queries are flat", field.Name())
		}
		s, err := d.schemas.field(field)
		if err != nil {
			return nil, err
		}
		p := newParameter("query", field.JSONName(), s)
		p.Required = required[field.Name()]
		all = append(all, p)
	}
	return all, nil
}

// header describes a field that is read from a header. An entity tag is the
// value in quotes (RFC 9110 §8.8.3).
func (d *describer) header(field protoreflect.FieldDescriptor) (parameter, error) {
	s, err := d.schemas.field(field)
	if err != nil {
		return parameter{}, err
	}
	name := headerOf(field)
	p := newParameter("header", name, s)
	if name == ifMatch {
		// As the ETag that an answer carried, or with the revision alone.
		p.Schema = &schema{Type: "string", Pattern: `^(\*|"[1-9][0-9]*(-[0-9a-f]{16})?")$`}
	} else {
		p.Required = true
	}
	return p, nil
}

// newParameter lifts the description of the field to the parameter. What only
// Schakel writes can still be asked for.
func newParameter(in, name string, s *schema) parameter {
	p := parameter{Name: name, In: in, Description: s.Description, Schema: s}
	s.Description, s.ReadOnly = "", false
	return p
}

// body describes what is sent, if anything.
func (d *describer) body(b *binding) (*body, error) {
	var s *schema
	var err error
	switch {
	case b.bodyField == nil && !b.bodyAll:
		return nil, nil
	case b.bodyAll:
		s, err = d.schemas.request(b.method.Input(), b.elsewhere)
	case b.verb == "patch":
		s, err = d.schemas.patch(b.bodyField.Message())
	default:
		s, err = d.schemas.message(b.bodyField.Message())
	}
	if err != nil {
		return nil, err
	}
	mediaType := jsonType
	switch {
	case b.method.IsStreamingClient():
		mediaType = ndjsonType
	case b.verb == "patch":
		mediaType = mergePatchType
	}
	return &body{Required: true, Content: map[string]media{mediaType: {Schema: s}}}, nil
}

// responses describes every answer: the good ones, and a problem for each way
// in which the call can go wrong.
func (d *describer) responses(b *binding, who access) (object, error) {
	var all object
	good, err := d.good(b)
	if err != nil {
		return all, err
	}
	if b.creates() {
		created := *good
		created.Description = "Aangemaakt. `Location` wijst naar wat er is gemaakt."
		created.Headers = map[string]reference{"API-Version": header("API-Version"), "Location": header("Location")}
		all.set("201", &created)
	}
	if !b.creates() || b.repeats() {
		all.set("200", good)
	}
	if b.verb == "get" && b.etag() != "" {
		all.set("304", &response{
			Description: "Niet veranderd: de aanroeper heeft het al.",
			Headers:     map[string]reference{"API-Version": header("API-Version"), "ETag": header(b.etag())},
		})
	}
	for _, status := range problems(b, who) {
		name := "Problem" + strconv.Itoa(status)
		if !d.doc.Components.Responses.has(name) {
			return all, fmt.Errorf("the frame has no response %s", name)
		}
		all.set(strconv.Itoa(status), reference{Ref: "#/components/responses/" + name})
	}
	all.sort()
	return all, nil
}

func header(name string) reference { return reference{Ref: "#/components/headers/" + name} }

// good describes the answer to a call that goes well.
func (d *describer) good(b *binding) (*response, error) {
	var s *schema
	var err error
	if b.answer != nil {
		s, err = d.schemas.field(b.answer)
	} else {
		s, err = d.schemas.message(b.method.Output())
	}
	if err != nil {
		return nil, err
	}
	mediaType := jsonType
	if b.method.IsStreamingServer() {
		mediaType = ndjsonType
	}
	good := &response{
		Description: "Gelukt.",
		Headers:     map[string]reference{"API-Version": header("API-Version")},
		Content:     map[string]media{mediaType: {Schema: s}},
	}
	switch {
	case b.creates() && b.has("validate_only"):
		good.Description = "Al eerder aangemaakt, met dezelfde inhoud; of proefgedraaid, en dan is er niets aangemaakt."
	case b.creates():
		good.Description = "Al eerder aangemaakt, met dezelfde inhoud."
	case b.etag() != "":
		good.Headers["ETag"] = header(b.etag())
	}
	return good, nil
}

// problems lists the statuses with which a call can fail. Linters look for
// each by its number, so there is no default.
func problems(b *binding, who access) []int {
	statuses := []int{400, 406, 429, 500, 503}
	if who.closed() {
		statuses = append(statuses, 401, 403)
	}
	if b.names() {
		statuses = append(statuses, 404)
	}
	if b.verb != "get" {
		statuses = append(statuses, 409)
	}
	if b.conditional() {
		statuses = append(statuses, 412)
	}
	if b.bodyAll || b.bodyField != nil {
		statuses = append(statuses, 413, 415)
	}
	return append(statuses, mentioned(b.method)...)
}

// mentioned are the statuses of the codes that the comment of a method names
// among its errors, when nothing else tells that they come.
func mentioned(m protoreflect.MethodDescriptor) []int {
	var statuses []int
	for code, status := range map[string]int{"PERMISSION_DENIED": 403, "NOT_FOUND": 404, "ALREADY_EXISTS": 409, "FAILED_PRECONDITION": 409} {
		if strings.Contains(comment(m), code) {
			statuses = append(statuses, status)
		}
	}
	return statuses
}

// wellKnown gives the schema of a message that JSON writes in a form of its
// own, or nil.
func wellKnown(m protoreflect.MessageDescriptor) *schema {
	switch m.FullName() {
	case "google.protobuf.Timestamp":
		return &schema{Type: "string", Format: "date-time"}
	case "google.protobuf.Struct":
		return &schema{Type: "object", AdditionalProperties: true}
	default:
		return nil
	}
}
