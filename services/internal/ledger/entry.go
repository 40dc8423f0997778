package ledger

import (
	"crypto/rand"
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxPayload is the most bytes that a payload may have. It keeps an event,
// with the sequence attributes that are added when it is passed on, within the
// 64 KiB that every intermediary must forward (CloudEvents 1.0 §Size Limits),
// and salt ‖ payload within the uint16 length of an entry bundle (C2SP
// tlog-tiles).
const MaxPayload = 64<<10 - 256

// Entry is one state change: what is written in the transaction that makes the
// change. It is found by its subject and revision, or by its id; its place in
// the log is drawn later, by the sequencer.
type Entry struct {
	// ID is the CloudEvents id of the event in Payload.
	ID string
	// Subject is the id of what changed, and Revision its number of changes
	// with this one, from 1.
	Subject  string
	Revision int64
	// Payload is the CloudEvent, the very bytes that are hashed and stored.
	Payload []byte
	// Salt is hashed before the payload, so that nobody can guess a payload
	// from the public leaf hash.
	Salt [32]byte
	// Receipt is the signed promise to log the entry, a serialised
	// schakel.ledger.v1.Receipt; empty if none was asked for.
	Receipt []byte
	// Seq is the order in which entries were written; Append fills it. It has
	// gaps, and differs between installations: the index is what proofs use.
	Seq int64
}

// Leaf is the entry's hash in the Merkle tree: that of salt ‖ payload and
// nothing else (RFC 6962 §2.1).
func (e Entry) Leaf() tlog.Hash {
	h := sha256.New()
	h.Write([]byte{0}) // what tells a leaf from a node
	h.Write(e.Salt[:])
	h.Write(e.Payload)
	var leaf tlog.Hash
	h.Sum(leaf[:0])
	return leaf
}

// Seal makes the entry of an event: it serialises the event, takes id and
// subject from it, and draws the salt. Errors are those of Event.Marshal.
func Seal(event Event, revision int64) (Entry, error) {
	payload, err := event.Marshal()
	if err != nil {
		return Entry{}, err
	}
	entry := Entry{ID: event.ID, Subject: event.Subject, Revision: revision, Payload: payload}
	rand.Read(entry.Salt[:]) // never fails, by its documentation
	return entry, nil
}

// Sequenced is an entry with its place in the log.
type Sequenced struct {
	// Index is the place in the log, from 0 and without gaps; -1 while the
	// entry waits for the sequencer.
	Index int64
	// LeafHash is the hash as it was stored, which outlives the payload.
	LeafHash tlog.Hash
	// Erased says that payload, salt and receipt were erased; they are empty
	// then.
	Erased bool
	Entry
}
