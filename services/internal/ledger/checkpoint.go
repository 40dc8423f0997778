package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/sqldb"
)

// Checkpoint is a signed statement of a log's whole content.
type Checkpoint struct {
	// Origin is the log's identity.
	Origin string
	// Size is the number of entries; the last one's index is one less.
	Size int64
	// Root is the root hash of the Merkle tree over the entries' leaf hashes.
	Root tlog.Hash
	// Note is the checkpoint as a signed note (C2SP tlog-checkpoint).
	Note []byte
	// SignedAt is when it was signed, in milliseconds. It stands beside the
	// note and not in it, since extension lines are not recommended; zero in a
	// checkpoint that was opened from its note.
	SignedAt time.Time
}

// Sign signs the statement that the log has this size and root.
func (s *Signer) Sign(size int64, root tlog.Hash, now time.Time) (Checkpoint, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", s.origin, size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, s.key)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("signing a checkpoint: %w", err)
	}
	return Checkpoint{s.origin, size, root, signed, now.UTC().Truncate(time.Millisecond)}, nil
}

// OpenCheckpoint verifies a signed checkpoint with the public keys of its log,
// and returns what it states. Signatures of unknown keys and extension lines
// are ignored, as the format prescribes. The error is a fault Invalid.
func OpenCheckpoint(signed []byte, keys note.Verifiers) (Checkpoint, error) {
	opened, err := note.Open(signed, keys)
	if err != nil {
		return Checkpoint{}, errCheckpoint.Because(err)
	}
	c, err := parseCheckpoint(opened.Text)
	if err != nil {
		return Checkpoint{}, errCheckpoint.Because(err)
	}
	if !signedFor(opened, c.Origin) {
		return Checkpoint{}, errCheckpoint.Because(fmt.Errorf("no key of %q signed it", c.Origin))
	}
	c.Note = signed
	return c, nil
}

// parseCheckpoint reads the text of a checkpoint.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 3 {
		return Checkpoint{}, errors.New("fewer than three lines")
	}
	for _, line := range lines {
		if line == "" {
			return Checkpoint{}, errors.New("an empty line")
		}
	}
	size, err := parseCount(lines[1])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("size: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("root: %w", err)
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// parseCount reads a decimal that is not negative, in its one spelling.
func parseCount(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%q is not a plain decimal number", s)
	}
	return n, nil
}

// parseHash reads a hash in base64, in its one spelling.
func parseHash(s string) (tlog.Hash, error) {
	h, err := tlog.ParseHash(s)
	if err != nil || base64.StdEncoding.EncodeToString(h[:]) != s {
		return tlog.Hash{}, fmt.Errorf("%q is not the base64 of a SHA-256 hash", s)
	}
	return h, nil
}

// newestCheckpoint reads the checkpoint that was signed last.
func newestCheckpoint(ctx context.Context, tx *sqldb.Tx) (Checkpoint, error) {
	c, found, err := sqldb.One(ctx, tx, scanCheckpoint,
		"SELECT note, signed_at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
	if err == nil && !found {
		err = errNoCheckpoint
	}
	return c, err
}

// scanCheckpoint trusts the note as far as the database is trusted: whoever
// does not, opens it with the public key.
func scanCheckpoint(row sqldb.Scanner) (Checkpoint, error) {
	var signed []byte
	var signedAt int64
	if err := row.Scan(&signed, &signedAt); err != nil {
		return Checkpoint{}, err
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	c, err := parseCheckpoint(text)
	if err != nil {
		return Checkpoint{}, ErrDamaged.Because(fmt.Errorf("stored checkpoint: %w", err))
	}
	c.Note, c.SignedAt = signed, sqldb.Time(signedAt)
	return c, nil
}

// saveCheckpoint writes a checkpoint.
func saveCheckpoint(ctx context.Context, tx *sqldb.Tx, c Checkpoint) error {
	_, err := tx.Exec(ctx, "INSERT INTO ledger_checkpoint (size, note, signed_at) VALUES ($1, $2, $3)",
		c.Size, c.Note, sqldb.Millis(c.SignedAt))
	return err
}
