package wire

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxDepth bounds how deeply objects and lists may lie within each other, so
// that no input exhausts the stack.
const maxDepth = 64

// Unmarshal reads what [Marshal] wrote, now or in a later version: a field that
// is not known here is skipped. m is emptied first. The error is an *[Error]
// for anything else that is wrong with data, or a defect of the proto.
func Unmarshal(data []byte, m proto.Message) error { return Part{}.Unmarshal(data, m) }

// UnmarshalInput reads what a caller sent. Beyond what Unmarshal refuses, it
// refuses fields that it does not know and fields that only Schakel fills in
// (google.api.field_behavior OUTPUT_ONLY). After an error m holds what could be
// read.
func UnmarshalInput(data []byte, m proto.Message) error {
	d := newDecoder(data, true)
	return d.into(m, d.fields)
}

// errTooMany ends the reading when maxFaults is reached.
var errTooMany = errors.New("wire: too many faults")

// decoder reads one document. Its methods return an error only for what makes
// reading on impossible; anything else is noted in faults.
type decoder struct {
	dec    *jsontext.Decoder
	source bytes.Buffer // that dec reads
	data   []byte       // what is in it
	input  bool         // from a caller, see UnmarshalInput
	faults []Fault
	// out is what was read, in protobuf's binary form. Its own reader takes
	// that in several times faster than fields can be set one at a time by
	// reflection.
	out []byte
	// elsewhere, when set, says what is wrong with a field that stands in
	// another part of the request than the body that is read; nil for nothing.
	// It is asked of the outermost message alone.
	elsewhere func(*field) *Fault
	// mask has the paths that a merge patch names.
	mask []string
	part Part // what is read
}

func newDecoder(data []byte, input bool) *decoder {
	d := &decoder{dec: new(jsontext.Decoder), out: make([]byte, 0, len(data))}
	d.reset(data, input)
	return d
}

