package refimport

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"schakel.example/services/reference"
)

// takeKamer reads dossiers of the Tweede Kamer, in the form of either of its
// interfaces: an answer of OData (entity Kamerstukdossier, JSON), or a page of the
// SyncFeed (category Kamerstukdossier, Atom). The names of their fields are those
// that software reads in them (berthub/tkconv, lawgraph and others); the
// documentation of the entity itself could not be read.
func (im *Importer) takeKamer(in *input) error {
	first, err := in.first()
	switch {
	case err != nil:
		return err
	case first == '{':
		return im.kamerOData(in)
	case first == '<':
		return im.kamerFeed(in)
	}
	return errors.New("het is geen JSON van OData en geen XML van de SyncFeed")
}

// kamerOData reads {"value": [dossier, …], "@odata.nextLink": …}.
func (im *Importer) kamerOData(in *input) error {
	dec := json.NewDecoder(in)
	if _, err := dec.Token(); err != nil {
		return jsonError(err)
	}
	found := false
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return jsonError(err)
		}
		in.lineAt(dec.InputOffset())
		if name != "value" {
			var skipped any
			if err := dec.Decode(&skipped); err != nil {
				return jsonError(err)
			}
			if name == "@odata.nextLink" {
				im.remark("%s is een deel van een antwoord; haal ook het volgende op", in.name)
			}
			continue
		}
		found = true
		if err := im.kamerValues(in, dec); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return jsonError(err)
	}
	if !found {
		return errors.New("er is geen value; is dit een antwoord van OData?")
	}
	return finished(dec)
}

func (im *Importer) kamerValues(in *input, dec *json.Decoder) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(jsonError(err), errIf(err == nil, "value is geen lijst"))
	}
	for {
		at, raw, err := in.nextRecord(dec)
		if err != nil || raw == nil {
			return err
		}
		var one struct {
			Nummer                         json.Number
			Toevoeging, Titel, Citeertitel string
			Afgesloten, Verwijderd         bool
		}
		if err := json.Unmarshal(raw, &one); err != nil {
			im.refuse(at, "", "het heeft niet de vorm van een Kamerstukdossier")
			continue
		}
		im.takeDossier(at, dossierSaid{
			number: one.Nummer.String(), part: one.Toevoeging, title: one.Titel, short: one.Citeertitel,
			closed: one.Afgesloten, deleted: one.Verwijderd, source: "Tweede Kamer OData",
		})
	}
}

// kamerFeed reads a feed with entries, or one entity by itself.
func (im *Importer) kamerFeed(in *input) error {
	d := newDocument(in)
	root, err := d.root()
	if err != nil {
		return err
	}
	switch root.Name.Local {
	case "feed":
		entries := func(s xml.StartElement, depth int) bool { return depth == 1 && s.Name.Local == "entry" }
		return d.walk(entries, func(at place, e element) error {
			if dossier, ok := e.within("kamerstukdossier"); ok {
				im.takeEntity(at, dossier)
				return nil
			}
			im.pass()
			return nil
		})
	case "kamerstukdossier":
		e, err := d.whole(root, 1)
		if err != nil {
			return err
		}
		im.takeEntity(in.begin(0), e)
		return d.end()
	}
	return fmt.Errorf("het is geen SyncFeed: het begint met %s", short(root.Name.Local))
}

func (im *Importer) takeEntity(at place, e element) {
	im.takeDossier(at, dossierSaid{
		number: e.value("nummer"), part: e.value("toevoeging"), title: e.value("titel"), short: e.value("citeertitel"),
		closed: truth(e.value("afgesloten")), deleted: truth(e.attr("verwijderd")), source: "Tweede Kamer SyncFeed",
	})
}

// dossierSaid is what either interface says of a dossier.
type dossierSaid struct {
	number, part, title, short, source string
	closed, deleted                    bool
}

func (im *Importer) takeDossier(at place, said dossierSaid) {
	number := said.number
	if _, err := strconv.Atoi(number); err != nil && !said.deleted {
		im.refuse(at, number, "het dossier heeft geen nummer")
		return
	}
	if part := clean(said.part); part != "" {
		number += "-" + strings.ToUpper(part)
	}
	if said.deleted {
		// What the Kamer takes back was a mistake, or is gone; here it stays, since
		// signals may point at it.
		im.pass()
		return
	}
	title := clean(said.short)
	if title == "" {
		title = withoutNames(clean(said.title))
	}
	im.putDossier(at, reference.Dossier{Number: number, Title: title, Closed: said.closed, Source: said.source})
}

// proposers are the members who proposed a bill, as its title names them.
var proposers = regexp.MustCompile(`(?i)\bvan (?:het lid|de leden|de voormalige leden) .+? (houdende|tot|inzake|betreffende|over|ter|om|strekkende|waarin|voor) `)

// withoutNames takes the names of members out of a title: no people stand in the
// reference data.
func withoutNames(title string) string {
	return proposers.ReplaceAllString(title, "van leden $1 ")
}

func truth(s string) bool { return strings.EqualFold(s, "true") || s == "1" }
