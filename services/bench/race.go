package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// contender takes part in a race.
type contender struct {
	name    string
	clients int
	load    load
}

// opponent is what a contender is held against, and the ratio aimed at.
type opponent struct {
	contender
	aim float64
}

// race holds one contender against others: each round every one of them has a
// lap, one after another, so that what ails the machine ails them all.
type race struct {
	way       string
	ours      contender
	opponents []opponent
	each      time.Duration
	// warm is how many signals of ours were acknowledged before the race.
	warm int

	laps    []lap   // of ours
	against [][]lap // of each opponent
}

// lap is one turn of a contender.
type lap struct {
	pace
	// others is how many processors were used by what is not ours.
	others float64
	// after is how long what it left to do took.
	after time.Duration
	// clients and servers are the processor time that a signal took, of servers
	// until all was done.
	clients, servers time.Duration
}

// round gives everyone a lap.
func (r *race) round(ctx context.Context) error {
	if r.against == nil {
		r.against = make([][]lap, len(r.opponents))
	}
	one, err := run(ctx, r.ours, r.each)
	if err != nil {
		return fmt.Errorf("%s: %w", r.way, err)
	}
	r.laps = append(r.laps, one)
	for i, o := range r.opponents {
		one, err := run(ctx, o.contender, r.each)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", r.way, o.name, err)
		}
		r.against[i] = append(r.against[i], one)
	}
	return nil
}

// run is a lap, from rest to rest.
func run(ctx context.Context, c contender, d time.Duration) (l lap, err error) {
	if _, err = settle(ctx); err != nil {
		return l, err
	}
	before, err := measure()
	if err != nil {
		return l, err
	}
	start := time.Now()
	if l.pace, err = drive(ctx, c.clients, c.load, d); err != nil {
		return l, err
	}
	took := time.Since(start)
	after, err := measure()
	if err != nil {
		return l, err
	}
	strangers := (after.machine - before.machine) - (after.ours - before.ours)
	l.others = max(0, strangers.Seconds()/took.Seconds())
	l.clients = (after.self - before.self) / time.Duration(l.signals)
	if l.after, err = settle(ctx); err != nil {
		return l, err
	}
	rest, err := measure()
	l.servers = ((rest.ours - rest.self) - (before.ours - before.self)) / time.Duration(l.signals)
	return l, err
}

// signals is how many signals of ours were acknowledged, before the race too.
func (r *race) signals() int {
	n := r.warm
	for _, l := range r.laps {
		n += l.signals
	}
	return n
}

// result is what a contender came to.
type result struct {
	name   string
	perSec float64 // signals a second, the median of the rounds
	others float64 // processors that others used, the most in any lap
	after  time.Duration
	// clients and servers are the medians of the rounds.
	clients, servers time.Duration
	// ratio is ours to this one's, of each round; empty for ours.
	ratio []float64
	aim   float64
}

// results sums the race up, ours first.
func (r *race) results() []result {
	all := []result{sum(r.way, r.laps)}
	for i, o := range r.opponents {
		one := sum(o.name, r.against[i])
		one.aim = o.aim
		for n, l := range r.laps {
			one.ratio = append(one.ratio, l.perSec/r.against[i][n].perSec)
		}
		all = append(all, one)
	}
	return all
}

func sum(name string, laps []lap) result {
	out := result{name: name}
	var paces, clients, servers []float64
	for _, l := range laps {
		paces = append(paces, l.perSec)
		clients, servers = append(clients, float64(l.clients)), append(servers, float64(l.servers))
		out.others, out.after = max(out.others, l.others), max(out.after, l.after)
	}
	out.perSec = median(paces)
	out.clients, out.servers = time.Duration(median(clients)), time.Duration(median(servers))
	return out
}

// median is the middle one, or the mean of the two in the middle.
func median(all []float64) float64 {
	s := slices.Sorted(slices.Values(all))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
