package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/metric"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

// ApplierConfig says what to apply, to what, and how. The first six fields are
// required; the rest has defaults that fit production.
type ApplierConfig struct {
	// DB is the consumer's database, in which Migrate has been run.
	DB *sqldb.DB
	// Name of the ledger: the key of its watermark in the consumer's database.
	Name string
	// Stream is the fast path of that ledger.
	Stream *Stream
	// Source is that ledger itself.
	Source Source
	// Apply folds one entry into the consumer's tables, within tx and by tx
	// alone: it may run several times for one entry, of which one is committed.
	// A transient fault (fault.Kind.Retryable, or a cancelled ctx) is tried
	// again; any other error, or a panic, parks the entry. An erased entry
	// comes by too.
	Apply func(ctx context.Context, tx *sqldb.Tx, m Message) error
	// ApplyAll, if given, folds the entries of a transaction at once, for those
	// whose Apply costs more one by one; Apply then serves retries alone. It keeps
	// to what Apply keeps to. When it refuses, the batch is halved until the entry
	// that is to blame stands alone.
	ApplyAll func(ctx context.Context, tx *sqldb.Tx, all []Message) error
	// Subject names what an entry is about: entries of one subject are never
	// applied out of order. Empty means that the entry stands alone. It is only
	// called while something is parked.
	Subject func(m Message) string

	// Rest, if given, says how long to leave the database to others after a
	// transaction that took so long; at most TailEvery. For what may lag behind
	// while there is more urgent work.
	Rest func(took time.Duration) time.Duration

	// Holder names this instance in the lease, unique among those that live. A
	// name that outlives a restart lets the instance go on at once, where
	// another must wait for LeaseTTL. Default: a random one.
	Holder string
	// Batch is the largest number of entries in a transaction. Default 500.
	Batch int
	// Block is how long to wait in Redis for a next entry, and so how long a
	// stop may take. Default 250 ms.
	Block time.Duration
	// TailEvery is how often an idle applier compares with its source: the
	// delay of entries that Redis lost, and the sign of life of the lease.
	// Default 1 s.
	TailEvery time.Duration
	// LeaseTTL is how long the active applier may be silent before another
	// takes over, at least twice TailEvery. Default 3 s.
	LeaseTTL time.Duration
	// Clock stamps parked entries. Default time.Now.
	Clock func() time.Time
	// Logger and Meter default to none.
	Logger *slog.Logger
	Meter  metric.Meter
}

const (
	firstRetry = 50 * time.Millisecond
	lastRetry  = 2 * time.Second
	// lookAgain bounds how long one that stands by waits between two looks.
	lookAgain = time.Second
	// stepDown bounds how long a stopping applier tries to give its lease back.
	stepDown = 2 * time.Second
)

// Applier applies the entries of one ledger to one consumer's database, each
// exactly once and in order. Any number of instances may run; one is active.
type Applier struct {
	cfg     ApplierConfig
	log     *slog.Logger
	metrics *metrics
}

