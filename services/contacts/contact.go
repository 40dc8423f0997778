package contacts

import (
	"fmt"
	"slices"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/reference"
)

// Contact is one contact between officials and members of Parliament. The
// meaning and bounds of each field stand in schakel.contacts.v1.Contact; their
// form was checked before a Contact is made.
type Contact struct {
	ID                string
	Department        string // TOOI URI of a ministry
	ExternalReference string
	ContactPerson     string // id
	Officials         []reference.Office
	Members           []Member
	Subject           string
	Form              string // term of contactvormen
	Initiative        Initiative
	RequestedAt       time.Time // as stated
	Consent           Consent
	HeldAt            time.Time // as stated
	Regime            string    // code of a Regime
	Proof             Proof
	RecordedAt        time.Time
	LeadDays          int // working days between request and decision
	Revision          int
}

// Member is a member of Parliament, by official id.
type Member struct {
	Chamber Chamber
	ID      string
}

// Consent is the decision of the minister or state secretary.
type Consent struct {
	DecidedBy reference.Office
	DecidedAt time.Time // as stated
	Reference string
}

// The enumerations have the numbers of schakel.contacts.v1 and
// schakel.reference.v1.
type (
	// Chamber is one of the two Chambers.
	Chamber int
	// Initiative is who asked for a contact.
	Initiative int
	// Proof is how well it is shown that consent came first.
	Proof int
)

// The degrees of proof.
const (
	Proven Proof = iota + 1
	Declared
	Deviation
)

// Check holds the contact to the reference data, the regimes and the clock, and
// gives every fault. What a contact names must have existed on the day it is
// named for: officials and form when the contact was held, the minister when it
// was decided. So a contact that is recorded late is not refused for what ended
// meanwhile.
func (c Contact) Check(data *reference.Data, now time.Time) []fault.Field {
	today := data.Checklist(reference.DutchDate(now))
	today.Organisation("department", c.Department, reference.KindMinistry)
	for _, step := range []struct {
		path   string
		at     time.Time
		future bool // whether it may lie in the future
	}{
		{"requested_at", c.RequestedAt, false},
		{"consent.decided_at", c.Consent.DecidedAt, false},
		{"held_at", c.HeldAt, true},
	} {
		switch {
		// Also what is missing, which the form's own rule says better.
		case len(data.Holidays(reference.DutchDate(step.at).Year())) == 0:
			today.Add(step.path, "buiten-kalender", reference.Text{
				NL: "ligt buiten de jaren waarvoor werkdagen bekend zijn (2011 tot en met 2099)",
				EN: "lies outside the years of which the working days are known (2011 to 2099)",
			})
		case !step.future && step.at.After(now):
			today.Add(step.path, "tijdstip-in-toekomst", reference.Text{NL: "ligt in de toekomst", EN: "lies in the future"})
		}
	}
	held := data.Checklist(dayOf(c.HeldAt, now))
	c.checkOfficials(data, dayOf(c.HeldAt, now), held)
	held.Term("form", reference.ContactForms, c.Form)
	decided := data.Checklist(dayOf(c.Consent.DecidedAt, now))
	decided.Organisation("consent.decided_by.organisation", c.Consent.DecidedBy.Organisation, reference.KindMinistry)
	return slices.Concat(today.Faults(), held.Faults(), decided.Faults())
}

// checkOfficials checks that the organisations of the officials exist, and that
// for each of them consent is needed.
func (c Contact) checkOfficials(data *reference.Data, day reference.Date, list *reference.Checklist) {
	for i, official := range c.Officials {
		path := fmt.Sprintf("officials[%d].organisation", i)
		list.Organisation(path, official.Organisation)
		o, ok := data.Organisation(official.Organisation)
		if !ok || !o.ValidOn(day) {
			continue // said by the line above
		}
		if regime, _ := Known().On(o, day); !regime.Consent {
			list.Add(path, "geen-toestemming-nodig", reference.Text{
				NL: "valt buiten de Aanwijzingen externe contacten: voor dit contact is geen toestemming van een bewindspersoon nodig. " +
					"Een contact zonder toestemming kan nu nog niet worden vastgelegd",
				EN: "is outside the instructions on external contacts: this contact needs no consent of a minister. " +
					"A contact without consent cannot be logged yet",
			})
		}
	}
}

// CheckContactPerson says what is wrong with the contact person who is named;
// known is false when there is none of that id. They must be the department's
// own, and designated on the day of the decision: that is the step they handle,
// for they ask the minister for consent.
func (c Contact) CheckContactPerson(p ContactPerson, known bool) []fault.Field {
	const path = "contact_person"
	switch {
	case c.ContactPerson == "":
		return nil // the form's own rule
	case !known || p.Department != c.Department:
		return []fault.Field{{Path: path, Reason: "onbekende-contactpersoon", Text: fault.Text{
			NL: "is geen contactpersoon van dit departement", EN: "is not a contact person of this department",
		}}}
	case !c.Consent.DecidedAt.IsZero() && !p.DesignatedOn(reference.DutchDate(c.Consent.DecidedAt)):
		return []fault.Field{{Path: path, Reason: "niet-aangewezen", Text: fault.Text{
			NL: "was niet aangewezen op de dag waarop over het contact is beslist",
			EN: "was not designated on the day on which the contact was decided",
		}}}
	}
	return nil
}

// Log gives a checked contact its identity, and what follows from it: regime,
// degree of proof, lead time.
func (c Contact) Log(data *reference.Data, id string, now time.Time) Contact {
	c.ID, c.Revision, c.RecordedAt = id, 1, now
	if len(c.Officials) > 0 { // each stands under a regime that asks for consent
		o, _ := data.Organisation(c.Officials[0].Organisation)
		regime, _ := Known().On(o, dayOf(c.HeldAt, now))
		c.Regime = regime.Code
	}
	c.Proof = c.proof()
	c.LeadDays = workingDays(data, reference.DutchDate(c.RequestedAt), reference.DutchDate(c.Consent.DecidedAt))
	return c
}

// proof is how well the order of request, consent and contact is shown. Equal
// times are in order. What was recorded before the contact proves itself; what
// is recorded late is declared.
func (c Contact) proof() Proof {
	switch decided := c.Consent.DecidedAt; {
	case decided.Before(c.RequestedAt) || c.HeldAt.Before(decided):
		return Deviation
	case c.RecordedAt.Before(c.HeldAt):
		return Proven
	}
	return Declared
}

// workingDays counts the working days after from, up to and including until;
// none when until is before from.
func workingDays(data *reference.Data, from, until reference.Date) (n int) {
	for day := from.AddDays(1); !day.After(until); day = day.AddDays(1) {
		if data.IsWorkingDay(day) {
			n++
		}
	}
	return n
}

// dayOf is the day in the Netherlands at a time; today's when none is stated.
func dayOf(at, now time.Time) reference.Date {
	if at.IsZero() {
		at = now
	}
	return reference.DutchDate(at)
}
