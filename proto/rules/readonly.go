package rules

import (
	"slices"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// outputs are the fields of each message that only Schakel fills in
// (google.api.field_behavior OUTPUT_ONLY).
type outputs struct {
	fields map[protoreflect.FullName][]protoreflect.FieldDescriptor
	tree   tree
}

// outputsOf goes where protovalidate goes: a service that checks a part of its
// request itself shall name all faults of that part at once.
func outputsOf(all []protoreflect.MessageDescriptor) outputs {
	o := outputs{fields: map[protoreflect.FullName][]protoreflect.FieldDescriptor{}}
	for _, m := range all {
		for i := range m.Fields().Len() {
			if field := m.Fields().Get(i); isOutput(field) {
				o.fields[m.FullName()] = append(o.fields[m.FullName()], field)
			}
		}
	}
	o.tree = treeOf(all,
		func(name protoreflect.FullName) bool { return len(o.fields[name]) > 0 },
		func(field protoreflect.FieldDescriptor) bool { return !isOutput(field) && !isIgnored(field) })
	return o
}

func isOutput(field protoreflect.FieldDescriptor) bool {
	behavior, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behavior, annotations.FieldBehavior_OUTPUT_ONLY)
}

// isIgnored says whether a service checks what is in a field itself, as a whole
// or each element.
func isIgnored(field protoreflect.FieldDescriptor) bool {
	rules, err := protovalidate.ResolveFieldRules(field)
	return err == nil && (rules.GetIgnore() == validate.Ignore_IGNORE_ALWAYS ||
		rules.GetRepeated().GetItems().GetIgnore() == validate.Ignore_IGNORE_ALWAYS)
}

// filledIn lists the fields of m and within it that a sender filled in and only
// Schakel may: refused rather than ignored, so that nobody believes that they
// were stored.
func (o outputs) filledIn(m protoreflect.Message) violations {
	return o.tree.walk(m, func(m protoreflect.Message) (found violations, further bool) {
		for _, field := range o.fields[m.Descriptor().FullName()] {
			if m.Has(field) {
				found = append(found, &errdetails.BadRequest_FieldViolation{
					Field: string(field.Name()), Description: "is filled in by Schakel; leave it out", Reason: "alleen-lezen",
					LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: "wordt door Schakel ingevuld; laat het weg"},
				})
			}
		}
		return found, true
	})
}
