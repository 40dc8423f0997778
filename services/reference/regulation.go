package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Regulation is a national regulation that provisions may point at.
type Regulation struct {
	// BWB is its number in the Basiswettenbestand, such as "BWBR0019057".
	BWB string
	// Kind is the word of the Basiswettenbestand for it, such as "wet".
	Kind string
	// Title is the official citation title.
	Title string
	// TitleEN is what it is called in English; empty where no source gives it.
	TitleEN string
	// Short is how it is commonly cited, such as "Wet WIA"; never empty.
	Short string
	// ValidFrom and ValidUntil are the first and the last day on which it is in
	// force; zero is unknown or open.
	ValidFrom, ValidUntil Date
	// Became is the BWB number of what came in its place, where a source states
	// it.
	Became string
	// Source is where it was read.
	Source string
}

// ValidOn says whether the regulation was in force on the day, as far as known.
func (r Regulation) ValidOn(day Date) bool { return validOn(r.ValidFrom, r.ValidUntil, day) }

// JCI is the reference to the regulation as a whole.
func (r Regulation) JCI() string { return JCI{bwb: r.BWB, form: "c"}.String() }

// Regulation finds a regulation by its BWB number.
func (d *Data) Regulation(bwb string) (Regulation, bool) {
	r, ok := d.regulations[bwb]
	return r, ok
}

// Regulations returns all regulations, ordered by title and number. The slice is
// the caller's.
func (d *Data) Regulations() []Regulation { return slices.Clone(d.regOrder) }

// RegulationOn follows what became of a regulation until something was in force
// on the day. It is false when the line breaks off before that.
func (d *Data) RegulationOn(bwb string, day Date) (Regulation, bool) {
	r, ok := d.regulations[bwb]
	for range maxLine {
		if !ok || r.ValidUntil.IsZero() || !day.After(r.ValidUntil) {
			break
		}
		r, ok = d.regulations[r.Became]
	}
	return r, ok && r.ValidOn(day)
}

// NearestRegulations returns at most n regulations whose number or title
// resembles the text, best first; for "did you mean".
func (d *Data) NearestRegulations(text string, n int) []Regulation {
	var out []Regulation
	for _, hit := range d.nearRegulations().nearest(text, n) {
		out = append(out, d.regOrder[hit])
	}
	return out
}

func (d *Data) loadRegulations(l layers) error {
	d.regulations = map[string]Regulation{}
	err := l.read(regulationTable, func(r *row) error {
		reg := regulationOf(r)
		if err := reg.Check(); err != nil {
			return err
		}
		d.regulations[reg.BWB] = reg
		d.regOrder = append(d.regOrder, reg)
		return nil
	})
	folded := make(map[string]string, len(d.regOrder))
	for _, r := range d.regOrder {
		folded[r.BWB] = Fold(r.Title)
	}
	slices.SortFunc(d.regOrder, func(a, b Regulation) int {
		return cmp.Or(strings.Compare(folded[a.BWB], folded[b.BWB]), strings.Compare(a.BWB, b.BWB))
	})
	// Built on first use: most programs never misspell a regulation.
	d.nearRegulations = sync.OnceValue(func() Index {
		return NewIndex(len(d.regOrder), func(i int) []string {
			r := d.regOrder[i]
			return []string{r.BWB, r.Title, r.Short, r.TitleEN}
		})
	})
	return err
}

func regulationOf(r *row) Regulation {
	f := r.fields
	return Regulation{
		BWB: f[0], Kind: f[1], Title: f[2], TitleEN: f[3], Short: f[4],
		ValidFrom: r.date(5), ValidUntil: r.date(6), Became: f[7], Source: f[8],
	}
}

func (r Regulation) fields() []string {
	return []string{r.BWB, r.Kind, r.Title, r.TitleEN, r.Short, r.ValidFrom.String(), r.ValidUntil.String(), r.Became, r.Source}
}

// Check says what is wrong with the form of a regulation, in Dutch.
func (r Regulation) Check() error {
	switch {
	case !bwbID.MatchString(r.BWB):
		return fmt.Errorf("%q is geen BWB-nummer", r.BWB)
	case !slugForm.MatchString(r.Kind) || r.Title == "" || r.Short == "":
		return fmt.Errorf("%s heeft geen soort, geen citeertitel of geen korte naam", r.BWB)
	case r.Became != "" && !bwbID.MatchString(r.Became):
		return fmt.Errorf("wat %s werd, %q, is geen BWB-nummer", r.BWB, r.Became)
	case endsBeforeItBegins(r.ValidFrom, r.ValidUntil):
		return fmt.Errorf("%s eindigt voordat zij begint", r.BWB)
	}
	return nil
}
