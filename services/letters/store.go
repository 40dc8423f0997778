package letters

import (
	"context"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
)

// Key is what makes two submissions the same one.
type Key struct{ Organisation, ExternalReference string }

// Accepted is what the store holds of a submission, beside its content.
type Accepted struct {
	ID     string
	Digest []byte // SHA-256 of the content as submitted
}

// FoldStore puts what an event says in the tables. Its methods run in the
// caller's transaction, beside the ledger entry of the event; the content itself
// is in that entry.
type FoldStore interface {
	// PutBottleneck adds a bottleneck that was opened, and its signals to it.
	PutBottleneck(ctx context.Context, tx *sqldb.Tx, b Bottleneck, digest []byte) error
	// PutLetter adds a letter that was drafted, or brings one to its next
	// revision.
	PutLetter(ctx context.Context, tx *sqldb.Tx, l Letter, digest []byte) error
	// Present makes an item of a letter wait for its answer, and its bottleneck
	// with it.
	Present(ctx context.Context, tx *sqldb.Tx, letter string, item Item) error
	// PutResponse adds an answer to an item: the item and its bottleneck are
	// answered with it, and the letter once every item is.
	PutResponse(ctx context.Context, tx *sqldb.Tx, letter string, number int, r Response) error
	// PutEdition adds an edition that was compiled.
	PutEdition(ctx context.Context, tx *sqldb.Tx, id string, compiledAt time.Time) error
	// Decide keeps what became of a proposal, which need not be known yet; the
	// bottleneck is empty unless one came of it.
	Decide(ctx context.Context, tx *sqldb.Tx, proposal string, state ProposalState, at time.Time, bottleneck string) error
}

// LockStore is what a use case bases a decision on; it is locked until the
// transaction ends.
type LockStore interface {
	// LockBottleneckKey and LockLetterKey find what is stored under a key; false
	// when nothing is.
	LockBottleneckKey(ctx context.Context, tx *sqldb.Tx, k Key) (Accepted, bool, error)
	LockLetterKey(ctx context.Context, tx *sqldb.Tx, k Key) (Accepted, bool, error)
	// LockLetter finds a letter that the grant reaches.
	LockLetter(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string) (Letter, bool, error)
	// LockSignals finds signals of the projection by id.
	LockSignals(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]KnownSignal, error)
	// LockProposal finds a proposal that the grant reaches.
	LockProposal(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string) (Proposal, bool, error)
	// LockBottlenecks finds bottlenecks by id.
	LockBottlenecks(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]Bottleneck, error)
	// CountShown counts the signals behind bottlenecks that are not hidden, by the id
	// of the bottleneck. It locks nothing.
	CountShown(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]int, error)
}

// KnownSignal is what letters knows of a signal.
type KnownSignal struct {
	ID, Organisation string
	// State is by the word of its organisation, as of Revision.
	State    SignalState
	Revision int
	// Hidden says that it is confidential or was reported under protection, as of
	// Revision: nobody but its organisation and who oversees may know of it.
	Hidden bool
	// Bottleneck is the id of its primary bottleneck; empty while it has none.
	Bottleneck string
}

// ProjectionStore keeps the projection of signals.
type ProjectionStore interface {
	// PutSignal adds a signal. Of one that is there, where it stands and whether it
	// is hidden are brought up to a later revision, and the rest stays as it is.
	PutSignal(ctx context.Context, tx *sqldb.Tx, s KnownSignal, receivedAt time.Time) error
	// PutProposal adds a proposal; one that is there stays as it is.
	PutProposal(ctx context.Context, tx *sqldb.Tx, p Proposal) error
}

// Reader is what showing needs. What the grant does not reach is not found: a
// department reaches what was sent to it.
type Reader interface {
	Bottleneck(ctx context.Context, grant access.Grant, id string) (Bottleneck, bool, error)
	ListBottlenecks(ctx context.Context, grant access.Grant, f BottleneckFilter) ([]Bottleneck, error)
	Letter(ctx context.Context, grant access.Grant, id string) (Letter, bool, error)
	ListLetters(ctx context.Context, grant access.Grant, f LetterFilter) ([]Letter, error)
	Proposal(ctx context.Context, grant access.Grant, id string) (Proposal, bool, error)
	ListProposals(ctx context.Context, grant access.Grant, f ProposalFilter) ([]Proposal, error)
	// Edition finds the ledger entry's payload of an edition; ListEditions gives
	// those of a page, and one more if there are more. Editions are public.
	Edition(ctx context.Context, tx *sqldb.Tx, id string) ([]byte, bool, error)
	ListEditions(ctx context.Context, p page.Page) ([][]byte, error)
}

// BottleneckFilter selects bottlenecks. Zero fields select nothing away. The
// store gives one more than the page holds if there are more.
type BottleneckFilter struct {
	Organisation, ExternalReference string
	States                          []BottleneckState
	Page                            page.Page
}

// LetterFilter selects letters, as BottleneckFilter does.
type LetterFilter struct {
	Organisation, Department, ExternalReference string
	States                                      []LetterState
	Page                                        page.Page
}

// ProposalFilter selects proposals, as BottleneckFilter does.
type ProposalFilter struct {
	Organisation string
	States       []ProposalState
	Page         page.Page
}

// Store is all of it.
type Store interface {
	FoldStore
	LockStore
	ProjectionStore
	RemovalStore
	Reader
}
