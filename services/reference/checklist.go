package reference

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"schakel.example/services/internal/fault"
)

// Checklist holds what a form names to the reference data as of one day, and
// collects every fault by its path. What is empty passes: whether it may be is
// the form's own rule.
type Checklist struct {
	data   *Data
	today  Date
	faults []fault.Field
	// sandbox says that the form is of a sandbox itself.
	sandbox bool
}

// Checklist begins a list as of the day.
func (d *Data) Checklist(today Date) *Checklist { return &Checklist{data: d, today: today} }

// Faults gives what was found, in the order of checking.
func (c *Checklist) Faults() []fault.Field { return c.faults }

// Add notes a fault that the caller found.
func (c *Checklist) Add(path, reason string, text Text) {
	c.faults = append(c.faults, fault.Field{Path: path, Reason: reason, Text: fault.Text(text)})
}

// Problem notes a fault of parsing; nil is none.
func (c *Checklist) Problem(path string, err error) {
	var p *Problem
	switch {
	case errors.As(err, &p):
		c.Add(path, p.Reason, Text{NL: p.NL, EN: p.EN})
	case err != nil:
		c.Add(path, "ongeldig", Text{NL: "kan niet worden gelezen", EN: "cannot be read"})
	}
}

// Owner checks the organisation that the form is of, which may be a sandbox: then
// the rest of the form may name sandboxes too. It comes before them.
func (c *Checklist) Owner(path, tooi string) {
	c.sandbox = IsSandbox(tooi)
	c.Organisation(path, tooi)
}

// Organisation checks that an organisation exists today and, if kinds are given,
// that it is of one of them. A sandbox is none, unless the Owner is one.
func (c *Checklist) Organisation(path, tooi string, kinds ...Kind) {
	if tooi == "" {
		return
	}
	o, ok := c.data.Organisation(tooi)
	switch {
	case !ok:
		c.Add(path, "onbekende-organisatie", c.resembling(Text{
			NL: "is geen organisatie uit de referentiegegevens " + Version,
			EN: "is not an organisation of the reference data " + Version,
		}, organisationNames(c.data.NearestOrganisations(tooi, 3))))
	case o.Sandbox() && !c.sandbox:
		c.Add(path, "proefomgeving", Text{
			NL: "is een proefomgeving; die kan alleen worden genoemd in wat zelf van een proefomgeving is",
			EN: "is a sandbox, which can be named only in what is of a sandbox itself",
		})
	case !o.ValidOn(c.today):
		text := Text{NL: "deze organisatie bestaat niet meer of nog niet", EN: "this organisation no longer exists, or not yet"}
		if next, ok := c.data.OrganisationOn(tooi, c.today); ok {
			text.NL += "; zij is opgevolgd door " + next.Title() + " (" + next.TOOI + ")"
			text.EN += "; it was succeeded by " + next.Title() + " (" + next.TOOI + ")"
		}
		c.Add(path, "vervallen-organisatie", text)
	case len(kinds) > 0 && !slices.Contains(kinds, o.Kind):
		c.Add(path, "verkeerde-soort-organisatie", Text{
			NL: "moet een organisatie zijn van de soort " + kindNames(kinds),
			EN: "must be an organisation of the kind " + kindNames(kinds),
		})
	}
}

// Organisations checks each of a list.
func (c *Checklist) Organisations(path string, toois []string) {
	for i, tooi := range toois {
		c.Organisation(fmt.Sprintf("%s[%d]", path, i), tooi)
	}
}

// Term checks that a term stands in the vocabulary and may be used today.
func (c *Checklist) Term(path, vocabulary, slug string) {
	if slug == "" {
		return
	}
	t, ok := c.data.Term(vocabulary, slug)
	switch {
	case !ok:
		c.Add(path, "onbekend-begrip", c.choices(vocabulary, slug))
	case !t.ValidOn(c.today):
		c.Add(path, "vervallen-begrip", Text{
			NL: "is geen geldig begrip meer van de lijst " + vocabulary,
			EN: "is no longer a term of the vocabulary " + vocabulary,
		})
	}
}

// Terms checks each of a list.
func (c *Checklist) Terms(path, vocabulary string, slugs []string) {
	for i, slug := range slugs {
		c.Term(fmt.Sprintf("%s[%d]", path, i), vocabulary, slug)
	}
}

// Provisions checks that each provision points at something known. The zero
// Provision, which could not be read, passes: reading it gave the fault.
func (c *Checklist) Provisions(path string, all []Provision) {
	for i, p := range all {
		if p != (Provision{}) {
			c.Problem(fmt.Sprintf("%s[%d].%s", path, i, p.Kind()), c.data.CheckProvision(p))
		}
	}
}

// Past checks that a date, in the form YYYY-MM-DD, is not after today. What is
// no date passes: the form's own rule says so.
func (c *Checklist) Past(path, date string) {
	if day, err := ParseDate(date); err == nil && day.After(c.today) {
		c.Add(path, "datum-in-toekomst", Text{NL: "ligt in de toekomst", EN: "lies in the future"})
	}
}

// Ahead checks that a date, in the form YYYY-MM-DD, can end a term that begins
// today: it is after today, and not too far. What is no date passes, as for Past.
func (c *Checklist) Ahead(path, date string) {
	day, err := ParseDate(date)
	switch {
	case err != nil:
	case !day.After(c.today):
		c.Add(path, "datum-voorbij", Text{NL: "ligt niet na vandaag", EN: "is not after today"})
	default:
		_, err := c.data.Deadline(c.today, Period{Length: c.today.DaysUntil(day), Unit: Days, Basis: BasisAgreed})
		c.Problem(path, err)
	}
}

// few is how many terms may be listed for a caller to choose from.
const few = 20

// choices says that a slug is no term, and which there are: all of a few, of
// more those that it resembles.
func (c *Checklist) choices(vocabulary, slug string) Text {
	text := Text{NL: "is geen begrip van de lijst " + vocabulary, EN: "is not a term of the vocabulary " + vocabulary}
	if all := c.data.Terms(vocabulary); len(all) <= few {
		names := strings.Join(termNames(all), ", ")
		return Text{NL: text.NL + "; kies uit: " + names, EN: text.EN + "; choose from: " + names}
	}
	return c.resembling(text, termNames(c.data.NearestTerms(vocabulary, slug, 3)))
}

// resembling adds what the caller may have meant.
func (c *Checklist) resembling(text Text, near []string) Text {
	if len(near) > 0 {
		text.NL += "; lijkt op: " + strings.Join(near, ", ")
		text.EN += "; resembles: " + strings.Join(near, ", ")
	}
	return text
}

func organisationNames(all []Organisation) (names []string) {
	for _, o := range all {
		names = append(names, o.TOOI+" ("+o.Title()+")")
	}
	return names
}

func termNames(all []Term) (names []string) {
	for _, t := range all {
		names = append(names, t.Slug)
	}
	return names
}

func kindNames(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}
