package bench

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counted is a load whose clients are acknowledged so many signals in a lap.
func counted(n int) load {
	return func(context.Context, int, time.Time) (int, error) { return n, nil }
}

func TestARoundGivesEveryoneALapAndCountsOurs(t *testing.T) {
	r := &race{
		way: "us", warm: 5, each: time.Millisecond, ours: contender{"us", 2, counted(10)},
		opponents: []opponent{{contender{"them", 3, counted(1)}, 2}},
	}
	for range 2 {
		if err := r.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if r.signals() != 5+2*2*10 {
		t.Errorf("%d signals of ours", r.signals())
	}
	for i, l := range r.against[0] {
		if l.signals != 3 || r.laps[i].signals != 20 {
			t.Errorf("lap %d: %d of ours, %d of theirs", i, r.laps[i].signals, l.signals)
		}
	}
}

func TestAFailureOfOneClientEndsTheLapWithItsError(t *testing.T) {
	broken := errors.New("broken")
	_, err := drive(t.Context(), 3, func(ctx context.Context, client int, _ time.Time) (int, error) {
		if client == 1 {
			return 0, broken
		}
		<-ctx.Done()
		return 7, nil
	}, time.Minute)
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := drive(t.Context(), 1, counted(0), 0); err == nil {
		t.Error("a lap in which nothing was done is a lap")
	}
}

func TestResultsAreMediansOfTheRoundsAndRatiosAreWithinARound(t *testing.T) {
	laps := func(paces ...float64) (all []lap) {
		for _, p := range paces {
			all = append(all, lap{pace: pace{perSec: p}, others: p / 1000, after: time.Duration(p) * time.Second, clients: time.Duration(p), servers: time.Duration(2 * p)})
		}
		return all
	}
	r := &race{
		way: "us", opponents: []opponent{{contender{name: "them"}, 2}},
		laps: laps(10, 30, 20), against: [][]lap{laps(10, 10, 5)},
	}
	want := []result{
		{name: "us", perSec: 20, others: 0.03, after: 30 * time.Second, clients: 20, servers: 40},
		{name: "them", perSec: 10, others: 0.01, after: 10 * time.Second, clients: 10, servers: 20, ratio: []float64{1, 3, 4}, aim: 2},
	}
	if diff := cmp.Diff(want, r.results(), cmp.AllowUnexported(result{})); diff != "" {
		t.Error(diff)
	}
	if got := median([]float64{4, 1}); got != 2.5 {
		t.Errorf("the median of 1 and 4 is %v", got)
	}
}

func TestTheTableSaysWhatWasReachedMissedAndDisturbed(t *testing.T) {
	var out strings.Builder
	err := report(&out, "title", [][]result{{
		{name: "REST", perSec: 2000, after: 1500 * time.Millisecond, clients: 1500, servers: 20000},
		{name: "bare loop", perSec: 1000, ratio: []float64{1, 3, 2}, aim: 2, others: 0.19},
		{name: "two loops", perSec: 1000, ratio: []float64{2}},
		{name: "peer", perSec: 1000, ratio: []float64{1.99}, aim: 2, others: 0.2},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"", "title", "",
		"signals/s ratio [lowest, highest] aim clients servers others then busy",
		"REST 2000 1µs 20µs 0.00 1.5s",
		"bare loop 1000 2.00 [1.00, 3.00] ≥ 2 reached 0µs 0µs 0.19",
		"two loops 1000 2.00 [2.00, 2.00] 0µs 0µs 0.00",
		"peer 1000 1.99 [1.99, 1.99] ≥ 2 missed 0µs 0µs 0.20!",
		"",
		"clients, servers: processor time a signal; others: processors that something else used;",
		"then busy: how long Schakel worked on afterwards, sequencing and counting (that is in servers too)",
		"!: something else used 0.2 processors or more in a lap; measure it again",
		"",
	}
	var got []string
	for line := range strings.SplitSeq(out.String(), "\n") {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestMemoryIsToldByTenth(t *testing.T) {
	m := memory{total: 100}
	for done, size := range map[int]int64{0: 10 << 20, 9: 30 << 20, 10: 20 << 20, 100: 50 << 20} {
		m.note(done, size)
	}
	var out strings.Builder
	if err := m.report(&out, "title"); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, line := range []string{
		"0-10 % 10 MiB 30 MiB 30 MiB 2", "10-20 % 20 MiB 20 MiB 20 MiB 1", "90-100 % 50 MiB 50 MiB 50 MiB 1",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in %s", line, out.String())
		}
	}
	if m.most() != 50<<20 {
		t.Errorf("the most is %d", m.most())
	}
}
