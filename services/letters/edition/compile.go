package edition

import (
	"context"
	"fmt"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
)

// Ledgers are the three ledgers, by the service that keeps each.
type Ledgers struct{ Signals, Letters, Contacts Ledger }

func (l Ledgers) all() []Ledger { return []Ledger{l.Signals, l.Letters, l.Contacts} }

// Now gives the newest checkpoints of the ledgers, in the order signals,
// letters, contacts.
func (l Ledgers) Now(ctx context.Context) ([]ledger.Checkpoint, error) {
	var all []ledger.Checkpoint
	for _, one := range l.all() {
		c, err := one.Checkpoint(ctx)
		if err != nil {
			return nil, fmt.Errorf("the newest checkpoint: %w", err)
		}
		all = append(all, c)
	}
	return all, nil
}

// Edition is a compiled edition.
type Edition struct {
	Identity Identity
	Counts   *lettersv1.EditionCounts
	// Erased is how many entries of its ledgers were erased, now that it is compiled:
	// one that was published before they were told more.
	Erased int
	// Files are its files, in the order of their paths. All but the signature
	// follow from Identity.
	Files []File
}

// File is one file of an edition.
type File struct {
	Path, MediaType string
	Data            []byte
}

// Compile makes the edition of an identity, whose checkpoints must be of these
// ledgers: entries that they were not signed for are refused (fault Internal,
// ledger.ErrDamaged). It does not sign; Sealed does.
func Compile(ctx context.Context, data *reference.Data, ledgers Ledgers, id Identity) (*Edition, error) {
	if _, err := ParseIdentity(id.Text()); err != nil {
		return nil, fmt.Errorf("the identity of the edition: %w", err)
	}
	s := newState(id.ReferenceDate)
	for _, l := range ledgers.all() {
		newest, err := l.Checkpoint(ctx)
		if err != nil {
			return nil, err
		}
		covered, err := id.checkpoint(newest.Origin)
		if err != nil {
			return nil, err
		}
		if err := s.read(ctx, l, covered); err != nil {
			return nil, fmt.Errorf("reading ledger %s: %w", newest.Origin, err)
		}
	}
	e := &Edition{Identity: id, Counts: s.counts(), Erased: s.erased}
	files, err := s.files(data, e)
	if err != nil {
		return nil, err
	}
	e.Files = files
	return e, nil
}

// checkpoint is that of the ledger of an origin.
func (id Identity) checkpoint(origin string) (ledger.Checkpoint, error) {
	for _, c := range id.Checkpoints {
		if c.Origin == origin {
			return c, nil
		}
	}
	return ledger.Checkpoint{}, fmt.Errorf("the identity has no checkpoint of %s", origin)
}

// names says whether an origin is that of one of its ledgers.
func (id Identity) names(origin string) bool {
	_, err := id.checkpoint(origin)
	return err == nil
}

// SameBut says whether two identities are the same but for the checkpoint of one
// ledger.
func (id Identity) SameBut(other Identity, origin string) bool {
	id.Checkpoints, other.Checkpoints = without(id.Checkpoints, origin), without(other.Checkpoints, origin)
	return id.Text() == other.Text()
}

func without(all []ledger.Checkpoint, origin string) []ledger.Checkpoint {
	var rest []ledger.Checkpoint
	for _, c := range all {
		if c.Origin != origin {
			rest = append(rest, c)
		}
	}
	return rest
}

// Local is a ledger that is read from its own database.
type Local struct{ *ledger.Reader }

// Entries implements Ledger.
func (l Local) Entries(ctx context.Context, from int64, limit int) ([]Entry, error) {
	stored, err := l.Reader.Entries(ctx, from, limit)
	entries := make([]Entry, len(stored))
	for i, e := range stored {
		entries[i] = Entry{Index: e.Index, Payload: e.Payload, Erased: e.Erased, Leaf: e.LeafHash}
		if !e.Erased {
			entries[i].Leaf = e.Leaf()
		}
	}
	return entries, err
}
