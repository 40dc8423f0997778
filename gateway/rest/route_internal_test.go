package rest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// tree makes a route table; each route answers to its own template.
func tree(t *testing.T, routes ...string) *node {
	t.Helper()
	n := &node{}
	for _, r := range routes {
		method, template, _ := strings.Cut(r, " ")
		if err := n.add(method, template, handler{template: template}); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestPathsFindTheirRoute(t *testing.T) {
	t.Parallel()
	n := tree(t, "GET /a", "POST /a", "GET /a/{id}", "GET /a/{id}/b", "POST /a/_zoek", "GET /a/{id}/b/{nr}", "GET /d/{x}/{rest=**}", "GET /k-b/v1.json")
	tests := []struct {
		path, template string
		values         []string
	}{
		{"/a", "/a", nil},
		{"/%61", "/a", nil},
		{"/a/1", "/a/{id}", []string{"1"}},
		{"/a/_zoek", "", nil}, // a word goes before a variable, whatever the method
		{"/a/%5fzoek", "", nil},
		{"/a/1/b", "/a/{id}/b", []string{"1"}},
		{"/a/1/b/2", "/a/{id}/b/{nr}", []string{"1", "2"}},
		{"/a/1%2Fb", "/a/{id}", []string{"1/b"}},
		{"/a/..", "/a/{id}", []string{".."}},
		{"/d/1/2", "/d/{x}/{rest=**}", []string{"1", "2"}},
		{"/d/1/2/%2e", "/d/{x}/{rest=**}", []string{"1", "2", "."}},
		{"/k-b/v1.json", "/k-b/v1.json", nil},
		{"/d/1", "", nil},
		{"/d/1/", "", nil},
		{"/a/", "", nil},
		{"/a//b", "", nil},
		{"//a", "", nil},
		{"/", "", nil},
		{"", "", nil},
		{"a", "", nil},
		{"/a/%zz", "", nil},
		{"/A", "", nil},
		{"/a/1/c", "", nil},
		{"/k-b", "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			at, values := n.find(tt.path)
			var h handler
			if at != nil {
				h, _ = at.handler(http.MethodHead)
			}
			if h.template != tt.template || tt.template != "" && !slices.Equal(values, tt.values) {
				t.Errorf("found %q with %q", h.template, values)
			}
		})
	}
	if at, _ := n.find("/a"); at.allow() != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("allow %q", at.allow())
	}
	if at, _ := n.find("/a/_zoek"); at.allow() != "OPTIONS, POST" {
		t.Errorf("allow %q", at.allow())
	}
}

func TestTemplatesThatTheRulesForbidAreRefused(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"", "a", "/", "/a/", "/A", "/a b", "/a:verb", "/{a", "/{a=b/*}", "/{a}{b}", "/*", "/{rest=**}/a"} {
		if err := (&node{}).add(http.MethodGet, template, handler{}); err == nil {
			t.Errorf("%q is accepted", template)
		}
	}
}

func TestBindingsThatCannotBeServedAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, method, want string }{
		{"a good one", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {get: "/a/{id}" response_body: "signal"}}`, ""},
		{"a PATCH", `output_type: ".schakel.signals.v1.AmendSignalResponse" input_type: ".schakel.signals.v1.AmendSignalRequest" options {[google.api.http] {patch: "/a/{id}" body: "signal"}}`, ""},
		{"a PATCH of everything", `output_type: ".schakel.signals.v1.AmendSignalResponse" input_type: ".schakel.signals.v1.AmendSignalRequest" options {[google.api.http] {patch: "/a/{id}" body: "*"}}`, "a merge patch needs"},
		{"a POST with a field mask", `output_type: ".schakel.signals.v1.AmendSignalResponse" input_type: ".schakel.signals.v1.AmendSignalRequest" options {[google.api.http] {post: "/a/{id}" body: "signal"}}`, "only a merge patch"},
		{"a method of one's own", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {custom {kind: "LOCK" path: "/a/{id}"}}}`, "only GET"},
		{"one that nobody may watch", `output_type: ".schakel.signals.v1.AddCaseMessageResponse" input_type: ".schakel.signals.v1.AddCaseMessageRequest" options {[google.api.http] {post: "/a" body: "*"} [schakel.options.v1.unobserved]: true}`, ""},
		{"one that nobody may watch, with a variable", `output_type: ".schakel.signals.v1.AddCaseMessageResponse" input_type: ".schakel.signals.v1.AddCaseMessageRequest" options {[google.api.http] {post: "/a/{message_id}" body: "*"} [schakel.options.v1.unobserved]: true}`, "not in a URL"},
		{"one that nobody may watch, with a query", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {get: "/a"} [schakel.options.v1.unobserved]: true}`, "not in a URL"},
		{"a stream", `server_streaming: true output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {get: "/a/{id}"}}`, ""},
		{"a stream to a POST", `server_streaming: true output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {post: "/a/{id}"}}`, "streams"},
		{"a stream from the client", `client_streaming: true output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {get: "/a/{id}"}}`, "streams"},
		{"a GET with a body", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {get: "/a" body: "*"}}`, "no body"},
		{"a variable that is no field", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {get: "/a/{nr}"}}`, "no field nr"},
		{"a body that is no field", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {post: "/a/{id}" body: "x"}}`, "no message x"},
		{"an answer that is no field", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.GetSignalRequest" options {[google.api.http] {get: "/a/{id}" response_body: "x"}}`, "no field x"},
		{"a message in the query", `output_type: ".schakel.signals.v1.GetSignalResponse" input_type: ".schakel.signals.v1.SubmitSignalRequest" options {[google.api.http] {get: "/a"}}`, "queries are flat"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			method := linked(t, tt.method)
			_, err := newCall(method, ruleOf(method))
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// linked makes a method of a service of its own.
func linked(t *testing.T, method string) protoreflect.MethodDescriptor {
	t.Helper()
	var file descriptorpb.FileDescriptorProto
	text := `name: "test.proto" package: "test" syntax: "proto3" dependency: ["schakel/signals/v1/signal_service.proto", "schakel/signals/v1/protected_service.proto"] service {name: "S" method {name: "M" ` + method + `}}`
	if err := prototext.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	desc, err := protodesc.NewFile(&file, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return desc.Services().Get(0).Methods().Get(0)
}

func TestTheHeaderAcceptDecides(t *testing.T) {
	t.Parallel()
	tests := []struct {
		accept string
		want   bool
	}{
		{"", true},
		{"*/*", true},
		{"application/json", true},
		{"application/*;q=0.1", true},
		{"text/html, application/json;q=0.5", true},
		{"text/html", false},
		{"application/json;q=0", false},
		{"*/*, application/json;q=0", false},
		{"*/*;q=0, application/json", true},
		{"application/*;q=0, */*", false},
		{"application/problem+json", false},
		{"nonsense", false},
		{"application/json;q=x", true},
	}
	for _, tt := range tests {
		t.Run(tt.accept, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{Header: http.Header{}}
			if tt.accept != "" {
				r.Header.Set("Accept", tt.accept)
			}
			if got := acceptsJSON(r); got != tt.want {
				t.Errorf("accepts: %v", got)
			}
		})
	}
}
