package reference

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// KindDossier is the kind of a dossier where it stands among regulations.
const KindDossier = "kamerstukdossier"

// Dossier is a dossier of the Tweede Kamer: what is said about one bill, or about
// one subject.
type Dossier struct {
	// Number is its number, with its part when it has one, such as "36617",
	// "36600-XV" or "21501-20".
	Number string
	// Title says what it is about, without the names of who proposed it.
	Title string
	// Closed says that the Tweede Kamer has closed it.
	Closed bool
	// Became is the BWB number of the regulation that the bill became, where a
	// source states it.
	Became string
	// Source is where it was read.
	Source string
}

// Dossier finds a dossier by its number with its part, also in the form of a
// Kamerstuk, such as "36617" or "kst-36617".
func (d *Data) Dossier(number string) (Dossier, bool) {
	found, ok := d.dossiers[strings.TrimPrefix(strings.ToUpper(number), strings.ToUpper(kamerstukPrefix))]
	return found, ok
}

// Dossiers returns all dossiers that are known, by number; far from all there
// are. The slice is the caller's.
func (d *Data) Dossiers() []Dossier { return slices.Clone(d.dossierOrder) }

// Unlike in a Kamerstuk, two digits after a dossier are its part: series of
// dossiers, such as those of the councils of the Union, are numbered so.
var dossierForm = regexp.MustCompile(`^[1-9]\d{3,4}(?:-(?:\d{2}|` + kamerstukPart + `))?$`)

func (d *Data) loadDossiers(l layers) error {
	d.dossiers = map[string]Dossier{}
	err := l.read(dossierTable, func(r *row) error {
		one := dossierOf(r)
		if err := one.Check(); err != nil {
			return err
		}
		d.dossiers[one.Number] = one
		d.dossierOrder = append(d.dossierOrder, one)
		return nil
	})
	slices.SortFunc(d.dossierOrder, func(a, b Dossier) int { return strings.Compare(a.Number, b.Number) })
	return err
}

func dossierOf(r *row) Dossier {
	f := r.fields
	if f[2] != "" && f[2] != "ja" {
		r.err = fmt.Errorf("afgesloten is ja of leeg, niet %q", f[2])
	}
	return Dossier{Number: f[0], Title: f[1], Closed: f[2] == "ja", Became: f[3], Source: f[4]}
}

func (d Dossier) fields() []string {
	closed := ""
	if d.Closed {
		closed = "ja"
	}
	return []string{d.Number, d.Title, closed, d.Became, d.Source}
}

// Check says what is wrong with the form of a dossier, in Dutch.
func (d Dossier) Check() error {
	switch {
	case !dossierForm.MatchString(d.Number):
		return fmt.Errorf("%q is geen nummer van een dossier", d.Number)
	case d.Title == "":
		return fmt.Errorf("dossier %s heeft geen titel", d.Number)
	case d.Became != "" && !bwbID.MatchString(d.Became):
		return fmt.Errorf("wat dossier %s werd, %q, is geen BWB-nummer", d.Number, d.Became)
	}
	return nil
}
