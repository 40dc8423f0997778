package wire

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Binding says how a request message is spread over an HTTP request, as
// google.api.http does: a field is in the path, in the body, or else in the
// query. Beyond that a field may be in a header (schakel.options.v1.header).
type Binding struct {
	// Body names the field that is the body; "*" is all that path and headers
	// do not hold, and empty is no body.
	Body string
	// Path has the proto paths of the fields in the URL's path, such as "id" or
	// "letter.id".
	Path []string
	// Patch says that the body is a merge patch (RFC 7396) of its field. Which
	// fields it names goes in the field mask of the request, which has no
	// other place.
	Patch bool
}

// place is the part of an HTTP request that holds a field.
type place uint8

const (
	inQuery place = iota
	inPath
	inHeader
	inBody
	nowhere
)

func (b Binding) placeOf(f *field) place {
	name := string(f.desc.Name())
	switch {
	case f.shape == shapeMask:
		return nowhere
	case f.header != "":
		return inHeader
	case b.Body == name:
		return inBody
	case slices.ContainsFunc(b.Path, func(path string) bool {
		top, _, _ := strings.Cut(path, ".")
		return top == name
	}):
		return inPath
	case b.Body == "*":
		return inBody
	default:
		return inQuery
	}
}

// inQuery says whether the field of the request goes in the query.
func (b Binding) inQuery(f *field) bool { return b.placeOf(f) == inQuery }

// Check says whether the request can be bound so: the fields exist, the path
// and the headers hold single values, the query values or lists of them, and
// the body has a form on the wire.
func (b Binding) Check(md protoreflect.MessageDescriptor) error {
	s, err := schemaOf(md)
	if err != nil {
		return err
	}
	for _, path := range b.Path {
		_, err2 := variable(md, path)
		err = errors.Join(err, err2)
	}
	if b.Body != "" && b.Body != "*" && b.bodyOf(md) == nil {
		err = errors.Join(err, fmt.Errorf("wire: %s has no message %s for the body", md.FullName(), b.Body))
	}
	if b.Patch && (b.bodyOf(md) == nil || s.mask == nil) {
		err = errors.Join(err, fmt.Errorf("wire: %s: a merge patch needs a field for its body, and a field mask", md.FullName()))
	}
	for _, f := range s.fields {
		err = errors.Join(err, b.checkField(f))
	}
	return err
}

// bodyOf is the field that is the body; nil when it is all, nothing, or no
// message.
func (b Binding) bodyOf(md protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	f := md.Fields().ByName(protoreflect.Name(b.Body))
	if f == nil || f.Message() == nil || f.Cardinality() == protoreflect.Repeated {
		return nil
	}
	return f
}

// checkField says whether the place of a field can hold it.
func (b Binding) checkField(f *field) error {
	single := f.shape != shapeMessage && f.shape != shapeStruct && f.desc.Cardinality() != protoreflect.Repeated
	switch b.placeOf(f) {
	case inQuery:
		if !single && !(f.desc.IsList() && f.shape != shapeMessage && f.shape != shapeStruct) {
			return fmt.Errorf("wire: %s: queries are flat", f.desc.FullName())
		}
	case inHeader:
		if !single {
			return fmt.Errorf("wire: %s: a header holds a single value", f.desc.FullName())
		}
	case inBody:
		err := f.check(map[protoreflect.FullName]bool{})
		if b.Patch && err == nil {
			err = f.patchable(map[protoreflect.FullName]bool{})
		}
		return err
	case nowhere:
		if !b.Patch {
			return fmt.Errorf("wire: %s: only a merge patch fills a field mask", f.desc.FullName())
		}
	}
	return nil
}

// Variable reads the text of a variable in the URL's path into the field at
// path. Its error is an [*Error].
func Variable(m proto.Message, path, text string) error {
	r := m.ProtoReflect()
	f, err := variable(r.Descriptor(), path)
	if err != nil {
		return err
	}
	v, fault := f.single(text)
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

// single makes a value of the text of a parameter or header.
func (f form) single(text string) (protoreflect.Value, *Fault) {
	if !validText([]byte(text)) {
		return protoreflect.Value{}, &faultText
	}
	return f.parse([]byte(text))
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
	if f.shape == shapeMessage || f.shape == shapeStruct || f.shape == shapeMask || f.desc.IsList() || f.desc.IsMap() {
		return nil, fmt.Errorf("wire: %s is not a single value", path)
	}
	return f, nil
}
