package bench

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

var signals = flag.Int("signals", 1_000_000, "how many signals go through one connection to see what memory that takes")

// BenchmarkMemory sends signals as NDJSON, in one request over one connection
// that is answered as it goes, and samples the memory of the process meanwhile.
func BenchmarkMemory(b *testing.B) {
	onDisk(b)
	programs := build(b)
	for _, engine := range testenv.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			var database func() string
			if engine == sqldb.Postgres {
				database = testenv.StartPostgres(b, "shared_buffers=512MB", "max_wal_size=4GB").Database
			}
			h := startHouse(b, programs.schakel, engine, database)
			p := posters(b, 1, "http://"+h.http+"/v1/signalen/_bulk", h.token, inLine)[0]
			sent := 0
			for b.Loop() {
				m := memory{total: *signals}
				start := time.Now()
				if err := h.watch(b, p, &m); err != nil {
					b.Fatal(err)
				}
				sent += *signals
				rate := float64(*signals) / time.Since(start).Seconds()
				title := fmt.Sprintf("%s: resident memory of Schakel while %d signals went through one connection, %.0f a second", engine, *signals, rate)
				if err := m.report(os.Stdout, title); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(rate, "signals/s")
				b.ReportMetric(float64(m.most())/(1<<20), "MiB-most")
			}
			b.ReportMetric(0, "ns/op")
			if stored := h.stored(b); stored != sent {
				b.Errorf("%d signals were acknowledged, %d are stored", sent, stored)
			}
		})
	}
}

// watch sends all signals in one request, and samples the memory meanwhile.
func (h *house) watch(b *testing.B, p *poster, m *memory) error {
	pid := programs(h.bin)
	if len(pid) != 1 {
		return fmt.Errorf("%d processes of Schakel", len(pid))
	}
	var done atomic.Int64
	finished := make(chan struct{})
	var sampling sync.WaitGroup
	sampling.Go(func() {
		clock := time.NewTicker(50 * time.Millisecond)
		defer clock.Stop()
		for {
			size, err := resident(pid[0])
			if err != nil {
				b.Error(err)
				return
			}
			m.note(int(done.Load()), size)
			select {
			case <-clock.C:
			case <-finished:
				return
			}
		}
	})
	defer sampling.Wait()
	defer close(finished)
	n, err := p.flood(b.Context(), m.total, func() { done.Add(1) })
	if err == nil && n != m.total {
		err = fmt.Errorf("%d of %d were accepted", n, m.total)
	}
	return err
}
