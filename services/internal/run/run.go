package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Part is one long-running piece of the program.
type Part struct {
	// Name is unique in the group; logs and errors use it.
	Name string
	// Needs names the parts that must be ready before this one starts, and
	// that are stopped only after it has ended.
	Needs []string
	// Run works until ctx ends, then stops in good order and returns; the
	// error of the ended ctx counts as none. It calls ready when others may
	// rely on it. A part that returns nil without having called ready has done
	// its task (a migration, say) and counts as ready from then on.
	Run func(ctx context.Context, ready func()) error
}

// Group runs parts together.
type Group struct {
	// Log receives starts and stops.
	Log *slog.Logger
	// StopWithin is how long stopping may take, all parts together. When it
	// has passed, Run returns an error that names the parts still running.
	StopWithin time.Duration
}

// running is a part that was started.
type running struct {
	name  string
	stop  context.CancelFunc
	ready chan struct{} // closed when ready
	ended chan struct{} // closed when ended, after err was set
	err   error
}

// Run starts the parts in order and waits until ctx ends or a part fails; then
// it stops them in the reverse order and returns the first error, nil after an
// orderly end. It leaves no goroutine behind, unless it says that stopping
// took too long.
func (g Group) Run(ctx context.Context, parts ...Part) error {
	parts, err := order(parts)
	if err != nil {
		return err
	}
	// The cause of ctx is the first error.
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var started []*running
	for _, part := range parts {
		r := start(ctx, part, fail)
		started = append(started, r)
		select {
		case <-r.ready:
			g.Log.InfoContext(ctx, "part ready", "part", part.Name)
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	<-ctx.Done()
	late := g.stop(ctx, started)
	return errors.Join(g.first(ctx, started), late)
}

// start runs a part under a context of its own: parts do not see the group's
// end, but are told to stop one after the other.
func start(group context.Context, part Part, fail context.CancelCauseFunc) *running {
	ctx, stop := context.WithCancel(context.WithoutCancel(group))
	r := &running{name: part.Name, stop: stop, ready: make(chan struct{}), ended: make(chan struct{})}
	ready := sync.OnceFunc(func() { close(r.ready) })
	go func() {
		defer close(r.ended)
		err := part.Run(ctx, ready)
		told := ctx.Err() != nil
		if err == nil && !told && r.isReady() {
			err = errors.New("ended without being told to")
		}
		if err != nil && !(told && errors.Is(err, context.Canceled)) {
			r.err = fmt.Errorf("%s: %w", part.Name, err)
			fail(r.err)
			return
		}
		ready()
	}()
	return r
}

func (r *running) isReady() bool {
	select {
	case <-r.ready:
		return true
	default:
		return false
	}
}

// stop ends the parts from last to first.
func (g Group) stop(ctx context.Context, started []*running) error {
	limit := time.NewTimer(g.StopWithin)
	defer limit.Stop()
	for i, r := range slices.Backward(started) {
		r.stop()
		select {
		case <-r.ended:
			g.Log.InfoContext(ctx, "part stopped", "part", r.name)
			continue
		case <-limit.C:
		}
		var names []string
		for _, r := range started[:i+1] {
			r.stop()
			names = append(names, r.name)
		}
		return fmt.Errorf("stopping took longer than %v; not stopped: %s", g.StopWithin, strings.Join(names, ", "))
	}
	return nil
}

// first returns the error that ended the group, or else the first one met
// while stopping, and logs the others.
func (g Group) first(ctx context.Context, started []*running) error {
	var first error
	for _, r := range started {
		select {
		case <-r.ended:
			if r.err != nil && (first == nil || r.err == context.Cause(ctx)) {
				first, r.err = r.err, first
			}
			if r.err != nil {
				g.Log.ErrorContext(ctx, "another part failed", "error", r.err)
			}
		default: // not stopped in time
		}
	}
	return first
}
