package wire

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Part is some fields of the messages of one type, wherever in a document they
// stand, for who needs no more of it: to skip a field costs a tenth of reading
// it. The zero value is all fields of all messages.
type Part struct {
	of     *schema
	fields seen
}

// NewPart gives the part of messages like m that has these fields, by the names
// of the proto. The error is a defect of the caller.
func NewPart(m proto.Message, names ...protoreflect.Name) (Part, error) {
	s, err := schemaOf(m.ProtoReflect().Descriptor())
	if err != nil {
		return Part{}, err
	}
	p := Part{of: s}
	for _, name := range names {
		f := s.english[string(name)]
		if f == nil {
			return Part{}, fmt.Errorf("wire: %s has no field %s", m.ProtoReflect().Descriptor().FullName(), name)
		}
		p.fields.twice(f.index)
	}
	return p, nil
}

// Unmarshal is [Unmarshal] of this part: other fields are skipped, whatever they
// hold.
func (p Part) Unmarshal(data []byte, m proto.Message) error {
	d := newDecoder(data, false)
	d.part = p
	return d.into(m, d.fields)
}

// leaves says whether a field is no part of it.
func (p *Part) leaves(s *schema, f *field) bool {
	return p.of == s && p.fields[f.index/64]&(1<<(f.index%64)) == 0
}
