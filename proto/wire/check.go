package wire

import (
	"errors"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Check says whether messages of this type, and of all types within, have a
// form on the wire: no 64-bit numbers, no maps but by string, no groups. Call
// it when a program starts or in a test, so that a defect of a proto is not
// found in the middle of a request.
func Check(md protoreflect.MessageDescriptor) error {
	return check(md, map[protoreflect.FullName]bool{})
}

func check(md protoreflect.MessageDescriptor, done map[protoreflect.FullName]bool) error {
	if done[md.FullName()] {
		return nil
	}
	done[md.FullName()] = true
	s, err := schemaOf(md)
	if err != nil {
		return err
	}
	for _, f := range s.fields {
		if f.shape != shapeMessage {
			continue
		}
		inner := f.desc.Message()
		if f.desc.IsMap() {
			inner = f.desc.MapValue().Message()
		}
		err = errors.Join(err, check(inner, done))
	}
	return err
}
