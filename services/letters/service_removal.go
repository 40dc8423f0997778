package letters

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters/edition"
)

// Removal is a signal from which the entry of an index, in the ledger of signals,
// removed something.
type Removal struct {
	Signal string
	Index  int64
}

// RemovalStore keeps from which signals something was removed, until editions that
// were published are rid of it.
type RemovalStore interface {
	// PutRemoval notes a signal from which the entry of an index removed
	// something.
	PutRemoval(ctx context.Context, tx *sqldb.Tx, signal string, index int64) error
	// Removals gives those that editions may not be rid of; Removed says of which
	// they are. What came meanwhile, of the same signal too, still waits.
	Removals(ctx context.Context, tx *sqldb.Tx) ([]Removal, error)
	Removed(ctx context.Context, tx *sqldb.Tx, all []Removal) error
	// RemoveAgain makes the removals from an index on wait again.
	RemoveAgain(ctx context.Context, tx *sqldb.Tx, from int64) error
}

// editionFiles is the lock of whoever removes from the files of editions, and of
// whoever says that there is another.
const editionFiles = "files of editions"

// removeEvery is how often is looked for what was removed from signals.
const removeEvery = time.Second

// Run takes what was removed from signals out of the files of editions, until ctx
// ends. What fails is tried again.
func (s *Editions) Run(ctx context.Context) error {
	next := time.NewTicker(removeEvery)
	defer next.Stop()
	for failing := false; ; {
		err := s.Remove(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			s.Logger.WarnContext(ctx, "what was removed from signals is not out of all editions; it is tried again", "error", err)
		}
		failing = err != nil
		select {
		case <-next.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Remove takes out of the files of all editions what signals said of which
// something was removed since. Replicas take turns, since they share the files.
func (s *Editions) Remove(ctx context.Context) error {
	var all []Removal
	look := func(tx *sqldb.Tx) (err error) {
		all, err = s.Store.Removals(ctx, tx)
		return err
	}
	if err := s.DB.Read(ctx, look); err != nil || len(all) == 0 {
		return err
	}
	signals, err := s.Ledgers.Signals.Checkpoint(ctx)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, editionFiles); err != nil {
			return err
		}
		if err := look(tx); err != nil {
			return err
		}
		if err := s.erase(all, signals.Origin); err != nil {
			return fmt.Errorf("removing from editions what was removed from signals: %w", err)
		}
		return s.Store.Removed(ctx, tx, all)
	})
}

// erase goes through the folders, and not the editions that are recorded: one that
// is about to be may have been compiled before the removal. One that was compiled
// after it told of no more than is left.
func (s *Editions) erase(removals []Removal, origin string) error {
	all, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // none was compiled yet
	}
	if err != nil {
		return err
	}
	var failed []error // one that fails keeps none of the others
	for _, dir := range all {
		if uuid.Validate(dir.Name()) != nil {
			continue
		}
		if err := s.eraseFrom(dir.Name(), removals, origin); err != nil {
			failed = append(failed, fmt.Errorf("edition %s: %w", dir.Name(), err))
		}
	}
	return errors.Join(failed...)
}

func (s *Editions) eraseFrom(id string, removals []Removal, origin string) error {
	dir := filepath.Join(s.Dir, id)
	size, err := edition.SizeOf(dir, origin)
	if err != nil {
		return err
	}
	var signals []string
	for _, r := range removals {
		if r.Index >= size {
			signals = append(signals, r.Signal)
		}
	}
	return edition.Erase(dir, id, signals, s.Signer)
}
