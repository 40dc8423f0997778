package bench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// load lets one client work until a moment, and says how many signals were
// acknowledged to it. What is under way at that moment is finished.
type load func(ctx context.Context, client int, until time.Time) (int, error)

// step is one thing that a client does, and how many signals were acknowledged.
type step func(ctx context.Context, client int) (int, error)

// repeat is the load of doing a step again and again, each after the one before.
func repeat(step step) load {
	return func(ctx context.Context, client int, until time.Time) (done int, err error) {
		for time.Now().Before(until) {
			n, err := step(ctx, client)
			done += n
			if err != nil {
				return done, err
			}
		}
		return done, nil
	}
}

// pace is what a lap came to.
type pace struct {
	signals int
	perSec  float64
}

// drive lets so many clients work side by side for so long. The clock runs until
// the last of them has finished.
func drive(ctx context.Context, clients int, l load, d time.Duration) (pace, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var total atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for client := range clients {
		all.Go(func() {
			n, err := l(ctx, client, start.Add(d))
			total.Add(int64(n))
			if err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	p := pace{int(total.Load()), float64(total.Load()) / time.Since(start).Seconds()}
	if err := context.Cause(ctx); err != nil {
		return p, err
	}
	if p.signals == 0 {
		return p, errors.New("bench: nothing was acknowledged")
	}
	return p, nil
}
