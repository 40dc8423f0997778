package wire

import (
	"bytes"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// object reads an object. member is called with each name, with the decoder
// before the value and the path at it; it must read the value, and not keep the
// name. Anything but an object is a fault.
func (d *decoder) object(member func(name []byte) error) error {
	if d.dec.PeekKind() != jsontext.KindBeginObject {
		return d.wrongType(nounObject)
	}
	return d.nested(jsontext.KindEndObject, func(int) error {
		raw, err := d.dec.ReadValue()
		if err != nil {
			return err
		}
		name, ok := unquote(raw)
		if !ok {
			return d.skip(faultText) // noted at the object: the name cannot be told
		}
		end := len(d.path)
		d.path = appendToken(d.path, string(name))
		err = member(name)
		d.path = d.path[:end]
		return err
	})
}

// array reads a list; element must read one value.
func (d *decoder) array(element func() error) error {
	return d.nested(jsontext.KindEndArray, func(i int) error {
		end := len(d.path)
		d.path = strconv.AppendInt(append(d.path, '/'), int64(i), 10)
		err := element()
		d.path = d.path[:end]
		return err
	})
}

// tooMany skips an element beyond the most that its list may have. The list is
// at fault, once.
func (d *decoder) tooMany(f *field) error {
	pointer := string(d.path[:bytes.LastIndexByte(d.path, '/')])
	if n := len(d.faults); n > 0 && d.faults[n-1].Pointer == pointer && d.faults[n-1].Reason == ReasonTooMany {
		return d.dec.SkipValue()
	}
	if err := d.note(f.tooManyFault()); err != nil {
		return err
	}
	d.faults[len(d.faults)-1].Pointer = pointer
	return d.dec.SkipValue()
}

// nested reads an object or a list, calling next for each part.
func (d *decoder) nested(end jsontext.Kind, next func(i int) error) error {
	if d.depth == maxDepth {
		return d.skip(faultTooDeep)
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return err
	}
	d.depth++
	for i := 0; d.dec.PeekKind() != end; i++ {
		if err := next(i); err != nil {
			return err
		}
	}
	d.depth--
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

// skip notes a fault of the value to come, and skips the value.
func (d *decoder) skip(f Fault) error {
	if err := d.note(f); err != nil {
		return err
	}
	return d.dec.SkipValue()
}

// note notes a fault of the value at the path.
func (d *decoder) note(f Fault) error {
	if len(d.faults) == maxFaults {
		return errTooMany
	}
	f.Pointer = string(d.path)
	d.faults = append(d.faults, f)
	return nil
}
