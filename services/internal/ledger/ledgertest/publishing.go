package ledgertest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"schakel.example/services/internal/ledger"
)

// publishing are the cases about passing entries on.
var publishing = map[string]func(*rig){
	"entries are published in order after they are committed": func(r *rig) {
		p := &recorder{rig: r}
		l := r.log(func(c *ledger.Config) { c.Publisher = p })
		r.run(l)
		for range 10 {
			r.append(Entries(r, 30))
			l.Wake()
		}
		r.await("all are published", func() bool { return p.len() >= 300 })
		p.check(300)
	},
	"a publisher that fails does not hold up the log, and catches up": func(r *rig) {
		p := &recorder{rig: r, down: true}
		l := r.log(func(c *ledger.Config) { c.Publisher, c.Batch = p, 50 })
		r.run(l)
		for range 5 {
			r.append(Entries(r, 40))
			l.Wake()
		}
		r.await("all are sequenced", func() bool { return r.size() == 200 })
		if p.len() != 0 {
			r.Fatal("a failing publisher published")
		}
		p.set(false)
		r.await("all are published", func() bool { return p.len() >= 200 })
		p.check(200)
	},
	"a new leader publishes what the old one left": func(r *rig) {
		r.grow(r.log(), 20) // sequenced, and nobody to publish it
		r.exec("UPDATE ledger_state SET leader = ''")
		p := &recorder{rig: r}
		r.run(r.log(func(c *ledger.Config) { c.Publisher = p }))
		r.await("all are published", func() bool { return p.len() >= 20 })
		p.check(20)
	},
	"a leader that stepped down left nothing to repeat": func(r *rig) {
		p := &recorder{rig: r}
		with := func(c *ledger.Config) { c.Publisher = p }
		first := r.log(with)
		stop := r.run(first)
		r.append(Entries(r, 20))
		first.Wake()
		r.await("all are published", func() bool { return p.len() == 20 })
		stop()
		second := r.log(with)
		r.run(second)
		r.append(Entries(r, 1))
		second.Wake()
		r.await("the next is published", func() bool { return p.len() >= 21 })
		p.check(21)
	},
	"an erased entry is published as erased": func(r *rig) {
		r.grow(r.log(), 3)
		r.erase(1)
		r.exec("UPDATE ledger_state SET leader = ''")
		p := &recorder{rig: r}
		r.run(r.log(func(c *ledger.Config) { c.Publisher = p }))
		r.await("all are published", func() bool { return p.len() == 3 })
		if e := p.got[1]; !e.Erased || e.Payload != nil {
			r.Errorf("%+v", e)
		}
	},
}

// recorder is a publisher that remembers.
type recorder struct {
	*rig
	mu   sync.Mutex
	got  []ledger.Sequenced
	gone []int64
	down bool
}

func (p *recorder) Publish(_ context.Context, entries []ledger.Sequenced) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return errors.New("the queue is down")
	}
	p.got = append(p.got, entries...)
	return nil
}

// Erase implements ledger.Publisher.
func (p *recorder) Erase(_ context.Context, indexes []int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return errors.New("the queue is down")
	}
	p.gone = append(p.gone, indexes...)
	return nil
}

// taken are the indexes that were taken back.
func (p *recorder) taken() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.gone)
}

func (p *recorder) set(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *recorder) len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

// check sees to it that the log was published, once and in order.
func (p *recorder) check(n int) {
	p.Helper()
	all := p.all()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.got) != n || len(all) != n {
		p.Fatalf("published %d of %d, want %d", len(p.got), len(all), n)
	}
	for i, e := range p.got {
		if e.Index != int64(i) || e.ID != all[i].ID || string(e.Payload) != string(all[i].Payload) {
			p.Errorf("published as number %d: entry %d", i, e.Index)
		}
	}
}
