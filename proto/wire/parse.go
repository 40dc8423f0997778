package wire

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// parse makes a value out of its text, which validText passed: the content of a
// JSON string, a JSON number or literal, or a parameter.
func (f form) parse(text []byte) (protoreflect.Value, *Fault) {
	switch f.shape {
	case shapeString:
		return protoreflect.ValueOfString(string(text)), nil
	case shapeEnum:
		n, ok := f.enum.values[string(text)]
		if !ok {
			return protoreflect.Value{}, f.enum.fault()
		}
		return protoreflect.ValueOfEnum(n), nil
	case shapeBytes:
		b, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
		if err != nil || bytes.ContainsAny(text, "\r\n") {
			return protoreflect.Value{}, &faultBase64
		}
		return protoreflect.ValueOfBytes(b), nil
	case shapeTime:
		return parseTime(text)
	case shapeBool:
		if s := string(text); s != "true" && s != "false" {
			return protoreflect.Value{}, typed(nounBool)
		}
		return protoreflect.ValueOfBool(text[0] == 't'), nil
	default:
		return f.parseNumber(text)
	}
}

// validText says whether the stores can hold the text: UTF-8 without U+0000.
func validText(text []byte) bool {
	return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0
}

// unquote gives the content of a JSON string, which may share memory with it.
// It is not ok when the stores could not hold it, or when it has half a
// surrogate pair. It is never nil when it is.
func unquote(raw []byte) (text []byte, ok bool) {
	text = raw[1 : len(raw)-1]
	if bytes.IndexByte(text, '\\') >= 0 {
		var err error
		if text, err = jsontext.AppendUnquote([]byte{}, raw); err != nil {
			return nil, false
		}
	}
	return text, validText(text)
}

// parseTime reads RFC 3339, with T and Z in upper case and never -00:00
// (NL API Design Rules, /core/date-time/format).
func parseTime(text []byte) (protoreflect.Value, *Fault) {
	var t time.Time
	if err := t.UnmarshalText(text); err != nil || bytes.HasSuffix(text, []byte("-00:00")) {
		return protoreflect.Value{}, &faultTime
	}
	// The zero of Truncate is year 1, which lies on a whole second.
	ts := timestamppb.New(t.Truncate(time.Millisecond))
	if ts.CheckValid() != nil {
		return protoreflect.Value{}, &faultTime
	}
	return protoreflect.ValueOfMessage(ts.ProtoReflect()), nil
}

// parseNumber reads a JSON number. 1.0 and 1e3 are whole numbers (JSON Schema
// 2020-12, integer).
func (f form) parseNumber(text []byte) (protoreflect.Value, *Fault) {
	// In a parameter anything may stand here.
	if n := jsontext.Value(text); n.Kind() != jsontext.KindNumber || !n.IsValid() {
		return protoreflect.Value{}, typed(f.noun())
	}
	bits := f.bits
	if bits == 0 {
		bits = 64 // holds every whole number of 32 bits
	}
	n, err := strconv.ParseFloat(string(text), bits)
	switch {
	case err != nil:
		return protoreflect.Value{}, f.rangeFault()
	case f.shape == shapeFloat && f.bits == 32:
		return protoreflect.ValueOfFloat32(float32(n)), nil
	case f.shape == shapeFloat:
		return protoreflect.ValueOfFloat64(n), nil
	case n != math.Trunc(n):
		return protoreflect.Value{}, &faultWhole
	case f.shape == shapeInt32 && n >= math.MinInt32 && n <= math.MaxInt32:
		return protoreflect.ValueOfInt32(int32(n)), nil
	case f.shape == shapeUint32 && n >= 0 && n <= math.MaxUint32:
		return protoreflect.ValueOfUint32(uint32(n)), nil
	default:
		return protoreflect.Value{}, f.rangeFault()
	}
}
