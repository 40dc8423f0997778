package signals

import (
	"context"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
)

// Row is a signal to insert, with what makes its repetition known.
type Row struct {
	Signal *Signal
	Digest []byte
}

// Accepted is what the store holds of a submission, beside its content.
type Accepted struct {
	ID     string
	Digest []byte // SHA-256 of the content as submitted
}

// Key is what makes two submissions the same one.
type Key struct{ Organisation, ExternalReference string }

// IntakeStore is what accepting signals needs. Its methods run in the caller's
// transaction.
type IntakeStore interface {
	// Known gives what is stored under the keys; absent keys are absent.
	Known(ctx context.Context, tx *sqldb.Tx, keys []Key) (map[Key]Accepted, error)
	// Insert adds signals, and says how many it added: those whose key was
	// taken in the meantime it leaves out.
	Insert(ctx context.Context, tx *sqldb.Tx, rows []Row) (int, error)
}

// Stored is a signal with what was given and kept at acceptance.
type Stored struct {
	Signal Signal
	// Receipt is the receipt, and Payload the ledger entry's, byte for byte.
	Receipt, Payload []byte
}

// Reader is what showing signals needs. What the grant does not reach is not
// found.
type Reader interface {
	// Get finds one signal; false when there is none within reach.
	Get(ctx context.Context, grant access.Grant, id string) (Stored, bool, error)
	// List gives the signals of a page, the newest first, and one more if there
	// are more.
	List(ctx context.Context, grant access.Grant, filter Filter) ([]Signal, error)
}

// Filter selects signals. Zero fields select nothing away.
type Filter struct {
	Organisation      string
	ExternalReference string
	States            []State
	Page              page.Page
}

// StateStore is what following the letters needs, in the applier's
// transaction.
type StateStore interface {
	// Bundle puts signals in a bottleneck; those already in one stay there.
	Bundle(ctx context.Context, tx *sqldb.Tx, bottleneck string, signals []string, at time.Time) error
	// Answer marks the signals of a bottleneck as answered.
	Answer(ctx context.Context, tx *sqldb.Tx, bottleneck string, at time.Time) error
}

// Store is all of it.
type Store interface {
	IntakeStore
	Reader
	StateStore
}
