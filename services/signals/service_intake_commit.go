package signals

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

const (
	// writers is how many batches are committed side by side. SQLite has one
	// writer, but while it stores one batch the next can be made ready.
	writers = 2
	// maxLooks bounds how often a batch is tried again because what was in its
	// way was gone when it was looked at.
	maxLooks = 5
)

// errGone says that what held a key was no longer there when it was looked at.
var errGone = errors.New("signals: a key was let go meanwhile")

// intake commits drafts in groups: while one transaction is on its way to the
// disk, those who come wait, and go together in the next. There is no timer, and
// nobody is answered before their commit.
type intake struct {
	Config
	lanes *lanes
}

func newIntake(c Config) *intake { return &intake{c, newLanes(c.Bounds, c.Now)} }

// run commits until ctx ends, and then what still waits.
func (in *intake) run(ctx context.Context) error {
	defer context.AfterFunc(ctx, in.lanes.stop)()
	var group errgroup.Group
	for range writers {
		group.Go(func() error {
			for b := in.lanes.take(); b != nil; b = in.lanes.take() {
				in.commit(b)
			}
			return nil
		})
	}
	return group.Wait()
}

// commit stores a batch, and tells each draft what became of it.
func (in *intake) commit(b *batch) {
	// Whoever waited may have gone; what they handed in is stored all the same.
	ctx, cancel := context.WithTimeout(context.Background(), in.lanes.bounds.Commit)
	defer cancel()
	began := in.Now()
	sealed := slices.DeleteFunc(slices.Clone(b.drafts), func(d *draft) bool { return d.err != nil || !in.seal(d, began) })
	// Replicas that lock keys in one order cannot wait for each other.
	slices.SortStableFunc(sealed, func(a, b *draft) int {
		return cmp.Or(cmp.Compare(a.Signal.Organisation, b.Signal.Organisation),
			cmp.Compare(a.Signal.ExternalReference, b.Signal.ExternalReference))
	})
	in.store(ctx, sealed)
	in.lanes.stumble(b.drafts)
	in.lanes.release(b, in.Now().Sub(began), writers)
	in.answer(ctx, sealed)
	for _, d := range b.drafts {
		d.finish()
	}
	in.Log.Wake()
}

// seal gives a draft its identity and makes its ledger entry; false when there
// can be none.
func (in *intake) seal(d *draft, now time.Time) bool {
	now = now.UTC().Truncate(time.Millisecond)
	s := &d.Signal
	s.ID, s.Revision, s.State = in.NewID(), 1, Received
	s.ReceivedAt, s.StateAt = now, now
	event, err := in.event(*s, d.content)
	if err == nil {
		d.entry, err = ledger.Seal(event, 1)
	}
	d.content, d.err = nil, err
	return err == nil
}

// store stores drafts together. When they fail for a reason of their own they are
// tried again one by one, so that one bad row never fails the rest.
func (in *intake) store(ctx context.Context, drafts []*draft) {
	if len(drafts) == 0 {
		return
	}
	err := in.together(ctx, drafts)
	if err != nil && len(drafts) > 1 && !fault.Of(err).Kind.Retryable() {
		for i, d := range drafts {
			if i > 0 && d.key() == drafts[i-1].key() && drafts[i-1].err != nil && fault.Of(drafts[i-1].err).Kind.Retryable() {
				d.err = drafts[i-1].err // it is not to be stored before the other
				continue
			}
			in.store(ctx, []*draft{d})
		}
		return
	}
	for _, d := range drafts {
		if err != nil {
			d.err = err
		}
	}
}

// together stores drafts in one transaction, and is certain of it: when nobody
// can know whether a commit succeeded, the same is stored once more, which shows
// what is there.
func (in *intake) together(ctx context.Context, drafts []*draft) error {
	if err := in.sign(drafts); err != nil {
		return err
	}
	var unknown error
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 20*time.Millisecond, time.Second
	for looks := 0; ; {
		err := in.DB.Write(ctx, func(tx *sqldb.Tx) error { return in.write(ctx, tx, drafts, unknown != nil) })
		switch f := fault.Of(err); {
		case err == nil:
			return nil
		case errors.Is(err, errGone):
			if looks++; looks == maxLooks {
				return errBusy.Because(err)
			}
			continue
		case f.Reason == sqldb.ReasonUnknown:
			unknown = err
		case unknown == nil:
			return err
		case !f.Kind.Retryable():
			return unknown
		}
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
			return unknown
		}
	}
}

