package e2e

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"testing"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/testenv"
)

// long is how many signals a long file has.
const long = 3000

// TestALongPushIsSeenThrough pushes a table of 3,000 signals, while each process of
// the house is killed and comes back, and then pushes it again, and kills push
// itself. Each signal is there once.
func TestALongPushIsSeenThrough(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			acks := watch(t, h, 100)
			all := make([]string, long)
			for i := range all {
				all[i] = fmt.Sprintf("LANG-%04d", i)
			}
			file := write(t, "signalen.csv", tableOf(t, all))

			p := startPush(t, h, acks, file)
			for i, server := range h.servers {
				acks.await((i+1)*long/(len(h.servers)+2), 0, p.done)
				server.Kill()
				server.Restart()
			}
			// What was stored and not acknowledged counts as repeated.
			if accepted, repeated := p.end(t); accepted+repeated != long || accepted == 0 {
				t.Errorf("%d accepted, %d repeated", accepted, repeated)
			}
			if acks.broken.Load() == 0 {
				t.Error("nothing was broken off")
			}
			h.ready()
			h.once(t, all)
			h.settled(t, map[string]int32{"signals": long})
			if accepted, repeated := startPush(t, h, acks, file).end(t); accepted != 0 || repeated != long {
				t.Errorf("pushed again: %d accepted, %d repeated", accepted, repeated)
			}
		})
	}
}

// TestAPushThatDiesIsGivenAgain kills push as hard as can be, and interrupts it as
// people do; the same command sees it through.
func TestAPushThatDiesIsGivenAgain(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	acks := watch(t, h, 100)
	all := make([]string, long)
	for i := range all {
		all[i] = fmt.Sprintf("STERF-%04d", i)
	}
	file := write(t, "signalen.ndjson", ndjson(t, all))

	p := startPush(t, h, acks, file)
	acks.await(long/3, 0, p.done)
	p.kill()
	if n := acks.count(); n >= long {
		t.Errorf("%d were acknowledged before it died", n)
	}
	p = startPush(t, h, acks, file)
	acks.await(2*long/3, 0, p.done)
	p.interrupt()
	c := command{args: []string{"push"}, code: p.cmd.ProcessState.ExitCode(), out: p.out.String(), stderr: p.stderr.String()}
	var told summary
	c.ends(t, 3, "onderbroken; nog niet alles is ingediend").json(t, &told)
	if sum := told.Accepted + told.Repeated; sum == 0 || sum >= long || told.Refused != 0 {
		t.Errorf("interrupted it tells %+v", told)
	}
	if accepted, repeated := startPush(t, h, acks, file).end(t); accepted+repeated != long || accepted == 0 || repeated == 0 {
		t.Errorf("%d accepted, %d repeated", accepted, repeated)
	}
	h.once(t, all)
	h.settled(t, map[string]int32{"signals": long})
}

// TestPushWaitsForWhoIsSlow pushes to a server that answers each line before it
// takes the next, and to one that comes up only later.
func TestPushWaitsForWhoIsSlow(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	slow := watch(t, h, 1)
	all := references(150)
	file := write(t, "signalen.ndjson", ndjson(t, all))
	if accepted, repeated := startPush(t, h, slow, file).end(t); accepted != 150 || repeated != 0 {
		t.Errorf("%d accepted, %d repeated", accepted, repeated)
	}
	h.stop()
	p := startPush(t, h, slow, file)
	await(t, "push finds nobody", func() error {
		if slow.broken.Load() == 0 {
			return fmt.Errorf("it did not try")
		}
		return nil
	})
	for _, server := range h.servers {
		server.Restart()
	}
	if accepted, repeated := p.end(t); accepted != 0 || repeated != 150 {
		t.Errorf("%d accepted, %d repeated", accepted, repeated)
	}
	h.stop()
	began := time.Now()
	nobody := "http://" + testenv.Address(t)
	schakel(t, "push", file, "--server="+nobody, "--token="+h.token(access.Aanleveraar, uwv), "--patience=2s", "--refused="+t.TempDir()+"/x").
		ends(t, 3, "regel 1: geen verbinding met Schakel op "+nobody)
	if waited := time.Since(began); waited < 2*time.Second {
		t.Errorf("its patience was %v", waited)
	}
}

// tableOf is a table of signals of UWV, under the names of the fields.
func tableOf(t *testing.T, references []string) []byte {
	t.Helper()
	var all []attempt
	for _, reference := range references {
		tree := fields(t)
		tree["kenmerk"] = reference
		all = append(all, attempt{tree: tree})
	}
	headings, rows := tabulated(all)
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(append([][]string{headings}, rows...)); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}
