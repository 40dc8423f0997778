package letters

import (
	"time"

	"schakel.example/services/reference"
)

// Bottleneck is a dossier of signals that tell of the same thing. The meaning
// and bounds of each field stand in schakel.letters.v1.Bottleneck; their form
// was checked before a Bottleneck is made.
type Bottleneck struct {
	ID                string
	Organisation      string // TOOI URI
	ExternalReference string
	Title             string
	Description       string
	Category          string // term of categorieen
	Provisions        []reference.Provision
	Signals           []string // ids
	Proposal          string   // id of the one that it comes of, or empty
	State             BottleneckState
	StateAt           time.Time
	Revision          int
	OpenedAt          time.Time
}

// BottleneckState is where a bottleneck is in its life; the numbers are those
// of schakel.letters.v1.
type BottleneckState int

// The states of a bottleneck.
const (
	BottleneckOpen BottleneckState = iota + 1
	BottleneckPresented
	BottleneckAnswered
	BottleneckSolved
	BottleneckReopened
)

// SignalState is where a signal is in its life by the word of its organisation;
// the numbers are those of schakel.signals.v1.
type SignalState int

// The states in which a signal cannot be bundled.
const (
	SignalWithdrawn SignalState = 6
	SignalMerged    SignalState = 7
)

// Check holds the bottleneck to the reference data.
func (b Bottleneck) Check(c *reference.Checklist) {
	c.Organisation("organisation", b.Organisation)
	c.Term("category", reference.Categories, b.Category)
	c.Provisions("provisions", b.Provisions)
}

// Open gives a checked bottleneck its identity, and begins its life.
func (b Bottleneck) Open(id string, now time.Time) Bottleneck {
	b.ID, b.Revision, b.OpenedAt = id, 1, now
	b.State, b.StateAt = BottleneckOpen, now
	return b
}
