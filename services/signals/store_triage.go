package signals

import (
	"context"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
)

// QueueStore is what showing the queue and what is alike needs. What the grant
// does not reach is not found.
type QueueStore interface {
	// Waiting gives the signals of an organisation that wait to be triaged, the
	// oldest first, and one more than the page holds if there are more.
	Waiting(ctx context.Context, tx *sqldb.Tx, grant access.Grant, organisation string, p page.Page) ([]Signal, error)
	// Some gives signals by id; those that are not found are left out.
	Some(ctx context.Context, tx *sqldb.Tx, grant access.Grant, ids []string) ([]Signal, error)
	// Kin gives the newest signals of a kin, at most so many.
	Kin(ctx context.Context, tx *sqldb.Tx, kin [16]byte, limit int) ([]string, error)
	// Linked gives the ids that a signal is linked to.
	Linked(ctx context.Context, tx *sqldb.Tx, id string) ([]string, error)
}

// JoinStore keeps which signals belong together. Its methods run in the caller's
// transaction, which has locked the signals that it asks about.
type JoinStore interface {
	// PutLink links two signals, given with the smaller id first, or undoes that.
	// It says whether that was a change.
	PutLink(ctx context.Context, tx *sqldb.Tx, one, other string, linked bool) (changed bool, err error)
	// PutMerge keeps into which signal another is merged; an empty target is
	// none.
	PutMerge(ctx context.Context, tx *sqldb.Tx, id, target string) error
	// FirstMerged gives the signal with the smallest id of those that are merged into
	// a signal; empty when none is.
	FirstMerged(ctx context.Context, tx *sqldb.Tx, id string) (string, error)
	// Payload gives that of a revision of a subject of the ledger; nil when there
	// is none, or it was erased.
	Payload(ctx context.Context, tx *sqldb.Tx, subject string, revision int) ([]byte, error)
	// LastRevision is that of a subject of the ledger; 0 when there is none.
	LastRevision(ctx context.Context, tx *sqldb.Tx, subject string) (int64, error)
}

// RuleStore keeps the rules of triage that organisations set.
type RuleStore interface {
	// Rules gives those of an organisation.
	Rules(ctx context.Context, tx *sqldb.Tx, organisation string) ([]Rule, error)
	// PutRule keeps a rule.
	PutRule(ctx context.Context, tx *sqldb.Tx, r Rule) error
	// ApplyRule puts a rule in force; RuleInForce gives the one that is, false
	// when there is none.
	ApplyRule(ctx context.Context, tx *sqldb.Tx, r Rule) error
	RuleInForce(ctx context.Context, tx *sqldb.Tx, organisation, category string) (Rule, bool, error)
}

// ProposalStore is what proposing bottlenecks needs, in the transaction of the
// applier of the own ledger.
type ProposalStore interface {
	// PutThemes keeps the themes of a signal, instead of those that it had, and
	// whether it counts; it gives those in which it is fresh: it counts, and
	// stands in no proposal.
	PutThemes(ctx context.Context, tx *sqldb.Tx, s Signal, counts bool) ([]Theme, error)
	// AddThemes keeps the themes of signals that have none yet and do not count.
	AddThemes(ctx context.Context, tx *sqldb.Tx, all []Signal) error
	// Fresh gives the fixes of a theme that are fresh and were received from one
	// time to another, both included: the latest, at most so many. HasFresh says
	// whether there are so many.
	Fresh(ctx context.Context, tx *sqldb.Tx, t Theme, from, to time.Time, limit int) ([]FixAt, error)
	HasFresh(ctx context.Context, tx *sqldb.Tx, t Theme, from, to time.Time, wanted int) (bool, error)
	// Proposals gives the number of the last proposal of a theme, and how many
	// there were after a time.
	Proposals(ctx context.Context, tx *sqldb.Tx, t Theme, after time.Time) (last, since int, err error)
	// PutProposal keeps a proposal; its fixes are fresh in its theme no more.
	PutProposal(ctx context.Context, tx *sqldb.Tx, p Proposal) error
}

// TriageStore is all that triage needs.
type TriageStore interface {
	QueueStore
	JoinStore
	RuleStore
	ProposalStore
}
