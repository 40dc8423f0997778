package wire

import (
	"errors"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/structpb"
)

// google.protobuf.Struct is JSON within JSON: the data of a CloudEvent, whose
// type only its reader knows.

// appendStruct writes a google.protobuf.Struct, its keys sorted.
func appendStruct(dst []byte, m protoreflect.Message) ([]byte, error) {
	s, ok := m.Interface().(*structpb.Struct)
	if !ok { // within a message whose Go type is not linked
		s = &structpb.Struct{}
		b, err := proto.Marshal(m.Interface())
		if err = errors.Join(err, proto.Unmarshal(b, s)); err != nil {
			return nil, err
		}
	}
	return appendObject(dst, s)
}

func appendObject(dst []byte, s *structpb.Struct) ([]byte, error) {
	keys := make([]string, 0, len(s.GetFields()))
	for k := range s.GetFields() {
		keys = append(keys, k)
	}
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
		if dst, err = appendAny(append(dst, ':'), s.GetFields()[k]); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendAny(dst []byte, v *structpb.Value) ([]byte, error) {
	switch k := v.GetKind().(type) {
	case *structpb.Value_NullValue:
		return append(dst, "null"...), nil
	case *structpb.Value_BoolValue:
		return strconv.AppendBool(dst, k.BoolValue), nil
	case *structpb.Value_NumberValue:
		return appendFloat(dst, k.NumberValue, 64)
	case *structpb.Value_StringValue:
		return appendText(dst, k.StringValue)
	case *structpb.Value_StructValue:
		return appendObject(dst, k.StructValue)
	case *structpb.Value_ListValue:
		dst = append(dst, '[')
		var err error
		for i, e := range k.ListValue.GetValues() {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendAny(dst, e); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	default:
		return nil, errors.New("wire: a Value without a kind")
	}
}

// structure reads a JSON object as a google.protobuf.Struct.
func (d *decoder) structure() (*structpb.Struct, error) {
	s := &structpb.Struct{Fields: map[string]*structpb.Value{}}
	return s, d.object(func(name []byte) error {
		key := string(name)
		if _, twice := s.Fields[key]; twice {
			return d.skip(faultDuplicate)
		}
		v, err := d.any()
		s.Fields[key] = v
		return err
	})
}

// any reads any JSON value. What is wrong in it becomes null.
func (d *decoder) any() (*structpb.Value, error) {
	switch d.dec.PeekKind() {
	case jsontext.KindBeginObject:
		s, err := d.structure()
		return structpb.NewStructValue(s), err
	case jsontext.KindBeginArray:
		list := &structpb.ListValue{}
		err := d.array(func() error {
			v, err := d.any()
			list.Values = append(list.Values, v)
			return err
		})
		return structpb.NewListValue(list), err
	case jsontext.KindString:
		v, err := d.scalar(form{shape: shapeString})
		if !v.IsValid() {
			return structpb.NewNullValue(), err
		}
		return structpb.NewStringValue(v.String()), err
	case jsontext.KindNumber:
		v, err := d.scalar(form{shape: shapeFloat, bits: 64})
		if !v.IsValid() {
			return structpb.NewNullValue(), err
		}
		return structpb.NewNumberValue(v.Float()), err
	default: // true, false, null; a fault of the syntax shows in ReadToken
		tok, err := d.dec.ReadToken()
		if err != nil || tok.Kind() == jsontext.KindNull {
			return structpb.NewNullValue(), err
		}
		return structpb.NewBoolValue(tok.Bool()), nil
	}
}
