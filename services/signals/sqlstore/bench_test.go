package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// ways are the ways in, from the use case on or over TCP with all checks, the
// client in the same process. Each stores so many signals of about a kilobyte, with
// their entries and receipts, and waits for every answer; beside it stands a bare
// loop that writes the same rows, so many in a transaction, so many at a time.
var ways = []struct {
	name    string
	lap     int // signals
	submit  func(ctx context.Context, s *signals.Service, from, n int) error
	call    func(ctx context.Context, client signalsv1.SignalServiceClient, from, n int) error // over TCP, instead of submit
	size    int
	writers map[sqldb.Engine]int
}{
	{"one by one, 64 callers", 2000, oneByOne, nil, 1, map[sqldb.Engine]int{sqldb.SQLite: 1, sqldb.Postgres: 64}},
	{"batches of 1,000, 4 callers", 8000, inBatches, nil, 1000, map[sqldb.Engine]int{sqldb.SQLite: 1, sqldb.Postgres: 1}},
	{"4 streams", 8000, onStreams, nil, 1000, map[sqldb.Engine]int{sqldb.SQLite: 1, sqldb.Postgres: 1}},
	{"batches over gRPC", 8000, nil, inBatchesOverGRPC, 1000, map[sqldb.Engine]int{sqldb.SQLite: 1, sqldb.Postgres: 1}},
	{"4 streams over gRPC", 8000, nil, onStreamsOverGRPC, 1000, map[sqldb.Engine]int{sqldb.SQLite: 1, sqldb.Postgres: 1}},
}

// BenchmarkSubmit holds each way in against a bare loop, by turns. An iteration is
// a lap of each. Processor time is that of this process, so without PostgreSQL's.
func BenchmarkSubmit(b *testing.B) {
	for _, engine := range testenv.Engines() {
		for _, way := range ways {
			b.Run(string(engine)+"/"+way.name, func(b *testing.B) {
				db, _ := fresh(engine)(b)(b)
				service, _ := serve(b, db, signals.Bounds{})
				submit := func(from int) error { return way.submit(b.Context(), service, from, way.lap) }
				if way.call != nil {
					client := dial(b, service)
					submit = func(from int) error { return way.call(b.Context(), client, from, way.lap) }
				}
				next := 0
				ours := func() error {
					next += way.lap
					return submit(next - way.lap)
				}
				if err := ours(); err != nil { // to warm up, and to have something to copy
					b.Fatal(err)
				}
				loops := make([]*bare, way.writers[engine])
				for i := range loops {
					loops[i] = bareLoop(b, engine, db, way.size)
				}
				bare := func() error {
					return atOnce(len(loops), func(i int) error { return loops[i].lap(b.Context(), way.lap/len(loops)) })
				}
				if err := bare(); err != nil {
					b.Fatal(err)
				}
				var took, used [2]time.Duration
				for b.Loop() {
					for i, run := range []func() error{ours, bare} {
						start, before := time.Now(), processorTime(b)
						if err := run(); err != nil {
							b.Fatal(err)
						}
						took[i] += time.Since(start)
						used[i] += processorTime(b) - before
					}
				}
				n := float64(b.N * way.lap)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(n/took[0].Seconds(), "signals/s")
				b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "xbare")
				b.ReportMetric(used[0].Seconds()*1e6/n, "cpu-µs/signal")
				b.ReportMetric(used[1].Seconds()*1e6/n, "cpu-µs/bare")
			})
		}
	}
}

// nth is a signal of about a kilobyte.
func nth(n int) signals.Incoming {
	in := plain(fmt.Sprintf("S-%09d", n))
	in.Signal.Description = strings.Repeat("Wie wisselend verdient, betaalt achteraf terug. ", 10)
	return in
}

func oneByOne(ctx context.Context, s *signals.Service, from, n int) error {
	var next atomic.Int64
	return atOnce(64, func(int) error {
		for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
			if _, err := s.Submit(ctx, grant, nth(from+i)); err != nil {
				return err
			}
		}
		return nil
	})
}

func inBatches(ctx context.Context, s *signals.Service, from, n int) error {
	const size = 1000
	var next atomic.Int64
	return atOnce(4, func(int) error {
		for i := int(next.Add(size)); i <= n; i = int(next.Add(size)) {
			batch := make([]signals.Incoming, size)
			for j := range batch {
				batch[j] = nth(from + i - size + j)
			}
			outcomes, err := s.SubmitAll(ctx, grant, batch)
			if err := errors.Join(err, accepted(outcomes)); err != nil {
				return err
			}
		}
		return nil
	})
}

func onStreams(ctx context.Context, s *signals.Service, from, n int) error {
	const streams = 4
	return atOnce(streams, func(stream int) error {
		st := s.Stream(grant)
		go func() {
			for i := range n / streams {
				if err := st.Submit(ctx, nth(from+stream*n/streams+i)); err != nil {
					st.End(err)
					return
				}
			}
			st.End(io.EOF)
		}()
		for {
			outcomes, err := st.Next(ctx)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err := errors.Join(err, accepted(outcomes)); err != nil {
				return err
			}
		}
	})
}

func accepted(outcomes []signals.Outcome) error {
	for _, o := range outcomes {
		if o.Err != nil || o.Repeated {
			return fmt.Errorf("%+v", o)
		}
	}
	return nil
}

// atOnce runs f so many times at the same time, and joins the errors.
func atOnce(n int, f func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = f(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// processorTime is what this process used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
