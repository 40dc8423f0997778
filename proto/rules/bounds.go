package rules

import (
	"fmt"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// bounds are the greatest lengths of the lists of each message. They are held
// before anything else, also in parts that a service checks itself: rules cost
// time for each element, and a message of a megabyte can have half a million
// empty ones.
type bounds struct {
	lists map[protoreflect.FullName][]bound
	// tree goes everywhere, and outer not into what a service checks itself.
	tree, outer tree
}

type bound struct {
	field protoreflect.FieldDescriptor
	max   int
}

// MaxItems is the reason of a violation that is about the length of a list.
const MaxItems = "repeated-max-items"

// most is the bound of a list whose rules do not have one.
const most = 10_000

func boundsOf(all []protoreflect.MessageDescriptor) (bounds, error) {
	b := bounds{lists: map[protoreflect.FullName][]bound{}}
	for _, m := range all {
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			if !field.IsList() {
				continue
			}
			rules, err := protovalidate.ResolveFieldRules(field)
			if err != nil {
				return bounds{}, fmt.Errorf("the rules of %s: %w", field.FullName(), err)
			}
			limit := bound{field, most}
			if rules.GetRepeated().HasMaxItems() {
				limit.max = int(rules.GetRepeated().GetMaxItems())
			}
			b.lists[m.FullName()] = append(b.lists[m.FullName()], limit)
		}
	}
	about := func(name protoreflect.FullName) bool { return len(b.lists[name]) > 0 }
	b.tree = treeOf(all, about, func(protoreflect.FieldDescriptor) bool { return true })
	b.outer = treeOf(all, about, func(field protoreflect.FieldDescriptor) bool { return !isIgnored(field) })
	return b, nil
}

// exceeded lists the lists of m, and of what is in it, that are too long. Nobody
// looks at the elements of what is too long.
func (b bounds) exceeded(m protoreflect.Message) violations {
	return b.tree.walk(m, func(m protoreflect.Message) (found violations, further bool) {
		for _, limit := range b.lists[m.Descriptor().FullName()] {
			if m.Get(limit.field).List().Len() > limit.max {
				found = append(found, &errdetails.BadRequest_FieldViolation{
					Field: string(limit.field.Name()), Reason: MaxItems,
					Description: fmt.Sprintf("must contain no more than %d item(s)", limit.max),
					LocalizedMessage: &errdetails.LocalizedMessage{
						Locale: "nl", Message: fmt.Sprintf("mag hoogstens %d waarden bevatten", limit.max),
					},
				})
			}
		}
		return found, len(found) == 0
	})
}