// reset begins another document, with what memory there is.
func (d *decoder) reset(data []byte, input bool) {
	*d = decoder{dec: d.dec, source: d.source, out: d.out[:0], data: data, input: input}
	// jsontext reads a buffer in place. It would stop at a duplicate name or a
	// byte that is not UTF-8; we note them, and go on.
	d.source = *bytes.NewBuffer(data)
	d.dec.Reset(&d.source, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// into reads the document into m, which it empties first.
func (d *decoder) into(m proto.Message, object func(*schema) error) error {
	proto.Reset(m)
	s, err := schemaOf(m.ProtoReflect().Descriptor())
	if err != nil {
		return err
	}
	err = d.document(func() error { return object(s) })
	if err2 := proto.Unmarshal(d.out, m); err2 != nil {
		return err2 // not possible: we wrote it
	}
	var syntax *jsontext.SyntacticError
	switch {
	case err == nil, errors.Is(err, errTooMany):
	case errors.Is(err, io.EOF):
		d.faults = append(d.faults, faultEmpty)
	case errors.As(err, &syntax):
		d.faults = append(d.faults, syntaxFault(d.data, syntax))
	default:
		return err
	}
	if len(d.faults) == 0 {
		return nil
	}
	return &Error{Faults: d.faults, Truncated: errors.Is(err, errTooMany)}
}

// document reads the one value, and sees to it that nothing follows.
func (d *decoder) document(value func() error) error {
	if err := value(); err != nil {
		return err
	}
	at := d.dec.InputOffset()
	if _, err := d.dec.ReadToken(); err == nil || !errors.Is(err, io.EOF) {
		return d.note("", trailingFault(d.data, at))
	}
	return nil
}

// message reads an object with the fields of a message.
func (d *decoder) message(md protoreflect.MessageDescriptor) error {
	s, err := schemaOf(md)
	if err != nil {
		return err
	}
	return d.fields(s)
}

// fields reads an object with the fields of a schema.
func (d *decoder) fields(s *schema) error {
	elsewhere := d.elsewhere
	d.elsewhere = nil
	var fields, oneofs seen
	return d.object(func(name []byte) error {
		f := s.byName[string(name)]
		switch fault := s.misplaced(string(name), elsewhere); {
		case fault != nil:
			return d.skip(*fault)
		case f == nil && !d.input, f != nil && d.part.leaves(s, f):
			return d.dec.SkipValue()
		case f == nil:
			return d.skip(s.unknownFault(string(name), elsewhere))
		case fields.twice(f.index):
			return d.skip(faultDuplicate)
		case d.dec.PeekKind() == jsontext.KindNull:
			return d.dec.SkipValue()
		case f.readOnly && d.input:
			return d.skip(faultReadOnly)
		case f.oneof != nil && oneofs.twice(f.oneof.Index()):
			return d.skip(s.oneofFault(f.oneof))
		case f.desc.IsList():
			return d.list(f)
		case f.desc.IsMap():
			return d.entries(f)
		default:
			_, err := d.value(f.desc.Number(), f.form)
			return err
		}
	})
}

// seen notes which fields or oneofs of a message came by, by their index.
type seen [maxFields / 64]uint64

// twice says whether the index came by before, and notes that it did now.
func (s *seen) twice(i int) bool {
	word, bit := &s[i/64], uint64(1)<<(i%64)
	before := *word&bit != 0
	*word |= bit
	return before
}

// list reads a list. An element that is wrong still takes its place, so that
// those after it keep their index.
func (d *decoder) list(f *field) error {
	n := 0
	return d.array(func() error {
		if n++; d.input && n > f.maxItems {
			return d.tooMany(f)
		}
		ok, err := d.value(f.desc.Number(), f.form)
		if !ok {
			d.out = f.appendZero(d.out, f.desc.Number())
		}
		return err
	})
}

// entries reads a map, as the messages that its entries are in binary form. A
// value that is wrong leaves its key with nothing.
func (d *decoder) entries(f *field) error {
	keys := map[string]bool{}
	return d.object(func(name []byte) error {
		key := string(name)
		switch {
		case d.input && len(keys) == f.maxItems:
			return d.tooMany(f)
		case keys[key]:
			return d.skip(faultDuplicate)
		case d.dec.PeekKind() == jsontext.KindNull:
			return d.dec.SkipValue()
		}
		keys[key] = true
		return d.within(f.desc.Number(), func() error {
			d.out = protowire.AppendTag(d.out, 1, protowire.BytesType)
			d.out = protowire.AppendString(d.out, key)
			_, err := d.value(2, f.form)
			return err
		})
	})
}

// value reads a value into the field with a number. If it is wrong, a fault is
// noted and the field is not set.
func (d *decoder) value(number protowire.Number, f form) (ok bool, err error) {
	switch kind := d.dec.PeekKind(); {
	case f.shape == shapeString: // without a string in between
		text, err := d.text(nounText)
		if ok = text != nil; ok {
			d.out = protowire.AppendTag(d.out, number, protowire.BytesType)
			d.out = protowire.AppendBytes(d.out, text)
		}
		return ok, err
	case f.shape != shapeMessage && f.shape != shapeStruct:
		v, err := d.scalar(f)
		if ok = v.IsValid(); ok {
			d.out = f.appendBinary(d.out, number, v)
		}
		return ok, err
	case kind != jsontext.KindBeginObject:
		return false, d.wrongType(nounObject)
	case f.shape == shapeStruct:
		s, err := d.structure()
		d.out = f.appendBinary(d.out, number, protoreflect.ValueOfMessage(s.ProtoReflect()))
		return true, err
	default:
		return true, d.within(number, func() error { return d.message(f.message) })
	}
}

// scalar reads a string, number or boolean. An invalid Value says that a fault
// was noted.
func (d *decoder) scalar(f form) (protoreflect.Value, error) {
	text, err := d.text(f.noun())
	if text == nil || err != nil {
		return protoreflect.Value{}, err
	}
	v, fault := f.parse(text)
	if fault != nil {
		return protoreflect.Value{}, d.note(d.dec.StackPointer(), *fault)
	}
	return v, nil
}

// text reads a string, number or boolean as text, which holds until the decoder
// reads on. It is nil when a fault was noted.
func (d *decoder) text(want noun) ([]byte, error) {
	kind := d.dec.PeekKind()
	if !want.is(kind) {
		return nil, d.wrongType(want)
	}
	raw, err := d.dec.ReadValue()
	if err != nil || kind != jsontext.KindString {
		return raw, err
	}
	text, ok := unquote(raw)
	if !ok {
		return nil, d.note(d.dec.StackPointer(), faultText)
	}
	return text, nil
}
