package refimport

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Namespaces of the registers of TOOI.
const (
	nsOnt  = "https://identifier.overheid.nl/tooi/def/ont/"
	nsProv = "http://www.w3.org/ns/prov#"
	nsRDF  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsRDFS = "http://www.w3.org/2000/01/rdf-schema#"
	nsXML  = "http://www.w3.org/XML/1998/namespace"
)

// node is a subject with its properties, by IRI.
type node struct {
	at    place
	id    string
	types []string
	// texts are values, Dutch ones first; refs are other subjects.
	texts, english, refs map[string][]string
	// wrong says why the node has not the form of one.
	wrong error
}

func newNode(at place, id string) *node {
	return &node{at: at, id: id, texts: map[string][]string{}, english: map[string][]string{}, refs: map[string][]string{}}
}

// text is the first value of a property that has one.
func (n *node) text(properties ...string) string {
	for _, p := range properties {
		if len(n.texts[p]) > 0 {
			return n.texts[p][0]
		}
	}
	return ""
}

// add takes up a value in a language; none is Dutch.
func (n *node) add(property, text, language string) {
	text = clean(text)
	if text == "" {
		return
	}
	if language == "en" {
		n.english[property] = append(n.english[property], text)
		return
	}
	n.texts[property] = append(n.texts[property], text)
}

// readNodes gives the nodes of a register as a stream, in either of the forms in
// which they are published: expanded JSON-LD, a list of nodes; and RDF/XML, in
// which each child of the root is a node.
func readNodes(in *input, each func(*node) error) error {
	first, err := in.first()
	switch {
	case err != nil:
		return err
	case first == '[':
		return jsonNodes(in, each)
	case first == '<':
		return xmlNodes(in, each)
	}
	return errors.New("het is geen lijst in JSON en geen XML")
}

// jsonNodes reads the form of repository.officiele-overheidspublicaties.nl/
// waardelijsten/<lijst>/<n>/json/<lijst>_<n>.json.
func jsonNodes(in *input, each func(*node) error) error {
	dec := json.NewDecoder(in)
	if _, err := dec.Token(); err != nil {
		return jsonError(err)
	}
	for {
		at, record, err := in.nextRecord(dec)
		if err != nil {
			return err
		}
		if record == nil {
			return finished(dec)
		}
		if err := each(jsonNode(at, record)); err != nil {
			return err
		}
	}
}

// nextRecord gives the next value of a JSON list with its place; none when the
// list has ended.
func (in *input) nextRecord(dec *json.Decoder) (place, json.RawMessage, error) {
	if !dec.More() {
		_, err := dec.Token()
		return place{}, nil, jsonError(err)
	}
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return place{}, nil, jsonError(err)
	}
	at := in.begin(dec.InputOffset() - int64(len(raw)))
	in.start = dec.InputOffset()
	return at, raw, nil
}

// finished makes sure that nothing follows.
func finished(dec *json.Decoder) error {
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("na de JSON staat nog iets")
	}
	return nil
}

func jsonNode(at place, record json.RawMessage) *node {
	n := newNode(at, "")
	var raw map[string]json.RawMessage
	if n.wrong = json.Unmarshal(record, &raw); n.wrong != nil {
		n.wrong = errors.New("een knoop is geen object")
		return n
	}
	var id string
	_ = json.Unmarshal(raw["@id"], &id) // none, when it is not a text
	n.id = clean(id)
	for property, b := range raw {
		var err error
		switch property {
		case "@id":
		case "@type":
			err = json.Unmarshal(b, &n.types)
		default:
			err = n.values(property, b)
		}
		if err != nil {
			n.wrong = fmt.Errorf("%s is geen lijst van waarden", short(property))
		}
	}
	return n
}

// values takes up the values of a property.
func (n *node) values(property string, b json.RawMessage) error {
	var values []struct {
		ID       string `json:"@id"`
		Value    any    `json:"@value"`
		Language string `json:"@language"`
	}
	if err := json.Unmarshal(b, &values); err != nil {
		return err
	}
	for _, v := range values {
		if v.ID != "" {
			n.refs[property] = append(n.refs[property], clean(v.ID))
		}
		if v.Value != nil {
			n.add(property, fmt.Sprint(v.Value), v.Language)
		}
	}
	return nil
}

// xmlNodes reads the form of …/rdf/<lijst>_<n>.rdf.
func xmlNodes(in *input, each func(*node) error) error {
	d := newDocument(in)
	root, err := d.root()
	if err != nil {
		return err
	}
	if root.Name != (xml.Name{Space: nsRDF, Local: "RDF"}) {
		return fmt.Errorf("het is geen RDF: het begint met %s", short(root.Name.Local))
	}
	all := func(xml.StartElement, int) bool { return true }
	return d.walk(all, func(at place, e element) error { return each(xmlNode(at, e)) })
}

func xmlNode(at place, e element) *node {
	n := newNode(at, "")
	for _, a := range e.attrs {
		if a.Name == (xml.Name{Space: nsRDF, Local: "about"}) {
			n.id = clean(a.Value)
		}
	}
	if e.Name != (xml.Name{Space: nsRDF, Local: "Description"}) {
		n.types = append(n.types, e.Space+e.Local)
	}
	for _, c := range e.children {
		property, ref, language := c.Space+c.Local, "", ""
		for _, a := range c.attrs {
			switch a.Name {
			case xml.Name{Space: nsRDF, Local: "resource"}:
				ref = clean(a.Value)
			case xml.Name{Space: nsXML, Local: "lang"}:
				language = a.Value
			}
		}
		switch {
		case property == nsRDF+"type":
			n.types = append(n.types, ref)
		case ref != "":
			n.refs[property] = append(n.refs[property], ref)
		default:
			n.add(property, c.text, language)
		}
	}
	return n
}

func jsonError(err error) error {
	var broken *json.SyntaxError
	var other *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("de JSON houdt op voordat zij af is")
	case errors.As(err, &broken), errors.As(err, &other):
		return errors.New("de JSON is kapot, of heeft niet de vorm van dit bestand")
	}
	return err
}

// is says whether a node is of a class of TOOI.
func (n *node) is(class string) bool { return slices.Contains(n.types, nsOnt+class) }
