package signals

import (
	"fmt"
	"time"

	"schakel.example/services/reference"
)

// Signal is what an executive organisation reports. The meaning and bounds of
// each field stand in schakel.signals.v1.Signal; their form was checked before
// a Signal is made.
type Signal struct {
	ID                   string
	Organisation         string // TOOI URI
	ExternalReference    string
	Title                string
	Description          string
	Level                string // term of niveaus
	Categories           []string
	Provisions           []reference.Provision
	PublicValues         []string
	Principles           []string
	TargetGroups         []string
	Extent               *Extent
	Severity             Severity
	Since                string // YYYY-MM-DD, or empty
	Approach             Approach
	Customisation        string
	ProposedSolutions    []ProposedSolution
	OtherOrganisations   []string
	CausingOrganisations []string
	SocietalTask         string
	PolicyStage          string // term of beleidsfasen, or empty
	References           []Reference
	Confidentiality      Confidentiality
	Revision             int
	ReceivedAt           time.Time
	State                State
	StateAt              time.Time
	Bottleneck           string // id, once bundled
	AmendmentReason      string // of the newest amendment
	WithdrawalReason     string
	TriageNote           string
	MergedInto           string // id, once merged
	Protected            bool   // reported under protection
	RedactedAt           time.Time
}

// Extent is how many are affected, from Minimum to Maximum.
type Extent struct {
	Minimum, Maximum int
	PerYear          bool
	Source           string
	Certainty        Certainty
}

// ProposedSolution is one way out.
type ProposedSolution struct {
	Description string
	Actor       string // TOOI URI, or empty
	Instrument  string // term of instrumenten, or empty
	Cost        string
}

// Reference points at something to read.
type Reference struct{ Description, URI string }

// The enumerations have the numbers of schakel.signals.v1.
type (
	// State is where a signal is in its life.
	State int
	// Severity is how badly people or the execution are hit.
	Severity int
	// Approach is whether it is about one case or about the rule.
	Approach int
	// Certainty is how a figure was found.
	Certainty int
	// Confidentiality is who may read a signal.
	Confidentiality int
)

// The states of a signal.
const (
	Received State = iota + 1
	Triaged
	Bundled
	Answered
	Closed
	Withdrawn
	Merged
)

// What a signal is about: one case, or the rule.
const (
	Fix Approach = iota + 1
	Solve
)

// Who may read a signal, besides the organisation itself and supervisors: anyone
// once it is published, the departments that the organisation writes to, nobody.
const (
	Open Confidentiality = iota + 1
	Internal
	Confidential
)

// Shown is the state in which a signal is shown. That it was withdrawn or merged
// goes before what follows from letters, which is 0 while nothing does, and that
// before what the organisation did with it until then.
func Shown(own, followed State) State {
	if own == Withdrawn || own == Merged || followed == 0 {
		return own
	}
	return followed
}

// Check holds the signal to the reference data: what it names must exist and be
// valid, and what began must have begun.
func (s Signal) Check(c *reference.Checklist) {
	c.Owner("organisation", s.Organisation)
	c.Term("level", reference.Levels, s.Level)
	c.Terms("categories", reference.Categories, s.Categories)
	c.Terms("public_values", reference.PublicValues, s.PublicValues)
	c.Terms("principles", reference.Principles, s.Principles)
	c.Terms("target_groups", reference.TargetGroups, s.TargetGroups)
	c.Term("policy_stage", reference.PolicyStages, s.PolicyStage)
	c.Past("since", s.Since)
	c.Provisions("provisions", s.Provisions)
	for i, p := range s.ProposedSolutions {
		c.Organisation(fmt.Sprintf("proposed_solutions[%d].actor", i), p.Actor)
		c.Term(fmt.Sprintf("proposed_solutions[%d].instrument", i), reference.Instruments, p.Instrument)
	}
	c.Organisations("other_organisations", s.OtherOrganisations)
	c.Organisations("causing_organisations", s.CausingOrganisations)
}
