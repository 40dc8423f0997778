package signals

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
	"schakel.example/services/signals/search"
)

// Triage records what was found of a signal, as of a revision. Triaging again
// replaces what was found; finding the same changes nothing. Faults: as revise;
// Precondition for one that was withdrawn or merged.
func (s *Service) Triage(ctx context.Context, grant access.Grant, id string, expected int, found Finding) (Revision, error) {
	return s.revise(ctx, grant, id, expected, func(next *Signal, now time.Time) (proto.Message, error) {
		if err := changeable(*next); err != nil {
			return nil, err
		}
		triaged, changed := next.triaged(found, now)
		if !changed {
			return nil, nil
		}
		*next = triaged
		next.Revision++
		return &eventsv1.SignalTriaged{Signal: toProto(*next)}, nil
	})
}

// Waiting is a signal that waits to be triaged.
type Waiting struct {
	Signal Signal
	Days   int // since it was received
	// Related are the signals that it resembles most, at most maxBeside.
	Related []Related
}

const (
	// maxBeside and maxRelated bound what is shown beside a signal, in the queue
	// and alone.
	maxBeside, maxRelated = 5, 50
	// maxKin bounds how many signals of a rule one is compared with, the newest,
	// and maxKins of how many of its rules.
	maxKin, maxKins = 100, 4
	// QueueKind tells cursors of the queue from those of other lists.
	QueueKind = page.Kind('q')
)

// Queue gives a page of what waits to be triaged at the caller's organisation,
// the oldest first, and the cursor of the next page. The page is of QueueKind.
func (s *Service) Queue(ctx context.Context, grant access.Grant, p page.Page) (out []Waiting, next string, err error) {
	if !grant.Covers(grant.Organisation) {
		return nil, "", nil
	}
	today := reference.DutchDate(s.Now())
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		out = nil
		waiting, err := s.Store.Waiting(ctx, tx, grant, grant.Organisation, p)
		if err != nil {
			return err
		}
		waiting, next = page.Cut(p, waiting, func(s Signal) page.Position { return page.Position{At: s.ReceivedAt, ID: s.ID} })
		c := s.comparison(tx, grant)
		for _, signal := range waiting {
			related, err := c.related(ctx, signal, maxBeside)
			if err != nil {
				return err
			}
			out = append(out, Waiting{signal, reference.DutchDate(signal.ReceivedAt).DaysUntil(today), related})
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("listing what waits to be triaged: %w", err)
	}
	return out, next, nil
}

// Related gives the signals that one is linked to, and then those that it
// resembles most. Fault: NotFound.
func (s *Service) Related(ctx context.Context, grant access.Grant, id string) (out []Related, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		found, err := s.Store.Some(ctx, tx, grant, []string{id})
		if err != nil {
			return err
		}
		if len(found) == 0 || !grant.Covers(found[0].Organisation) {
			return errUnknown
		}
		out, err = s.comparison(tx, grant).related(ctx, found[0], maxRelated)
		return err
	})
	return out, err
}

// comparison compares signals within one transaction, and reads each once.
type comparison struct {
	store  Store
	tx     *sqldb.Tx
	grant  access.Grant
	words  *search.Tokenizer
	known  map[string]Signal
	traits map[string]Traits
	kin    map[[16]byte][]string
}

func (s *Service) comparison(tx *sqldb.Tx, grant access.Grant) *comparison {
	return &comparison{
		store: s.Store, tx: tx, grant: grant, words: search.NewTokenizer(),
		known: map[string]Signal{}, traits: map[string]Traits{}, kin: map[[16]byte][]string{},
	}
}

// related gives what is beside a signal: first what is linked, then what is most
// alike, of those the newest. What was withdrawn or merged is there only when it
// is linked.
func (c *comparison) related(ctx context.Context, of Signal, limit int) ([]Related, error) {
	linked, err := c.store.Linked(ctx, c.tx, of.ID)
	if err != nil {
		return nil, err
	}
	ids, err := c.candidates(ctx, of, linked)
	if err != nil {
		return nil, err
	}
	c.know(of)
	var all []Related
	for _, id := range ids {
		other, ok := c.known[id]
		r := Related{Signal: other, Linked: slices.Contains(linked, id)}
		if !ok || !r.Linked && (other.State == Withdrawn || other.State == Merged) {
			continue
		}
		r.Likeness = c.traits[of.ID].Likeness(c.traits[id])
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Related) int {
		return cmp.Or(rank(b)-rank(a), b.Likeness-a.Likeness,
			b.Signal.ReceivedAt.Compare(a.Signal.ReceivedAt), cmp.Compare(a.Signal.ID, b.Signal.ID))
	})
	return all[:min(len(all), limit)], nil
}

// rank puts what is linked before what is not.
func rank(r Related) int {
	if r.Linked {
		return 1
	}
	return 0
}

// candidates are the signals to compare one with, each once: those that it is
// linked to, and the newest that point at the same rules. Their content is known
// after this, if they are within reach.
func (c *comparison) candidates(ctx context.Context, of Signal, linked []string) ([]string, error) {
	ids := slices.Clone(linked)
	var kins [][16]byte
	for _, t := range of.Themes() {
		if !slices.Contains(kins, t.Kin) && len(kins) < maxKins {
			kins = append(kins, t.Kin)
		}
	}
	for _, kin := range kins {
		some, ok := c.kin[kin]
		if !ok {
			var err error
			if some, err = c.store.Kin(ctx, c.tx, kin, maxKin); err != nil {
				return nil, err
			}
			c.kin[kin] = some
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == of.ID })
	unknown := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, known := c.traits[id]; return known })
	found, err := c.store.Some(ctx, c.tx, c.grant, unknown)
	for _, signal := range found {
		c.know(signal)
	}
	return ids, err
}

// know keeps a signal and what it is compared by.
func (c *comparison) know(signal Signal) {
	if _, known := c.traits[signal.ID]; !known {
		c.known[signal.ID] = signal
		c.traits[signal.ID] = signal.traits(c.words.Tokens(signal.Title, signal.Description))
	}
}
