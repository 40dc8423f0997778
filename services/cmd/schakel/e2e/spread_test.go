package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	"schakel.example/proto/wire"
)

// spread is a message spread over an HTTP request.
type spread struct {
	verb, path string
	query      url.Values
	header     http.Header
	body       []byte
}

// request spreads a message over path, query, headers and body.
func (w overREST) request(ctx context.Context, rule *annotations.HttpRule, args proto.Message) (*http.Request, error) {
	s := spread{verb: verbOf(rule), path: pathOf(rule), query: url.Values{}, header: http.Header{}}
	if err := s.take(args, rule.GetBody()); err != nil {
		return nil, err
	}
	path := emptied(s.path)
	if len(s.query) > 0 {
		path += "?" + s.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, s.verb, w.http+path, bytes.NewReader(s.body))
	if err != nil {
		return nil, err
	}
	req.Header = s.header
	md, _ := metadata.FromOutgoingContext(ctx)
	for _, value := range md.Get("authorization") {
		req.Header.Add("Authorization", value)
	}
	switch {
	case s.body != nil && s.verb == http.MethodPatch:
		req.Header.Set("Content-Type", "application/merge-patch+json")
	case s.body != nil:
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// take puts each field of a request in its place.
func (s *spread) take(args proto.Message, body string) error {
	rest := proto.Clone(args)
	var err error
	args.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		variable := "{" + string(f.Name()) + "}"
		switch {
		case strings.Contains(s.path, variable):
			s.path = strings.ReplaceAll(s.path, variable, url.PathEscape(v.String()))
		case headerOf(f) == "If-Match":
			s.header.Set("If-Match", `"`+v.String()+`"`)
		case headerOf(f) != "":
			s.header.Set(headerOf(f), v.String())
		case isMask(f): // it follows from the body
		case string(f.Name()) == body && s.verb == http.MethodPatch:
			s.body, err = patchOf(args, v.Message().Interface())
		case string(f.Name()) == body:
			s.body, err = wire.Marshal(v.Message().Interface())
		case body == "*":
			return true // it stays in the rest
		default:
			for _, word := range words(f, v) {
				s.query.Add(f.JSONName(), word)
			}
		}
		rest.ProtoReflect().Clear(f)
		return err == nil
	})
	if body == "*" && err == nil {
		s.body, err = wire.Marshal(rest)
	}
	return err
}

// patchOf makes the merge patch (RFC 7396) of what the field mask of a request
// names.
func patchOf(args, content proto.Message) ([]byte, error) {
	text, err := wire.Marshal(content)
	if err != nil {
		return nil, err
	}
	var have map[string]any
	if err := json.Unmarshal(text, &have); err != nil {
		return nil, err
	}
	patch := map[string]any{}
	for _, path := range maskOf(args) {
		from, to, md := have, patch, content.ProtoReflect().Descriptor()
		names := strings.Split(path, ".")
		for i, name := range names {
			field := md.Fields().ByName(protoreflect.Name(name))
			if i == len(names)-1 {
				to[field.JSONName()] = from[field.JSONName()] // nothing is null
				break
			}
			from, _ = from[field.JSONName()].(map[string]any)
			next, ok := to[field.JSONName()].(map[string]any)
			if !ok {
				next = map[string]any{}
				to[field.JSONName()] = next
			}
			to, md = next, field.Message()
		}
	}
	return json.Marshal(patch)
}

// maskOf has the paths of the field mask of a request.
func maskOf(args proto.Message) []string {
	var paths []string
	args.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if isMask(f) {
			paths = v.Message().Interface().(*fieldmaskpb.FieldMask).GetPaths()
		}
		return true
	})
	return paths
}

func isMask(f protoreflect.FieldDescriptor) bool {
	return f.Message() != nil && f.Message().FullName() == "google.protobuf.FieldMask"
}

// headerOf is the header that a field goes in, if any.
func headerOf(f protoreflect.FieldDescriptor) string {
	name, _ := proto.GetExtension(f.Options(), optionsv1.E_Header).(string)
	return name
}

func verbOf(rule *annotations.HttpRule) string {
	switch rule.GetPattern().(type) {
	case *annotations.HttpRule_Post:
		return http.MethodPost
	case *annotations.HttpRule_Put:
		return http.MethodPut
	case *annotations.HttpRule_Patch:
		return http.MethodPatch
	case *annotations.HttpRule_Delete:
		return http.MethodDelete
	default:
		return http.MethodGet
	}
}

// pathOf is the one path of a rule: of the others there is none.
func pathOf(rule *annotations.HttpRule) string {
	return rule.GetGet() + rule.GetPost() + rule.GetPut() + rule.GetPatch() + rule.GetDelete()
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
