package rules

import (
	"fmt"
	"slices"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// tree holds, of each type of message, the fields through which messages are
// reached that a check is about, so that it looks nowhere else.
type tree map[protoreflect.FullName][]protoreflect.FieldDescriptor

// treeOf finds the way to the messages that a check is about, through the
// fields that it may go.
func treeOf(all []protoreflect.MessageDescriptor, about func(protoreflect.FullName) bool, through func(protoreflect.FieldDescriptor) bool) tree {
	t := tree{}
	for _, m := range all {
		for i := range m.Fields().Len() {
			if field := m.Fields().Get(i); field.Message() != nil && !field.IsMap() && through(field) {
				t[m.FullName()] = append(t[m.FullName()], field)
			}
		}
	}
	for cut := true; cut; { // what leads nowhere, and then what led only to that
		cut = false
		for name, fields := range t {
			t[name] = slices.DeleteFunc(fields, func(field protoreflect.FieldDescriptor) bool {
				target := field.Message().FullName()
				return !about(target) && len(t[target]) == 0
			})
			cut = cut || len(t[name]) < len(fields)
		}
	}
	return t
}

// violations are those of one message; their fields are paths within it.
type violations []*errdetails.BadRequest_FieldViolation

// walk runs check on m and, as long as check wants to go further, on what is in
// it.
func (t tree) walk(m protoreflect.Message, check func(protoreflect.Message) (found violations, further bool)) violations {
	found, further := check(m)
	if !further {
		return found
	}
	for _, field := range t[m.Descriptor().FullName()] {
		switch {
		case !m.Has(field):
		case field.IsList():
			for i, list := 0, m.Get(field).List(); i < list.Len(); i++ {
				if inner := t.walk(list.Get(i).Message(), check); len(inner) > 0 {
					found = append(found, inner.below(fmt.Sprintf("%s[%d]", field.Name(), i))...)
				}
			}
		default:
			found = append(found, t.walk(m.Get(field).Message(), check).below(string(field.Name()))...)
		}
	}
	return found
}

// below puts the violations at a path.
func (vs violations) below(path string) violations {
	for _, v := range vs {
		v.Field = join(path, v.GetField())
	}
	return vs
}
