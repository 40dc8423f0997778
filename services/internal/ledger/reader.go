package ledger

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

// Reader reads a log. It needs no key and no leader, so that any replica and
// any tool can read. It is safe for concurrent use.
type Reader struct{ db *sqldb.DB }

// NewReader reads the log in a database in which Migrate has been run.
func NewReader(db *sqldb.DB) *Reader { return &Reader{db} }

// Checkpoint gives the newest checkpoint; Unavailable while none was signed.
func (r *Reader) Checkpoint(ctx context.Context) (c Checkpoint, err error) {
	err = r.db.Read(ctx, func(tx *sqldb.Tx) error {
		c, err = newestCheckpoint(ctx, tx)
		return err
	})
	return c, err
}

// Entries gives the entries from an index on, in order and without holes: at
// most limit, fewer if the log ends.
func (r *Reader) Entries(ctx context.Context, from int64, limit int) (entries []Sequenced, err error) {
	err = r.db.Read(ctx, func(tx *sqldb.Tx) error {
		entries, err = readEntries(ctx, tx, max(0, from), limit)
		return err
	})
	return entries, err
}

const entryColumns = "e.seq, e.id, e.subject, e.revision, e.payload, e.salt, e.leaf, e.receipt"

func readEntries(ctx context.Context, tx *sqldb.Tx, from int64, limit int) ([]Sequenced, error) {
	entries, err := sqldb.All(ctx, tx, scanEntry, `
		SELECT o.idx, `+entryColumns+` FROM ledger_order o JOIN ledger_entry e ON e.seq = o.seq
		WHERE o.idx >= $1 AND o.idx < $2 ORDER BY o.idx`, from, from+int64(limit))
	if n := int64(len(entries)); n > 0 && (entries[0].Index != from || entries[n-1].Index != from+n-1) {
		return nil, ErrDamaged.Because(fmt.Errorf("a hole between entries %d and %d", from, from+int64(limit)))
	}
	return entries, err
}

// between gives the entries of a range below the size of a checkpoint: all of
// them, for the checkpoint says that they are there.
func (r *Reader) between(ctx context.Context, from, to int64) ([]Sequenced, error) {
	entries, err := r.Entries(ctx, from, int(to-from))
	if err == nil && int64(len(entries)) != to-from {
		err = ErrDamaged.Because(fmt.Errorf("%d entries between %d and %d", len(entries), from, to))
	}
	return entries, err
}

// History gives every entry about a subject in order of revision, also those
// that wait for the sequencer (their Index is -1).
func (r *Reader) History(ctx context.Context, subject string) (entries []Sequenced, err error) {
	err = r.db.Read(ctx, func(tx *sqldb.Tx) error {
		entries, err = sqldb.All(ctx, tx, scanEntry, `
			SELECT coalesce(o.idx, -1), `+entryColumns+` FROM ledger_entry e LEFT JOIN ledger_order o ON o.seq = e.seq
			WHERE e.subject = $1 ORDER BY e.revision`, subject)
		return err
	})
	return entries, err
}

func scanEntry(row sqldb.Scanner) (s Sequenced, err error) {
	var salt, leaf []byte
	err = row.Scan(&s.Index, &s.Seq, &s.ID, &s.Subject, &s.Revision, &s.Payload, &salt, &leaf, &s.Receipt)
	if err != nil {
		return Sequenced{}, err
	}
	s.Erased = s.Payload == nil
	copy(s.Salt[:], salt)
	s.LeafHash, err = hashOf(leaf)
	return s, err
}

// Inclusion proves that the entry with an index is in the tree of a size: it
// gives the leaf hash and the path from there to that tree's root (RFC 6962
// §2.1.1). The fault is Invalid unless 0 ≤ index < size ≤ the log's size.
func (r *Reader) Inclusion(ctx context.Context, index, size int64) (leaf tlog.Hash, path tlog.RecordProof, err error) {
	err = r.prove(ctx, size, func(hashes tlog.HashReader) error {
		if index < 0 || index >= size {
			return errProof
		}
		found, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
		if err != nil {
			return err
		}
		leaf = found[0]
		if path, err = tlog.ProveRecord(size, index, hashes); err != nil {
			return err
		}
		root, err := tlog.TreeHash(size, hashes)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(path, size, root, index, leaf)
	})
	return leaf, path, err
}

// Consistency proves that the tree of size from is a prefix of the tree of size
// to (RFC 6962 §2.1.2). The fault is Invalid unless 0 < from ≤ to ≤ the log's
// size.
func (r *Reader) Consistency(ctx context.Context, from, to int64) (path tlog.TreeProof, err error) {
	err = r.prove(ctx, to, func(hashes tlog.HashReader) error {
		if from < 1 || from > to {
			return errProof
		}
		if path, err = tlog.ProveTree(to, from, hashes); err != nil {
			return err
		}
		older, err := tlog.TreeHash(from, hashes)
		if err != nil {
			return err
		}
		newer, err := tlog.TreeHash(to, hashes)
		if err != nil {
			return err
		}
		return tlog.CheckTree(path, to, newer, from, older)
	})
	return path, err
}

// prove gives f the hashes of the tree, each of them verified against the root
// that was signed last. The trees of earlier sizes are part of that one. What
// fails is either the question or the stored tree.
func (r *Reader) prove(ctx context.Context, size int64, f func(tlog.HashReader) error) error {
	return r.db.Read(ctx, func(tx *sqldb.Tx) error {
		c, err := newestCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		if size < 1 || size > c.Size {
			return errProof
		}
		err = f(tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tileReader{ctx, tx}))
		var own *fault.Error
		if err == nil || ctx.Err() != nil || errors.As(err, &own) {
			return err
		}
		return ErrDamaged.Because(fmt.Errorf("a proof: %w", err))
	})
}
