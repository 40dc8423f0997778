package reference

import (
	"fmt"
	"slices"
)

// Regulation is a national regulation that provisions may point at.
type Regulation struct {
	// BWB is its number in the Basiswettenbestand, such as "BWBR0019057".
	BWB string
	// Kind is "wet" or "regeling".
	Kind string
	// Title is the official citation title.
	Title string
	// Short is how it is commonly cited, such as "Wet WIA"; never empty.
	Short string
	// Source is where the number was read.
	Source string
}

// Regulation finds a regulation by its BWB number.
func (d *Data) Regulation(bwb string) (Regulation, bool) {
	r, ok := d.regulations[bwb]
	return r, ok
}

// Regulations returns all regulations, ordered by title. The slice is the
// caller's.
func (d *Data) Regulations() []Regulation { return slices.Clone(d.regOrder) }

// NearestRegulations returns at most n regulations whose number or title
// resembles the text, best first; for "did you mean".
func (d *Data) NearestRegulations(text string, n int) []Regulation {
	near := newIndex(len(d.regOrder), func(i int) []string {
		r := d.regOrder[i]
		return []string{r.BWB, r.Title, r.Short}
	})
	var out []Regulation
	for _, hit := range near.nearest(text, n) {
		out = append(out, d.regOrder[hit])
	}
	return out
}

func (d *Data) loadRegulations() error {
	d.regulations = map[string]Regulation{}
	return table("regelingen.tsv", "bwb soort citeertitel kort bron", func(r *row) error {
		f := r.fields
		reg := Regulation{BWB: f[0], Kind: f[1], Title: f[2], Short: f[3], Source: f[4]}
		if _, double := d.regulations[reg.BWB]; double || !bwbID.MatchString(reg.BWB) {
			return fmt.Errorf("%s stands here twice, or is no BWB number", reg.BWB)
		}
		d.regulations[reg.BWB] = reg
		d.regOrder = append(d.regOrder, reg)
		return nil
	})
}
