package rules

import (
	"fmt"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
)

// texts are the fields of each message in which a sender can write anything. A
// new field is one of them until its rules make it a code. A request itself has
// prose, such as a reason, and for the rest what finds or proves something: ids,
// filters, cursors, secrets.
type texts struct {
	fields map[protoreflect.FullName][]textField
	tree   tree
}

type textField struct {
	field protoreflect.FieldDescriptor
	// prose says that it is text for people; otherwise it names something.
	prose bool
	// most is how many bytes are looked at; what is longer breaks a rule. Zero is
	// any number.
	most int
}

// TextCheck says what is wrong with a text. Prose is text for people; what is none
// names something: a reference, a provision, a URI.
type TextCheck func(text string, prose bool) []*errdetails.BadRequest_FieldViolation

func textsOf(all []protoreflect.MessageDescriptor) (texts, error) {
	t := texts{fields: map[protoreflect.FullName][]textField{}}
	for _, m := range all {
		for i := range m.Fields().Len() {
			field := m.Fields().Get(i)
			if field.Kind() != protoreflect.StringKind || isOutput(field) || isIgnored(field) {
				continue
			}
			all, err := protovalidate.ResolveFieldRules(field)
			if err != nil {
				return texts{}, fmt.Errorf("the rules of %s: %w", field.FullName(), err)
			}
			rules := all.GetString()
			if field.IsList() {
				rules = all.GetRepeated().GetItems().GetString()
			}
			request := strings.HasSuffix(string(m.Name()), "Request")
			if isProse(rules) || !request && !isCode(rules) {
				most := 4 * int(rules.GetMaxLen()) // a character has at most four bytes
				t.fields[m.FullName()] = append(t.fields[m.FullName()], textField{field, isProse(rules), most})
			}
		}
	}
	t.tree = treeOf(all,
		func(name protoreflect.FullName) bool { return len(t.fields[name]) > 0 },
		func(field protoreflect.FieldDescriptor) bool { return !isOutput(field) && !isIgnored(field) })
	return t, nil
}

func isProse(rules *validate.StringRules) bool {
	is, _ := proto.GetExtension(rules, optionsv1.E_Prose).(bool)
	return is
}

// isCode says whether only certain texts can stand in a field: a term, a day, the
// id of something, a place in a message, or the mailbox that the field asks for.
func isCode(rules *validate.StringRules) bool {
	for _, rule := range []protoreflect.ExtensionType{optionsv1.E_Tooi, optionsv1.E_Slug, optionsv1.E_CalendarDate, optionsv1.E_JsonPointer} {
		if is, _ := proto.GetExtension(rules, rule).(bool); is {
			return true
		}
	}
	return rules.GetUuid() || rules.GetEmail() || len(rules.GetIn()) > 0 || rules.HasConst()
}

// Texts holds each text of m that is not empty, and of what is in it, to check,
// and returns what check found, each at its field below at. Fields that only
// Schakel fills in and codes such as terms, days and ids are left out, and parts
// that a service checks itself are left to it. Of lists that are too
// long nothing is looked at, and neither is a text that is.
func (c *Checker) Texts(at string, m proto.Message, check TextCheck) []*errdetails.BadRequest_FieldViolation {
	if len(c.bounds.exceeded(m.ProtoReflect())) > 0 {
		return nil
	}
	return c.texts.tree.walk(m.ProtoReflect(), func(m protoreflect.Message) (violations, bool) {
		return c.texts.check(m, check), true
	}).below(at)
}

// check holds the texts of one message to check.
func (t texts) check(m protoreflect.Message, check TextCheck) (found violations) {
	for _, f := range t.fields[m.Descriptor().FullName()] {
		if !m.Has(f.field) {
			continue
		}
		value := m.Get(f.field)
		if !f.field.IsList() {
			found = slices.Concat(found, f.check(value, string(f.field.Name()), check))
			continue
		}
		for i, list := 0, value.List(); i < list.Len(); i++ {
			if inner := f.check(list.Get(i), "", check); len(inner) > 0 {
				found = append(found, inner.below(fmt.Sprintf("%s[%d]", f.field.Name(), i))...)
			}
		}
	}
	return found
}

// check holds one text to check.
func (f textField) check(value protoreflect.Value, at string, check TextCheck) violations {
	text := value.String()
	if f.most > 0 && len(text) > f.most {
		return nil
	}
	return violations(check(text, f.prose)).below(at)
}
