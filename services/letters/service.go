package letters

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
)

// Config is what the service works with.
type Config struct {
	DB    *sqldb.DB
	Store Store
	Log   *ledger.Log
	Data  *reference.Data
	// Source names this system in events: a URN in the NID nld.
	Source string
	Now    func() time.Time
	// NewID makes a UUIDv7.
	NewID func() string
}

// Service is the use cases of bottlenecks and letters.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }

var (
	errForeign = fault.New(fault.Denied, "andere-organisatie", fault.Text{
		NL: "U kunt dit alleen voor uw eigen organisatie doen.",
		EN: "you can do this for your own organisation only",
	})
	errOtherContent = fault.New(fault.Conflict, "kenmerk-bezet", fault.Text{
		NL: "Dit kenmerk is al gebruikt, met andere inhoud.",
		EN: "this reference was used before, with other content",
	})
	errUnknownBottleneck = fault.New(fault.NotFound, "onbekend-knelpunt", fault.Text{
		NL: "Dit knelpunt is er niet, of u mag het niet zien.",
		EN: "there is no such bottleneck, or you may not see it",
	})
	errUnknownLetter = fault.New(fault.NotFound, "onbekende-brief", fault.Text{
		NL: "Deze brief is er niet, of u mag haar niet zien.",
		EN: "there is no such letter, or you may not see it",
	})
)

// now is the time of a change, in the milliseconds that are stored.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// write runs f in a transaction, and wakes the sequencer when it is stored.
func (s *Service) write(ctx context.Context, f func(*sqldb.Tx) error) error {
	if err := s.DB.Write(ctx, f); err != nil {
		return err
	}
	s.Log.Wake()
	return nil
}

// record folds changes into the tables and writes them in the ledger.
func (s *Service) record(ctx context.Context, tx *sqldb.Tx, changes ...change) error {
	entries := make([]ledger.Entry, len(changes))
	for i, c := range changes {
		if err := s.fold(ctx, tx, c.event); err != nil {
			return err
		}
		entry, err := ledger.Seal(c.event, c.revision)
		if err != nil {
			return err
		}
		entries[i] = entry
	}
	return ledger.Append(ctx, tx, entries)
}

// repeated says whether content that is held under a key is the same content;
// other content is a conflict.
func repeated(held Accepted, digest []byte) (string, error) {
	if !bytes.Equal(held.Digest, digest) {
		return "", errOtherContent.About(held.ID)
	}
	return held.ID, nil
}

// GetBottleneck finds one bottleneck. Fault: NotFound.
func (s *Service) GetBottleneck(ctx context.Context, grant access.Grant, id string) (Bottleneck, error) {
	b, ok, err := s.Store.Bottleneck(ctx, grant, id)
	switch {
	case err != nil:
		return b, fmt.Errorf("getting a bottleneck: %w", err)
	case !ok:
		return b, errUnknownBottleneck
	}
	return b, nil
}

// ListBottlenecks gives a page, the newest first, and the cursor of the next.
func (s *Service) ListBottlenecks(ctx context.Context, grant access.Grant, f BottleneckFilter) ([]Bottleneck, string, error) {
	all, err := s.Store.ListBottlenecks(ctx, grant, f)
	if err != nil {
		return nil, "", fmt.Errorf("listing bottlenecks: %w", err)
	}
	all, next := page.Cut(f.Page, all, func(b Bottleneck) page.Position {
		return page.Position{At: b.OpenedAt, ID: b.ID}
	})
	return all, next, nil
}

// GetLetter finds one letter with its answers. Fault: NotFound.
func (s *Service) GetLetter(ctx context.Context, grant access.Grant, id string) (Letter, error) {
	l, ok, err := s.Store.Letter(ctx, grant, id)
	switch {
	case err != nil:
		return l, fmt.Errorf("getting a letter: %w", err)
	case !ok:
		return l, errUnknownLetter
	}
	return l, nil
}

// ListLetters gives a page, the newest first, and the cursor of the next.
func (s *Service) ListLetters(ctx context.Context, grant access.Grant, f LetterFilter) ([]Letter, string, error) {
	all, err := s.Store.ListLetters(ctx, grant, f)
	if err != nil {
		return nil, "", fmt.Errorf("listing letters: %w", err)
	}
	all, next := page.Cut(f.Page, all, func(l Letter) page.Position {
		return page.Position{At: l.DraftedAt, ID: l.ID}
	})
	return all, next, nil
}
