package run_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"schakel.example/services/internal/run"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// diary writes down what parts do.
type diary struct {
	mu    sync.Mutex
	lines []string
}

func (d *diary) write(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
}

// part is one that serves until told to stop.
func (d *diary) part(name string, needs ...string) run.Part {
	return run.Part{Name: name, Needs: needs, Run: func(ctx context.Context, ready func()) error {
		d.write("start " + name)
		ready()
		<-ctx.Done()
		d.write("stop " + name)
		return ctx.Err()
	}}
}

func group() run.Group {
	return run.Group{Log: slog.New(slog.DiscardHandler), StopWithin: 10 * time.Second}
}

func TestPartsStartAfterWhatTheyNeedAndStopBeforeIt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	var d diary
	err := group().Run(ctx,
		d.part("gateway", "signals", "letters"),
		d.part("letters", "store", "signals"),
		d.part("store"),
		d.part("signals", "store"),
		run.Part{Name: "end", Needs: []string{"gateway"}, Run: func(context.Context, func()) error {
			cancel()
			return nil
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"start store", "start signals", "start letters", "start gateway",
		"stop gateway", "stop letters", "stop signals", "stop store",
	}
	if diff := cmp.Diff(want, d.lines); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestAPartWaitsForTheReadinessOfWhatItNeeds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	var d diary
	slow := run.Part{Name: "slow", Run: func(ctx context.Context, ready func()) error {
		go func() {
			d.write("ready")
			ready()
			ready() // harmless
		}()
		<-ctx.Done()
		return nil
	}}
	next := run.Part{Name: "next", Needs: []string{"slow"}, Run: func(context.Context, func()) error {
		d.write("next")
		cancel()
		return nil
	}}
	if err := group().Run(ctx, next, slow); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ready", "next"}, d.lines); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestTheFirstErrorWinsAndStopsTheRest(t *testing.T) {
	t.Parallel()
	boom, second := errors.New("boom"), errors.New("second")
	var log bytes.Buffer
	g := group()
	g.Log = slog.New(slog.NewTextHandler(&log, nil))
	var d diary
	err := g.Run(context.Background(),
		d.part("store"),
		run.Part{Name: "fails late", Run: func(ctx context.Context, ready func()) error {
			ready()
			<-ctx.Done()
			return second
		}},
		run.Part{Name: "fails", Run: func(_ context.Context, ready func()) error { ready(); return boom }},
	)
	if !errors.Is(err, boom) || errors.Is(err, second) || !strings.HasPrefix(err.Error(), "fails: ") {
		t.Errorf("err = %v", err)
	}
	if !strings.Contains(log.String(), "fails late: second") {
		t.Errorf("the second error is not logged: %s", log.String())
	}
	if d.lines[len(d.lines)-1] != "stop store" {
		t.Errorf("the store was not stopped: %v", d.lines)
	}
}

func TestAPartThatCannotStartKeepsLaterOnesFromStarting(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	var d diary
	err := group().Run(context.Background(), d.part("store"),
		run.Part{Name: "fails", Run: func(context.Context, func()) error { return boom }},
		d.part("never"))
	if !errors.Is(err, boom) {
		t.Errorf("err = %v", err)
	}
	if diff := cmp.Diff([]string{"start store", "stop store"}, d.lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnErrorWhileStoppingIsReported(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	ctx, cancel := context.WithCancel(context.Background())
	err := group().Run(ctx, run.Part{Name: "p", Run: func(ctx context.Context, ready func()) error {
		ready()
		cancel()
		<-ctx.Done()
		return boom
	}})
	if !errors.Is(err, boom) {
		t.Errorf("err = %v", err)
	}
}

func TestAServerThatEndsByItselfIsAFault(t *testing.T) {
	t.Parallel()
	err := group().Run(context.Background(), run.Part{Name: "p", Run: func(_ context.Context, ready func()) error {
		ready()
		return nil
	}})
	if err == nil || err.Error() != "p: ended without being told to" {
		t.Errorf("err = %v", err)
	}
}

func TestStoppingHasADeadlineAndNamesWhatHangs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	release, gone := make(chan struct{}), make(chan struct{})
	g := group()
	g.StopWithin = time.Millisecond
	var d diary
	err := g.Run(ctx, d.part("store"), run.Part{Name: "hangs", Run: func(_ context.Context, ready func()) error {
		defer close(gone)
		ready()
		cancel()
		<-release
		return nil
	}})
	if err == nil || !strings.Contains(err.Error(), "not stopped: store, hangs") {
		t.Errorf("err = %v", err)
	}
	close(release)
	<-gone
}

func TestImpossibleOrdersAreRefused(t *testing.T) {
	t.Parallel()
	var d diary
	for want, parts := range map[string][]run.Part{
		"part a needs b, which is not there": {d.part("a", "b")},
		"part a is given twice":              {d.part("a"), d.part("a")},
		"parts need each other: [a b a]":     {d.part("a", "b"), d.part("b", "a")},
		"parts need each other: [a a]":       {d.part("a", "a")},
	} {
		if err := group().Run(context.Background(), parts...); err == nil || err.Error() != want {
			t.Errorf("err = %v, want %s", err, want)
		}
	}
	if len(d.lines) != 0 {
		t.Errorf("started: %v", d.lines)
	}
}
