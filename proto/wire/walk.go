package wire

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// object reads an object. member is called with each name, with the decoder
// before the value; it must read the value, and not keep the name. Anything but
// an object is a fault.
func (d *decoder) object(member func(name []byte) error) error {
	if d.dec.PeekKind() != jsontext.KindBeginObject {
		return d.wrongType(nounObject)
	}
	return d.nested(jsontext.KindEndObject, func() error {
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		name, ok := unquote(raw)
		if !ok { // the object is at fault, for the name cannot be told
			return d.skipAt(d.dec.StackPointer().Parent(), faultText)
		}
		return member(name)
	})
}

// array reads a list; element must read one value. Anything but a list is a
// fault.
func (d *decoder) array(element func() error) error {
	if d.dec.PeekKind() != jsontext.KindBeginArray {
		return d.wrongType(nounList)
	}
	return d.nested(jsontext.KindEndArray, element)
}

// nested reads an object or a list, calling next for each part.
func (d *decoder) nested(end jsontext.Kind, next func() error) error {
	if d.dec.StackDepth() == maxDepth {
		return d.skip(faultTooDeep)
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return err
	}
	for d.dec.PeekKind() != end {
		if err := next(); err != nil {
			return err
		}
	}
	_, err := d.dec.ReadToken()
	return err
}

// wrongType notes a value of another type than wanted, and skips it.
func (d *decoder) wrongType(want noun) error {
	kind := d.dec.PeekKind()
	if kind == jsontext.KindInvalid {
		return d.dec.SkipValue() // which says what is wrong
	}
	return d.skip(typeFault(want, kind))
}

// tooMany skips an element beyond the most that its list may have. The list is
// at fault, once.
func (d *decoder) tooMany(f *field) error {
	list := d.next().Parent()
	if n := len(d.faults); n > 0 && d.faults[n-1].Reason == ReasonTooMany && d.faults[n-1].Pointer == shortened(list) {
		return d.dec.SkipValue()
	}
	return d.skipAt(list, f.tooManyFault())
}

// skip notes a fault of the value to come, and skips the value.
func (d *decoder) skip(f Fault) error { return d.skipAt(d.next(), f) }

func (d *decoder) skipAt(at jsontext.Pointer, f Fault) error {
	if err := d.note(at, f); err != nil {
		return err
	}
	return d.dec.SkipValue()
}

// note notes a fault.
func (d *decoder) note(at jsontext.Pointer, f Fault) error {
	if len(d.faults) == maxFaults {
		return errTooMany
	}
	f.Pointer = shortened(at)
	d.faults = append(d.faults, f)
	return nil
}

// next points at the value to come. The decoder itself points at what it read
// last: the name before the value, the element before it, or the list that it
// is the first of.
func (d *decoder) next() jsontext.Pointer {
	at := d.dec.StackPointer()
	kind, n := d.dec.StackIndex(d.dec.StackDepth())
	if kind != jsontext.KindBeginArray {
		return at
	}
	if n > 0 {
		at = at.Parent()
	}
	return at.AppendToken(strconv.FormatInt(n, 10))
}

// shortened cuts the names in a pointer.
func shortened(at jsontext.Pointer) string {
	var pointer []byte
	for name := range at.Tokens() {
		pointer = appendToken(pointer, name)
	}
	return string(pointer)
}
