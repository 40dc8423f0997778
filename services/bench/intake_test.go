package bench

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

var each = flag.Duration("each", 3*time.Second, "how long each takes its turn in a round")

// course is where a race is run.
type course struct {
	*testing.B
	builds builds
	engine sqldb.Engine
	house  *house
}

// way is a way in.
type way struct {
	name    string
	clients int
	load    func(c *course) load
	// size is how many signals the bare loop writes in a transaction.
	size int
	aim  float64 // against the bare loop
	peer func(c *course) opponent
}

// ways are all of them.
func ways() []way {
	return []way{
		{
			name: "REST, a signal a request, 64 clients", clients: 64, size: 1, aim: 0.5, peer: pocketBaseSingles,
			load: func(c *course) load {
				return repeat(single(callers(c.B, 64, c.house.http, "/v1/signalen", c.house.token), sourcesOf(c.B, 64, inJSON), 201))
			},
		},
		{
			name: "NDJSON, 1,000 a request, 4 clients", clients: 4, size: batchSize, aim: 0.5, peer: pocketBaseBatches,
			load: func(c *course) load {
				return repeat(batch(posters(c.B, 4, "http://"+c.house.http+"/v1/signalen/_bulk", c.house.token, inLine), ndjson()))
			},
		},
		{
			name: "gRPC, a stream each for 4 clients", clients: 4, size: batchSize, aim: 0.4, peer: jetStreams,
			load: func(c *course) load { return streams(c.house.streamers(c.B, 4)) },
		},
	}
}

func pocketBaseSingles(c *course) opponent {
	address := startPocketBase(c.B, c.builds.pocketbase)
	load := repeat(single(callers(c.B, 64, address, recordsPath, nil), sourcesOf(c.B, 64, inJSON), 200))
	return opponent{contender{"PocketBase, FULL", 64, load}, 5}
}

func pocketBaseBatches(c *course) opponent {
	address := startPocketBase(c.B, c.builds.pocketbase)
	load := repeat(batch(posters(c.B, 4, "http://"+address+"/api/batch", nil, inPocketBaseBatch), pocketBaseBatch()))
	return opponent{contender{"PocketBase, FULL, batches", 4, load}, 7}
}

func jetStreams(c *course) opponent {
	const subject = "signalen"
	load := published(joinedJetStream(c.B, c.builds.jetstream, subject, 4), subject, sourcesOf(c.B, 4, inJSON))
	return opponent{contender{"JetStream, sync always", 4, load}, 6}
}

// BenchmarkIntake holds each way in against the bare loop and a peer. An
// iteration is a round.
func BenchmarkIntake(b *testing.B) {
	onDisk(b)
	programs := build(b)
	var server *testenv.PostgresServer
	for _, engine := range testenv.Engines() {
		if engine == sqldb.Postgres {
			server = testenv.StartPostgres(b, "shared_buffers=512MB", "max_wal_size=4GB")
		}
		b.Run(string(engine), func(b *testing.B) {
			var races [][]result
			rounds := 0
			for _, w := range ways() {
				b.Run(w.name, func(b *testing.B) {
					c := &course{B: b, builds: programs, engine: engine}
					c.house = startHouse(b, programs.schakel, engine, func() string { return server.Database() })
					r := c.prepare(w)
					for b.Loop() {
						if err := r.round(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
					c.conclude(r)
					races, rounds = append(races, r.results()), len(r.laps)
				})
			}
			title := fmt.Sprintf("%s, %d processors; medians of %d rounds of %v each", engine, runtime.NumCPU(), rounds, *each)
			if err := report(os.Stdout, title, races); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// prepare lets Schakel run a lap by itself, to warm up and to see what it
// writes, and sets up a race with its opponents.
func (c *course) prepare(w way) *race {
	c.Helper()
	ours := contender{"Schakel", w.clients, w.load(c)}
	warm, err := run(c.Context(), ours, min(*each, time.Second))
	if err != nil {
		c.Fatal(w.name, ": ", err)
	}
	db := c.house.open(c.B)
	tables, err := capture(c.Context(), db, 2*batchSize)
	if err != nil {
		c.Fatal(err)
	}
	c.tellWhatElse(w, tables, warm.signals)
	r := &race{way: w.name, ours: ours, each: *each, warm: warm.signals}
	loops := 1
	if w.size == 1 && c.engine == sqldb.Postgres {
		loops = 64
	}
	r.opponents = append(r.opponents, opponent{bare(c.house.writers(c.B, loops, tables), tables, w.size), w.aim})
	if w.size > 1 && c.engine == sqldb.Postgres {
		two := bare(c.house.writers(c.B, 2, tables), tables, w.size)
		two.name += ", 2 at a time"
		r.opponents = append(r.opponents, opponent{contender: two})
	}
	r.opponents = append(r.opponents, w.peer(c))
	return r
}

// tellWhatElse names the tables that got a row for each signal and are not in
// the bare loop.
func (c *course) tellWhatElse(w way, tables []table, signals int) {
	c.Helper()
	list := "SELECT name FROM sqlite_master WHERE type = 'table'"
	if c.engine == sqldb.Postgres {
		list = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'"
	}
	all, err := sizes(c.Context(), c.house.open(c.B), list)
	if err != nil {
		c.Fatal(err)
	}
	for name, n := range all {
		if n >= signals/2 && !slices.ContainsFunc(tables, func(t table) bool { return t.name == name }) {
			c.Logf("%s: %d signals made %d rows in %s, which the bare loop does not write", w.name, signals, n, name)
		}
	}
}

// conclude checks that nothing was lost, and reports.
func (c *course) conclude(r *race) {
	c.Helper()
	if stored := c.house.stored(c.B); stored != r.signals() {
		c.Errorf("%s: %d signals were acknowledged, %d are stored", r.way, r.signals(), stored)
	}
	c.ReportMetric(0, "ns/op")
	for i, result := range r.results() {
		switch {
		case i == 0:
			c.ReportMetric(result.perSec, "signals/s")
		case i == 1:
			c.ReportMetric(median(result.ratio), "×bare")
		case result.aim > 0:
			c.ReportMetric(median(result.ratio), "×peer")
		}
	}
}
