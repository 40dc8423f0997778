package contacts

import (
	"time"

	"schakel.example/services/reference"
)

// ContactPerson is a department's parliamentary contact person, by function. The
// meaning and bounds of each field stand in schakel.contacts.v1.ContactPerson;
// their form was checked before a ContactPerson is made.
type ContactPerson struct {
	ID         string
	Department string // TOOI URI of a ministry
	Function   string
	Mailbox    string
	ValidFrom  string // YYYY-MM-DD
	ValidUntil string // YYYY-MM-DD, the last day; empty while open
	RecordedAt time.Time
	Revision   int
}

// Check holds the contact person to the reference data, and the days to their
// order.
func (p ContactPerson) Check(c *reference.Checklist) {
	c.Organisation("department", p.Department, reference.KindMinistry)
	if p.ValidUntil != "" && p.ValidUntil < p.ValidFrom {
		c.Add("valid_until", "einde-voor-begin", reference.Text{
			NL: "ligt vóór de eerste dag van de aanwijzing", EN: "lies before the first day of the designation",
		})
	}
}

// Designate gives a checked contact person its identity.
func (p ContactPerson) Designate(id string, now time.Time) ContactPerson {
	p.ID, p.Revision, p.RecordedAt = id, 1, now
	return p
}

// DesignatedOn says whether the day lies within the designation.
func (p ContactPerson) DesignatedOn(day reference.Date) bool {
	d := day.String() // days of one form, which sort as text
	return p.ValidFrom <= d && (p.ValidUntil == "" || d <= p.ValidUntil)
}
