package wire

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Headers lists the headers that hold a field of a request, in the order of
// the fields. The error is a defect of the proto.
func Headers(md protoreflect.MessageDescriptor) ([]string, error) {
	s, err := schemaOf(md)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range s.fields {
		if f.header != "" {
			names = append(names, f.header)
		}
	}
	return names, nil
}

// Header reads a header, however often it occurs, into the field that it
// holds. A header that is not there leaves the field as it is. The error is an
// [*Error].
func Header(m proto.Message, name string, texts []string) error {
	r := m.ProtoReflect()
	s, err := schemaOf(r.Descriptor())
	if err != nil {
		return err
	}
	for _, f := range s.fields {
		if f.header != name || len(texts) == 0 {
			continue
		}
		v, fault := f.single(texts[0])
		if len(texts) > 1 {
			fault = &faultDuplicateHeader
		}
		if fault != nil {
			c := *fault
			c.Header = name
			return &Error{Faults: []Fault{c}}
		}
		r.Set(f.desc, v)
	}
	return nil
}
