package signals

import (
	"bytes"
	"context"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// Row is a signal to store, with its state as shown, and what makes its
// repetition known.
type Row struct {
	Signal *Signal
	// Digest is that of the content as it was submitted, and Current that of
	// the newest revision; see digest.
	Digest, Current []byte
	// Followed is the state that follows from letters; 0 for none.
	Followed State
}

// Accepted is what the store holds of a submission, beside its content.
type Accepted struct {
	ID              string
	Digest, Current []byte // as in Row
}

// Holds says whether content of this digest was submitted, or is what the
// signal says now.
func (a Accepted) Holds(digest []byte) bool {
	return bytes.Equal(a.Digest, digest) || bytes.Equal(a.Current, digest)
}

// Key is what makes two submissions the same one.
type Key struct{ Organisation, ExternalReference string }

// IntakeStore is what accepting signals needs. Known and Insert run in the
// caller's transaction.
type IntakeStore interface {
	// Known gives what is stored under the keys; absent keys are absent.
	Known(ctx context.Context, tx *sqldb.Tx, keys []Key) (map[Key]Accepted, error)
	// Insert adds signals, and says how many it added: those whose key was
	// taken in the meantime it leaves out.
	Insert(ctx context.Context, tx *sqldb.Tx, rows []Row) (int, error)
	// Again gives what is stored of signals by their ids, each with the receipt
	// that was given first; when that was erased, with the newest. Of the Signal
	// it gives what the row says; the rest is in the Payload. What is not within
	// reach is left out.
	Again(ctx context.Context, grant access.Grant, ids []string) ([]Stored, error)
}

// Held is a signal that is locked: as its newest ledger entry tells of it, so
// in the organisation's own state.
type Held struct {
	Signal   Signal
	Followed State
	// FollowedAt is since when letters say so.
	FollowedAt time.Time
	Digest     []byte
	Receipt    []byte // of the newest revision
}

// RevisionStore is what changing signals needs. Its methods run in the caller's
// transaction.
type RevisionStore interface {
	// Lock finds a signal and keeps others from changing it until the
	// transaction ends; false when there is none within reach, or its content was
	// erased: then it cannot be changed.
	Lock(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string) (Held, bool, error)
	// Revise stores the next revision of a signal that is locked. Without a
	// Digest the one that is there stays. What is published stays so while it says
	// the same.
	Revise(ctx context.Context, tx *sqldb.Tx, row Row) error
}

// Stored is a signal with what was given and kept at acceptance.
type Stored struct {
	Signal Signal
	// Receipt is the receipt, and Payload the ledger entry's, byte for byte.
	Receipt, Payload []byte
}

// Whole is the signal as its payload tells of it, in the state that its row says;
// of one that was erased it is what the row says.
func (s Stored) Whole() (Signal, error) {
	if s.Payload == nil {
		return s.Signal, nil
	}
	whole, err := Decode(s.Payload)
	whole.State, whole.StateAt, whole.Bottleneck = s.Signal.State, s.Signal.StateAt, s.Signal.Bottleneck
	return whole, err
}

// Entry is the ledger entry of one revision. Payload and Receipt are nil when it
// was erased.
type Entry struct {
	Revision         int
	Payload, Receipt []byte
	Leaf             []byte
}

// StateStore is what following the letters needs, in the applier's
// transaction.
type StateStore interface {
	// Bundle puts signals in a bottleneck; those already in one stay there.
	Bundle(ctx context.Context, tx *sqldb.Tx, bottleneck string, signals []string, at time.Time) error
	// Answer marks the signals of a bottleneck as answered.
	Answer(ctx context.Context, tx *sqldb.Tx, bottleneck string, at time.Time) error
}

// CodeStore keeps the hashes of codes that were handed out. Its methods run in
// the caller's transaction.
type CodeStore interface {
	// PutCodes keeps codes of an organisation.
	PutCodes(ctx context.Context, tx *sqldb.Tx, organisation string, hashes [][]byte) error
	// HasCode says whether there is such a code.
	HasCode(ctx context.Context, tx *sqldb.Tx, hash []byte) (bool, error)
	// UseCode takes a code out, and says of which organisation it was; false
	// when there is none. Of two who use it at once one gets it.
	UseCode(ctx context.Context, tx *sqldb.Tx, hash []byte) (organisation string, ok bool, err error)
}

// CaseStore keeps the cases of protected signals. Its methods run in the
// caller's transaction.
type CaseStore interface {
	// OpenCase binds a protected signal to the hash of a secret.
	OpenCase(ctx context.Context, tx *sqldb.Tx, secretHash []byte, signal string) error
	// CaseOf finds the signal of a secret, also when its report waits; false when
	// there is none.
	CaseOf(ctx context.Context, tx *sqldb.Tx, secretHash []byte) (signal string, ok bool, err error)
	// RoomFor says how many messages the case of a signal holds, those that wait
	// included, and whether one more of an id can be added: not when there are most,
	// or when the id is that of anything in the ledger, or of what waits. It keeps
	// others from adding to the case, or with the id, until the transaction ends.
	RoomFor(ctx context.Context, tx *sqldb.Tx, signal, id string, most int) (held int, room bool, err error)
	// AddMessage adds a message to the case of a signal, unless it is there.
	AddMessage(ctx context.Context, tx *sqldb.Tx, signal, id string) error
	// Messages gives the payloads of the messages of the case of a signal, as their
	// newest entries tell of them, in the order of their first; those that were
	// erased are left out.
	Messages(ctx context.Context, tx *sqldb.Tx, signal string) ([][]byte, error)
}

// Withheld is an entry of a protected reporter that is not in the ledger yet.
type Withheld struct {
	ledger.Entry
	// Signal is the signal whose case it is of, Number its place among those of that
	// case, and Day the day on which it came.
	Signal string
	Number int
	Day    time.Time
	// SecretHash is what the case is found by, of the entry that opens it.
	SecretHash []byte
}

// The numbers of what waits: a report, what opens its case, and messages.
const reportFirst, caseSecond, firstMessage = 0, 1, 2

// WaitingStore keeps what protected reporters sent until its day is over. Its
// methods run in the caller's transaction.
type WaitingStore interface {
	// Wait keeps entries. What it keeps tells no time but the day, and, once it was
	// taken, nothing of the order in which cases came.
	Wait(ctx context.Context, tx *sqldb.Tx, all ...Withheld) error
	// WaitingReport finds the entry of the report of a signal; false when it does not
	// wait.
	WaitingReport(ctx context.Context, tx *sqldb.Tx, signal string) (ledger.Entry, bool, error)
	// WaitingMessages gives the payloads of the messages that wait in the case of a
	// signal, in order.
	WaitingMessages(ctx context.Context, tx *sqldb.Tx, signal string) ([][]byte, error)
	// Due says whether anything waits of days before one.
	Due(ctx context.Context, tx *sqldb.Tx, before time.Time) (bool, error)
	// TakeDue takes entries out of days before one, most at most, and keeps others
	// from doing so until the transaction ends. They come day by day, case by case in
	// the order of the random ids of signals, and within one as they were sent.
	TakeDue(ctx context.Context, tx *sqldb.Tx, before time.Time, most int) ([]ledger.Entry, error)
}

// Store is all of it.
type Store interface {
	CodeStore
	CaseStore
	WaitingStore
	IntakeStore
	RevisionStore
	Reader
	StateStore
	IndexStore
	PublicationStore
	TriageStore
}
