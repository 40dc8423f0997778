package reference

import (
	"errors"
	"regexp"
	"strings"
)

// CheckProvision says whether the provision points at something known that holds
// on the day, or held on the day as of which it is cited. A national regulation
// must be in the table, and a place in it a number; of the other kinds only the
// form can be checked, which parsing did. An error is a *Problem and suggests what resembles it.
func (d *Data) CheckProvision(p Provision, day Date) error {
	if p.kind == "" {
		return &Problem{Reason: "regeling-leeg", NL: "Er is geen regeling opgegeven.", EN: "no provision given"}
	}
	if p.kind != ProvisionJCI {
		return nil
	}
	if p.misnumbered {
		return misnumbered()
	}
	r, known := d.regulations[p.bwb]
	if !known {
		return suggest(&Problem{
			Reason: "regeling-onbekend",
			NL:     "De regeling " + p.bwb + " staat niet in de referentiegegevens " + d.version + ".",
			EN:     "the regulation " + p.bwb + " is not in the reference data " + d.version,
		}, d.nearestInForce(p.bwb, day))
	}
	if r.ValidOn(day) || !p.asOf.IsZero() && r.ValidOn(p.asOf) {
		return nil
	}
	problem := &Problem{
		Reason: "regeling-vervallen",
		NL:     r.Short + " (" + r.BWB + ") geldt niet meer of nog niet. Gaat het om de tekst van toen, noem dan z en g.",
		EN:     r.Short + " (" + r.BWB + ") is no longer in force, or not yet; give z and g if the text of then is meant",
	}
	if next, ok := d.RegulationOn(r.BWB, day); ok {
		problem.NL += " Zij is opgevolgd door " + regulationNames([]Regulation{next})[0] + "."
		problem.EN += "; it was succeeded by " + regulationNames([]Regulation{next})[0]
		return problem
	}
	return suggest(problem, d.nearestInForce(r.Title, day))
}

// explainProvision adds to the problem of a text that could not be read what may
// have been meant: people write the name of a law where its reference is asked.
func (d *Data) explainProvision(kind ProvisionKind, text string, day Date, err error) error {
	var p *Problem
	if kind != ProvisionJCI || !errors.As(err, &p) || len(text) > maxProvision {
		return err
	}
	copied := *p
	if id := bwbWithin.FindString(strings.ToUpper(text)); id != "" {
		if r, ok := d.regulations[id]; ok && r.ValidOn(day) {
			return suggest(&copied, []Regulation{r})
		}
		return suggest(&copied, d.nearestInForce(id, day))
	}
	return suggest(&copied, d.nearestInForce(place.ReplaceAllString(strings.ToLower(text), " "), day))
}

var (
	bwbWithin = regexp.MustCompile(`BWB[RVW]\d{7}`)
	// place is what people write before the name of a law.
	place = regexp.MustCompile(`\b(artikel|art|lid|onder|hoofdstuk|afdeling|paragraaf|van|de|het)\b\.?( [0-9]+[a-z]*(:[0-9]+[a-z]*)?)?`)
)

// nearestInForce returns at most three regulations in force on the day whose
// number or title resembles the text.
func (d *Data) nearestInForce(text string, day Date) []Regulation {
	return firstFew(d.NearestRegulations(text, many), func(r Regulation) bool { return r.ValidOn(day) })
}

func suggest(p *Problem, near []Regulation) error {
	if len(near) > 0 {
		names := strings.Join(regulationNames(near), ", ")
		p.NL += " Lijkt op: " + names + "."
		p.EN += "; resembles: " + names
	}
	return p
}

func regulationNames(all []Regulation) (names []string) {
	for _, r := range all {
		names = append(names, r.JCI()+" ("+r.Short+")")
	}
	return names
}
