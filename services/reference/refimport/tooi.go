package refimport

import (
	"cmp"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"schakel.example/services/reference"
)

// register is what a register of TOOI says, before it is put together: what
// happened to organisations stands after them.
type register struct {
	organisations []*node
	// versions are the former names of organisations, by who bore them.
	versions map[string][]*node
	// events are what happened, by who ended in it.
	events map[string][]*node
	source string
}

// maxNodes bounds how many organisations and events a register may hold: all of
// TOOI together has a few thousand.
const maxNodes = 200_000

// takeTOOI reads a register of organisations ("rwc_…_compleet"), as JSON-LD or
// RDF/XML. The form is that of published files: rwc_gemeenten_compleet version 4
// and rwc_waterschappen_compleet version 2 as they stand in the repository
// Regionaal-Archief-Rivierenland/mdto.py. That registers of ministries, of zbo's
// and of other bodies have the same form, and what an Uitbreiding is, was read in
// software that takes them in.
func (im *Importer) takeTOOI(in *input) error {
	r := register{versions: map[string][]*node{}, events: map[string][]*node{}, source: "TOOI " + path.Base(in.name)}
	count := 0
	err := readNodes(in, func(n *node) error {
		if count++; count > maxNodes {
			return errors.New("er staan meer knopen in dan alle registers samen hebben")
		}
		im.sort(&r, n)
		return nil
	})
	if err != nil {
		return err
	}
	if len(r.organisations) == 0 {
		return errors.New("er staat geen organisatie in; is dit een register van organisaties (rwc_…_compleet)?")
	}
	for _, n := range r.organisations {
		im.takeOrganisation(r, n)
		delete(r.versions, n.id)
	}
	for _, of := range slices.Sorted(maps.Keys(r.versions)) {
		for _, v := range r.versions[of] {
			im.refuse(v.at, v.id, "de organisatie waarvan dit een historische versie is, staat niet in het bestand")
		}
	}
	return nil
}

const tooiID = "https://identifier.overheid.nl/tooi/id/"

// sort puts a node where it belongs.
func (im *Importer) sort(r *register, n *node) {
	switch {
	case n.wrong != nil:
		im.refuse(n.at, n.id, n.wrong.Error())
	case n.is("HistorischeVersie"):
		of := n.refs[nsProv+"specializationOf"]
		if len(of) != 1 {
			im.refuse(n.at, n.id, "een historische versie noemt niet van welke organisatie zij is")
			return
		}
		r.versions[of[0]] = append(r.versions[of[0]], n)
	case n.text(nsOnt+"tijdstipWijziging") != "":
		im.pass()
		for _, ended := range n.refs[nsProv+"invalidated"] {
			r.events[ended] = append(r.events[ended], n)
		}
	case n.is("Rijk"): // the whole of them
		im.pass()
	case n.text(nsOnt+"organisatiecode") != "":
		r.organisations = append(r.organisations, n)
	case slices.Contains(n.types, "https://identifier.overheid.nl/tooi/def/wl/RegisterwaardelijstCompleet"):
		im.pass()
		parts := strings.Split(n.id, "/")
		if len(parts) > 2 {
			r.source = strings.TrimSpace("TOOI " + strings.Join(parts[len(parts)-2:], " ") + " " + n.text(nsOnt+"publicatiedatum"))
		}
	default:
		im.pass()
	}
}

// takeOrganisation takes up an organisation and its former names.
func (im *Importer) takeOrganisation(r register, n *node) {
	o, err := im.organisationOf(r, n)
	if err == nil && !strings.HasPrefix(o.TOOI, tooiID) {
		err = errors.New("het is geen organisatie met een TOOI-URI")
	}
	if err != nil {
		im.refuse(n.at, n.id, err.Error())
		return
	}
	versions, err := im.versionsOf(r, n, o)
	if err != nil {
		im.refuse(n.at, n.id, err.Error())
		return
	}
	im.putOrganisation(n.at, o)
	for i, v := range versions {
		im.putOrganisation(r.versions[n.id][i].at, v)
	}
}

func (im *Importer) organisationOf(r register, n *node) (o reference.Organisation, err error) {
	kind := im.kindOf(n)
	o = reference.Organisation{TOOI: n.id, Kind: kind, Source: r.source, Abbreviation: n.text(nsOnt + "afkorting")}
	o.Name = nameOf(n, kind)
	if names := n.english[nsRDFS+"label"]; len(names) > 0 {
		o.NameEN = names[0]
	}
	var errBegin, errEnd error
	o.ValidFrom, errBegin = dateOf(n.text(nsOnt + "begindatum"))
	o.ValidUntil, errEnd = im.lastDay(r, n)
	if err := errors.Join(errBegin, errEnd); err != nil {
		return o, err
	}
	if !o.ValidUntil.IsZero() {
		o.Successor = im.successorOf(r, n.id, kind, o.ValidUntil.AddDays(1))
	}
	return o, nil
}