// sign gives drafts that go in one commit their receipts.
func (in *intake) sign(drafts []*draft) error {
	entries := make([]ledger.Entry, len(drafts))
	for i, d := range drafts {
		entries[i] = d.entry
	}
	if err := in.Signer.Receipts(drafts[0].Signal.ReceivedAt, entries); err != nil {
		return err
	}
	for i, d := range drafts {
		d.entry = entries[i]
	}
	return nil
}

// write is one transaction: the signals that are new, with their entries. What
// holds the keys of the others decides what becomes of them. It may run more than
// once; again says that it was, perhaps, committed before.
func (in *intake) write(ctx context.Context, tx *sqldb.Tx, drafts []*draft, again bool) error {
	rows := make([]Row, len(drafts))
	for i, d := range drafts {
		rows[i] = Row{Signal: &d.Signal, Digest: d.digest, Current: d.digest}
		d.held = nil
	}
	stored, err := in.Store.Insert(ctx, tx, rows)
	if err != nil {
		return err
	}
	fresh := drafts
	if stored < len(drafts) {
		if fresh, err = in.look(ctx, tx, drafts); err != nil {
			return err
		}
		switch {
		case again && stored == 0:
			return nil // what is there of ours was committed before, whole
		case stored != len(fresh):
			return fmt.Errorf("signals: %d rows were stored, and %d are there", stored, len(fresh))
		case stored == 0:
			return nil
		}
		if err := in.sign(fresh); err != nil {
			return err
		}
	}
	entries := make([]ledger.Entry, len(fresh))
	for i, d := range fresh {
		entries[i] = d.entry
	}
	return ledger.Append(ctx, tx, entries)
}

// look finds what holds the keys of drafts, and returns the drafts that do so
// themselves.
func (in *intake) look(ctx context.Context, tx *sqldb.Tx, drafts []*draft) (fresh []*draft, err error) {
	keys := make([]Key, len(drafts))
	for i, d := range drafts {
		keys[i] = d.key()
	}
	known, err := in.Store.Known(ctx, tx, keys)
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		held, ok := known[d.key()]
		switch {
		case !ok:
			return nil, errGone
		case held.ID == d.Signal.ID:
			fresh = append(fresh, d)
		default:
			d.held = &held
		}
	}
	return fresh, nil
}

// answer finds what drafts that were accepted before are answered with.
func (in *intake) answer(ctx context.Context, drafts []*draft) {
	byGrant := map[access.Grant][]*draft{}
	for _, d := range drafts {
		if d.err == nil && d.held != nil {
			d.judge(*d.held)
			if d.err == nil {
				byGrant[d.grant] = append(byGrant[d.grant], d)
			}
		}
	}
	for grant, of := range byGrant {
		in.recall(ctx, grant, of)
	}
}

// recall reads what was stored of drafts that were accepted before.
func (in *intake) recall(ctx context.Context, grant access.Grant, drafts []*draft) {
	ids := make([]string, len(drafts))
	for i, d := range drafts {
		ids[i] = d.held.ID
	}
	slices.Sort(ids)
	all, err := in.Store.Again(ctx, grant, slices.Compact(ids))
	byID := make(map[string]*Stored, len(all))
	for i := range all {
		byID[all[i].Signal.ID] = &all[i]
	}
	for _, d := range drafts {
		if d.again = byID[d.held.ID]; d.again != nil {
			continue
		}
		switch d.held = nil; {
		case d.Fault != nil:
			d.err = d.Fault
		case err != nil:
			d.err = fmt.Errorf("reading what was accepted before: %w", err)
		default:
			d.err = errUnknown
		}
	}
}
