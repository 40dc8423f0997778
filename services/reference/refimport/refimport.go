// Package refimport makes tables of an installation's own out of the public files
// on organisations (TOOI), regulations (Basiswettenbestand) and dossiers (Tweede
// Kamer), in the form of the embedded reference data.
//
// Invariants:
//   - Nothing is removed. What a file says has ended gets its last day; of what a
//     file does not name nothing changes.
//   - A file fills in what it states. What it leaves open stays as it was: kinds,
//     OINs and responsible ministries are in no file, and are kept.
//   - A file is taken in as a whole or not at all; of a file that can be read, a
//     record that is not right is refused alone, and reported with its place.
//   - Files are read as a stream. One record is bounded, and so is its depth; XML
//     with a document type is refused, so that no entity is ever looked up.
//   - The same file once more changes nothing.
//
// The forms are those of files that are public; where one is known only from what
// other software reads in it, its function says so. It must not fetch anything,
// nor write files: it is given readers and gives tables.
package refimport

import (
	"cmp"
	"io"
	"io/fs"
	"maps"
	"slices"

	"schakel.example/services/reference"
)

// Importer takes in files one after another, over what the program and the
// installation hold already.
type Importer struct {
	data *reference.Data // as it was before
	own  reference.Own
	// organisations, regulations and dossiers are as they now are, as far as a file
	// named them.
	organisations map[string]reference.Organisation
	regulations   map[string]reference.Regulation
	dossiers      map[string]reference.Dossier
	report        Report
}

// New starts from the tables of an installation; none, or a folder that is empty,
// is a start too. The error is for people, in Dutch.
func New(own fs.FS) (*Importer, error) {
	data, err := reference.LoadOver(own)
	if err != nil {
		return nil, err
	}
	held, err := reference.ReadOwn(own)
	if err != nil {
		return nil, err
	}
	return &Importer{
		data: data, own: held,
		organisations: map[string]reference.Organisation{},
		regulations:   map[string]reference.Regulation{},
		dossiers:      map[string]reference.Dossier{},
		report:        Report{Counts: map[Outcome]int{}},
	}, nil
}

// Take reads one file of a source: "tooi", "bwb" or "kamer". The error is for
// people, in Dutch, and names the file and the line; then nothing of the file was
// taken in.
func (im *Importer) Take(source, name string, from io.Reader) error {
	in := newInput(name, from)
	before := im.Clone()
	take := map[string]func(*input) error{"tooi": im.takeTOOI, "bwb": im.takeBWB, "kamer": im.takeKamer}[source]
	if err := take(in); err != nil {
		*im = *before
		return in.explain(err)
	}
	return nil
}

// Report tells what the files changed.
func (im *Importer) Report() Report { return im.report }

// Files gives the tables as files by name: those the installation held, with what
// changed.
func (im *Importer) Files() (map[string][]byte, error) {
	out := reference.Own{
		Organisations: maps.Clone(im.own.Organisations),
		Regulations:   maps.Clone(im.own.Regulations),
		Dossiers:      maps.Clone(im.own.Dossiers),
	}
	maps.Copy(out.Organisations, im.organisations)
	maps.Copy(out.Regulations, im.regulations)
	maps.Copy(out.Dossiers, im.dossiers)
	return out.Files()
}

// Clone is an importer that goes on from here by itself.
func (im *Importer) Clone() *Importer {
	c := *im
	c.organisations, c.regulations, c.dossiers = maps.Clone(im.organisations), maps.Clone(im.regulations), maps.Clone(im.dossiers)
	c.report.Counts = maps.Clone(im.report.Counts)
	c.report.Changes, c.report.Notes = slices.Clip(c.report.Changes), slices.Clip(c.report.Notes)
	return &c
}

// organisation is one as it now is.
func (im *Importer) organisation(tooi string) (reference.Organisation, bool) {
	if o, ok := im.organisations[tooi]; ok {
		return o, true
	}
	return im.data.Organisation(tooi)
}