// NewApplier checks the config and fills in the defaults.
func NewApplier(cfg ApplierConfig) (*Applier, error) {
	if cfg.DB == nil || cfg.Name == "" || cfg.Stream == nil || cfg.Source == nil || cfg.Apply == nil || cfg.Subject == nil {
		return nil, errors.New("queue: an applier needs DB, Name, Stream, Source, Apply and Subject")
	}
	if cfg.Holder == "" {
		cfg.Holder = uuid.NewString()
	}
	cfg.Batch = or(cfg.Batch, 500)
	cfg.Block = or(cfg.Block, 250*time.Millisecond)
	cfg.TailEvery = or(cfg.TailEvery, time.Second)
	cfg.LeaseTTL = or(cfg.LeaseTTL, 3*time.Second)
	if cfg.LeaseTTL < 2*cfg.TailEvery {
		return nil, fmt.Errorf("queue: LeaseTTL %v is less than twice TailEvery %v: an idle applier would lose its lease", cfg.LeaseTTL, cfg.TailEvery)
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(cfg.Meter, cfg.Name)
	if err != nil {
		return nil, err
	}
	return &Applier{cfg: cfg, log: cfg.Logger.With("source", cfg.Name), metrics: m}, nil
}

func or[T int | time.Duration](value, def T) T {
	if value <= 0 {
		return def
	}
	return value
}

// Run applies until ctx is cancelled, and then returns nil. It stands by while
// another instance is active, and gives the lease back when it stops. No fault
// ends it: it logs, waits ever longer, and tries again from the watermark that
// the database says.
func (a *Applier) Run(ctx context.Context) error {
	var held *lease
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = firstRetry, lastRetry
	who := &candidate{db: a.cfg.DB, source: a.cfg.Name, holder: a.cfg.Holder, ttl: a.cfg.LeaseTTL}
	f := a.newFeed()
	troubled := ""
	progress := func() { wait.Reset(); troubled = "" }
	for ctx.Err() == nil {
		l, err := who.try(ctx, held)
		if err == nil {
			held = l
			if l == nil { // another is at work
				pause(ctx, min(a.cfg.LeaseTTL/6, lookAgain))
				continue
			}
			err = a.lead(ctx, l, f, progress)
		}
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, errFenced):
			a.log.InfoContext(ctx, "another applier took over")
			pause(ctx, min(a.cfg.LeaseTTL/6, lookAgain))
		default:
			troubled = a.tell(ctx, err, troubled)
			pause(ctx, wait.NextBackOff())
		}
	}
	return a.stop(ctx, held)
}

// lead applies while the lease holds. It returns the fault that stopped it.
func (a *Applier) lead(ctx context.Context, l *lease, f *feed, progress func()) error {
	for {
		messages, current, err := f.next(ctx, l.applied)
		switch {
		case err != nil:
		case len(messages) > 0:
			began := time.Now()
			if err = a.apply(ctx, l, messages); err == nil && a.cfg.Rest != nil {
				pause(ctx, min(a.cfg.Rest(time.Since(began)), a.cfg.TailEvery))
			}
		case current:
			// The lease is renewed by work done or found done, never by merely
			// being alive: an applier that cannot reach its source loses it to
			// one that can.
			err = l.renew(ctx, a.cfg.DB)
		default:
			continue
		}
		if err != nil {
			return err
		}
		progress()
		a.metrics.lag(ctx, f.top-l.applied)
	}
}

func (a *Applier) newFeed() *feed {
	return &feed{
		stream: a.cfg.Stream, source: a.cfg.Source, batch: a.cfg.Batch,
		block: a.cfg.Block, tailEvery: a.cfg.TailEvery, log: a.log, metrics: a.metrics,
	}
}

// tell logs a fault once, not at each repetition, and returns its reason.
func (a *Applier) tell(ctx context.Context, err error, before string) string {
	a.metrics.retried(ctx)
	reason := fault.Of(err).Reason
	level := slog.LevelDebug
	if reason != before {
		level = slog.LevelWarn
	}
	a.log.Log(ctx, level, "applying is interrupted and tried again", "reason", reason, "error", err)
	return reason
}

// stop gives the lease back, though ctx is cancelled.
func (a *Applier) stop(ctx context.Context, held *lease) error {
	if held == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stepDown)
	defer cancel()
	if err := held.release(ctx, a.cfg.DB); err != nil {
		// The next applier waits for LeaseTTL: late, but nothing is lost.
		a.log.WarnContext(ctx, "the lease could not be given back", "error", err)
	}
	return nil
}

// Watermark tells how far this consumer is with the source.
func (a *Applier) Watermark(ctx context.Context) (w Watermark, err error) {
	err = a.cfg.DB.Read(ctx, func(tx *sqldb.Tx) error {
		w, err = ReadWatermark(ctx, tx, a.cfg.Name)
		return err
	})
	return w, err
}
