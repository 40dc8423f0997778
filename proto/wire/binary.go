package wire

import (
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// within writes a message in binary form, as the field with a number, of what
// fields writes.
func (d *decoder) within(number protowire.Number, fields func() error) error {
	d.out = protowire.AppendTag(d.out, number, protowire.BytesType)
	start := len(d.out)
	err := fields()
	var size [10]byte
	d.out = slices.Insert(d.out, start, protowire.AppendVarint(size[:0], uint64(len(d.out)-start))...)
	return err
}

// appendBinary writes a value in binary form, as the field with a number.
func (f form) appendBinary(dst []byte, number protowire.Number, v protoreflect.Value) []byte {
	dst = protowire.AppendTag(dst, number, f.binaryType())
	switch f.shape {
	case shapeString:
		return protowire.AppendString(dst, v.String())
	case shapeBytes:
		return protowire.AppendBytes(dst, v.Bytes())
	case shapeTime, shapeStruct:
		b, _ := proto.Marshal(v.Message().Interface()) // made here, and so valid
		return protowire.AppendBytes(dst, b)
	case shapeEnum:
		return protowire.AppendVarint(dst, uint64(v.Enum()))
	case shapeBool:
		return protowire.AppendVarint(dst, protowire.EncodeBool(v.Bool()))
	case shapeInt32:
		return protowire.AppendVarint(dst, uint64(v.Int()))
	case shapeUint32:
		return protowire.AppendVarint(dst, v.Uint())
	default: // shapeFloat
		if f.bits == 32 {
			return protowire.AppendFixed32(dst, math.Float32bits(float32(v.Float())))
		}
		return protowire.AppendFixed64(dst, math.Float64bits(v.Float()))
	}
}

// appendZero writes the zero value: the stand-in for an element that is wrong.
func (f form) appendZero(dst []byte, number protowire.Number) []byte {
	dst = protowire.AppendTag(dst, number, f.binaryType())
	switch f.binaryType() {
	case protowire.Fixed32Type:
		return protowire.AppendFixed32(dst, 0)
	case protowire.Fixed64Type:
		return protowire.AppendFixed64(dst, 0)
	default:
		return protowire.AppendVarint(dst, 0) // zero, or nothing of length zero
	}
}

// binaryType is the wire type of the form.
func (f form) binaryType() protowire.Type {
	switch {
	case f.shape == shapeFloat && f.bits == 32:
		return protowire.Fixed32Type
	case f.shape == shapeFloat:
		return protowire.Fixed64Type
	case f.shape == shapeEnum || f.shape == shapeBool || f.shape == shapeInt32 || f.shape == shapeUint32:
		return protowire.VarintType
	default:
		return protowire.BytesType
	}
}
