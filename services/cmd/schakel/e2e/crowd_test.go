package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"

	"schakel.example/proto/wire"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

const (
	// crowded is how many clients there are, distinct how many signals they have
	// together, and each how many of these each of them submits, some at once.
	crowded, distinct, each, atOnce = 64, 200, 100, 20
)

// TestWhatManySubmitIsStoredOnce has 64 clients submit the same signals, each in
// an order of its own, over all ways in: to one process on SQLite, and to two
// replicas on one PostgreSQL. Every signal is accepted once; all others are told
// so, with the same id and the very receipt.
func TestWhatManySubmitIsStoredOnce(t *testing.T) {
	t.Parallel()
	houses := map[string]func(*testing.T) []*house{
		"all in one process": func(t *testing.T) []*house { return []*house{allInOne(t)} },
	}
	if slices.Contains(testenv.Engines(), sqldb.Postgres) {
		houses["two replicas"] = func(t *testing.T) []*house {
			h := fourProcesses(t)
			return []*house{h, h.replica()}
		}
	}
	for kind, build := range houses {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := &crowd{houses: build(t), told: map[string][]found{}}
			var clients sync.WaitGroup
			for i := range crowded {
				clients.Go(func() { c.submit(t, i) })
			}
			clients.Wait()
			var all []string
			for reference, answers := range c.told {
				all = append(all, reference)
				once(t, reference, answers)
			}
			if len(all) != distinct {
				t.Errorf("%d signals were answered, and not %d", len(all), distinct)
			}
			for _, h := range c.houses {
				h.once(t, all)
			}
			c.houses[0].settled(t, map[string]int32{"signals": distinct})
		})
	}
}

// crowd is many clients, and what each signal was told to be.
type crowd struct {
	houses []*house
	mu     sync.Mutex
	told   map[string][]found
}

// submit is one client. Clients take the ways in by turns, and the replicas.
func (c *crowd) submit(t *testing.T, client int) {
	ways := entrances()[:5]
	way, h := ways[client%len(ways)], c.houses[client/len(ways)%len(c.houses)]
	var own []attempt
	for i := range each {
		m := signal(uwv, fmt.Sprintf("SAMEN-%03d", (client*7+i)%distinct))
		own = append(own, attempt{
			of: fmt.Sprintf("%s by client %d", m.GetExternalReference(), client), as: "aanleveraar uwv",
			message: m, text: must(wire.Marshal(m))(t),
		})
	}
	rand.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
	for some := range slices.Chunk(own, atOnce) {
		answers := way.submit(t, h, some)
		c.mu.Lock()
		for i, a := range answers {
			reference := some[i].message.GetExternalReference()
			c.told[reference] = append(c.told[reference], a)
		}
		c.mu.Unlock()
	}
}

// once holds the answers that all got about a signal to each other.
func once(t *testing.T, reference string, answers []found) {
	t.Helper()
	accepted := 0
	for _, a := range answers {
		switch a.verdict {
		case "accepted":
			accepted++
		case "repeated":
		default:
			t.Errorf("%s: %s %v", reference, a.verdict, a.faults)
		}
		if a.id == "" || a.id != answers[0].id || !proto.Equal(a.receipt, answers[0].receipt) {
			t.Errorf("%s is told as %s, and as %s, or with another receipt", reference, answers[0].id, a.id)
		}
	}
	if accepted != 1 || len(answers) < 2 {
		t.Errorf("%s was accepted %d times of %d", reference, accepted, len(answers))
	}
}
