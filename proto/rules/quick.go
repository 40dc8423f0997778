package rules

import (
	"errors"
	"regexp"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// quick knows of most messages that are right that they are, without the general
// machinery, which costs ten times as much. It is made from the same rules: a
// message with a rule that it has no test for is left to protovalidate.
type quick map[protoreflect.FullName]*plan

// plan is how a type of message is tested.
type plan struct {
	fields  []fieldPlan
	outputs []protoreflect.FieldDescriptor // must be empty
	oneofs  []protoreflect.OneofDescriptor // must be set
	tests   []func(protoreflect.Message) bool
	// general says that there are rules that only protovalidate can hold.
	general bool
}

// fieldPlan is how a field is tested.
type fieldPlan struct {
	desc     protoreflect.FieldDescriptor
	required bool
	// absent says that the tests are not for a field that is not set.
	absent bool
	// ignored says that a service checks what is in the field itself.
	ignored bool
	tests   []func(protoreflect.Value) bool // of the field, or of the list
	each    []func(protoreflect.Value) bool // of each element
	text    bool
	prose   bool // what is a text
	most    int  // elements
	// inner is the plan of the messages in it; foreign ones have none.
	inner   *plan
	foreign bool
}

// errGeneral says that a rule is for protovalidate.
var errGeneral = errors.New("rules: no test for this rule")

func (c *Checker) quickOf(all []protoreflect.MessageDescriptor) (quick, error) {
	q := quick{}
	for _, m := range all {
		q[m.FullName()] = &plan{outputs: c.outputs.fields[m.FullName()]}
	}
	for _, m := range all {
		if err := c.fill(q, m); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// fill makes the plan of a message.
func (c *Checker) fill(q quick, m protoreflect.MessageDescriptor) error {
	p := q[m.FullName()]
	whole, err := protovalidate.ResolveMessageRules(m)
	if err != nil {
		return err
	}
	if p.tests, err = messageTests(m, whole); errors.Is(err, errGeneral) {
		p.general = true
	}
	for i := range m.Oneofs().Len() {
		rules, err := protovalidate.ResolveOneofRules(m.Oneofs().Get(i))
		if err != nil {
			return err
		}
		if rules.GetRequired() {
			p.oneofs = append(p.oneofs, m.Oneofs().Get(i))
		}
	}
	texts := map[protoreflect.FieldNumber]textField{}
	for _, text := range c.texts.fields[m.FullName()] {
		texts[text.field.Number()] = text
	}
	lists := map[protoreflect.FieldNumber]int{}
	for _, list := range c.bounds.lists[m.FullName()] {
		lists[list.field.Number()] = list.max
	}
	for i := range m.Fields().Len() {
		desc := m.Fields().Get(i)
		if isOutput(desc) {
			continue
		}
		text, is := texts[desc.Number()]
		f := fieldPlan{desc: desc, ignored: isIgnored(desc), text: is, prose: text.prose, most: lists[desc.Number()]}
		if inner := desc.Message(); inner != nil && !desc.IsMap() {
			f.inner = q[inner.FullName()]
			f.foreign = f.inner == nil
		}
		switch err := f.fill(); {
		case errors.Is(err, errGeneral):
			p.general = true
		case err != nil:
			return err
		}
		p.fields = append(p.fields, f)
	}
	return nil
}

// messageTests makes the tests of a message as a whole.
func messageTests(m protoreflect.MessageDescriptor, rules *validate.MessageRules) (tests []func(protoreflect.Message) bool, err error) {
	if !understood(rules, "cel") {
		return nil, errGeneral
	}
	for _, rule := range rules.GetCel() {
		first, second, ok := strings.Cut(rule.GetExpression(), " <= ")
		low, high := m.Fields().ByName(member(first)), m.Fields().ByName(member(second))
		if !ok || low == nil || high == nil || low.Kind() != protoreflect.Int32Kind || high.Kind() != protoreflect.Int32Kind {
			return nil, errGeneral
		}
		tests = append(tests, func(m protoreflect.Message) bool { return m.Get(low).Int() <= m.Get(high).Int() })
	}
	return tests, nil
}

// member is the name of a field in an expression "this.name".
func member(expression string) protoreflect.Name {
	name, _ := strings.CutPrefix(expression, "this.")
	return protoreflect.Name(name)
}

// fill makes the tests of a field.
func (f *fieldPlan) fill() error {
	rules, err := protovalidate.ResolveFieldRules(f.desc)
	if err != nil || rules.GetIgnore() == validate.Ignore_IGNORE_ALWAYS {
		return err
	}
	f.required = rules.GetRequired()
	f.absent = f.desc.HasPresence() || rules.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE
	switch {
	case f.desc.IsMap() && (rules.HasType() || f.desc.MapValue().Message() != nil),
		!understood(rules, "required", "ignore", "string", "enum", "int32", "repeated"):
		return errGeneral
	case f.desc.IsList():
		return f.fillList(rules.GetRepeated())
	}
	f.tests, err = testsOf(f.desc, rules)
	return err
}

// fillList makes the tests of a list; how long it may be is known.
func (f *fieldPlan) fillList(repeated *validate.RepeatedRules) (err error) {
	if !understood(repeated, "min_items", "max_items", "unique", "items") {
		return errGeneral
	}
	if least := int(repeated.GetMinItems()); least > 0 {
		f.tests = append(f.tests, func(v protoreflect.Value) bool { return v.List().Len() >= least })
	}
	if repeated.GetUnique() {
		if f.desc.Kind() != protoreflect.StringKind {
			return errGeneral
		}
		f.tests = append(f.tests, func(v protoreflect.Value) bool { return unique(v.List()) })
	}
	items := repeated.GetItems()
	switch {
	case items == nil || items.GetIgnore() == validate.Ignore_IGNORE_ALWAYS:
		return nil
	case !understood(items, "string", "enum", "int32"):
		return errGeneral
	}
	f.each, err = testsOf(f.desc, items)
	return err
}

// understood says whether nothing but these fields of rules is set.
func understood(rules proto.Message, names ...string) bool {
	ok := len(rules.ProtoReflect().GetUnknown()) == 0
	rules.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		known := false
		for _, name := range names {
			known = known || string(field.Name()) == name && !field.IsExtension()
		}
		ok = ok && known
		return ok
	})
	return ok
}

// testsOf makes the tests of a value, be it of a field or of an element of a list.
func testsOf(desc protoreflect.FieldDescriptor, rules *validate.FieldRules) (tests []func(protoreflect.Value) bool, err error) {
	switch {
	case rules.HasString():
		return stringTests(rules.GetString())
	case rules.HasEnum():
		if !understood(rules.GetEnum(), "defined_only", "not_in") {
			return nil, errGeneral
		}
		if rules.GetEnum().GetDefinedOnly() {
			values := desc.Enum().Values()
			tests = append(tests, func(v protoreflect.Value) bool { return values.ByNumber(v.Enum()) != nil })
		}
		for _, not := range rules.GetEnum().GetNotIn() {
			tests = append(tests, func(v protoreflect.Value) bool { return int32(v.Enum()) != not })
		}
	case rules.HasInt32():
		r := rules.GetInt32()
		if !understood(r, "gt", "gte", "lt", "lte") || r.HasGt() && r.HasLt() || r.HasGte() && r.HasLte() && r.GetGte() > r.GetLte() ||
			r.HasGt() && r.HasLte() || r.HasGte() && r.HasLt() {
			return nil, errGeneral // bounds that cross mean the opposite
		}
		tests = append(tests, func(v protoreflect.Value) bool {
			n := int32(v.Int())
			return (!r.HasGt() || n > r.GetGt()) && (!r.HasGte() || n >= r.GetGte()) && (!r.HasLt() || n < r.GetLt()) && (!r.HasLte() || n <= r.GetLte())
		})
	case rules.HasType():
		return nil, errGeneral
	}
	return tests, nil
}

// stringTests makes the tests of a string.
func stringTests(rules *validate.StringRules) (tests []func(protoreflect.Value) bool, err error) {
	add := func(test func(string) bool) {
		tests = append(tests, func(v protoreflect.Value) bool { return test(v.String()) })
	}
	if len(rules.ProtoReflect().GetUnknown()) > 0 {
		return nil, errGeneral
	}
	rules.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch test, own := twin(field); {
		case own && test != nil && v.Bool():
			add(test)
		case own && test != nil:
		case field.Name() == "min_len" && !own:
			add(func(s string) bool { return atLeast(s, int(v.Uint())) })
		case field.Name() == "max_len" && !own:
			add(func(s string) bool { return atMost(s, int(v.Uint())) })
		case field.Name() == "uri" && !own && v.Bool():
			add(isPlainURI)
		case field.Name() == "pattern" && !own:
			pattern, bad := regexp.Compile(v.String())
			if err = bad; err == nil {
				add(pattern.MatchString)
			}
		default:
			err = errGeneral
		}
		return err == nil
	})
	return tests, err
}

