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
			NL: "is geen organisatie uit de referentiegegevens " + c.data.version,
			EN: "is not an organisation of the reference data " + c.data.version,
		}, c.nearOrganisations(tooi)))
	case o.Sandbox() && !c.sandbox:
		c.Add(path, "proefomgeving", Text{
			NL: "is een proefomgeving; die kan alleen worden genoemd in wat zelf van een proefomgeving is",
			EN: "is a sandbox, which can be named only in what is of a sandbox itself",
		})
	case !o.ValidOn(c.today):
		c.Add(path, "vervallen-organisatie", c.succeeded(o))
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
		text := Text{
			NL: "is geen geldig begrip meer van de lijst " + vocabulary + ", of nog niet",
			EN: "is no longer a term of the vocabulary " + vocabulary + ", or not yet",
		}
		c.Add(path, "vervallen-begrip", c.offer(text, vocabulary, t.Label.NL))
	}
}

// Terms checks each of a list.
func (c *Checklist) Terms(path, vocabulary string, slugs []string) {
	for i, slug := range slugs {
		if t, ok := c.data.Term(vocabulary, slug); !ok || !t.ValidOn(c.today) { // else the path is not needed
			c.Term(fmt.Sprintf("%s[%d]", path, i), vocabulary, slug)
		}
	}
}

// Provisions checks that each provision points at something known. The zero
// Provision, which could not be read, passes: reading it gave the fault.
func (c *Checklist) Provisions(path string, all []Provision) {
	for i, p := range all {
		if p == (Provision{}) {
			continue
		}
		if err := c.data.CheckProvision(p, c.today); err != nil {
			c.Problem(fmt.Sprintf("%s[%d].%s", path, i, p.Kind()), err)
		}
	}
}

// Unread notes that the text of a provision could not be read, with what may have
// been meant.
func (c *Checklist) Unread(path string, kind ProvisionKind, text string, err error) {
	c.Problem(path, c.data.explainProvision(kind, text, c.today, err))
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

// few is how many terms may be listed for a caller to choose from; many is how
// many that resemble are looked at for some that may be used.
const (
	few  = 20
	many = 50
)

// choices says that a slug is no term, and which there are.
func (c *Checklist) choices(vocabulary, slug string) Text {
	return c.offer(Text{
		NL: "is geen begrip van de lijst " + vocabulary,
		EN: "is not a term of the vocabulary " + vocabulary,
	}, vocabulary, slug)
}

// offer adds the terms that may be used today: all of a few, of more those that
// the text resembles.
func (c *Checklist) offer(text Text, vocabulary, like string) Text {
	valid := func(t Term) bool { return t.ValidOn(c.today) }
	all := slices.DeleteFunc(c.data.Terms(vocabulary), func(t Term) bool { return !valid(t) })
	if len(all) > few {
		return c.resembling(text, termNames(firstFew(c.data.NearestTerms(vocabulary, like, many), valid)))
	}
	if len(all) == 0 {
		return text
	}
	names := strings.Join(termNames(all), ", ")
	text.NL += "; kies uit: " + names
	text.EN += "; choose from: " + names
	return text
}

// succeeded says that an organisation is not there today, and which is in its
// place, or resembles it.
func (c *Checklist) succeeded(o Organisation) Text {
	text := Text{NL: "deze organisatie bestaat niet meer of nog niet", EN: "this organisation no longer exists, or not yet"}
	next, ok := c.data.OrganisationOn(o.TOOI, c.today)
	if !ok {
		return c.resembling(text, c.nearOrganisations(o.Name))
	}
	text.NL += "; zij is opgevolgd door " + next.Title() + " (" + next.TOOI + ")"
	text.EN += "; it was succeeded by " + next.Title() + " (" + next.TOOI + ")"
	return text
}

// nearOrganisations names those that may be named today and resemble the text.
func (c *Checklist) nearOrganisations(text string) []string {
	return organisationNames(firstFew(c.data.NearestOrganisations(text, many), func(o Organisation) bool {
		return o.ValidOn(c.today) && (c.sandbox || !o.Sandbox())
	}))
}

// resembling adds suggestions to a text.
func (c *Checklist) resembling(text Text, near []string) Text {
	if len(near) > 0 {
		text.NL += "; lijkt op: " + strings.Join(near, ", ")
		text.EN += "; resembles: " + strings.Join(near, ", ")
	}
	return text
}

// firstFew returns the first three that hold.
func firstFew[T any](all []T, holds func(T) bool) []T {
	all = slices.DeleteFunc(all, func(one T) bool { return !holds(one) })
	return all[:min(len(all), 3)]
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
