package signals

import (
	"context"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

const (
	// publicCounts is how many counts of the public are made at once: each reads all
	// that is published, and keeps a core.
	publicCounts = 2
	// publicWaiting is how many more may wait for their turn.
	publicWaiting = 16
)

var errCounting = fault.New(fault.Exhausted, "te-veel-tellingen", fault.Text{
	NL: "Er wordt voor te veel mensen tegelijk geteld. Probeer het zo dadelijk opnieuw.",
	EN: "too many counts are being made; try again shortly",
})

// turns let some do at once what is costly, and some more wait.
type turns struct{ let, running chan struct{} }

func newTurns(running, waiting int) turns {
	return turns{make(chan struct{}, running+waiting), make(chan struct{}, running)}
}

// take waits for a turn, until ctx ends; leave ends it. The fault is Exhausted.
func (t turns) take(ctx context.Context) (leave func(), err error) {
	select {
	case t.let <- struct{}{}:
	default:
		return nil, errCounting
	}
	select {
	case t.running <- struct{}{}:
		return func() { <-t.running; <-t.let }, nil
	case <-ctx.Done():
		<-t.let
		return nil, errCounting.Because(ctx.Err())
	}
}

// isPublic says whether a caller is anybody.
func isPublic(grant access.Grant) bool { return grant.Caller == "" }
