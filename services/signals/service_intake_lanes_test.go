package signals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"schakel.example/services/internal/fault"
)

// some makes drafts of an organisation, each of so many bytes, with references
// from 1.
func some(organisation string, n, size int) []*draft {
	all := make([]*draft, n)
	for i := range all {
		all[i] = &draft{
			Incoming: Incoming{Signal: Signal{Organisation: organisation, ExternalReference: fmt.Sprint(i + 1)}},
			size:     size, wake: make(chan struct{}, 1),
		}
	}
	return all
}

// mustEnter lets drafts in one after another.
func mustEnter(t *testing.T, l *lanes, drafts []*draft) {
	t.Helper()
	for _, d := range drafts {
		if err := l.enter(d); err != nil {
			t.Fatal(err)
		}
	}
}

// owners counts the drafts of a batch by organisation.
func owners(b *batch) map[string]int {
	counts := map[string]int{}
	for _, d := range b.drafts {
		counts[d.Signal.Organisation]++
	}
	return counts
}

func TestOneSignalGoesInTheFirstBatchHoweverMuchWaitsOfOthers(t *testing.T) {
	t.Parallel()
	l := newLanes(Bounds{}, time.Now)
	for _, flood := range []string{"a", "b", "c"} {
		mustEnter(t, l, some(flood, 4*maxBatch, 700))
	}
	mustEnter(t, l, some("late", 1, 700))
	first := l.take()
	if got := owners(first); got["late"] != 1 || len(first.drafts) != maxBatch {
		t.Errorf("%d in the first batch: %v", len(first.drafts), got)
	}
	for range 3 { // who was in the first goes on to be asked in turn
		next := l.take()
		if got := owners(next); got["a"] < maxBatch/4 || got["b"] < maxBatch/4 || got["c"] < maxBatch/4 {
			t.Errorf("a later batch: %v", got)
		}
	}
}

func TestOrganisationsTakeTurnsByBytesToo(t *testing.T) {
	t.Parallel()
	l := newLanes(Bounds{}, time.Now)
	mustEnter(t, l, some("large", 200, 60<<10))
	mustEnter(t, l, some("huge", 3, 1<<20)) // more than a turn
	mustEnter(t, l, some("small", 900, 600))
	b, size := l.take(), 0
	for _, d := range b.drafts {
		size += d.size
	}
	if size > maxBatchBytes+1<<20 {
		t.Errorf("a batch of %d bytes", size)
	}
	if got := owners(b); got["small"] < 100 || got["large"] < 3 || got["large"] > 40 || got["huge"] == 0 {
		t.Errorf("the batch holds %v", got)
	}
}

func TestTheFirstToComeIsTheFirstToGo(t *testing.T) {
	t.Parallel()
	l := newLanes(Bounds{}, time.Now)
	all := some("a", 3*maxBatch, 10)
	mustEnter(t, l, all)
	for i := range 3 {
		if b := l.take(); !slices.Equal(b.drafts, all[i*maxBatch:(i+1)*maxBatch]) {
			t.Errorf("batch %d holds others", i)
		}
	}
}

func TestWhatHasNoRoomIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bounds     Bounds
		waits      []*draft
		comes      []*draft
		fits, half bool
	}{
		"all that there is room for":                          {Bounds{Signals: 8, OwnSignals: 4}, some("a", 1, 1), some("a", 3, 1), true, false},
		"more than the organisation has room for":             {Bounds{Signals: 8, OwnSignals: 4}, some("a", 1, 1), some("a", 4, 1), false, false},
		"more bytes than the organisation has room for":       {Bounds{Bytes: 1000, OwnBytes: 100}, some("a", 1, 50), some("a", 2, 30), false, false},
		"as many bytes as it has room for":                    {Bounds{Bytes: 1000, OwnBytes: 100}, some("a", 1, 50), some("a", 2, 25), true, false},
		"more than there is room for":                         {Bounds{Signals: 30, OwnSignals: 30}, some("a", 20, 1), some("b", 20, 1), false, false},
		"more bytes than there is room for":                   {Bounds{Bytes: 300, OwnBytes: 300}, some("a", 20, 10), some("b", 20, 10), false, false},
		"a few when others fill the house":                    {Bounds{Signals: 30, OwnSignals: 30}, some("a", 30, 1), some("b", reserved, 1), true, false},
		"one more than a few when others fill the house":      {Bounds{Signals: 30, OwnSignals: 30}, some("a", 30, 1), some("b", reserved+1, 1), false, false},
		"of two organisations, when one has no room":          {Bounds{Signals: 80, OwnSignals: 20}, some("a", 20, 1), append(some("b", 1, 1), some("a", 1, 1)...), false, false},
		"as many as can wait outside, when half is taken":     {Bounds{Signals: 80, OwnSignals: 20}, some("a", 10, 1), some("a", 1, 1), false, true},
		"as many as can wait outside, when less than half is": {Bounds{Signals: 80, OwnSignals: 20}, some("a", 9, 1), some("a", 1, 1), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLanes(c.bounds, time.Now)
			mustEnter(t, l, c.waits)
			before := l.count()
			bounds := l.bounds
			if c.half {
				bounds = bounds.half()
			}
			err := l.let(bounds, c.comes)
			if (err == nil) != c.fits || err != nil && !errors.Is(err, errBusy) {
				t.Errorf("error %v", err)
			}
			if err != nil && l.count() != before {
				t.Errorf("%d wait, and %d did before", l.count(), before)
			}
		})
	}
}

