package signals

import (
	"cmp"
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"schakel.example/services/internal/fault"
)

const (
	// maxBatch and maxBatchBytes bound one commit: past them a larger batch
	// gains nothing, and the first in it would wait for the last.
	maxBatch      = 1000
	maxBatchBytes = 4 << 20
	// turn is how many bytes an organisation may take of a batch before the
	// next one is asked: no fewer than one signal can have. A signal counts as
	// leastBytes at least, for its rows.
	turn       = 64 << 10
	leastBytes = 1 << 10
	// reserved is how many signals of an organisation may always wait, however
	// much waits of others. Organisations are as many as the reference data know.
	reserved = 16
	// shortestWait and longestWait bound what whoever is refused is told to wait.
	shortestWait, longestWait = time.Second, 30 * time.Second
)

// Bounds are how much may wait to be stored before more is refused, in signals
// and in bytes: in all, and of one organisation. Zero is the default: 32,000 and
// 128 MiB, and a quarter of that. What streams bring may take half of it, so that
// single calls find room beside them.
type Bounds struct {
	Signals, Bytes       int
	OwnSignals, OwnBytes int
	// Commit is how long a commit may take: a database that does not answer is
	// not waited for. Default: 30 s.
	Commit time.Duration
}

func (b Bounds) withDefaults() Bounds {
	b.Signals, b.Bytes = cmp.Or(b.Signals, 32_000), cmp.Or(b.Bytes, 128<<20)
	b.OwnSignals, b.OwnBytes = cmp.Or(b.OwnSignals, b.Signals/4), cmp.Or(b.OwnBytes, b.Bytes/4)
	b.Commit = cmp.Or(b.Commit, 30*time.Second)
	return b
}

// half is the part of the bounds for what can wait outside.
func (b Bounds) half() Bounds {
	return Bounds{Signals: b.Signals / 2, Bytes: b.Bytes / 2, OwnSignals: b.OwnSignals / 2, OwnBytes: b.OwnBytes / 2}
}

var (
	errBusy = fault.New(fault.Exhausted, "te-druk", fault.Text{
		NL: "Er wachten te veel signalen op opslag. Probeer het later opnieuw.",
		EN: "too many signals wait to be stored; try again later",
	})
	errStopping = fault.New(fault.Unavailable, "stopt", fault.Text{
		NL: "Schakel wordt gestopt. Probeer het zo dadelijk opnieuw.",
		EN: "the service is stopping; try again shortly",
	})
)

// lanes are where drafts wait for a commit: a lane for each organisation, in
// which the first to come is the first to go. Writers take from the lanes in
// turn, so that one organisation with much to say does not keep the others
// waiting. It is safe for concurrent use.
type lanes struct {
	bounds Bounds

	mu   sync.Mutex
	work sync.Cond // there may be more to take
	// byOwner holds the lanes in which something waits, and turns the same in the
	// order in which they are asked.
	byOwner map[string]*lane
	turns   []*lane
	waiting load
	// underway are the keys that are being committed. A draft with such a key
	// stays where it is, and its lane with it, until that is over: so of two
	// drafts with one key the first to come is stored first.
	underway map[Key]*batch
	// room is closed, and made anew, when there is more room; wanted counts those
	// who look at it.
	room    chan struct{}
	wanted  int
	stopped bool
	// pace is the time that it takes to store one, lately; 0 until it is known.
	pace time.Duration
	// taken counts the batches that are being committed; load is how much of the
	// time there were any, lately, as of a moment.
	now   func() time.Time
	taken int
	load  float64
	asOf  time.Time
}

// lately is the time in which what was fades from the load.
const lately = 300 * time.Millisecond

// lane is what waits of one organisation.
type lane struct {
	owner   string
	drafts  []*draft
	waiting load
	credit  int // bytes that it may still take in this turn
}

// load is a number of drafts and their size.
type load struct{ signals, bytes int }

func (l load) plus(d *draft) load  { return load{l.signals + 1, l.bytes + d.size} }
func (l load) minus(d *draft) load { return load{l.signals - 1, l.bytes - d.size} }

// batch is what goes in one commit.
type batch struct{ drafts []*draft }

func newLanes(b Bounds, now func() time.Time) *lanes {
	l := &lanes{
		bounds: b.withDefaults(), byOwner: map[string]*lane{}, underway: map[Key]*batch{}, room: make(chan struct{}),
		now: now, asOf: now(),
	}
	l.work.L = &l.mu
	return l
}

// enter lets drafts in, all or none. Faults: Exhausted when there is no room,
// Unavailable when nothing is let in any more.
func (l *lanes) enter(drafts ...*draft) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.let(l.bounds, drafts)
}

