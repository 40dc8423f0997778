package queuetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// Times short enough for a test, long enough for a busy machine.
const (
	block     = 20 * time.Millisecond
	tailEvery = 50 * time.Millisecond
	leaseTTL  = 500 * time.Millisecond
	// patience is how long a condition is waited for before the test fails.
	patience = 30 * time.Second
	// prompt is the longest that a stop may take: the longest block, the grace
	// of a read that hangs, and the machine.
	prompt = 5 * time.Second
)

// schema makes the projection of the suite: one row for each entry applied, in
// the order of application. The deferred reference serves to make a commit
// fail.
const schema = `
	CREATE TABLE IF NOT EXISTS queuetest_row (
		source TEXT NOT NULL, idx BIGINT NOT NULL, place BIGINT NOT NULL, payload TEXT NOT NULL,
		PRIMARY KEY (source, idx), UNIQUE (source, place));
	CREATE TABLE IF NOT EXISTS queuetest_child (
		source TEXT NOT NULL, idx BIGINT NOT NULL,
		FOREIGN KEY (source, idx) REFERENCES queuetest_row (source, idx) DEFERRABLE INITIALLY DEFERRED);`

// rig is one case: a ledger, its stream, and a database to apply it to.
type rig struct {
	*testing.T
	db     *sqldb.DB
	client redis.UniversalClient
	name   string
	ledger *ledger
	stream *queue.Stream
}

func newRig(t *testing.T, client redis.UniversalClient, db *sqldb.DB) *rig {
	name := uuid.NewString()
	return &rig{
		T: t, db: db, client: client, name: name,
		ledger: &ledger{}, stream: queue.NewStream(client, name),
	}
}

// config is that of an applier which folds each entry into a row.
func (r *rig) config() queue.ApplierConfig {
	return queue.ApplierConfig{
		DB: r.db, Name: r.name, Stream: r.stream, Source: r.ledger,
		Apply: r.apply, Subject: subjectOf,
		Batch: 50, Block: block, TailEvery: tailEvery, LeaseTTL: leaseTTL,
		Logger: slog.New(slog.NewTextHandler(r.Output(), nil)),
	}
}

// apply fails if the entry is already there: an entry that is doubled ends up
// parked, which the checks notice.
func (r *rig) apply(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
	payload := string(m.Payload)
	if m.Erased {
		payload = "erased"
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO queuetest_row (source, idx, place, payload)
		SELECT $1, $2, coalesce(max(place) + 1, 0), $3 FROM queuetest_row WHERE source = $1`,
		r.name, m.Index, payload)
	return err
}

func (r *rig) applier(cfg queue.ApplierConfig) *queue.Applier {
	r.Helper()
	a, err := queue.NewApplier(cfg)
	if err != nil {
		r.Fatal(err)
	}
	return a
}

// start runs an applier; stop cancels it, waits for its end, and may be called
// twice.
func (r *rig) start(a *queue.Applier) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if stopped {
			return
		}
		stopped = true
		select {
		case err := <-done:
			if err != nil {
				r.Errorf("Run = %v, want nil after a cancel", err)
			}
		case <-time.After(patience):
			r.Error("Run did not return after a cancel")
		}
	}
	r.Cleanup(stop)
	return stop
}

// run starts an applier with the plain config.
func (r *rig) run() (stop func()) { return r.start(r.applier(r.config())) }

func (r *rig) publish(messages ...queue.Message) {
	r.Helper()
	if err := r.stream.Publish(r.Context(), messages); err != nil {
		r.Fatalf("Publish: %v", err)
	}
}

func (r *rig) watermark() queue.Watermark {
	r.Helper()
	w, err := r.applier(r.config()).Watermark(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	return w
}

// settle waits until the whole ledger is applied or parked.
func (r *rig) settle() {
	r.Helper()
	r.await("the watermark to reach the end of the ledger", func() bool {
		return r.watermark().Applied == int64(len(r.ledger.all()))
	})
}

func (r *rig) await(what string, met func() bool) {
	r.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(patience); !met(); {
		select {
		case <-tick.C:
		case <-limit:
			r.Fatalf("waited in vain for %s; watermark %+v", what, r.watermark())
		}
	}
}

type row struct {
	Index   int64
	Payload string
}

// rows are those of the projection, in the order in which they were applied.
func (r *rig) rows() (rows []row) {
	r.Helper()
	err := r.db.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
		rows, err = sqldb.All(r.Context(), tx, func(s sqldb.Scanner) (x row, err error) {
			return x, s.Scan(&x.Index, &x.Payload)
		}, `SELECT idx, payload FROM queuetest_row WHERE source = $1 ORDER BY place`, r.name)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return rows
}

// complete checks that each entry of the ledger was applied once, in order, and
// that none is parked.
func (r *rig) complete() {
	r.Helper()
	r.settle()
	var want []row
	for _, m := range r.ledger.all() {
		payload := string(m.Payload)
		if m.Erased {
			payload = "erased"
		}
		want = append(want, row{m.Index, payload})
	}
	if diff := cmp.Diff(want, r.rows()); diff != "" {
		r.Errorf("projection (-want +got):\n%s", diff)
	}
	if parked := r.parked(); len(parked) > 0 {
		r.Errorf("parked: %+v", parked)
	}
}

func (r *rig) parked() []queue.Parked {
	r.Helper()
	list, err := r.applier(r.config()).Parked(r.Context(), 0, 1000)
	if err != nil {
		r.Fatal(err)
	}
	return list
}
