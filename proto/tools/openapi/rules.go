package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// applyMessageRules says in s what the rules of a message and its oneofs ask.
// What a schema cannot say, the description does.
func applyMessageRules(s *schema, m protoreflect.MessageDescriptor) error {
	rules, _ := proto.GetExtension(m.Options(), validate.E_Message).(*validate.MessageRules)
	for _, rule := range rules.GetCel() {
		addSentence(s, "Rule: "+rule.GetMessage()+".")
	}
	if len(rules.GetCelExpression()) > 0 {
		return fmt.Errorf("%s: a rule without a message cannot be described", m.FullName())
	}
	for _, one := range rules.GetOneof() {
		var names []string
		for _, name := range one.GetFields() {
			field := m.Fields().ByName(protoreflect.Name(name))
			if field == nil {
				return fmt.Errorf("%s: oneof rule: no field %s", m.FullName(), name)
			}
			names = append(names, field.JSONName())
		}
		chooseOne(s, names, one.GetRequired())
	}
	for i := range m.Oneofs().Len() {
		oneof := m.Oneofs().Get(i)
		if oneof.IsSynthetic() {
			continue
		}
		var names []string
		for j := range oneof.Fields().Len() {
			names = append(names, oneof.Fields().Get(j).JSONName())
		}
		rules, _ := proto.GetExtension(oneof.Options(), validate.E_Oneof).(*validate.OneofRules)
		chooseOne(s, names, rules.GetRequired())
	}
	return nil
}

// chooseOne says that at most one of some members may be there, or just one.
func chooseOne(s *schema, names []string, required bool) {
	choice := &schema{}
	for _, name := range names {
		choice.OneOf = append(choice.OneOf, &schema{Required: []string{name}})
	}
	if !required {
		none := &schema{Not: &schema{AnyOf: slices.Clone(choice.OneOf)}}
		choice.OneOf = append(choice.OneOf, none)
	}
	s.AllOf = append(s.AllOf, choice)
}

// applyFieldRules says in s what the rules of a field ask.
func applyFieldRules(s *schema, field protoreflect.FieldDescriptor) error {
	rules, _ := proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
	if rules.GetIgnore() == validate.Ignore_IGNORE_ALWAYS {
		return nil
	}
	return applyRules(s, field, rules)
}

// applyRules says in s, which describes field or one item of it, what rules
// ask.
func applyRules(s *schema, field protoreflect.FieldDescriptor, rules *validate.FieldRules) error {
	for _, rule := range rules.GetCel() {
		addSentence(s, "Rule: "+rule.GetMessage()+".")
	}
	if len(rules.GetCelExpression()) > 0 {
		return fmt.Errorf("a rule without a message cannot be described")
	}
	if items := rules.GetRepeated().GetItems(); items != nil {
		if err := applyRules(s.Items, field, items); err != nil {
			return err
		}
	}
	if values := rules.GetMap().GetValues(); values != nil {
		if err := applyRules(s.AdditionalProperties.(*schema), field.MapValue(), values); err != nil {
			return err
		}
	}
	x := rules.ProtoReflect()
	kind := x.WhichOneof(x.Descriptor().Oneofs().ByName("type"))
	if kind == nil {
		return nil
	}
	return applyTypeRules(s, field, x.Get(kind).Message())
}

// applyTypeRules says in s what the rules for one type ask, in the order of
// their numbers.
func applyTypeRules(s *schema, field protoreflect.FieldDescriptor, rules protoreflect.Message) error {
	var set []protoreflect.FieldDescriptor
	rules.Range(func(rule protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		set = append(set, rule)
		return true
	})
	slices.SortFunc(set, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number() - b.Number()) })
	for _, rule := range set {
		if err := applyRule(s, field, rule, rules.Get(rule)); err != nil {
			return err
		}
	}
	return nil
}

