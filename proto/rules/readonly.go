package rules

import (
	"fmt"
	"slices"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// outputs are the fields of each message that only Schakel fills in
// (google.api.field_behavior OUTPUT_ONLY).
type outputs map[protoreflect.FullName][]protoreflect.FieldDescriptor

func outputsOf(all []protoreflect.MessageDescriptor) outputs {
	o := outputs{}
	for _, m := range all {
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			behavior, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
			if slices.Contains(behavior, annotations.FieldBehavior_OUTPUT_ONLY) {
				o[m.FullName()] = append(o[m.FullName()], field)
			}
		}
	}
	return o
}

// filledIn lists the fields of m and within it that a sender filled in and only
// Schakel may: refused rather than ignored, so that nobody believes that they
// were stored.
func (o outputs) filledIn(at string, m protoreflect.Message, found []*errdetails.BadRequest_FieldViolation) []*errdetails.BadRequest_FieldViolation {
	for _, field := range o[m.Descriptor().FullName()] {
		if m.Has(field) {
			found = append(found, &errdetails.BadRequest_FieldViolation{
				Field: join(at, string(field.Name())), Description: "is filled in by Schakel; leave it out", Reason: "alleen-lezen",
				LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: "wordt door Schakel ingevuld; laat het weg"},
			})
		}
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		path := join(at, string(field.Name()))
		switch {
		case field.Message() == nil || field.IsMap() || !m.Has(field):
		case field.IsList():
			list := m.Get(field).List()
			for i := range list.Len() {
				found = o.filledIn(fmt.Sprintf("%s[%d]", path, i), list.Get(i).Message(), found)
			}
		case !slices.Contains(o[m.Descriptor().FullName()], field):
			found = o.filledIn(path, m.Get(field).Message(), found)
		}
	}
	return found
}
