package wire

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Binding says how a request message is spread over an HTTP request, as
// google.api.http does: a field is in the path, in the body, or else in the
// query.
type Binding struct {
	// Body names the field that is the body; "*" is all that the path does not
	// hold, and empty is no body.
	Body string
	// Path has the proto paths of the fields in the URL's path, such as "id" or
	// "letter.id".
	Path []string
}

// inQuery says whether a field of the request goes in the query.
func (b Binding) inQuery(f *field) bool {
	name := string(f.desc.Name())
	inPath := slices.ContainsFunc(b.Path, func(path string) bool {
		top, _, _ := strings.Cut(path, ".")
		return top == name
	})
	return b.Body != "*" && b.Body != name && !inPath
}

// Check says whether the request can be bound so: the fields exist, the path
// holds single values, the query values or lists of them.
func (b Binding) Check(md protoreflect.MessageDescriptor) error {
	s, err := schemaOf(md)
	if err != nil {
		return err
	}
	for _, path := range b.Path {
		_, err2 := variable(md, path)
		err = errors.Join(err, err2)
	}
	if b.Body != "" && b.Body != "*" {
		f := md.Fields().ByName(protoreflect.Name(b.Body))
		if f == nil || f.Message() == nil || f.IsList() || f.IsMap() {
			err = errors.Join(err, fmt.Errorf("wire: %s has no message %s for the body", md.FullName(), b.Body))
		}
	}
	for _, f := range s.fields {
		if b.inQuery(f) && (f.shape == shapeMessage || f.shape == shapeStruct || f.desc.IsMap()) {
			err = errors.Join(err, fmt.Errorf("wire: %s: queries are flat", f.desc.FullName()))
		}
	}
	return err
}

// Query reads the query of a request, still encoded, into m next to what is
// there. It knows Dutch names only, a list is a repeated parameter, and its
// error is an [*Error] with every fault.
func (b Binding) Query(raw string, m proto.Message) error {
	r := m.ProtoReflect()
	s, err := schemaOf(r.Descriptor())
	if err != nil {
		return err
	}
	names, values, faults := splitQuery(raw)
	for _, name := range names {
		if fault := b.parameter(s, r, name, values[name]); fault != nil {
			faults = append(faults, *fault)
		}
	}
	switch {
	case len(faults) == 0:
		return nil
	case len(faults) > maxFaults:
		return &Error{Faults: faults[:maxFaults], Truncated: true}
	default:
		return &Error{Faults: faults}
	}
}

// splitQuery decodes a query (URL standard, application/x-www-form-urlencoded):
// the names in the order in which they come first, and the texts of each.
func splitQuery(raw string) (names []string, values map[string][]string, faults []Fault) {
	values = map[string][]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		decoded, err := url.QueryUnescape(name)
		if err == nil {
			name = decoded
			text, err = url.QueryUnescape(text)
		}
		if err != nil {
			faults = append(faults, *faultEncoding.at(cut(name)))
			continue
		}
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], text)
	}
	return names, values, faults
}

// parameter reads one parameter of the query, however often it occurs.
func (b Binding) parameter(s *schema, m protoreflect.Message, name string, texts []string) *Fault {
	f := s.byName[name]
	var fault *Fault
	badText := func(text string) bool { return !validText([]byte(text)) }
	switch {
	case f == nil || !b.inQuery(f):
		fault = b.unknownParameter(s, name)
	case slices.ContainsFunc(texts, badText):
		fault = &faultText
	case f.desc.IsList():
		list := m.Mutable(f.desc).List()
		for _, text := range texts {
			v, wrong := f.parse([]byte(text))
			if wrong != nil {
				fault = wrong
				break
			}
			list.Append(v)
		}
	case len(texts) > 1:
		fault = &faultDuplicateParameter
	default:
		var v protoreflect.Value
		if v, fault = f.parse([]byte(texts[0])); fault == nil {
			m.Set(f.desc, v)
		}
	}
	return fault.at(cut(name))
}

// Variable reads the text of a variable in the URL's path into the field at
// path. Its error is an [*Error].
func Variable(m proto.Message, path, text string) error {
	r := m.ProtoReflect()
	f, err := variable(r.Descriptor(), path)
	if err != nil {
		return err
	}
	v, fault := f.parse([]byte(text))
	if !validText([]byte(text)) {
		fault = &faultText
	}
	if fault != nil {
		return &Error{Faults: []Fault{*fault.at(f.name)}}
	}
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		r = r.Mutable(r.Descriptor().Fields().ByName(protoreflect.Name(name))).Message()
	}
	r.Set(f.desc, v)
	return nil
}

// variable finds the field at a proto path, which must hold a single value.
func variable(md protoreflect.MessageDescriptor, path string) (*field, error) {
	var f *field
	for name := range strings.SplitSeq(path, ".") {
		if f != nil {
			if md = f.desc.Message(); md == nil || f.shape != shapeMessage || f.desc.IsList() || f.desc.IsMap() {
				return nil, fmt.Errorf("wire: %s: no message to find %s in", path, name)
			}
		}
		s, err := schemaOf(md)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(s.fields, func(f *field) bool { return string(f.desc.Name()) == name })
		if i < 0 {
			return nil, fmt.Errorf("wire: %s has no field %s", md.FullName(), name)
		}
		f = s.fields[i]
	}
	if f.shape == shapeMessage || f.shape == shapeStruct || f.desc.IsList() || f.desc.IsMap() {
		return nil, fmt.Errorf("wire: %s is not a single value", path)
	}
	return f, nil
}

// at gives a copy of the fault at a parameter; nil stays nil.
func (f *Fault) at(parameter string) *Fault {
	if f == nil {
		return nil
	}
	c := *f
	c.Parameter = parameter
	return &c
}
