package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Check says whether messages of this type, and of all types within, have a
// form on the wire: no 64-bit numbers, no maps but by string, no groups, no
// field masks. Call it when a program starts or in a test, so that a defect of a proto is not
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
		err = errors.Join(err, f.check(done))
	}
	return err
}

// check says whether the field, and all within, has a form.
func (f *field) check(done map[protoreflect.FullName]bool) error {
	switch f.shape {
	case shapeMask:
		return fmt.Errorf("wire: %s: a field mask has no form in JSON", f.desc.FullName())
	case shapeMessage:
		return check(f.message, done)
	default:
		return nil
	}
}
