package rules

import (
	"errors"
	"fmt"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	// The shared string rules are extensions, found only when linked.
	_ "schakel.example/proto/gen/go/schakel/options/v1"
)

// Checker holds messages against their rules. It is safe for concurrent use;
// a program makes one and passes it along.
type Checker struct {
	validator protovalidate.Validator
	outputs   outputs
	bounds    bounds
	texts     texts
	parts     tree // everything that a sender fills in
	quick     quick
	// deep says that the lists in what a service checks itself count too.
	deep bool
}

// New compiles the rules of all messages of Schakel that are linked into the
// program. It fails on a rule that cannot work, which is a defect of a proto.
func New() (*Checker, error) {
	var all []protoreflect.MessageDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "schakel.") {
			all = appendMessages(all, file.Messages())
		}
		return true
	})
	validator, err := protovalidate.New(protovalidate.WithMessageDescriptors(all...))
	if err != nil {
		return nil, fmt.Errorf("compile the rules of the protos: %w", err)
	}
	bounds, err := boundsOf(all)
	if err != nil {
		return nil, err
	}
	texts, err := textsOf(all)
	if err != nil {
		return nil, err
	}
	c := &Checker{validator: validator, outputs: outputsOf(all), bounds: bounds, texts: texts, parts: partsOf(all), deep: true}
	c.quick, err = c.quickOf(all)
	return c, err
}

// Outer gives a checker that leaves what a service checks itself wholly to it, the
// lengths of its lists too. It is for messages that hold one of many, each with an
// outcome of its own: what is wrong with one must not refuse the others.
func (c *Checker) Outer() *Checker {
	outer := *c
	outer.bounds.tree, outer.deep = c.bounds.outer, false
	return &outer
}

// TooLong returns the lists of m, and of what is in it, that are too long, as Check
// does before anything else: whoever does more with m than Check looks at these
// first.
func (c *Checker) TooLong(at string, m proto.Message) []*errdetails.BadRequest_FieldViolation {
	return c.bounds.exceeded(m.ProtoReflect()).below(at)
}

func appendMessages(all []protoreflect.MessageDescriptor, some protoreflect.MessageDescriptors) []protoreflect.MessageDescriptor {
	for i := range some.Len() {
		if m := some.Get(i); !m.IsMapEntry() {
			all = appendMessages(append(all, m), m.Messages())
		}
	}
	return all
}

// Check returns every violation of the rules of m, none when it is good. The
// field of a violation is its proto path below at, such as
// "signal.provisions[0].jci" with at "signal"; at is empty when m is the
// request itself. A violation of a oneof stands at the message that holds it.
// The reason is the rule's id as slug: "string-max-len". A field that only
// Schakel fills in (OUTPUT_ONLY) is a violation when it is set: "alleen-lezen";
// a field that this version does not know is one of the message that holds it:
// "onbekend-veld".
// When a list is too long, that alone is told: its elements are not looked at.
// The error is never the message's fault: a rule could not be run.
func (c *Checker) Check(at string, m proto.Message) ([]*errdetails.BadRequest_FieldViolation, error) {
	if tooLong := c.bounds.exceeded(m.ProtoReflect()); len(tooLong) > 0 {
		return tooLong.below(at), nil
	}
	violations := c.outputs.filledIn(m.ProtoReflect()).below(at)
	violations = append(violations, c.parts.unknown(m.ProtoReflect()).below(at)...)
	err := c.validator.Validate(m)
	if err == nil {
		return violations, nil
	}
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return nil, fmt.Errorf("check the rules of %s: %w", m.ProtoReflect().Descriptor().FullName(), err)
	}
	for _, v := range invalid.Violations {
		violations = append(violations, describe(at, m.ProtoReflect().Descriptor(), v))
	}
	return violations, nil
}

func describe(at string, root protoreflect.MessageDescriptor, v *protovalidate.Violation) *errdetails.BadRequest_FieldViolation {
	id, path := v.Proto.GetRuleId(), v.Proto.GetField().GetElements()
	dutch, english := "", v.Proto.GetMessage()
	switch target := target(root, path).(type) {
	case protoreflect.OneofDescriptor:
		path = path[:len(path)-1]
		id, dutch = "oneof.required", "kies precies één van: "+jsonNames(target)
	case protoreflect.FieldDescriptor:
		dutch, english = worded(id, rulesOf(target, v.Proto.GetRule().GetElements()), english)
	default:
		dutch = inDutch(id, nil)
	}
	return &errdetails.BadRequest_FieldViolation{
		Field:            join(at, protovalidate.FieldPathString(validate.FieldPath_builder{Elements: path}.Build())),
		Description:      english,
		Reason:           strings.NewReplacer(".", "-", "_", "-").Replace(id),
		LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: dutch},
	}
}

func join(at, path string) string {
	if at == "" || path == "" {
		return at + path
	}
	return at + "." + path
}

// target finds the field or the oneof that a path leads to; nil for the empty
// path. A oneof is the last element and, being no field, has no number.
func target(m protoreflect.MessageDescriptor, path []*validate.FieldPathElement) protoreflect.Descriptor {
	var field protoreflect.FieldDescriptor
	for _, element := range path {
		if field != nil {
			m = field.Message()
		}
		if element.GetFieldNumber() == 0 {
			return m.Oneofs().ByName(protoreflect.Name(element.GetFieldName()))
		}
		if field = m.Fields().ByNumber(protoreflect.FieldNumber(element.GetFieldNumber())); field == nil {
			return nil
		}
		if field.IsMap() {
			field = field.MapValue()
		}
	}
	return field
}

func jsonNames(oneof protoreflect.OneofDescriptor) string {
	names := make([]string, oneof.Fields().Len())
	for i := range names {
		names[i] = oneof.Fields().Get(i).JSONName()
	}
	return strings.Join(names, ", ")
}

// rulesOf returns the message of rules in which the one at the end of a path
// stands, such as the StringRules of a field; nil when it cannot be found.
func rulesOf(field protoreflect.FieldDescriptor, path []*validate.FieldPathElement) protoreflect.Message {
	rules, err := protovalidate.ResolveFieldRules(field)
	if err != nil || len(path) == 0 {
		return nil
	}
	m := rules.ProtoReflect()
	for _, element := range path[:len(path)-1] {
		step := m.Descriptor().Fields().ByNumber(protoreflect.FieldNumber(element.GetFieldNumber()))
		if step == nil || step.Message() == nil || step.IsList() {
			return nil
		}
		m = m.Get(step).Message()
	}
	return m
}
