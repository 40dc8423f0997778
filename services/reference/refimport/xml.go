package refimport

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// element is an element of XML with all within it.
type element struct {
	xml.Name
	attrs    []xml.Attr
	text     string
	children []element
}

// document reads XML element by element.
type document struct {
	in  *input
	dec *xml.Decoder
	at  int64 // where the last token began
}

func newDocument(in *input) *document {
	d := &document{in: in, dec: xml.NewDecoder(in)}
	// Nothing but UTF-8 is documented for any of the sources.
	d.dec.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		return nil, errors.New("het is geen XML in UTF-8")
	}
	return d
}

// next gives the next start or end of an element, and passes over the rest. A
// document type is refused: nothing of these sources has one.
func (d *document) next() (xml.Token, error) {
	for {
		d.at = d.dec.InputOffset()
		d.in.lineAt(d.at) // what is passed over is no record
		t, err := d.dec.Token()
		switch t := t.(type) {
		case xml.StartElement, xml.EndElement:
			return t, err
		case xml.Directive:
			return nil, errDoctype
		}
		if err != nil {
			return nil, xmlError(err)
		}
	}
}

// root gives the outermost element.
func (d *document) root() (xml.StartElement, error) {
	t, err := d.next()
	start, ok := t.(xml.StartElement)
	if err != nil || !ok {
		return start, errors.Join(err, errIf(err == nil, "er is geen XML-element"))
	}
	return start, nil
}

// walk goes through what is left of the document. Of each element that want says
// yes to, do gets all; what lies around those is passed over, however much it is.
// Depth counts from 1 for a child of the root.
func (d *document) walk(want func(start xml.StartElement, depth int) bool, do func(at place, e element) error) error {
	for depth := 0; ; {
		t, err := d.next()
		if err != nil {
			return err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			if depth--; depth < 0 {
				return d.end()
			}
			continue
		}
		if depth++; depth > maxDepth {
			return errDepth
		}
		if !want(start, depth) {
			continue
		}
		at := d.in.begin(d.at)
		e, err := d.whole(start, depth)
		if err != nil {
			return err
		}
		depth--
		if err := do(at, e); err != nil {
			return err
		}
	}
}

// end makes sure that nothing follows the root.
func (d *document) end() error {
	for {
		t, err := d.dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return xmlError(err)
		}
		if _, ok := t.(xml.StartElement); ok {
			return errors.New("er staat meer dan één XML-document in")
		}
	}
}

// whole reads the rest of an element that has begun.
func (d *document) whole(start xml.StartElement, depth int) (element, error) {
	e := element{Name: start.Name, attrs: start.Copy().Attr}
	if depth > maxDepth {
		return e, errDepth
	}
	var text strings.Builder
	for {
		t, err := d.dec.Token()
		if err != nil {
			return e, xmlError(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			child, err := d.whole(t, depth+1)
			if err != nil {
				return e, err
			}
			e.children = append(e.children, child)
		case xml.EndElement:
			e.text = text.String()
			return e, nil
		case xml.CharData:
			if text.Len() <= maxText {
				text.Write(t)
			}
		case xml.Directive:
			return e, errDoctype
		}
	}
}

// within gives the first element of that local name, at any depth.
func (e element) within(local string) (element, bool) {
	for _, c := range e.children {
		if c.Local == local {
			return c, true
		}
		if found, ok := c.within(local); ok {
			return found, true
		}
	}
	return element{}, false
}

// value is the text of the first element of that local name, at any depth; empty
// when there is none.
func (e element) value(local string) string {
	found, _ := e.within(local)
	return clean(found.text)
}

// attr is the value of an attribute by its local name.
func (e element) attr(local string) string { return attrOf(e.attrs, local) }

func attrOf(attrs []xml.Attr, local string) string {
	for _, a := range attrs {
		if a.Name.Local == local {
			return clean(a.Value)
		}
	}
	return ""
}

func xmlError(err error) error {
	var broken *xml.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &broken) && broken.Msg == "unexpected EOF":
		return errors.New("de XML houdt op voordat zij af is")
	case broken != nil:
		return fmt.Errorf("de XML is kapot op regel %d", broken.Line)
	}
	return err
}

func errIf(is bool, text string) error {
	if is {
		return errors.New(text)
	}
	return nil
}
