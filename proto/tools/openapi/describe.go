package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// describer adds what the protos say to a document.
type describer struct {
	doc        *document
	prefix     string            // of every binding: the path of the servers' URLs
	tags       map[string]string // by service
	operations map[string]bool   // the operationIds that are taken
	schemas    schemas
}

// describe adds every method with an HTTP binding to doc.
func describe(doc *document, files *protoregistry.Files) error {
	d := &describer{doc: doc, tags: map[string]string{}, operations: map[string]bool{}}
	if err := d.useFrame(); err != nil {
		return fmt.Errorf("frame: %w", err)
	}
	validator, err := protovalidate.New()
	if err != nil {
		return err
	}
	d.schemas = schemas{validator: validator, out: &doc.Components.Schemas, sources: map[string]protoreflect.FullName{}}
	for _, service := range services(files) {
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			if err := d.method(method); err != nil {
				return fmt.Errorf("%s: %w", method.FullName(), err)
			}
		}
	}
	doc.Paths.sort()
	doc.Components.Schemas.sort()
	return d.unusedTags()
}

// useFrame takes from the frame what the rest goes by.
func (d *describer) useFrame() error {
	base, err := url.Parse(d.doc.Servers[0].URL)
	if err != nil {
		return err
	}
	d.prefix = base.Path
	for i, t := range d.doc.Tags {
		if t.Service != "" {
			d.tags[t.Service] = t.Name
			d.doc.Tags[i].Service = ""
		}
	}
	return nil
}

// unusedTags refuses a tag of the frame whose service has no operation.
func (d *describer) unusedTags() error {
	used := map[string]bool{}
	for _, path := range d.doc.Paths.keys {
		item, ok := d.doc.Paths.get(path).(*object)
		if !ok {
			continue
		}
		for _, verb := range item.keys {
			used[item.get(verb).(*operation).Tags[0]] = true
		}
	}
	var errs []error
	for service, name := range d.tags {
		if !used[name] {
			errs = append(errs, fmt.Errorf("frame: tag %q: no method of %s has an HTTP binding", name, service))
		}
	}
	return errors.Join(errs...)
}

// method adds the bindings of m, if any.
func (d *describer) method(m protoreflect.MethodDescriptor) error {
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule == nil {
		return nil
	}
	for i, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		b, err := parseBinding(m, r, d.prefix)
		if err != nil {
			return err
		}
		op, err := d.operation(b)
		if err != nil {
			return fmt.Errorf("%s %s: %w", b.verb, b.path, err)
		}
		if i > 0 {
			op.OperationID += strconv.Itoa(i + 1)
		}
		if err := d.add(b, op); err != nil {
			return err
		}
	}
	return nil
}

// add puts op at its place in the document.
func (d *describer) add(b *binding, op *operation) error {
	if d.operations[op.OperationID] {
		return fmt.Errorf("the operationId %s is taken", op.OperationID)
	}
	d.operations[op.OperationID] = true
	for _, path := range d.doc.Paths.keys {
		if path != b.path && shape(path) == shape(b.path) {
			return fmt.Errorf("%s and %s are one path with two names", path, b.path)
		}
	}
	if !d.doc.Paths.has(b.path) {
		d.doc.Paths.set(b.path, &object{})
	}
	item, ok := d.doc.Paths.get(b.path).(*object)
	if !ok || item.has(b.verb) {
		return fmt.Errorf("%s %s is described already", b.verb, b.path)
	}
	item.set(b.verb, op)
	return nil
}

// shape is a path without the names of its variables.
func shape(path string) string { return variables.ReplaceAllLiteralString(path, "{}") }

// operation describes one binding of one method.
func (d *describer) operation(b *binding) (*operation, error) {
	tag, ok := d.tags[string(b.method.Parent().FullName())]
	if !ok {
		return nil, fmt.Errorf("the frame has no tag for %s", b.method.Parent().FullName())
	}
	who, err := readAccess(b.method)
	if err != nil {
		return nil, err
	}
	text := comment(b.method)
	op := &operation{
		OperationID: strings.ToLower(string(b.method.Name()[:1])) + string(b.method.Name()[1:]),
		Tags:        []string{tag},
		Summary:     firstSentence(text),
		Description: text,
		Security:    who.security(),
		Roles:       who.roles,
	}
	if op.Parameters, err = d.parameters(b); err != nil {
		return nil, err
	}
	if op.RequestBody, err = d.body(b); err != nil {
		return nil, err
	}
	op.Responses, err = d.responses(b, who)
	return op, err
}
