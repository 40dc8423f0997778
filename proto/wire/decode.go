package wire

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxDepth bounds how deeply objects and lists may lie within each other, so
// that no input exhausts the stack.
const maxDepth = 64

// Unmarshal reads what [Marshal] wrote, now or in a later version: a field that
// is not known here is skipped. m is emptied first. The error is an *[Error]
// for anything else that is wrong with data, or a defect of the proto.
func Unmarshal(data []byte, m proto.Message) error {
	return unmarshal(data, m, false)
}

// UnmarshalInput reads what a caller sent. Beyond what Unmarshal refuses, it
// refuses fields that it does not know and fields that only Schakel fills in
// (google.api.field_behavior OUTPUT_ONLY). After an error m holds what could be
// read.
func UnmarshalInput(data []byte, m proto.Message) error {
	return unmarshal(data, m, true)
}

func unmarshal(data []byte, m proto.Message, input bool) error {
	proto.Reset(m)
	d := &decoder{
		// jsontext would stop at a duplicate name or a byte that is not UTF-8;
		// we note them, and go on.
		dec:   jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		data:  data,
		path:  make([]byte, 0, 128),
		input: input,
	}
	err := d.document(m.ProtoReflect())
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil, errors.Is(err, errTooMany):
	case errors.Is(err, io.EOF):
		d.faults = append(d.faults, faultEmpty)
	case errors.As(err, &syntax):
		d.faults = append(d.faults, syntaxFault(data, syntax))
	default:
		return err
	}
	if len(d.faults) == 0 {
		return nil
	}
	return &Error{Faults: d.faults, Truncated: errors.Is(err, errTooMany)}
}

// errTooMany ends the reading when maxFaults is reached.
var errTooMany = errors.New("wire: too many faults")

// decoder reads one document. Its methods return an error only for what makes
// reading on impossible; anything else is noted in faults.
type decoder struct {
	dec    *jsontext.Decoder
	data   []byte // what dec reads
	input  bool   // from a caller, see UnmarshalInput
	path   []byte // the JSON pointer of the value being read
	depth  int
	faults []Fault
}

// document reads the one value, and sees to it that nothing follows.
func (d *decoder) document(m protoreflect.Message) error {
	if err := d.message(m); err != nil {
		return err
	}
	at := d.dec.InputOffset()
	if _, err := d.dec.ReadToken(); err == nil || !errors.Is(err, io.EOF) {
		d.path = d.path[:0]
		return d.note(trailingFault(d.data, at))
	}
	return nil
}

// message reads an object into m.
func (d *decoder) message(m protoreflect.Message) error {
	s, err := schemaOf(m.Descriptor())
	if err != nil {
		return err
	}
	var seen seen
	return d.object(func(name []byte) error {
		f := s.byName[string(name)]
		switch {
		case f == nil && !d.input:
			return d.dec.SkipValue()
		case f == nil:
			return d.skip(s.unknownFault(string(name)))
		case seen.twice(f.index):
			return d.skip(faultDuplicate)
		case d.dec.PeekKind() == jsontext.KindNull:
			return d.dec.SkipValue()
		case f.readOnly && d.input:
			return d.skip(faultReadOnly)
		case f.oneof != nil && m.WhichOneof(f.oneof) != nil:
			return d.skip(s.oneofFault(f.oneof))
		}
		return d.field(m, f)
	})
}

// seen notes which fields of a message came by, by their index.
type seen [maxFields / 64]uint64

// twice says whether the field came by before, and notes that it did now.
func (s *seen) twice(i int) bool {
	word, bit := &s[i/64], uint64(1)<<(i%64)
	before := *word&bit != 0
	*word |= bit
	return before
}

// field reads the value of a field, which is not null.
func (d *decoder) field(m protoreflect.Message, f *field) error {
	switch {
	case f.desc.IsList():
		if d.dec.PeekKind() != jsontext.KindBeginArray {
			return d.wrongType(nounList)
		}
		list := m.Mutable(f.desc).List()
		return d.array(func() error {
			if d.input && list.Len() == f.maxItems {
				return d.tooMany(f)
			}
			return d.element(list, f)
		})
	case f.desc.IsMap():
		if d.dec.PeekKind() != jsontext.KindBeginObject {
			return d.wrongType(nounObject)
		}
		entries := m.Mutable(f.desc).Map()
		return d.object(func(name []byte) error {
			if d.input && entries.Len() == f.maxItems {
				return d.tooMany(f)
			}
			return d.entry(entries, f, name)
		})
	case f.shape == shapeMessage && d.dec.PeekKind() == jsontext.KindBeginObject:
		return d.message(m.Mutable(f.desc).Message())
	}
	v, err := d.value(f.form)
	if v.IsValid() {
		m.Set(f.desc, v)
	}
	return err
}

// element reads an element of a list. One that is wrong still takes its place,
// so that those after it keep their index.
func (d *decoder) element(list protoreflect.List, f *field) error {
	if f.shape == shapeMessage {
		return d.message(list.AppendMutable().Message())
	}
	v, err := d.value(f.form)
	if !v.IsValid() {
		v = list.NewElement()
	}
	list.Append(v)
	return err
}

// entry reads an entry of a map.
func (d *decoder) entry(entries protoreflect.Map, f *field, name []byte) error {
	key := protoreflect.ValueOfString(string(name)).MapKey()
	switch {
	case entries.Has(key):
		return d.skip(faultDuplicate)
	case d.dec.PeekKind() == jsontext.KindNull:
		return d.dec.SkipValue()
	case f.shape == shapeMessage:
		return d.message(entries.Mutable(key).Message())
	}
	v, err := d.value(f.form)
	if v.IsValid() {
		entries.Set(key, v)
	}
	return err
}

// value reads a value that is no message of ours. An invalid Value says that a
// fault was noted.
func (d *decoder) value(f form) (protoreflect.Value, error) {
	switch f.shape {
	case shapeMessage:
		return protoreflect.Value{}, d.wrongType(nounObject)
	case shapeStruct:
		if d.dec.PeekKind() != jsontext.KindBeginObject {
			return protoreflect.Value{}, d.wrongType(nounObject)
		}
		s, err := d.structure()
		return protoreflect.ValueOfMessage(s.ProtoReflect()), err
	default:
		return d.scalar(f)
	}
}

// scalar reads a string, number or boolean.
func (d *decoder) scalar(f form) (protoreflect.Value, error) {
	kind := d.dec.PeekKind()
	if want := f.noun(); !want.is(kind) {
		return protoreflect.Value{}, d.wrongType(want)
	}
	raw, err := d.dec.ReadValue()
	if err != nil {
		return protoreflect.Value{}, err
	}
	text := []byte(raw)
	if kind == jsontext.KindString {
		var ok bool
		if text, ok = unquote(raw); !ok {
			return protoreflect.Value{}, d.note(faultText)
		}
	}
	v, fault := f.parse(text)
	if fault != nil {
		return protoreflect.Value{}, d.note(*fault)
	}
	return v, nil
}
