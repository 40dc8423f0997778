package letters

import (
	"time"

	"schakel.example/services/reference"
)

// Response is a department's answer to one bottleneck. The meaning and bounds
// of each field stand in schakel.letters.v1.Response; their form was checked
// before a Response is made.
type Response struct {
	ID                string
	ExternalReference string
	Choice            Choice
	Instrument        string // term of instrumenten; when adopted, wholly or partly
	Ground            Ground // when not now
	Motive            string
	Owner             reference.Office
	Due               string // YYYY-MM-DD
	AnsweredAt        time.Time
	Department        string // TOOI URI
}

// repeats says whether the response that is held is the same as r, which
// Schakel has not added anything to yet.
func (held Response) repeats(r Response) bool {
	r.ID, r.AnsweredAt, r.Department = held.ID, held.AnsweredAt, held.Department
	return held == r
}

// The enumerations have the numbers of schakel.letters.v1.
type (
	// Choice is what a department does with a bottleneck.
	Choice int
	// Ground is why an acknowledged bottleneck waits.
	Ground int
)

// The choices.
const (
	Adopted Choice = iota + 1
	PartlyAdopted
	Exploring
	NotNow
	Rejected
)

// Check holds the response to the reference data, and its owner to the
// department that answers.
func (r Response) Check(c *reference.Checklist, department string) {
	c.Term("instrument", reference.Instruments, r.Instrument)
	c.Ahead("due", r.Due)
	c.Organisation("owner.organisation", r.Owner.Organisation)
	if r.Owner.Organisation != department {
		c.Add("owner.organisation", "eigenaar-elders", reference.Text{
			NL: "moet het departement zijn dat antwoordt", EN: "must be the department that answers",
		})
	}
}