// applyRule says in s what one rule asks.
func applyRule(s *schema, field, rule protoreflect.FieldDescriptor, value protoreflect.Value) error {
	if rule.IsExtension() {
		return applyPredefined(s, rule, value)
	}
	number := func() json.Number { return json.Number(fmt.Sprint(value.Interface())) }
	switch name := rule.Name(); name {
	case "items", "keys", "values", "defined_only", "finite", "example", "strict":
		// Said elsewhere, or by the type itself.
	case "min_len":
		s.MinLength = number()
	case "max_len":
		s.MaxLength = number()
	case "len":
		s.MinLength, s.MaxLength = number(), number()
	case "gte":
		s.Minimum = number()
	case "gt":
		s.ExclusiveMinimum = number()
	case "lte":
		s.Maximum = number()
	case "lt":
		s.ExclusiveMaximum = number()
	case "min_items":
		s.MinItems = number()
	case "max_items":
		s.MaxItems = number()
	case "unique":
		s.UniqueItems = value.Bool()
	case "min_pairs":
		s.MinProperties = number()
	case "max_pairs":
		s.MaxProperties = number()
	case "pattern":
		addPattern(s, value.String())
	case "prefix":
		addPattern(s, "^"+regexp.QuoteMeta(value.String()))
	case "suffix":
		addPattern(s, regexp.QuoteMeta(value.String())+"$")
	case "uuid", "email", "hostname", "ipv4", "ipv6", "uri":
		s.Format = string(name)
	case "uri_ref":
		s.Format = "uri-reference"
	case "const":
		s.Const = jsonValue(field, value)
	case "in":
		s.Enum = jsonValues(field, value.List())
	case "not_in":
		if values := jsonValues(field, value.List()); len(values) > 0 {
			s.Not = &schema{Enum: values}
		}
	default:
		return fmt.Errorf("the rule %s cannot be described", rule.FullName())
	}
	return nil
}

// jsonValues gives the values of a rule as JSON writes them.
func jsonValues(field protoreflect.FieldDescriptor, list protoreflect.List) []any {
	var all []any
	for i := range list.Len() {
		if v := jsonValue(field, list.Get(i)); v != nil {
			all = append(all, v)
		}
	}
	return all
}

// jsonValue gives a value of a rule as JSON writes it, or nil for an enum's
// unset value, which it never writes.
func jsonValue(field protoreflect.FieldDescriptor, value protoreflect.Value) any {
	if field.Enum() == nil {
		return value.Interface()
	}
	number, ok := value.Interface().(int32)
	if !ok || number == 0 {
		return nil
	}
	return wireName(field.Enum(), field.Enum().Values().ByNumber(protoreflect.EnumNumber(number)))
}

// addPattern adds a pattern to those that s has.
func addPattern(s *schema, pattern string) {
	if s.Pattern == "" {
		s.Pattern = pattern
	} else {
		s.AllOf = append(s.AllOf, &schema{Pattern: pattern})
	}
}

// formats are the formats of JSON Schema behind our own rules.
func format(rule protoreflect.Name) string {
	switch rule {
	case "tooi":
		return "uri"
	case "calendar_date":
		return "date"
	default:
		return ""
	}
}

// matches finds the regular expressions that a CEL expression asks for, and
// the exclamation mark of those that it forbids.
var matches = regexp.MustCompile(`(!?)this\.matches\('((?:[^'\\]|\\.)*)'\)`)

// applyPredefined says in s what a rule of our own asks: the regular
// expressions in its CEL expression.
func applyPredefined(s *schema, rule protoreflect.FieldDescriptor, value protoreflect.Value) error {
	if !value.Bool() {
		return nil
	}
	s.Format = format(rule.Name())
	predefined, _ := proto.GetExtension(rule.Options(), validate.E_Predefined).(*validate.PredefinedRules)
	found := false
	for _, cel := range predefined.GetCel() {
		for _, m := range matches.FindAllStringSubmatch(cel.GetExpression(), -1) {
			found = true
			pattern := strings.ReplaceAll(m[2], `\\`, `\`)
			if m[1] == "" {
				addPattern(s, pattern)
			} else {
				s.Not = &schema{Pattern: pattern}
			}
		}
	}
	if !found {
		return fmt.Errorf("the rule %s has no regular expression to describe it by", rule.FullName())
	}
	return nil
}
