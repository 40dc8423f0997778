package signals

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

const (
	// maxBatch bounds one commit: past it a larger batch gains nothing, and the
	// first in it would wait for the last.
	maxBatch = 500
	// maxWaiting bounds the memory of those who wait for a commit.
	maxWaiting = 8 * maxBatch
	// maxCommit bounds a commit: a database that does not answer is not waited
	// for.
	maxCommit = 30 * time.Second
	// maxLooks bounds how often a batch is tried again because another replica
	// took one of its keys.
	maxLooks = 5
)

// intake commits drafts in groups: while one transaction is on its way to the
// disk, those who come wait, and go together in the next. There is no timer, and
// nobody is answered before their commit.
type intake struct {
	Config
	waiting chan *draft
	stopped chan struct{}
}

// draft is a checked signal on its way into the store.
type draft struct {
	signal Signal
	digest []byte
	entry  ledger.Entry
	out    outcome
	done   chan struct{} // closed when out is final
}

// outcome is what became of a draft: accepted now, accepted before under id, or
// an error.
type outcome struct {
	id       string
	repeated bool
	err      error
}

var (
	// errTaken says that another replica took a key between our look and our
	// insert; a second look will find it.
	errTaken = errors.New("signals: a key was taken meanwhile")
	errBusy  = fault.New(fault.Exhausted, "te-druk", fault.Text{
		NL: "Er wachten te veel signalen op opslag. Probeer het over enkele seconden opnieuw.",
		EN: "too many signals wait to be stored; try again in a few seconds",
	}).After(2 * time.Second)
	errStopping = fault.New(fault.Unavailable, "stopt", fault.Text{
		NL: "Schakel wordt gestopt. Probeer het zo dadelijk opnieuw.",
		EN: "the service is stopping; try again shortly",
	})
	errOtherContent = fault.New(fault.Conflict, "kenmerk-bezet", fault.Text{
		NL: "Onder dit kenmerk is al een signaal met andere inhoud ingediend.",
		EN: "another signal was submitted under this reference before",
	})
)

func newIntake(c Config) *intake {
	return &intake{Config: c, waiting: make(chan *draft, maxWaiting), stopped: make(chan struct{})}
}

// submit hands a draft in and waits for its outcome. When ctx ends first, the
// draft may still be stored; a repetition will find it.
func (in *intake) submit(ctx context.Context, d *draft) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case in.waiting <- d:
	default:
		return errBusy
	}
	select {
	case <-d.done:
		return d.out.err
	case <-ctx.Done():
		return ctx.Err()
	case <-in.stopped:
	}
	select {
	case <-d.done: // by the last of the work
		return d.out.err
	default:
		return errStopping
	}
}

// run commits until ctx ends, and then what still waits. SQLite has one writer;
// on PostgreSQL a second one prepares its batch while the first is flushed.
func (in *intake) run(ctx context.Context) error {
	defer close(in.stopped)
	writers := 1
	if in.DB.Engine() == sqldb.Postgres {
		writers = 2
	}
	var group errgroup.Group
	for range writers {
		group.Go(func() error {
			for {
				select {
				case d := <-in.waiting:
					in.commit(in.gather(d))
				case <-ctx.Done():
					if batch := in.gather(nil); len(batch) > 0 {
						in.commit(batch)
						continue
					}
					return nil
				}
			}
		})
	}
	return group.Wait()
}

// gather takes what waits, without waiting for more.
func (in *intake) gather(first *draft) []*draft {
	var batch []*draft
	if first != nil {
		batch = append(batch, first)
	}
	for len(batch) < maxBatch {
		select {
		case d := <-in.waiting:
			batch = append(batch, d)
		default:
			return batch
		}
	}
	return batch
}

// commit stores a batch and tells each draft what became of it. A batch that
// fails for a reason of its own is tried again one by one, so that one bad row
// never fails the rest.
func (in *intake) commit(batch []*draft) {
	// Whoever waited may have gone; what they handed in is stored all the same.
	ctx, cancel := context.WithTimeout(context.Background(), maxCommit)
	defer cancel()
	// Replicas that lock keys in one order cannot wait for each other.
	slices.SortStableFunc(batch, func(a, b *draft) int {
		return cmp.Or(cmp.Compare(a.signal.Organisation, b.signal.Organisation),
			cmp.Compare(a.signal.ExternalReference, b.signal.ExternalReference))
	})
	err := in.look(ctx, batch)
	if err != nil && len(batch) > 1 && !fault.Of(err).Kind.Retryable() {
		for _, d := range batch {
			in.commit([]*draft{d})
		}
		return
	}
	for _, d := range batch {
		if err != nil {
			d.out.err = err
		}
		close(d.done)
	}
	in.Log.Wake()
}

// look stores a batch, looking again when a key was taken meanwhile.
func (in *intake) look(ctx context.Context, batch []*draft) (err error) {
	for range maxLooks {
		err = in.DB.Write(ctx, func(tx *sqldb.Tx) error { return in.write(ctx, tx, batch) })
		if !errors.Is(err, errTaken) {
			return err
		}
	}
	return errBusy.Because(err)
}

// write is one transaction: what is known already, what is new, its entries and
// their receipts. It may run more than once.
func (in *intake) write(ctx context.Context, tx *sqldb.Tx, batch []*draft) error {
	keys := make([]Key, len(batch))
	for i, d := range batch {
		keys[i] = Key{d.signal.Organisation, d.signal.ExternalReference}
	}
	known, err := in.Store.Known(ctx, tx, keys)
	if err != nil {
		return err
	}
	now := in.Now().UTC().Truncate(time.Millisecond)
	var fresh []*draft
	for i, d := range batch {
		held, ok := known[keys[i]]
		switch {
		case !ok:
			if err := in.accept(d, now); err != nil {
				return err
			}
			known[keys[i]] = Accepted{ID: d.signal.ID, Digest: d.digest, Current: d.digest}
			fresh = append(fresh, d)
			d.out = outcome{id: d.signal.ID}
		case held.Holds(d.digest):
			d.out = outcome{id: held.ID, repeated: true}
		default:
			d.out = outcome{err: errOtherContent.About(held.ID)}
		}
	}
	return in.insert(ctx, tx, now, fresh)
}

// accept gives a draft its identity, and makes its ledger entry.
func (in *intake) accept(d *draft, now time.Time) error {
	d.signal.ID, d.signal.Revision = in.NewID(), 1
	d.signal.ReceivedAt, d.signal.StateAt, d.signal.State = now, now, Received
	entry, err := ledger.Seal(in.event(d.signal), 1)
	d.entry = entry
	return err
}

func (in *intake) insert(ctx context.Context, tx *sqldb.Tx, now time.Time, fresh []*draft) error {
	if len(fresh) == 0 {
		return nil
	}
	rows := make([]Row, len(fresh))
	entries := make([]ledger.Entry, len(fresh))
	for i, d := range fresh {
		rows[i], entries[i] = Row{Signal: &d.signal, Digest: d.digest, Current: d.digest}, d.entry
	}
	n, err := in.Store.Insert(ctx, tx, rows)
	if err != nil {
		return err
	}
	if n < len(fresh) {
		return errTaken
	}
	if err := in.Signer.Receipts(now, entries); err != nil {
		return err
	}
	if err := ledger.Append(ctx, tx, entries); err != nil {
		return err
	}
	for i, d := range fresh {
		d.entry = entries[i]
	}
	return nil
}
