package wire

import (
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

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

// at gives a copy of the fault at a parameter; nil stays nil.
func (f *Fault) at(parameter string) *Fault {
	if f == nil {
		return nil
	}
	c := *f
	c.Parameter = parameter
	return &c
}
