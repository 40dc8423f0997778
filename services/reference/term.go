package reference

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// The vocabularies. They are open: a new year may add terms or end them, and
// needs no new API.
const (
	Categories   = "categorieen"      // what kind of bottleneck
	PublicValues = "publieke-waarden" // which public value is hurt
	Principles   = "beginselen"       // which principle of good governance is hurt
	Levels       = "niveaus"          // at which level it can be solved
	TargetGroups = "doelgroepen"      // who is affected
	Instruments  = "instrumenten"     // with what it can be solved
	Assessments  = "toetsen"          // kinds of assessment of a rule
	ContactForms = "contactvormen"    // forms of contact with Parliament
	PolicyStages = "beleidsfasen"     // where in the policy cycle
)

// Term is a term of a vocabulary.
type Term struct {
	// Vocabulary and Slug together are the key.
	Vocabulary, Slug string
	// Broader is the slug of the term above it; empty at the top.
	Broader string
	Label   Text
	// Definition says in a sentence what falls under it.
	Definition Text
	// ValidFrom and ValidUntil are the first and the last day of use; zero is
	// open.
	ValidFrom, ValidUntil Date
	// Source is where the term comes from.
	Source string
}

// ValidOn says whether the term may be used for something of that day.
func (t Term) ValidOn(day Date) bool { return validOn(t.ValidFrom, t.ValidUntil, day) }

// Term finds a term by vocabulary and slug.
func (d *Data) Term(vocabulary, slug string) (Term, bool) {
	for _, t := range d.terms[vocabulary] {
		if t.Slug == slug {
			return t, true
		}
	}
	return Term{}, false
}

// Terms returns a vocabulary in its own order, ended terms included; nil when
// there is no such vocabulary. The slice is the caller's.
func (d *Data) Terms(vocabulary string) []Term { return slices.Clone(d.terms[vocabulary]) }

// Vocabularies returns the names of the vocabularies, sorted.
func (d *Data) Vocabularies() []string { return slices.Sorted(maps.Keys(d.terms)) }

// NearestTerms returns at most n terms of the vocabulary whose slug or label
// resembles the text, best first; for "did you mean".
func (d *Data) NearestTerms(vocabulary, text string, n int) []Term {
	terms := d.terms[vocabulary]
	near := NewIndex(len(terms), func(i int) []string {
		return []string{terms[i].Slug, terms[i].Label.NL, terms[i].Label.EN}
	})
	var out []Term
	for _, hit := range near.nearest(text, n) {
		out = append(out, terms[hit])
	}
	return out
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (d *Data) loadTerms(l layers) error {
	d.terms = map[string][]Term{}
	return l.read(termTable, func(r *row) error {
		f := r.fields
		t := Term{
			Vocabulary: f[0], Slug: f[1], Broader: f[2],
			Label: Text{NL: f[3], EN: f[4]}, Definition: Text{NL: f[5], EN: f[6]},
			ValidFrom: r.date(7), ValidUntil: r.date(8), Source: f[9],
		}
		if !slugForm.MatchString(t.Vocabulary) || !slugForm.MatchString(t.Slug) || t.Label.NL == "" {
			return fmt.Errorf("%s/%s is geen begrip: lijst en slug zijn kleine letters, cijfers en streepjes, en het heeft een naam", t.Vocabulary, t.Slug)
		}
		d.terms[t.Vocabulary] = append(d.terms[t.Vocabulary], t)
		return nil
	})
}