func TestWhoeverIsRefusedIsToldToWaitAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	l := newLanes(Bounds{OwnSignals: 5000}, time.Now)
	mustEnter(t, l, some("a", 5000, 1))
	told := func() time.Duration {
		return fault.Of(l.enter(some("a", 1, 1)...)).RetryAfter
	}
	if wait := told(); wait != shortestWait {
		t.Errorf("before anything was stored: %v", wait)
	}
	b := l.take()
	l.release(b, 20*time.Second, 2) // 10 ms each, of 4,000 half
	mustEnter(t, l, some("b", 1000, 1))
	mustEnter(t, l, some("a", 1000, 1))
	if wait := told(); wait != 30*time.Second {
		t.Errorf("at a slow pace: %v", wait)
	}
	for range 20 {
		l.release(l.take(), 2*time.Second, 2)
		mustEnter(t, l, some("a", 5000-l.byOwner["a"].waiting.signals, 1))
	}
	if wait := told(); wait < 2*time.Second || wait > 5*time.Second {
		t.Errorf("at a fair pace: %v", wait)
	}
}

func TestWhoCanWaitOutsideComesInWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	l := newLanes(Bounds{OwnSignals: 4}, time.Now)
	mustEnter(t, l, some("a", 2, 1))
	in := make(chan error, 2)
	for range 2 {
		go func() { in <- l.enterInTime(t.Context(), some("a", 1, 1)[0]) }()
	}
	awaitWanted(t, l, 2)
	if l.count() != 2 {
		t.Errorf("%d wait inside", l.count())
	}
	l.take()
	for range 2 {
		if err := <-in; err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { in <- l.enterInTime(ctx, some("a", 1, 1)[0]) }()
	go func() { in <- l.enterInTime(t.Context(), some("a", 1, 1)[0]) }()
	awaitWanted(t, l, 2)
	cancel()
	if err := <-in; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up: %v", err)
	}
	l.stop()
	if err := <-in; !errors.Is(err, errStopping) {
		t.Errorf("when all stops: %v", err)
	}
	if err := l.enter(some("b", 1, 1)...); !errors.Is(err, errStopping) {
		t.Errorf("after that: %v", err)
	}
}

// awaitWanted waits until so many wait outside.
func awaitWanted(t *testing.T, l *lanes, n int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		wanted := l.wanted
		l.mu.Unlock()
		if wanted == n {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d wait outside, want %d", wanted, n)
		}
	}
}

func TestOfTwoSignalsWithOneKeyTheSecondWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	l := newLanes(Bounds{}, time.Now)
	first, second, other := some("a", 1, 1)[0], some("a", 1, 1)[0], some("b", 1, 1)[0]
	mustEnter(t, l, []*draft{first})
	held := l.take()
	mustEnter(t, l, []*draft{second, other})
	if b := l.take(); !slices.Equal(b.drafts, []*draft{other}) {
		t.Errorf("beside the first go %v", owners(b))
	}
	taken := make(chan *batch)
	go func() { taken <- l.take() }()
	l.release(held, 0, 1)
	if b := <-taken; !slices.Equal(b.drafts, []*draft{second}) {
		t.Errorf("after the first go %v", owners(b))
	}
	together := newLanes(Bounds{}, time.Now)
	mustEnter(t, together, []*draft{first, second})
	if b := together.take(); !slices.Equal(b.drafts, []*draft{first, second}) {
		t.Error("they do not go together when both wait")
	}
}

func TestWhatWaitsIsTakenBeforeAllStops(t *testing.T) {
	t.Parallel()
	l := newLanes(Bounds{}, time.Now)
	taken := make(chan *batch)
	go func() { taken <- l.take() }()
	mustEnter(t, l, some("a", 1, 1))
	held := <-taken
	mustEnter(t, l, some("a", 1, 1)) // the same key
	l.stop()
	go func() { taken <- l.take(); taken <- l.take() }()
	l.release(held, 0, 1)
	if b := <-taken; b == nil || len(b.drafts) != 1 {
		t.Error("what waited was not taken")
	}
	if b := <-taken; b != nil {
		t.Error("there was more")
	}
}

func TestTheLoadIsHowMuchOfTheTimeSomethingIsStored(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	l := newLanes(Bounds{}, func() time.Time { return now })
	// turns stores a signal so often, which takes so long, and rests so long.
	turns := func(n int, works, rests time.Duration) float64 {
		for range n {
			mustEnter(t, l, some("a", 1, 1))
			b := l.take()
			now = now.Add(works)
			l.release(b, works, 1)
			now = now.Add(rests)
		}
		return l.busy()
	}
	for _, tt := range []struct {
		name        string
		got         float64
		least, most float64
	}{
		{"when nothing was ever stored", l.busy(), 0, 0},
		{"when something always is", turns(1000, 5*time.Millisecond, 0), 0.99, 1},
		{"when it is a fifth of the time", turns(1000, time.Millisecond, 4*time.Millisecond), 0.15, 0.25},
		{"a second later", turns(1, 0, time.Second), 0, 0.02},
	} {
		if tt.got < tt.least || tt.got > tt.most {
			t.Errorf("%s it is %v", tt.name, tt.got)
		}
	}
}
