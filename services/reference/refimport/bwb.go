package refimport

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strings"

	"schakel.example/services/reference"
)

// errDone ends a walk that has found all it looked for.
var errDone = errors.New("done")

// takeBWB reads a file of the Basiswettenbestand, in each of the forms in which
// the government publishes it; which one, its first element tells:
//
//   - an answer of the search service (SRU, x-connection=BWB), as it stands in the
//     repository ThijsvanEssen/lawgraph;
//   - technical information (WTI, schema 2016-1), of which the general part stands
//     there too; that its changes name dossiers was read in software only;
//   - a manifest, and a text as it held from a day ("toestand"), both known from
//     what software of MinBZK/regelrecht and others reads in them.
func (im *Importer) takeBWB(in *input) error {
	first, err := in.first()
	if err != nil || first != '<' {
		return errors.Join(err, errIf(err == nil, "het is geen XML"))
	}
	d := newDocument(in)
	root, err := d.root()
	if err != nil {
		return err
	}
	b := bwb{im: im, doc: d, root: root}
	switch root.Name.Local {
	case "searchRetrieveResponse":
		return b.answer()
	case "wetstechnische-informatie":
		return b.technical()
	case "work":
		return b.manifest()
	case "toestand":
		return b.state()
	}
	return fmt.Errorf("het is geen bestand van het Basiswettenbestand: het begint met %s", short(root.Name.Local))
}

// bwb is one file of the Basiswettenbestand.
type bwb struct {
	im   *Importer
	doc  *document
	root xml.StartElement
}

// said is what one record says of a regulation; as of which day tells which of
// more records counts.
type said struct {
	at   place
	asOf string
	reg  reference.Regulation
}

