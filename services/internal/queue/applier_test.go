package queue_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// numbers is a ledger whose entries are only numbers.
type numbers struct {
	size atomic.Int64
	down atomic.Bool
}

var errDown = errors.New("the source is down")

func (n *numbers) Size(context.Context) (int64, error) {
	if n.down.Load() {
		return 0, errDown
	}
	return n.size.Load(), nil
}

func (n *numbers) Entries(_ context.Context, from int64, limit int) (page []queue.Message, err error) {
	if n.down.Load() {
		return nil, errDown
	}
	return n.page(from, limit), nil
}

func (n *numbers) page(from int64, limit int) (page []queue.Message) {
	for i := from; i < min(from+int64(limit), n.size.Load()); i++ {
		page = append(page, queue.Message{Index: i})
	}
	return page
}

// add makes n more and gives them.
func (n *numbers) add(count int64) []queue.Message {
	return n.page(n.size.Add(count)-count, int(count))
}

func counting(db *sqldb.DB, stream *queue.Stream, source queue.Source, applied *atomic.Int64) queue.ApplierConfig {
	return queue.ApplierConfig{
		DB: db, Name: "numbers", Stream: stream, Source: source,
		Apply: func(context.Context, *sqldb.Tx, queue.Message) error {
			applied.Add(1)
			return nil
		},
		Subject:   func(queue.Message) string { return "" },
		TailEvery: 50 * time.Millisecond, LeaseTTL: time.Second,
	}
}

func running(t *testing.T, cfg queue.ApplierConfig) (a *queue.Applier, stop func()) {
	a, err := queue.NewApplier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return a, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
}

func awaitWatermark(t *testing.T, a *queue.Applier, want int64) {
	t.Helper()
	await(t, "the watermark", func() bool {
		w, err := a.Watermark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return w.Applied == want
	})
}

func TestARedisThatDiesIsHealedByItself(t *testing.T) {
	server := testenv.StartRedis(t)
	client, err := queue.Connect("redis://" + server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	db := testenv.Open(t, sqldb.SQLite)
	if err := queue.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	source, stream := &numbers{}, queue.NewStream(client, "numbers")
	var applied atomic.Int64
	a, stop := running(t, counting(db, stream, source, &applied))
	defer stop()
	publish := func(n int64, wantError bool) {
		t.Helper()
		if err := stream.Publish(t.Context(), source.add(n)); (err != nil) != wantError {
			t.Fatalf("Publish = %v, want an error: %v", err, wantError)
		}
		awaitWatermark(t, a, source.size.Load())
	}
	publish(100, false)
	server.Kill()
	publish(100, true)
	server.Restart() // empty
	publish(100, false)
	server.Stop()
	publish(100, true)
	server.Restart()
	publish(100, false)
	if n := applied.Load(); n != 500 {
		t.Errorf("%d entries applied, want 500", n)
	}
}

func TestWhileTheSourceIsDownTheStreamGoesOn(t *testing.T) {
	db := testenv.Open(t, sqldb.SQLite)
	if err := queue.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	source, stream := &numbers{}, queue.NewStream(embedded(t), "numbers")
	source.down.Store(true)
	var applied atomic.Int64
	a, stop := running(t, counting(db, stream, source, &applied))
	defer stop()
	for range 10 {
		if err := stream.Publish(t.Context(), source.add(10)); err != nil {
			t.Fatal(err)
		}
		awaitWatermark(t, a, source.size.Load())
	}
}

func TestAnApplierTellsOfItself(t *testing.T) {
	db := testenv.Open(t, sqldb.SQLite)
	if err := queue.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	source, stream := &numbers{}, queue.NewStream(embedded(t), "numbers")
	var applied atomic.Int64
	cfg := counting(db, stream, source, &applied)
	cfg.Apply = func(_ context.Context, _ *sqldb.Tx, m queue.Message) error {
		if m.Index == 3 {
			return errDown
		}
		return nil
	}
	reader := metric.NewManualReader()
	cfg.Meter = metric.NewMeterProvider(metric.WithReader(reader)).Meter("test")
	source.add(10) // not published: the source heals them
	a, stop := running(t, cfg)
	awaitWatermark(t, a, 10)
	stop()
	if n, err := a.Retry(t.Context(), 3); n != 0 || !errors.Is(err, errDown) {
		t.Errorf("Retry = %d, %v", n, err)
	}
	want := map[string]int64{
		"schakel.queue.applied": 9, "schakel.queue.parked": 1, "schakel.queue.retries": 1,
		"schakel.queue.healed": 10, "schakel.queue.lag": 0,
	}
	if diff := cmp.Diff(want, measured(t, reader)); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// measured gives the sum of each metric.
func measured(t *testing.T, reader *metric.ManualReader) map[string]int64 {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	sums := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					sums[m.Name] += p.Value
				}
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					sums[m.Name] += p.Value
				}
			}
		}
	}
	return sums
}

func TestAClosedDatabaseDoesNotEndTheApplier(t *testing.T) {
	db := testenv.Open(t, sqldb.SQLite)
	if err := queue.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	source, stream := &numbers{}, queue.NewStream(embedded(t), "numbers")
	var applied atomic.Int64
	a, stop := running(t, counting(db, stream, source, &applied))
	if err := stream.Publish(t.Context(), source.add(10)); err != nil {
		t.Fatal(err)
	}
	awaitWatermark(t, a, 10)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := stream.Publish(t.Context(), source.add(10)); err != nil {
		t.Fatal(err)
	}
	stop()
}

func TestAConfigThatCannotWorkIsRefused(t *testing.T) {
	db := testenv.Open(t, sqldb.SQLite)
	good := counting(db, queue.NewStream(embedded(t), "numbers"), &numbers{}, &atomic.Int64{})
	for name, change := range map[string]func(*queue.ApplierConfig){
		"without a database": func(c *queue.ApplierConfig) { c.DB = nil },
		"without a name":     func(c *queue.ApplierConfig) { c.Name = "" },
		"without a stream":   func(c *queue.ApplierConfig) { c.Stream = nil },
		"without a source":   func(c *queue.ApplierConfig) { c.Source = nil },
		"without a handler":  func(c *queue.ApplierConfig) { c.Apply = nil },
		"without subjects":   func(c *queue.ApplierConfig) { c.Subject = nil },
		"with a lease shorter than its renewal": func(c *queue.ApplierConfig) {
			c.TailEvery, c.LeaseTTL = time.Second, time.Second
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			change(&cfg)
			if _, err := queue.NewApplier(cfg); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestAURLThatIsNoneIsRefusedWithoutItsPassword(t *testing.T) {
	_, err := queue.Connect("redis://user:geheim@host:poort/0")
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("Connect = %v", err)
	}
}
