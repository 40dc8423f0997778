package signals

import (
	"context"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
)

// Order is an order of signals, with the numbers of schakel.signals.v1; the zero
// value is Newest.
type Order int

// The orders.
const (
	// Newest is the newest first.
	Newest Order = iota + 1
	// Oldest is the oldest first.
	Oldest
	// Severest is the most severe first, and of those the newest.
	Severest
)

// place is where a signal stands in an order, for a cursor.
func (o Order) place(s Signal) page.Position {
	p := page.Position{At: s.ReceivedAt, ID: s.ID}
	if o == Severest {
		p.Rank = uint8(s.Severity)
	}
	return p
}

// Filter selects signals: those for which all conditions hold. Zero fields are no
// condition; of several values one must hold.
type Filter struct {
	Organisation      string
	ExternalReference string
	States            []State
	// Tokens are all in the texts of the signal; see search.Query.
	Tokens []string
	// Provision is the key of a rule that the signal points at, or at a part of;
	// see search.Provisions.
	Provision         string
	Categories        []string
	PublicValues      []string
	Levels            []string
	TargetGroups      []string
	Severities        []Severity
	Approach          Approach
	Confidentialities []Confidentiality
	// From and Before bound when it was accepted: at or after, and before.
	From, Before time.Time
	Bottleneck   string

	Order Order
	Page  page.Page
}

// Reader is what showing signals needs. What the grant does not reach is not
// found: what is missing, another's or confidential runs the same statements. What
// the grant may read only because it is published it reads as the revision that an
// edition covers, in the state of now and without its bottleneck.
type Reader interface {
	// Get finds one signal that the grant may read; false when there is none.
	Get(ctx context.Context, grant access.Grant, id string) (Stored, bool, error)
	// GetOwn finds one signal of those that the grant covers, which leaves out
	// what it may only read.
	GetOwn(ctx context.Context, grant access.Grant, id string) (Stored, bool, error)
	// Revisions gives what the ledger holds of one signal that the grant covers,
	// the newest first: all of it, or only the revision with a number above 0.
	// None is not found.
	Revisions(ctx context.Context, grant access.Grant, id string, number int) ([]Entry, error)
	// List gives the signals of a page that the grant may read, and one more if
	// there are more. What is of a sandbox is left out, unless the filter names
	// it or it is the caller's own.
	List(ctx context.Context, grant access.Grant, filter Filter) ([]Signal, error)
	// Count hands every signal that List would give to take, without a page and
	// in no order, until it fails.
	Count(ctx context.Context, grant access.Grant, filter Filter, take func(Counted) error) error
}

// Counted is what a signal is counted by.
type Counted struct {
	State           State
	Severity        Severity
	Confidentiality Confidentiality
	Organisation    string
	Facets          string // see Facets
}

// Term is what a signal names: a kind of thing, and which.
type Term struct{ Kind, Value string }

// Content is a signal as it is now, to be put in the index. Payload is nil when it
// was erased. Indexed is the revision that the index has; 0 for none. Bare says
// that its row is of before the columns that Fill writes.
type Content struct {
	ID       string
	Revision int
	Payload  []byte
	Indexed  int
	Bare     bool
}

// Document is what a signal is found by. One without terms and tokens is taken out
// of the index.
type Document struct {
	Signal   string
	Revision int
	Terms    []Term
	Tokens   []string
}

// IndexStore is what the index needs. Its methods run in the caller's
// transaction.
type IndexStore interface {
	// Subjects gives the subjects of the own ledger's entries with these indexes,
	// each once.
	Subjects(ctx context.Context, tx *sqldb.Tx, indexes []int64) ([]string, error)
	// Contents gives what is stored of signals, those that there are, by id. It
	// keeps others from indexing until the transaction ends.
	Contents(ctx context.Context, tx *sqldb.Tx, ids []string) ([]Content, error)
	// Fill writes what a row says beside its content, for rows from before they
	// said it.
	Fill(ctx context.Context, tx *sqldb.Tx, all []Signal) error
	// Index puts documents in the index, each in place of what it had of the same
	// signal.
	Index(ctx context.Context, tx *sqldb.Tx, all []Document) error
	// EmptyIndex takes everything out.
	EmptyIndex(ctx context.Context, tx *sqldb.Tx) error
}

// PublicationStore is what knowing who may read what needs, besides the signals.
// Its methods run in the caller's transaction.
type PublicationStore interface {
	// Address records that bottlenecks were put to a department.
	Address(ctx context.Context, tx *sqldb.Tx, department string, bottlenecks []string) error
	// Cover records that an edition covers the own ledger up to a size.
	Cover(ctx context.Context, tx *sqldb.Tx, size int64) error
	// Unmarked says whether there are signals that Mark would mark.
	Unmarked(ctx context.Context, tx *sqldb.Tx) (bool, error)
	// Mark marks signals that are covered as published, of at most so many
	// entries, and says whether more are left: each by the newest revision that is
	// covered, and only while StillOpen holds of it. A sandbox is never published.
	Mark(ctx context.Context, tx *sqldb.Tx, limit int) (more bool, err error)
}
