package wire

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// Content reads the body of a request into m, as [UnmarshalInput] reads a
// message. What the body holds is emptied first: all of m when it is "*".
func (b Binding) Content(data []byte, m proto.Message) error {
	r := m.ProtoReflect()
	d := newDecoder(data, true)
	if b.Body == "*" {
		d.elsewhere = b.elsewhere
		return d.into(m, d.fields)
	}
	body := b.bodyOf(r.Descriptor())
	if body == nil {
		return fmt.Errorf("wire: %s has no message %s for the body", r.Descriptor().FullName(), b.Body)
	}
	part := r.Mutable(body).Message().Interface()
	if !b.Patch {
		return d.into(part, d.fields)
	}
	err := d.into(part, func(s *schema) error { return d.patch(s, "") })
	return b.setMask(r, d.mask, err)
}

// Named gives the places that the merge patch of a request named, as JSON
// pointers into the body.
func (b Binding) Named(m proto.Message) []string {
	r := m.ProtoReflect()
	s, err := schemaOf(r.Descriptor())
	body := b.bodyOf(r.Descriptor())
	if err != nil || s.mask == nil || body == nil {
		return nil
	}
	mask, ok := r.Get(s.mask.desc).Message().Interface().(*fieldmaskpb.FieldMask)
	if !ok {
		return nil
	}
	pointers := make([]string, len(mask.GetPaths()))
	for i, path := range mask.GetPaths() {
		pointers[i] = Pointer(body.Message(), path)
	}
	return pointers
}

// setMask sets the field mask of a request, also when it names nothing; err is
// what the reading came to.
func (b Binding) setMask(r protoreflect.Message, paths []string, err error) error {
	s, err2 := schemaOf(r.Descriptor())
	if err2 != nil || s.mask == nil {
		return err2
	}
	data, err2 := proto.Marshal(&fieldmaskpb.FieldMask{Paths: paths})
	if err2 != nil {
		return err2
	}
	mask := r.NewField(s.mask.desc)
	if err2 := proto.Unmarshal(data, mask.Message().Interface()); err2 != nil {
		return err2
	}
	r.Set(s.mask.desc, mask)
	return err
}

// patch reads a merge patch (RFC 7396): an object with fields of a schema, of
// which null empties one and an object patches a message in its turn, while
// anything else, a list too, replaces what was there. What it names goes in the
// mask, under a path of proto names that begins with the prefix. An empty object
// names nothing, so that it does not make a message that was not there.
func (d *decoder) patch(s *schema, prefix string) error {
	var fields, oneofs seen
	return d.object(func(name []byte) error {
		f := s.byName[string(name)]
		switch {
		case f == nil:
			return d.skip(s.unknownFault(string(name), nil))
		case fields.twice(f.index):
			return d.skip(faultDuplicate)
		case f.readOnly: // null too, for that would empty it
			return d.skip(faultReadOnly)
		}
		path := prefix + string(f.desc.Name())
		switch kind := d.dec.PeekKind(); {
		case kind == jsontext.KindNull:
			d.mask = append(d.mask, path)
			return d.dec.SkipValue()
		case f.oneof != nil && oneofs.twice(f.oneof.Index()):
			return d.skip(s.oneofFault(f.oneof))
		case f.desc.IsList():
			d.mask = append(d.mask, path)
			return d.list(f)
		case f.shape == shapeMessage && kind == jsontext.KindBeginObject:
			inner, err := schemaOf(f.message)
			if err != nil {
				return err
			}
			return d.within(f.desc.Number(), func() error { return d.patch(inner, path+".") })
		default:
			d.mask = append(d.mask, path)
			_, err := d.value(f.desc.Number(), f.form)
			return err
		}
	})
}

// patchable says whether a merge patch can be read of what the field holds. A
// map or free JSON it would merge by key, which no field mask can say.
func (f *field) patchable(done map[protoreflect.FullName]bool) error {
	switch {
	case f.desc.IsMap() || f.shape == shapeStruct && !f.desc.IsList():
		return fmt.Errorf("wire: %s: a merge patch of a map has no field mask", f.desc.FullName())
	case f.desc.IsList() || f.shape != shapeMessage || done[f.message.FullName()]:
		return nil
	}
	done[f.message.FullName()] = true
	s, err := schemaOf(f.message)
	for i := 0; err == nil && i < len(s.fields); i++ {
		err = s.fields[i].patchable(done)
	}
	return err
}
