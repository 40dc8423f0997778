package rules

import (
	"fmt"
	"slices"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// outputs knows, of each message that has any, the fields that only Schakel
// fills in (google.api.field_behavior OUTPUT_ONLY), and the fields that lead to
// a message that has them. It leaves out what protovalidate leaves out: a
// service that checks a part of its request itself shall name all its faults.
type outputs map[protoreflect.FullName]*reserved

type reserved struct {
	own, within []protoreflect.FieldDescriptor
}

func outputsOf(all []protoreflect.MessageDescriptor) outputs {
	o := outputs{}
	for _, m := range all {
		r := &reserved{}
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			behavior, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
			switch {
			case slices.Contains(behavior, annotations.FieldBehavior_OUTPUT_ONLY):
				r.own = append(r.own, field)
			case field.Message() != nil && !field.IsMap() && !ignored(field):
				r.within = append(r.within, field)
			}
		}
		o[m.FullName()] = r
	}
	// Forget the messages without any until none is left, and the fields that
	// lead to them.
	for size := -1; size != len(o); {
		size = len(o)
		for name, r := range o {
			r.within = slices.DeleteFunc(r.within, func(f protoreflect.FieldDescriptor) bool { return o[f.Message().FullName()] == nil })
			if len(r.own)+len(r.within) == 0 {
				delete(o, name)
			}
		}
	}
	return o
}

func ignored(field protoreflect.FieldDescriptor) bool {
	rules, err := protovalidate.ResolveFieldRules(field)
	return err == nil && rules.GetIgnore() == validate.Ignore_IGNORE_ALWAYS
}

// filledIn lists the fields of m and within it that a sender filled in and only
// Schakel may: refused rather than ignored, so that nobody believes that they
// were stored.
func (o outputs) filledIn(at string, m protoreflect.Message, found []*errdetails.BadRequest_FieldViolation) []*errdetails.BadRequest_FieldViolation {
	r := o[m.Descriptor().FullName()]
	if r == nil {
		return found
	}
	for _, field := range r.own {
		if m.Has(field) {
			found = append(found, &errdetails.BadRequest_FieldViolation{
				Field: join(at, string(field.Name())), Description: "is filled in by Schakel; leave it out", Reason: "alleen-lezen",
				LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: "wordt door Schakel ingevuld; laat het weg"},
			})
		}
	}
	for _, field := range r.within {
		if !m.Has(field) {
			continue
		}
		path := join(at, string(field.Name()))
		if !field.IsList() {
			found = o.filledIn(path, m.Get(field).Message(), found)
			continue
		}
		for i, list := 0, m.Get(field).List(); i < list.Len(); i++ {
			found = o.filledIn(fmt.Sprintf("%s[%d]", path, i), list.Get(i).Message(), found)
		}
	}
	return found
}
