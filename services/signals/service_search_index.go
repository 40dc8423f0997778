package signals

import (
	"context"
	"fmt"
	"slices"
	"time"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals/search"
)

// IndexEntries keeps the index up with entries of the own ledger. What they are
// about is indexed as it is now, not as the entry tells: what was erased or
// overtaken meanwhile does not come back, in whatever order entries come. It is
// the ApplyAll of a queue.Applier.
func (s *Service) IndexEntries(ctx context.Context, tx *sqldb.Tx, all []queue.Message) error {
	indexes := make([]int64, len(all))
	for i, m := range all {
		indexes[i] = m.Index
	}
	ids, err := s.Store.Subjects(ctx, tx, indexes)
	if err != nil {
		return err
	}
	return s.index(ctx, tx, ids...)
}

// Rest says how long to leave the database to the intake after a batch that took
// so long, of one of the two that follow the own ledger: while there is always
// something to store seven times that, so that they take a quarter of the time
// together, and less as there is less to store. It is the Rest of a queue.Applier.
func (s *Service) Rest(took time.Duration) time.Duration {
	return time.Duration(7 * s.Load() * float64(took))
}

// IndexEntry is IndexEntries for one entry.
func (s *Service) IndexEntry(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
	return s.IndexEntries(ctx, tx, []queue.Message{m})
}

// index puts signals in the index as they are now, and takes those out whose
// content was erased. What is no signal it passes over.
func (s *Service) index(ctx context.Context, tx *sqldb.Tx, ids ...string) error {
	contents, err := s.Store.Contents(ctx, tx, ids)
	if err != nil {
		return err
	}
	tokenizer := search.NewTokenizer()
	var docs []Document
	var bare []Signal
	for _, c := range contents {
		switch {
		case c.Payload == nil:
			docs = append(docs, Document{Signal: c.ID})
			continue
		case c.Indexed == c.Revision && !c.Bare:
			continue
		}
		signal, err := Decode(c.Payload)
		if err != nil {
			return fmt.Errorf("indexing signal %s: %w", c.ID, err)
		}
		docs = append(docs, document(signal, c.Revision, tokenizer))
		if c.Bare {
			bare = append(bare, signal)
		}
	}
	if err := s.Store.Fill(ctx, tx, bare); err != nil {
		return err
	}
	return s.Store.Index(ctx, tx, docs)
}

// document is what a signal is found by.
func document(s Signal, revision int, t *search.Tokenizer) Document {
	d := Document{Signal: s.ID, Revision: revision, Tokens: t.Tokens(texts(s)...)}
	add := func(kind string, values ...string) {
		for _, v := range values {
			if term := (Term{kind, v}); v != "" && !slices.Contains(d.Terms, term) {
				d.Terms = append(d.Terms, term)
			}
		}
	}
	add(KindCategory, s.Categories...)
	add(KindValue, s.PublicValues...)
	add(KindTargetGroup, s.TargetGroups...)
	add(kindPrinciple, s.Principles...)
	add(kindCausing, s.CausingOrganisations...)
	add(kindOther, s.OtherOrganisations...)
	for _, p := range s.Provisions {
		add(KindProvision, search.Provisions(p)...)
	}
	return d
}

// texts are those in which a signal is searched: what it says of the bottleneck,
// not why it was amended, withdrawn or triaged.
func texts(s Signal) []string {
	all := []string{s.Title, s.Description, s.Customisation, s.SocietalTask}
	if s.Extent != nil {
		all = append(all, s.Extent.Source)
	}
	for _, p := range s.ProposedSolutions {
		all = append(all, p.Description, p.Cost)
	}
	for _, r := range s.References {
		all = append(all, r.Description)
	}
	return all
}

// IndexBatch is how many entries are indexed in one transaction: on SQLite the
// intake waits for it.
const IndexBatch = 100

// Reindex empties the index, and lets the applier of a name, which keeps it up,
// begin anew with the first entry.
func (s *Service) Reindex(ctx context.Context, applier string) error {
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := queue.Rewind(ctx, tx, applier); err != nil {
			return err
		}
		return s.Store.EmptyIndex(ctx, tx)
	})
}
