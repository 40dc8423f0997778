package wire

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
)

// schemas remembers, per message descriptor, the *schema that follows from it.
// It is the one package variable that is written to: it holds nothing that
// could differ between two callers, and without it each call would read the
// options of every field anew.
var schemas sync.Map

// maxFields is how many fields a message may have; see seen in decode.go.
const maxFields = 256

// maxItems is how many elements a list or map of a caller may have whatever the
// rules say.
const maxItems = 10_000

// unspecified ends the name of an enum's zero value, which has no word.
const unspecified = "UNSPECIFIED"

// schema is what the codec knows of a message.
type schema struct {
	fields []*field // by number
	byName map[string]*field
	// english gives the fields by the names of the proto and of default JSON,
	// which are not understood but recognised.
	english map[string]*field
	// mask is the field mask of a request, if it has one. It has no name: a
	// merge patch says what it holds.
	mask *field
}

// shape is how a single value is written.
type shape uint8

const (
	shapeMessage shape = iota
	shapeStruct
	shapeString
	shapeEnum
	shapeBytes
	shapeTime
	shapeBool
	shapeInt32
	shapeUint32
	shapeFloat
	shapeMask
)

// field is what the codec knows of a field.
type field struct {
	form     // of the value, the element, or the map's value
	desc     protoreflect.FieldDescriptor
	index    int    // its place in schema.fields
	name     string // the Dutch name
	key      []byte // the name as a JSON key, with its colon
	readOnly bool
	header   string                       // the HTTP header that a request holds it in, if any
	maxItems int                          // of a list or map that a caller sends
	oneof    protoreflect.OneofDescriptor // nil for a synthetic one
}

// form is how a single value is written, with what is needed to do so.
type form struct {
	shape   shape
	enum    *enum                          // of shapeEnum
	bits    int                            // of shapeFloat
	message protoreflect.MessageDescriptor // of shapeMessage
}

// enum holds the words of an enum.
type enum struct {
	words  map[protoreflect.EnumNumber]string
	values map[string]protoreflect.EnumNumber
	// list is all words, for people.
	list string
}

// schemaOf gives the schema of a message. The error is a defect of the proto.
func schemaOf(md protoreflect.MessageDescriptor) (*schema, error) {
	if s, ok := schemas.Load(md); ok {
		return s.(*schema), nil
	}
	s, err := newSchema(md)
	if err != nil {
		return nil, err
	}
	schemas.Store(md, s)
	return s, nil
}

func newSchema(md protoreflect.MessageDescriptor) (*schema, error) {
	all := md.Fields()
	if all.Len() > maxFields {
		return nil, fmt.Errorf("wire: %s has more than %d fields", md.FullName(), maxFields)
	}
	s := &schema{byName: map[string]*field{}, english: map[string]*field{}}
	for i := range all.Len() {
		f, err := newField(all.Get(i))
		if err != nil {
			return nil, err
		}
		s.fields = append(s.fields, f)
		if f.shape == shapeMask {
			s.mask = f
			continue
		}
		s.byName[f.name] = f
		s.english[string(f.desc.Name())] = f
		s.english[camel(string(f.desc.Name()))] = f
	}
	slices.SortFunc(s.fields, func(a, b *field) int { return cmp.Compare(a.desc.Number(), b.desc.Number()) })
	for i, f := range s.fields {
		f.index = i
	}
	return s, nil
}

// named lists the fields of which it holds that have a name.
func (s *schema) named(holds func(*field) bool) []*field {
	var all []*field
	for _, f := range s.fields {
		if f.shape != shapeMask && holds(f) {
			all = append(all, f)
		}
	}
	return all
}