// lastDay is the day before an organisation ceased to be. The registers give a
// last day (einddatum) and the moment after it (invalidatedAtTime); where these
// contradict each other the moment counts, since it is what the decree names.
func (im *Importer) lastDay(r register, n *node) (reference.Date, error) {
	last, err := endOf(n.text(nsOnt + "einddatum"))
	if err != nil {
		return last, err
	}
	moment := n.text(nsProv + "invalidatedAtTime")
	for _, e := range r.events[n.id] {
		moment = cmp.Or(moment, e.text(nsOnt+"tijdstipWijziging"))
	}
	if moment == "" {
		return last, nil
	}
	day, err := dateOf(moment)
	if err != nil {
		return last, err
	}
	if _, clock, _ := strings.Cut(moment, "T"); strings.HasPrefix(clock, "00:00") || clock == "" {
		day = day.AddDays(-1)
	}
	if last.IsZero() || day.Before(last) {
		last = day
	}
	return last, nil
}

// versionsOf are the former names of an organisation, each from the end of the
// one before. They are sorted in the register too.
func (im *Importer) versionsOf(r register, n *node, o reference.Organisation) ([]reference.Organisation, error) {
	all := r.versions[n.id]
	slices.SortStableFunc(all, func(a, b *node) int {
		return strings.Compare(a.text(nsOnt+"einddatumHV"), b.text(nsOnt+"einddatumHV"))
	})
	var out []reference.Organisation
	from := o.ValidFrom
	for i, v := range all {
		until, err := dateOf(v.text(nsOnt + "einddatumHV"))
		if err != nil || until.IsZero() {
			return nil, errors.New("een historische versie heeft geen einddatum")
		}
		// What the register calls the begin may be that of the present name.
		if i == 0 && until.Before(from) {
			from = reference.Date{}
		}
		next := o.TOOI
		if i+1 < len(all) {
			next = all[i+1].id
		}
		out = append(out, reference.Organisation{
			TOOI: v.id, Kind: o.Kind, Name: nameOf(v, o.Kind), Abbreviation: v.text(nsOnt + "afkorting"),
			ValidFrom: from, ValidUntil: until, Successor: next, Source: r.source,
		})
		from = until.AddDays(1)
	}
	return out, nil
}

// successorOf is what went on after an organisation, by the name that it had then;
// empty when the register does not name exactly one of the same kind.
func (im *Importer) successorOf(r register, ended string, kind reference.Kind, day reference.Date) string {
	var next []string
	for _, e := range r.events[ended] {
		to := e.refs[nsProv+"generated"]
		if len(to) == 0 && e.is("Uitbreiding") { // it went up in one that was there
			to = e.refs[nsProv+"used"]
		}
		next = append(next, to...)
	}
	slices.Sort(next)
	if next = slices.Compact(next); len(next) != 1 || next[0] == ended {
		return ""
	}
	i := slices.IndexFunc(r.organisations, func(n *node) bool { return n.id == next[0] })
	if i < 0 || im.kindOf(r.organisations[i]) != kind {
		return ""
	}
	for _, v := range r.versions[next[0]] {
		if until, err := dateOf(v.text(nsOnt + "einddatumHV")); err == nil && !day.After(until) {
			return v.id
		}
	}
	return next[0]
}

// kindOf is the kind that an organisation has here, or else what its class says.
// Agencies, inspectorates, high councils and advisory bodies are one class.
func (im *Importer) kindOf(n *node) reference.Kind {
	if o, ok := im.organisation(n.id); ok {
		return o.Kind
	}
	for class, kind := range map[string]reference.Kind{
		"Ministerie": reference.KindMinistry, "Gemeente": reference.KindMunicipality, "Provincie": reference.KindProvince,
		"Waterschap": reference.KindWaterBoard, "Zbo": reference.KindZBO,
	} {
		if n.is(class) || n.is(strings.ToUpper(class)) {
			return kind
		}
	}
	return reference.KindOther
}

// nameOf is the name as the reference data have it for the kind: of municipalities
// and provinces with the word for it, of others without.
func nameOf(n *node, kind reference.Kind) string {
	without := []string{nsOnt + "officieleNaamExclSoort", nsOnt + "voorkeursnaamExclSoort", nsRDFS + "label"}
	with := []string{nsOnt + "officieleNaamInclSoort", nsOnt + "voorkeursnaamInclSoort", nsRDFS + "label"}
	if kind != reference.KindMunicipality && kind != reference.KindProvince {
		return n.text(without...)
	}
	name := []rune(n.text(with...))
	if len(name) > 0 {
		name[0] = unicode.ToUpper(name[0])
	}
	return string(name)
}