func (im *Importer) regulation(bwb string) (reference.Regulation, bool) {
	if r, ok := im.regulations[bwb]; ok {
		return r, true
	}
	return im.data.Regulation(bwb)
}

func (im *Importer) dossier(number string) (reference.Dossier, bool) {
	if d, ok := im.dossiers[number]; ok {
		return d, true
	}
	return im.data.Dossier(number)
}

// putOrganisation takes up what a file says of an organisation.
func (im *Importer) putOrganisation(at place, said reference.Organisation) {
	was, known := im.organisation(said.TOOI)
	now := said
	if known {
		now = was
		now.Name = cmp.Or(said.Name, was.Name)
		now.NameEN = cmp.Or(said.NameEN, was.NameEN)
		now.Abbreviation = cmp.Or(said.Abbreviation, was.Abbreviation)
		now.ValidFrom = cmp.Or(said.ValidFrom, was.ValidFrom)
		now.ValidUntil = cmp.Or(said.ValidUntil, was.ValidUntil)
		now.Successor = cmp.Or(said.Successor, was.Successor)
	}
	ended := known && was.ValidUntil != now.ValidUntil
	if im.note(at, said.TOOI, now.Title(), known, ended, now.Check(), differences(
		diff{"naam", was.Name, now.Name}, diff{"naam_en", was.NameEN, now.NameEN}, diff{"afkorting", was.Abbreviation, now.Abbreviation},
		diff{"geldig_van", was.ValidFrom.String(), now.ValidFrom.String()}, diff{"geldig_tot", was.ValidUntil.String(), now.ValidUntil.String()},
		diff{"opvolger", was.Successor, now.Successor},
	)) {
		now.Source = withSource(was.Source, said.Source)
		im.organisations[said.TOOI] = now
	}
}

// putRegulation takes up what a file says of a regulation. A short name that
// people chose stays; one that is only the title follows it.
func (im *Importer) putRegulation(at place, said reference.Regulation) {
	was, known := im.regulation(said.BWB)
	now := said
	if known {
		now = was
		now.Kind = cmp.Or(said.Kind, was.Kind)
		now.Title = cmp.Or(said.Title, was.Title)
		if was.Short == was.Title {
			now.Short = cmp.Or(said.Short, now.Title)
		}
		now.ValidFrom = cmp.Or(said.ValidFrom, was.ValidFrom)
		now.ValidUntil = cmp.Or(said.ValidUntil, was.ValidUntil)
	}
	now.Short = cmp.Or(now.Short, now.Title)
	ended := known && was.ValidUntil != now.ValidUntil
	if im.note(at, said.BWB, now.Short, known, ended, now.Check(), differences(
		diff{"soort", was.Kind, now.Kind}, diff{"citeertitel", was.Title, now.Title}, diff{"kort", was.Short, now.Short},
		diff{"geldig_van", was.ValidFrom.String(), now.ValidFrom.String()}, diff{"geldig_tot", was.ValidUntil.String(), now.ValidUntil.String()},
	)) {
		now.Source = withSource(was.Source, said.Source)
		im.regulations[said.BWB] = now
	}
}

// putDossier takes up what a file says of a dossier.
func (im *Importer) putDossier(at place, said reference.Dossier) {
	was, known := im.dossier(said.Number)
	now := said
	if known {
		now = was
		now.Title = cmp.Or(said.Title, was.Title)
		now.Closed = said.Closed || was.Closed
		now.Became = cmp.Or(said.Became, was.Became)
	}
	ended := known && was.Closed != now.Closed
	if im.note(at, said.Number, now.Title, known, ended, now.Check(), differences(
		diff{"titel", was.Title, now.Title}, diff{"afgesloten", yes(was.Closed), yes(now.Closed)}, diff{"werd", was.Became, now.Became},
	)) {
		now.Source = withSource(was.Source, said.Source)
		im.dossiers[said.Number] = now
	}
}
