package main

import (
	"errors"
	"fmt"
	"slices"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// schemas are the named schemas of the document: one for each message and enum
// that an operation needs, under its own name.
type schemas struct {
	validator protovalidate.Validator
	out       *object
	sources   map[string]protoreflect.FullName // what each name stands for
}

// claim reserves a name for a descriptor. It says whether the schema is still
// to be made.
func (s *schemas) claim(name string, of protoreflect.FullName) (bool, error) {
	if source, ok := s.sources[name]; ok {
		if source != of {
			return false, fmt.Errorf("the schema %s would be both %s and %s", name, source, of)
		}
		return false, nil
	}
	if s.out.has(name) {
		return false, fmt.Errorf("the schema %s stands in the frame already", name)
	}
	s.sources[name] = of
	s.out.set(name, &schema{})
	return true, nil
}

func named(name string) *schema { return &schema{Ref: "#/components/schemas/" + name} }

// message gives a reference to the schema of a whole message.
func (s *schemas) message(m protoreflect.MessageDescriptor) (*schema, error) {
	if known := wellKnown(m); known != nil {
		return known, nil
	}
	return s.request(m, func(protoreflect.FieldDescriptor) bool { return false })
}

// request gives a reference to the schema of a message without the fields
// that stand elsewhere in the request.
func (s *schemas) request(m protoreflect.MessageDescriptor, elsewhere func(protoreflect.FieldDescriptor) bool) (*schema, error) {
	name := string(m.Name())
	if fresh, err := s.claim(name, m.FullName()); !fresh || err != nil {
		return named(name), err
	}
	out, err := s.object(m, elsewhere)
	s.out.set(name, out)
	return named(name), err
}

// object describes the fields of a message.
func (s *schemas) object(m protoreflect.MessageDescriptor, elsewhere func(protoreflect.FieldDescriptor) bool) (*schema, error) {
	required, err := s.required(m)
	if err != nil {
		return nil, err
	}
	out := &schema{Type: "object", Description: comment(m), Properties: &object{}}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if elsewhere(field) {
			continue
		}
		f, err := s.field(field)
		if err != nil {
			return nil, err
		}
		if required[field.Name()] {
			out.Required = append(out.Required, field.JSONName())
		}
		out.Properties.set(field.JSONName(), f)
	}
	return out, applyMessageRules(out, m)
}

// patch gives a reference to the schema of a merge patch (RFC 7396) of a
// message: any member may be left out, and null takes away what is not
// required.
func (s *schemas) patch(m protoreflect.MessageDescriptor) (*schema, error) {
	name := string(m.Name()) + "Patch"
	if fresh, err := s.claim(name, m.FullName()+"Patch"); !fresh || err != nil {
		return named(name), err
	}
	required, err := s.required(m)
	if err != nil {
		return nil, err
	}
	out := &schema{Type: "object", Description: "A merge patch (RFC 7396). " + comment(m), Properties: &object{}}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if outputOnly(field) {
			continue
		}
		f, err := s.patchField(field)
		if err != nil {
			return nil, err
		}
		if !required[field.Name()] {
			f = orNull(f)
		}
		out.Properties.set(field.JSONName(), f)
	}
	s.out.set(name, out)
	return named(name), nil
}

// orNull describes a value that may be null, too.
func orNull(s *schema) *schema {
	if s.Format != "" && s.Not == nil && s.AnyOf == nil && s.OneOf == nil && s.AllOf == nil {
		// What has a format must show it where it stands: the design rules ask it
		// of dates.
		s.Type = []any{s.Type, "null"}
		return s
	}
	out := &schema{Description: s.Description, AnyOf: []*schema{s, {Type: "null"}}}
	s.Description = ""
	return out
}

// patchField describes a member of a patch: a message is patched in its turn,
// everything else is replaced.
func (s *schemas) patchField(field protoreflect.FieldDescriptor) (*schema, error) {
	m := field.Message()
	if m == nil || field.IsList() || field.IsMap() || wellKnown(m) != nil {
		return s.field(field)
	}
	f, err := s.patch(m)
	if err != nil {
		return nil, err
	}
	f.Description = comment(field)
	return f, nil
}