// Good says of a message that it is right for certain: Check would find nothing,
// and clean holds for each of the texts that Texts is about. False says nothing.
func (c *Checker) Good(m proto.Message, clean func(text string, prose bool) bool) bool {
	p := c.quick[m.ProtoReflect().Descriptor().FullName()]
	return p != nil && p.good(c, m.ProtoReflect(), clean)
}

func (p *plan) good(c *Checker, m protoreflect.Message, clean func(string, bool) bool) bool {
	if len(m.GetUnknown()) > 0 || p.general && c.validator.Validate(m.Interface()) != nil {
		return false
	}
	for _, output := range p.outputs {
		if m.Has(output) {
			return false
		}
	}
	for _, oneof := range p.oneofs {
		if m.WhichOneof(oneof) == nil {
			return false
		}
	}
	for _, test := range p.tests {
		if !test(m) {
			return false
		}
	}
	for i := range p.fields {
		if !p.fields[i].good(c, m, clean) {
			return false
		}
	}
	return true
}

func (f *fieldPlan) good(c *Checker, m protoreflect.Message, clean func(string, bool) bool) bool {
	set := m.Has(f.desc)
	switch {
	case !set && f.required:
		return false
	case !set && (f.absent || len(f.tests) == 0):
		return true
	}
	v := m.Get(f.desc)
	for _, test := range f.tests {
		if !test(v) {
			return false
		}
	}
	switch {
	case !set:
	case f.desc.IsList():
		return f.goodList(c, v.List(), clean)
	case f.inner != nil || f.foreign:
		return f.goodInner(c, v.Message(), clean)
	case f.text:
		return clean(v.String(), f.prose)
	}
	return true
}

func (f *fieldPlan) goodList(c *Checker, list protoreflect.List, clean func(string, bool) bool) bool {
	n := list.Len()
	if n > f.most {
		return false
	}
	for i := range n {
		v := list.Get(i)
		for _, test := range f.each {
			if !test(v) {
				return false
			}
		}
		if f.text && !clean(v.String(), f.prose) || (f.inner != nil || f.foreign) && !f.goodInner(c, v.Message(), clean) {
			return false
		}
	}
	return true
}

// goodInner tests a message in a field.
func (f *fieldPlan) goodInner(c *Checker, m protoreflect.Message, clean func(string, bool) bool) bool {
	switch {
	case f.ignored:
		return !c.deep || len(c.bounds.exceeded(m)) == 0
	case f.foreign:
		return len(m.GetUnknown()) == 0
	default:
		return f.inner.good(c, m, clean)
	}
}