// answer reads records of the search service: one for each text that a regulation
// had. They do not tell when it came into force or ended: the oldest text is that
// of 2002 for older laws, and the answer may be a part.
func (b bwb) answer() error {
	newest := map[string]said{}
	records := func(s xml.StartElement, _ int) bool {
		return s.Name.Local == "record" || s.Name.Local == "nextRecordPosition" || s.Name.Local == "diagnostic"
	}
	var order []string
	err := b.doc.walk(records, func(at place, e element) error {
		switch e.Local {
		case "diagnostic":
			return errors.New("het is een foutmelding van de zoekdienst, en geen antwoord")
		case "nextRecordPosition":
			b.im.remark("%s is een deel van een antwoord; het volgende begint bij record %s", at.file, clean(e.text))
			return nil
		}
		id := e.value("identifier")
		one := said{at, e.value("geldigheidsperiode_startdatum"), reference.Regulation{
			BWB: id, Kind: slug(e.value("type")), Title: e.value("title"), Source: "BWB zoekdienst",
		}}
		was, known := newest[id]
		if !known {
			order = append(order, id)
		}
		if !known || one.asOf >= was.asOf {
			newest[id] = one
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range order {
		b.im.putRegulation(newest[id].at, newest[id].reg)
	}
	return nil
}

// technical reads what a regulation is called, and of which bill it came.
func (b bwb) technical() error {
	reg := reference.Regulation{BWB: attrOf(b.root.Attr, "bwb-id"), Source: "BWB WTI"}
	var at place
	var dossiers []string
	parts := func(s xml.StartElement, _ int) bool {
		return s.Name.Local == "algemene-informatie" || s.Name.Local == "details"
	}
	err := b.doc.walk(parts, func(where place, e element) error {
		if e.Local == "details" {
			if e.value("betreft") == "nieuwe-regeling" {
				dossiers = append(dossiers, dossiersIn(e)...)
			}
			return nil
		}
		at = where
		if id := e.value("identificatienummer"); reg.BWB == "" {
			reg.BWB = id
		}
		reg.Kind, reg.Short = slug(e.value("soort-regeling")), e.value("afkorting")
		for _, c := range e.children { // not those of the past, which are deeper
			if c.Local == "citeertitel" {
				reg.Title = clean(c.text)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if at == (place{}) {
		return errors.New("er is geen algemene-informatie")
	}
	if reg.Short == "" {
		reg.Short = reg.Title
	}
	b.im.putRegulation(at, reg)
	b.im.linkDossiers(at, reg.BWB, dossiers)
	return nil
}

// linkDossiers says of the dossiers that are known what the bill in them became.
// Of others the file does not tell what they are about.
func (im *Importer) linkDossiers(at place, bwb string, numbers []string) {
	if _, known := im.regulation(bwb); !known {
		return
	}
	slices.Sort(numbers)
	for _, number := range slices.Compact(numbers) {
		if d, known := im.dossier(number); known {
			im.putDossier(at, reference.Dossier{Number: d.Number, Became: bwb, Source: "BWB WTI"})
		}
	}
}

// dossiersIn are the numbers in all dossiernummer elements, such as "33 328".
func dossiersIn(e element) (all []string) {
	for _, c := range e.children {
		if c.Local == "dossiernummer" {
			all = append(all, strings.ReplaceAll(clean(c.text), " ", ""))
		}
		all = append(all, dossiersIn(c)...)
	}
	return all
}

// manifest reads when a regulation came into force and was withdrawn. That it was
// withdrawn with effect from the day that is named, and so was in force until the
// day before, is how the Basiswettenbestand counts elsewhere; the files do not
// say so.
func (b bwb) manifest() error {
	id := attrOf(b.root.Attr, "label")
	known, ok := b.im.regulation(id)
	done := false
	metadata := func(s xml.StartElement, depth int) bool { return depth == 1 && s.Name.Local == "metadata" }
	err := b.doc.walk(metadata, func(at place, e element) error {
		done = true
		from, errFrom := dateOf(e.value("datum_inwerkingtreding"))
		withdrawn, errUntil := endOf(e.value("datum_intrekking"))
		err := errors.Join(errFrom, errUntil)
		switch {
		case err != nil:
			b.im.refuse(at, id, err.Error())
			return errDone
		case !ok:
			b.im.refuse(at, id, "een manifest heeft geen titel, en deze regeling is nog niet bekend: neem eerst het antwoord van de zoekdienst of de WTI")
			return errDone
		case !from.IsZero() && from == withdrawn:
			b.im.refuse(at, id, "de regeling is ingetrokken op de dag dat zij in werking zou treden")
			return errDone
		}
		said := reference.Regulation{BWB: known.BWB, ValidFrom: from, Source: "BWB manifest"}
		if !withdrawn.IsZero() {
			said.ValidUntil = withdrawn.AddDays(-1)
		}
		b.im.putRegulation(at, said)
		return errDone
	})
	if err == nil && !done {
		return errors.New("er is geen metadata")
	}
	return unlessDone(err)
}

// state reads the title and the kind of a regulation out of one of its texts.
func (b bwb) state() error {
	reg := reference.Regulation{BWB: attrOf(b.root.Attr, "bwb-id"), Source: "BWB toestand"}
	found := false
	title := func(s xml.StartElement, depth int) bool {
		if depth == 1 && s.Name.Local == "wetgeving" {
			reg.Kind = slug(attrOf(s.Attr, "soort"))
		}
		return depth == 2 && s.Name.Local == "citeertitel"
	}
	err := b.doc.walk(title, func(at place, e element) error {
		found = true
		reg.Title = clean(e.text)
		b.im.putRegulation(at, reg)
		return errDone
	})
	if err == nil && !found {
		return errors.New("de tekst heeft geen citeertitel")
	}
	return unlessDone(err)
}

func unlessDone(err error) error {
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// slug writes a kind as the tables do: "ministeriële regeling" is
// "ministeriele-regeling".
func slug(s string) string {
	words := strings.FieldsFunc(reference.Fold(s), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') })
	return strings.Join(words, "-")
}
