package rules

import (
	"fmt"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// bounds are the greatest lengths of the lists of each message. They are held
// before anything else: rules cost time for each element, and a message of a
// megabyte can have half a million empty ones.
type bounds map[protoreflect.FullName][]bound

type bound struct {
	field protoreflect.FieldDescriptor
	max   int
}

// most is the bound of a list whose rules do not have one.
const most = 10_000

func boundsOf(all []protoreflect.MessageDescriptor) (bounds, error) {
	b := bounds{}
	for _, m := range all {
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			if !field.IsList() {
				continue
			}
			rules, err := protovalidate.ResolveFieldRules(field)
			if err != nil {
				return nil, fmt.Errorf("the rules of %s: %w", field.FullName(), err)
			}
			limit := bound{field, most}
			if rules.GetRepeated().HasMaxItems() {
				limit.max = int(rules.GetRepeated().GetMaxItems())
			}
			b[m.FullName()] = append(b[m.FullName()], limit)
		}
	}
	return b, nil
}

// exceeded lists the lists of m, and of what is in it, that are too long.
func (b bounds) exceeded(at string, m protoreflect.Message, found []*errdetails.BadRequest_FieldViolation) []*errdetails.BadRequest_FieldViolation {
	for _, limit := range b[m.Descriptor().FullName()] {
		if m.Get(limit.field).List().Len() > limit.max {
			found = append(found, &errdetails.BadRequest_FieldViolation{
				Field:       join(at, string(limit.field.Name())),
				Description: fmt.Sprintf("must contain no more than %d item(s)", limit.max),
				Reason:      "repeated-max-items",
				LocalizedMessage: &errdetails.LocalizedMessage{
					Locale: "nl", Message: fmt.Sprintf("mag hoogstens %d waarden bevatten", limit.max),
				},
			})
		}
	}
	if len(found) > 0 {
		return found // nobody looks at elements of what is too long
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
				found = b.exceeded(fmt.Sprintf("%s[%d]", path, i), list.Get(i).Message(), found)
			}
		default:
			found = b.exceeded(path, m.Get(field).Message(), found)
		}
	}
	return found
}
