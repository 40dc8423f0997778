package ledger

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"

	"schakel.example/services/internal/sqldb"
)

// Publisher passes sequenced entries on, as fast as it can and no more than
// that: readers heal what they miss from the log itself.
type Publisher interface {
	// Publish sends entries in order of index. It is called by one goroutine at
	// a time, but another process may publish the same entries, or did before:
	// a repetition must be harmless. After an error the same entries come again.
	Publish(ctx context.Context, entries []Sequenced) error
	// Erase takes back entries that were erased since they were published; those
	// that it does not have are gone already. After an error it comes again.
	Erase(ctx context.Context, indexes []int64) error
}

// Config says which log to keep and how. DB and Signer are required; the rest
// has defaults that fit production.
type Config struct {
	// DB is the service's database, in which Migrate has been run.
	DB *sqldb.DB
	// Signer signs the checkpoints.
	Signer *Signer
	// Publisher gets what was sequenced. Default: nobody.
	Publisher Publisher
	// Holder names this process in the lease, unique among those that live. A
	// name that outlives a restart lets the process lead again at once, where
	// another must wait for Lease. Default: a random one.
	Holder string
	// Lease is how long a leader may be silent before another takes over.
	// Default 3 s.
	Lease time.Duration
	// Batch is the largest number of entries in one round. Default 1000.
	Batch int
	// Clock tells when a checkpoint is signed. Default time.Now.
	Clock func() time.Time
	// Logger tells of trouble and of changes of leader. Default: none.
	Logger *slog.Logger
}

// Log is the sequencer of one log: it gives committed entries their place. Any
// number of processes may run one on the same database; one leads, the others
// stand by. It is safe for concurrent use.
type Log struct {
	*Reader
	cfg  Config
	wake chan struct{}
	// grown tells the publisher that there may be something to publish.
	grown chan struct{}

	// epoch is that of our lease, 0 while we do not lead.
	epoch atomic.Int64
	// published is the index up to which we know entries to be published.
	published atomic.Int64

	round sync.Mutex // held during a round; it guards what follows
	rival rival
	beat  time.Time // our last sign of life
	// tree is the right edge of the tree that we saw last; only right if its
	// size is still that of the database.
	tree tree
}

// New makes a Log; Run starts it.
func New(cfg Config) (*Log, error) {
	if cfg.DB == nil || cfg.Signer == nil {
		return nil, errors.New("ledger: a log needs DB and Signer")
	}
	if cfg.Holder == "" {
		cfg.Holder = uuid.NewString()
	}
	if cfg.Lease <= 0 {
		cfg.Lease = 3 * time.Second
	}
	if cfg.Batch <= 0 {
		cfg.Batch = 1000
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Logger = cfg.Logger.With("log", cfg.Signer.Origin())
	return &Log{
		Reader: NewReader(cfg.DB), cfg: cfg,
		wake: make(chan struct{}, 1), grown: make(chan struct{}, 1),
	}, nil
}

// Wake tells that entries were committed, so that they are sequenced at once.
// It never blocks. Without it they are found by polling.
func (l *Log) Wake() { signal(l.wake) }

// signal puts a token in a channel that has room for one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// How often to look for entries that another process committed: soon after
// there was one, then ever later.
const (
	firstPoll = 5 * time.Millisecond
	lastPoll  = 250 * time.Millisecond
)

// Run sequences and publishes until ctx is cancelled, gives the lease back, and
// returns nil. No fault of the database or the publisher ends it: it logs, waits
// ever longer, and tries again. It returns ErrDamaged, and stops, when the
// stored tree is not the one that was signed.
func (l *Log) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var publisher sync.WaitGroup
	if l.cfg.Publisher != nil {
		publisher.Go(func() { l.publish(ctx) })
	}
	defer func() {
		cancel()
		publisher.Wait()
		l.stepDown(context.WithoutCancel(ctx))
	}()
	poll, trouble := firstPoll, newBackOff()
	for ctx.Err() == nil {
		n, err := l.Sequence(ctx)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, ErrDamaged):
			return err
		case errors.Is(err, ErrNotLeader):
			pause(ctx, l.cfg.Lease/6)
		case err != nil:
			l.cfg.Logger.WarnContext(ctx, "sequencing failed; it is tried again", "error", err)
			pause(ctx, trouble.NextBackOff())
		case n > 0:
			poll = firstPoll
			trouble.Reset()
		default:
			trouble.Reset()
			if l.awaken(ctx, poll) {
				poll = firstPoll
			} else {
				// Often enough for a sign of life in time.
				poll = min(2*poll, lastPoll, l.cfg.Lease/6)
			}
		}
	}
	return nil
}

// awaken waits until Wake was called or a time has passed, and tells which.
func (l *Log) awaken(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-l.wake:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// newBackOff paces the repetition of what failed: 50 ms … 2 s, with jitter.
func newBackOff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval, b.MaxInterval = 50*time.Millisecond, 2*time.Second
	return b
}

// pause waits, or until ctx is cancelled.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