// enterInTime lets a draft in as soon as there is room.
func (l *lanes) enterInTime(ctx context.Context, d *draft) error {
	for {
		l.mu.Lock()
		err := l.let(l.bounds.half(), []*draft{d})
		if !errors.Is(err, errBusy) {
			l.mu.Unlock()
			return err
		}
		room := l.room
		l.wanted++
		l.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// let lets drafts in if there is room within the bounds.
func (l *lanes) let(b Bounds, drafts []*draft) error {
	if l.stopped {
		return errStopping
	}
	all, own := l.waiting, map[string]load{}
	for _, d := range drafts {
		owner := d.Signal.Organisation
		if _, seen := own[owner]; !seen && l.byOwner[owner] != nil {
			own[owner] = l.byOwner[owner].waiting
		}
		all, own[owner] = all.plus(d), own[owner].plus(d)
	}
	full := all.signals > b.Signals || all.bytes > b.Bytes
	for _, o := range own {
		if o.signals > b.OwnSignals || o.bytes > b.OwnBytes || full && o.signals > reserved {
			return errBusy.After(l.pause())
		}
	}
	for _, d := range drafts {
		l.add(d)
	}
	l.work.Broadcast()
	return nil
}

func (l *lanes) add(d *draft) {
	own := l.byOwner[d.Signal.Organisation]
	if own == nil {
		own = &lane{owner: d.Signal.Organisation}
		l.byOwner[own.owner] = own
		l.turns = append(l.turns, own)
	}
	own.drafts = append(own.drafts, d)
	own.waiting, l.waiting = own.waiting.plus(d), l.waiting.plus(d)
}

// pause is how long it takes, at the pace of late, to store half of what waits.
func (l *lanes) pause() time.Duration {
	wait := l.pace * time.Duration(l.waiting.signals) / 2
	return min(max(wait.Truncate(time.Second), shortestWait), longestWait)
}

// count is how many wait.
func (l *lanes) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting.signals
}

// take waits until there is something to commit, and takes it. It gives nil when
// the lanes were stopped and nothing waits any more. What it gave must be
// released.
func (l *lanes) take() *batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if b := l.gather(); len(b.drafts) > 0 {
			l.weigh()
			l.taken++
			return b
		}
		if l.stopped && l.waiting.signals == 0 {
			return nil
		}
		l.work.Wait()
	}
}

// gather takes from the lanes in turn, until the batch is full or nothing is
// left that may go.
func (l *lanes) gather() *batch {
	b, size := &batch{}, 0
	for held := 0; held < len(l.turns) && len(b.drafts) < maxBatch && size < maxBatchBytes; {
		own := l.turns[0]
		l.turns = l.turns[1:]
		own.credit += turn
		before := len(b.drafts)
		for len(own.drafts) > 0 && len(b.drafts) < maxBatch && size < maxBatchBytes {
			d := own.drafts[0]
			cost := min(max(d.size, leastBytes), turn)
			if other := l.underway[d.key()]; cost > own.credit || other != nil && other != b {
				break
			}
			own.credit -= cost
			own.drafts[0], own.drafts = nil, own.drafts[1:]
			own.waiting, l.waiting = own.waiting.minus(d), l.waiting.minus(d)
			size += d.size
			l.underway[d.key()] = b
			b.drafts = append(b.drafts, d)
		}
		own.credit = min(own.credit, turn) // nobody saves for later
		if held++; len(b.drafts) > before {
			held = 0
		}
		if len(own.drafts) > 0 {
			l.turns = append(l.turns, own)
		} else {
			delete(l.byOwner, own.owner)
		}
	}
	if len(b.drafts) > 0 {
		l.tellRoom()
	}
	return b
}

func (l *lanes) tellRoom() {
	if l.wanted > 0 {
		l.wanted = 0
		close(l.room)
		l.room = make(chan struct{})
	}
}

// release says that the commit of a batch is over, and how long it took, of so
// many at once.
func (l *lanes) release(b *batch, took time.Duration, writers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range b.drafts {
		delete(l.underway, d.key())
	}
	l.weigh()
	l.taken--
	latest := took / time.Duration(writers*len(b.drafts))
	if l.pace == 0 {
		l.pace = latest
	}
	l.pace = (3*l.pace + latest) / 4
	l.work.Broadcast()
}

// weigh brings the load up to now.
func (l *lanes) weigh() {
	now, busy := l.now(), 0.0
	if l.taken > 0 {
		busy = 1
	}
	fade := math.Exp(-float64(now.Sub(l.asOf)) / float64(lately))
	l.load, l.asOf = fade*l.load+(1-fade)*busy, now
}

// busy is the load: from 0, nothing is stored, to 1, there was always something
// to store.
func (l *lanes) busy() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.weigh()
	return l.load
}

// stop lets nothing in any more.
func (l *lanes) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	l.wanted++
	l.tellRoom()
	l.work.Broadcast()
}
