package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// timeLayout is RFC 3339 in UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Marshal writes m. The error is a message that the wire cannot hold: a number
// that is not finite, text that is not UTF-8 or has U+0000, an enum value that
// this version does not know, or a type that [Check] refuses. Fields that are
// unknown to this version's proto are left out.
func Marshal(m proto.Message) ([]byte, error) { return Append(nil, m) }

// Append is Marshal, added to dst.
func Append(dst []byte, m proto.Message) ([]byte, error) {
	return appendMessage(dst, m.ProtoReflect())
}

// AppendWith adds to dst one object: the fields of m, and those of rest, an object
// that Append wrote of other fields of the same type of message. So what does not
// change is written once.
func AppendWith(dst []byte, m proto.Message, rest []byte) ([]byte, error) {
	start := len(dst)
	dst, err := Append(dst, m)
	if err != nil {
		return nil, err
	}
	switch {
	case len(rest) == len("{}"):
		return dst, nil
	case len(dst)-start == len("{}"):
		return append(dst[:start], rest...), nil
	}
	dst[len(dst)-1] = ','
	return append(dst, rest[1:]...), nil
}

// MarshalAnswer is Marshal for whoever asked a question. The lists that a
// response itself holds, such as a page of signals, are there also when they are
// empty; a resource is written as everywhere.
func MarshalAnswer(m proto.Message) ([]byte, error) {
	r := m.ProtoReflect()
	return appendFields(nil, r, strings.HasSuffix(string(r.Descriptor().Name()), "Response"))
}

func appendMessage(dst []byte, m protoreflect.Message) ([]byte, error) {
	return appendFields(dst, m, false)
}

// appendFields writes the fields that are set, and if asked for the empty lists.
func appendFields(dst []byte, m protoreflect.Message, emptyLists bool) ([]byte, error) {
	s, err := schemaOf(m.Descriptor())
	if err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	first := true
	for _, f := range s.fields {
		if !m.Has(f.desc) && !(emptyLists && f.desc.IsList()) {
			continue
		}
		v := m.Get(f.desc)
		if f.shape == shapeEnum && f.desc.Cardinality() != protoreflect.Repeated && v.Enum() == 0 {
			continue // set, but to the value that has no word
		}
		if f.shape == shapeMask {
			return nil, fmt.Errorf("wire: %s has no form in JSON", f.desc.FullName())
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if dst, err = f.append(append(dst, f.key...), v); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return append(dst, '}'), nil
}

// append writes the value of the field, be it single, a list or a map.
func (f *field) append(dst []byte, v protoreflect.Value) ([]byte, error) {
	switch {
	case f.desc.IsList():
		return f.appendList(dst, v.List())
	case f.desc.IsMap():
		return f.appendMap(dst, v.Map())
	default:
		return f.appendValue(dst, v)
	}
}

func (f *field) appendList(dst []byte, list protoreflect.List) ([]byte, error) {
	dst = append(dst, '[')
	var err error
	for i := range list.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = f.appendValue(dst, list.Get(i)); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func (f *field) appendMap(dst []byte, m protoreflect.Map) ([]byte, error) {
	keys := make([]string, 0, m.Len())
	m.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
		keys = append(keys, k.String())
		return true
	})
	slices.Sort(keys)
	dst = append(dst, '{')
	var err error
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendText(dst, k); err != nil {
			return nil, err
		}
		v := m.Get(protoreflect.ValueOfString(k).MapKey())
		if dst, err = f.appendValue(append(dst, ':'), v); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// appendValue writes one value: the field's, an element's or a map entry's.
func (f *field) appendValue(dst []byte, v protoreflect.Value) ([]byte, error) {
	switch f.shape {
	case shapeString:
		return appendText(dst, v.String())
	case shapeEnum:
		word, ok := f.enum.words[v.Enum()]
		if !ok {
			return nil, fmt.Errorf("wire: enum value %d has no word", v.Enum())
		}
		return append(append(append(dst, '"'), word...), '"'), nil
	case shapeBytes:
		dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes())
		return append(dst, '"'), nil
	case shapeTime:
		return appendTime(dst, v.Message())
	case shapeBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case shapeInt32:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case shapeUint32:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case shapeFloat:
		return appendFloat(dst, v.Float(), f.bits)
	case shapeStruct:
		return appendStruct(dst, v.Message())
	default:
		return appendMessage(dst, v.Message())
	}
}

// appendText writes a string. U+0000 is refused here as it is on reading: the
// stores cannot hold it.
func appendText(dst []byte, s string) ([]byte, error) {
	if strings.IndexByte(s, 0) >= 0 {
		return nil, errors.New("wire: text with U+0000")
	}
	dst, err := jsontext.AppendQuote(dst, s)
	if err != nil {
		return nil, errors.New("wire: text is not UTF-8") // err would quote it
	}
	return dst, nil
}

func appendFloat(dst []byte, n float64, bits int) ([]byte, error) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, errors.New("wire: number is not finite")
	}
	return jsontext.AppendFloat(dst, n, bits), nil
}

func appendTime(dst []byte, m protoreflect.Message) ([]byte, error) {
	fields := m.Descriptor().Fields()
	ts := timestamppb.Timestamp{
		Seconds: m.Get(fields.ByNumber(1)).Int(),
		Nanos:   int32(m.Get(fields.ByNumber(2)).Int()),
	}
	if err := ts.CheckValid(); err != nil {
		return nil, errors.New("wire: time is out of range")
	}
	// AppendFormat cuts the fraction, it does not round.
	dst = ts.AsTime().AppendFormat(append(dst, '"'), timeLayout)
	return append(dst, '"'), nil
}

// appendKey writes a name of ours as a JSON key. A json_name of a proto needs
// no escape that jsontext could refuse.
func appendKey(dst []byte, name string) []byte {
	dst, _ = jsontext.AppendQuote(dst, name)
	return append(dst, ':')
}
