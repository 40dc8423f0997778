package signals

import (
	"context"
	"log/slog"
	"time"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

const (
	// settle is how long after a day what came in on it is released: a commit that
	// was under way at midnight, and a replica whose clock is behind, are past it.
	// What came later than the rest would tell that it came just before midnight.
	settle = time.Hour
	// releaseAtOnce is how many entries are released in one transaction.
	releaseAtOnce = 200
	// releaseEvery is how often it is asked whether a day is over.
	releaseEvery = 5 * time.Second
)

// Release lets what protected reporters sent into the ledger when its day is over,
// until ctx ends. What fails is logged and tried again. Any number of replicas may
// run it.
func (s *Service) Release(ctx context.Context, log *slog.Logger) error {
	traces := false // of what was released, in the files of the database
	for ctx.Err() == nil {
		n, err := s.ReleaseSome(ctx)
		traces = traces || n > 0
		if err == nil && n == 0 && traces {
			err = s.DB.Scrub(ctx)
			traces = err != nil
		}
		switch {
		case err != nil && ctx.Err() == nil:
			log.WarnContext(ctx, "releasing what waited for its day to be over failed; it is tried again", "error", err)
		case n > 0:
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(releaseEvery):
		}
	}
	return nil
}

// ReleaseSome lets entries of days that are over into the ledger and the tables, in
// an order that says nothing of when they came, and says how many. One that was
// released is gone in the same transaction; so it is released once.
func (s *Service) ReleaseSome(ctx context.Context) (n int, err error) {
	before := dayOf(s.Now().Add(-settle))
	var due bool
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		due, err = s.Store.Due(ctx, tx, before)
		return err
	})
	if err != nil || !due {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		entries, err := s.Store.TakeDue(ctx, tx, before, releaseAtOnce)
		if err != nil {
			return err
		}
		n = len(entries)
		return s.release(ctx, tx, entries)
	})
	if err != nil {
		return 0, err
	}
	s.Log.Wake()
	return n, nil
}

// release appends entries, and folds them as a replay would.
func (s *Service) release(ctx context.Context, tx *sqldb.Tx, entries []ledger.Entry) error {
	if err := ledger.Append(ctx, tx, entries); err != nil {
		return err
	}
	f := fold{Service: s, tx: tx}
	for _, e := range entries {
		event, err := ledger.Parse(e.Payload)
		if err != nil {
			return err
		}
		if err := f.take(ctx, event); err != nil {
			return err
		}
	}
	return f.flush(ctx)
}