// field describes a field as it stands in its message.
func (s *schemas) field(field protoreflect.FieldDescriptor) (*schema, error) {
	out, err := s.shape(field)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", field.FullName(), err)
	}
	out.Description = comment(field)
	out.ReadOnly = outputOnly(field)
	if err := applyFieldRules(out, field); err != nil {
		return nil, fmt.Errorf("%s: %w", field.FullName(), err)
	}
	return out, nil
}

// shape describes a field's type: a list, a map or one value.
func (s *schemas) shape(field protoreflect.FieldDescriptor) (*schema, error) {
	switch {
	case field.IsMap():
		values, err := s.value(field.MapValue())
		return &schema{Type: "object", AdditionalProperties: values}, err
	case field.IsList():
		items, err := s.value(field)
		return &schema{Type: "array", Items: items}, err
	default:
		return s.value(field)
	}
}

// value describes one value of a field.
func (s *schemas) value(field protoreflect.FieldDescriptor) (*schema, error) {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return &schema{Type: "boolean"}, nil
	case protoreflect.StringKind:
		return &schema{Type: "string"}, nil
	case protoreflect.BytesKind:
		return &schema{Type: "string", ContentEncoding: "base64"}, nil
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return &schema{Type: "integer", Format: "int32"}, nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return &schema{Type: "integer", Minimum: "0", Maximum: "4294967295"}, nil
	case protoreflect.FloatKind:
		return &schema{Type: "number", Format: "float"}, nil
	case protoreflect.DoubleKind:
		return &schema{Type: "number", Format: "double"}, nil
	case protoreflect.EnumKind:
		return s.enum(field.Enum())
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return s.message(field.Message())
	default:
		return nil, errors.New("REST has no 64-bit integers, for JSON readers round them")
	}
}

// enum gives a reference to the schema of an enum. The value 0 is left out:
// it is how an enum says that it was not set, and has no name in JSON.
func (s *schemas) enum(e protoreflect.EnumDescriptor) (*schema, error) {
	name := string(e.Name())
	if fresh, err := s.claim(name, e.FullName()); !fresh || err != nil {
		return named(name), err
	}
	out := &schema{Type: "string", Description: comment(e) + "\n"}
	for i := range e.Values().Len() {
		value := e.Values().Get(i)
		if value.Number() == 0 {
			continue
		}
		out.Enum = append(out.Enum, wireName(e, value))
		out.Description += "\n- `" + wireName(e, value) + "`: " + comment(value)
	}
	s.out.set(name, out)
	return named(name), nil
}

// required tells which fields of m must be there. It asks the validator what
// it has against an empty message, so that it knows the rules that refuse a
// zero value as well as those that say "required".
func (s *schemas) required(m protoreflect.MessageDescriptor) (map[protoreflect.Name]bool, error) {
	required := map[protoreflect.Name]bool{}
	for i := range m.Fields().Len() {
		if field := m.Fields().Get(i); behaves(field, annotations.FieldBehavior_REQUIRED) {
			required[field.Name()] = true
		}
	}
	err := s.validator.Validate(dynamicpb.NewMessage(m))
	var faults *protovalidate.ValidationError
	switch {
	case err == nil:
		return required, nil
	case !errors.As(err, &faults):
		return nil, fmt.Errorf("%s: %w", m.FullName(), err)
	}
	for _, v := range faults.Violations {
		if path := v.Proto.GetField().GetElements(); len(path) == 1 && v.FieldDescriptor != nil {
			required[protoreflect.Name(path[0].GetFieldName())] = true
		}
	}
	return required, nil
}

// outputOnly says whether only Schakel ever writes a field.
func outputOnly(field protoreflect.FieldDescriptor) bool {
	return behaves(field, annotations.FieldBehavior_OUTPUT_ONLY)
}

func behaves(field protoreflect.FieldDescriptor, b annotations.FieldBehavior) bool {
	all, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(all, b)
}