func newField(desc protoreflect.FieldDescriptor) (*field, error) {
	f := &field{desc: desc, name: desc.JSONName(), key: appendKey(nil, desc.JSONName())}
	value := desc
	if desc.IsMap() {
		if desc.MapKey().Kind() != protoreflect.StringKind {
			return nil, fmt.Errorf("wire: %s: the keys of a map must be strings", desc.FullName())
		}
		value = desc.MapValue()
	}
	var err error
	if f.form, err = formOf(value); err != nil {
		return nil, err
	}
	if o := desc.ContainingOneof(); o != nil && !o.IsSynthetic() {
		f.oneof = o
	}
	if f.shape == shapeMask && desc.Cardinality() == protoreflect.Repeated {
		return nil, fmt.Errorf("wire: %s: a request has one field mask", desc.FullName())
	}
	f.maxItems = maxItemsOf(desc)
	f.header, _ = proto.GetExtension(desc.Options(), optionsv1.E_Header).(string)
	behaviour, _ := proto.GetExtension(desc.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	f.readOnly = slices.Contains(behaviour, annotations.FieldBehavior_OUTPUT_ONLY)
	return f, nil
}

// maxItemsOf reads the most that a list or map may hold off its rules
// (protovalidate), so that the size of what is read is bounded by the proto:
// holding a hundred thousand elements against the rules takes minutes.
func maxItemsOf(desc protoreflect.FieldDescriptor) int {
	rules, _ := proto.GetExtension(desc.Options(), validate.E_Field).(*validate.FieldRules)
	most := max(rules.GetRepeated().GetMaxItems(), rules.GetMap().GetMaxPairs())
	if most == 0 || most > maxItems {
		return maxItems
	}
	return int(most)
}

func formOf(desc protoreflect.FieldDescriptor) (form, error) {
	switch desc.Kind() {
	case protoreflect.StringKind:
		return form{shape: shapeString}, nil
	case protoreflect.EnumKind:
		return form{shape: shapeEnum, enum: newEnum(desc.Enum())}, nil
	case protoreflect.BytesKind:
		return form{shape: shapeBytes}, nil
	case protoreflect.BoolKind:
		return form{shape: shapeBool}, nil
	case protoreflect.Int32Kind:
		return form{shape: shapeInt32}, nil
	case protoreflect.Uint32Kind:
		return form{shape: shapeUint32}, nil
	case protoreflect.FloatKind:
		return form{shape: shapeFloat, bits: 32}, nil
	case protoreflect.DoubleKind:
		return form{shape: shapeFloat, bits: 64}, nil
	case protoreflect.MessageKind:
		s, err := messageShape(desc)
		return form{shape: s, message: desc.Message()}, err
	default:
		return form{}, fmt.Errorf("wire: %s: %s has no form in JSON here", desc.FullName(), desc.Kind())
	}
}

// messageShape tells the messages with a form of their own apart. Those that
// protojson knows and we do not are refused, so that none is written as if it
// were an ordinary message.
func messageShape(desc protoreflect.FieldDescriptor) (shape, error) {
	md := desc.Message()
	switch {
	case md.FullName() == "google.protobuf.Timestamp":
		return shapeTime, nil
	case md.FullName() == "google.protobuf.Struct":
		return shapeStruct, nil
	case md.FullName() == "google.protobuf.FieldMask":
		return shapeMask, nil
	case md.ParentFile().Package() == "google.protobuf" && md.FullName() != "google.protobuf.Empty":
		return 0, fmt.Errorf("wire: %s: %s has no form in JSON here", desc.FullName(), md.FullName())
	default:
		return shapeMessage, nil
	}
}

func newEnum(ed protoreflect.EnumDescriptor) *enum {
	e := &enum{words: map[protoreflect.EnumNumber]string{}, values: map[string]protoreflect.EnumNumber{}}
	var list []string
	for i := range ed.Values().Len() {
		v := ed.Values().Get(i)
		word := wordOf(v)
		if word == "" {
			continue
		}
		if _, alias := e.words[v.Number()]; !alias {
			e.words[v.Number()] = word
			list = append(list, word)
		}
		e.values[word] = v.Number()
	}
	e.list = strings.Join(list, ", ")
	return e
}

// wordOf makes the word. The prefix is what stands before UNSPECIFIED in the
// zero value (buf lint ENUM_ZERO_VALUE_SUFFIX, ENUM_VALUE_PREFIX); an enum
// without such a value keeps its names whole.
func wordOf(v protoreflect.EnumValueDescriptor) string {
	name := string(v.Name())
	zero := string(v.Parent().(protoreflect.EnumDescriptor).Values().Get(0).Name())
	if prefix, ok := strings.CutSuffix(zero, unspecified); ok {
		name = strings.TrimPrefix(name, prefix)
		if name == unspecified {
			return ""
		}
	}
	return strings.ReplaceAll(strings.ToLower(name), "_", "-")
}

// Word gives the word of an enum value on the wire: "ontvangen" for
// SIGNAL_STATE_ONTVANGEN. It is empty for the unspecified value and for one
// that the enum does not have.
func Word(e protoreflect.Enum) string {
	v := e.Descriptor().Values().ByNumber(e.Number())
	if v == nil {
		return ""
	}
	return wordOf(v)
}

// camel is the default JSON name of a field, which protoc would have chosen.
func camel(name string) string {
	b := make([]byte, 0, len(name))
	upper := false
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_':
			upper = true
		case upper && 'a' <= c && c <= 'z':
			b = append(b, c-'a'+'A')
			upper = false
		default:
			b = append(b, c)
			upper = false
		}
	}
	return string(b)
}
