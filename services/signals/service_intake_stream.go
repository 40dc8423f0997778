package signals

import (
	"context"
	"sync"

	"schakel.example/services/internal/access"
)

const (
	// windowSignals and windowBytes bound what of one stream may be on its way:
	// handed in, and its outcome not yet taken. One signal always may.
	windowSignals = 1000
	windowBytes   = 1 << 20
)

// Stream takes signals one after another and tells what became of each, in the
// same order. One goroutine hands in and another takes the outcomes. Many of its
// signals are on their way at once, and go in few commits; when too many are,
// handing in waits: for the store, or for who takes the outcomes.
type Stream struct {
	service *Service
	grant   access.Grant
	wake    chan struct{} // an outcome may be final, or something was handed in, or no more will be
	room    chan struct{} // there may be room in the window

	mu     sync.Mutex
	onWay  []*draft
	window load
	end    error // why no more will be handed in

	tried tried // of who takes the outcomes
}

// Stream begins a stream of signals of the grant's organisation.
func (s *Service) Stream(grant access.Grant) *Stream {
	return &Stream{service: s, grant: grant, wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// Submit hands a signal in, as soon as there is room. The error is that of ctx,
// or why the stream was ended; what was not handed in has no outcome.
func (st *Stream) Submit(ctx context.Context, in Incoming) error {
	d := st.service.draft(st.grant, in, st.wake)
	if err := st.enter(ctx, d); err != nil {
		return err
	}
	switch d.course {
	case storing:
		err := st.service.intake.lanes.enterInTime(ctx, d)
		if err == nil {
			return nil
		}
		d.err = err // nobody else has it
	case lookingUp:
		signalled(st.wake)
		return nil
	}
	d.finish()
	return nil
}

// enter waits for room in the window.
func (st *Stream) enter(ctx context.Context, d *draft) error {
	for {
		st.mu.Lock()
		next := st.window.plus(d)
		switch {
		case st.end != nil:
			defer st.mu.Unlock()
			return st.end
		case len(st.onWay) == 0 || next.signals <= windowSignals && next.bytes <= windowBytes:
			st.window = next
			st.onWay = append(st.onWay, d)
			st.mu.Unlock()
			return nil
		}
		st.mu.Unlock()
		select {
		case <-st.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// End says that no more will be handed in, and why; the first reason counts.
func (st *Stream) End(why error) {
	st.mu.Lock()
	if st.end == nil {
		st.end = why
	}
	st.mu.Unlock()
	signalled(st.wake)
	signalled(st.room)
}

// Next waits for the next outcomes and gives those that are known, at least one.
// After the last it gives the reason of End.
func (st *Stream) Next(ctx context.Context) ([]Outcome, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		drafts, look, end := st.ready()
		if len(look) > 0 {
			st.service.lookUp(ctx, st.grant, look, &st.tried)
		}
		if len(drafts) > 0 {
			return st.leave(drafts), nil
		}
		if end != nil {
			return nil, end
		}
		select {
		case <-st.wake:
		case <-ctx.Done():
		}
	}
}

// ready gives the first drafts on their way whose outcome is known, and which of
// them are only to be looked up: they come after all before them, which are in
// the store by then.
func (st *Stream) ready() (drafts, look []*draft, end error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, d := range st.onWay {
		switch {
		case d.course == lookingUp:
			look = append(look, d)
		case len(look) > 0: // it may change what is found
			return drafts, look, nil
		case !d.final.Load():
			return drafts, look, nil
		}
		drafts = append(drafts, d)
	}
	if len(drafts) == 0 {
		end = st.end
	}
	return drafts, look, end
}

// leave takes drafts from the way.
func (st *Stream) leave(drafts []*draft) []Outcome {
	outcomes := make([]Outcome, len(drafts))
	for i, d := range drafts {
		outcomes[i] = d.outcome()
	}
	st.mu.Lock()
	for _, d := range drafts {
		st.window = st.window.minus(d)
	}
	st.onWay = st.onWay[len(drafts):]
	st.mu.Unlock()
	signalled(st.room)
	return outcomes
}

// signalled leaves a message that something changed, unless one is there.
func signalled(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
