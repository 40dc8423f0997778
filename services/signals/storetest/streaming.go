package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"schakel.example/services/internal/fault"
	"schakel.example/services/signals"
)

// window is how many signals of a stream may be on their way.
const window = 1000

// stream hands signals in and takes their outcomes.
func stream(ctx context.Context, st *signals.Stream, given []signals.Incoming) (all []signals.Outcome, err error) {
	go func() { st.End(handIn(ctx, st, given)) }()
	for {
		some, err := st.Next(ctx)
		all = append(all, some...)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

// handIn hands signals in; io.EOF means that all were.
func handIn(ctx context.Context, st *signals.Stream, given []signals.Incoming) error {
	for _, in := range given {
		if err := st.Submit(ctx, in); err != nil {
			return err
		}
	}
	return io.EOF
}

// streaming are the cases about handing in signals one after another.
var streaming = map[string]func(*rig){
	"of a stream each signal has its own outcome, in order": func(r *rig) {
		r.run(r.Service)
		first := r.accept(signal(uwv, "S-1"))
		given, want := mixed()
		got, err := stream(r.Context(), r.Stream(ofUWV), given)
		r.must(err)
		r.same("the outcomes", verdicts(got), want)
		r.examine(first, given, got)
		r.same("what is stored", len(r.list(overseer, signals.Filter{}, 9)), 3)
	},
	"a trial on a stream sees what was accepted before it": func(r *rig) {
		r.run(r.Service)
		given := r.many(3)
		given[1] = given[0]
		given[1].Trial = true
		given = append(given, signals.Incoming{Signal: given[2].Signal, Trial: true}, signals.Incoming{Signal: signal(uwv, "S-9"), Trial: true})
		got, err := stream(r.Context(), r.Stream(ofUWV), given)
		r.must(err)
		r.same("the outcomes", verdicts(got), []string{"new", "again", "new", "again", "new"})
		r.same("what is stored", r.list(overseer, signals.Filter{ExternalReference: "S-9"}, 9), []string(nil))
	},
	"a stream whose outcomes nobody takes is read no further, and holds up nobody else": func(r *rig) {
		st := r.Stream(ofUWV)
		given := r.many(3*window + 7)
		var in atomic.Int64
		go func() {
			for _, one := range given {
				if err := st.Submit(r.Context(), one); err != nil {
					r.Error(err)
				}
				in.Add(1)
			}
			st.End(io.EOF)
		}()
		r.await("the window is full", func() bool { return r.Waiting() == window && in.Load() == window })
		r.run(r.Service)
		for range 3 { // others go on, and come after all that was on its way
			r.accept(signal(uwv, "S-other-"+r.NewID()))
		}
		r.same("how many were taken in", in.Load(), int64(window))
		n := 0
		for {
			some, err := st.Next(r.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			r.must(err)
			for _, o := range some {
				r.same("the next", []string{verdict(o), o.ExternalReference}, []string{"new", given[n].Signal.ExternalReference})
				n++
			}
		}
		r.same("how many were told", n, len(given))
	},
	"a stream of large signals has fewer on their way": func(r *rig) {
		st, ended := r.Stream(ofUWV), make(chan error, 1)
		ctx, cancel := context.WithCancel(r.Context())
		given := r.many(100)
		for i := range given {
			given[i].Signal.Description = strings.Repeat("x", 50_000)
		}
		var in atomic.Int64
		go func() {
			for _, one := range given {
				if err := st.Submit(ctx, one); err != nil {
					ended <- err
					return
				}
				in.Add(1)
			}
		}()
		r.await("the window is full", func() bool { return in.Load() >= 3 && r.Waiting() == int(in.Load()) })
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			r.Errorf("%v, want that of the context", err)
		}
		if n := in.Load(); n > 25 {
			r.Errorf("%d are on their way", n)
		}
	},
	"a stream waits for room, which leaves room for others": func(r *rig) {
		r.within(signals.Bounds{OwnSignals: 100})
		done := make(chan error)
		go func() {
			got, err := stream(r.Context(), r.Stream(ofUWV), r.many(300))
			if err == nil && len(got) != 300 {
				err = fmt.Errorf("%d outcomes", len(got))
			}
			for _, o := range got {
				err = errors.Join(err, o.Err)
			}
			done <- err
		}()
		r.await("half is taken", func() bool { return r.Waiting() == 50 })
		single := make(chan error)
		go func() { single <- second(submit(r.Context(), r.Service, signal(uwv, "S-single"))) }()
		r.await("another waits beside it", func() bool { return r.Waiting() == 51 })
		r.run(r.Service)
		r.must(<-single)
		r.must(<-done)
	},
	"when a stream is ended, all that was handed in is told first": func(r *rig) {
		st := r.Stream(ofUWV)
		why := fault.New(fault.Unavailable, "opnieuw-verbinden", fault.Text{NL: "Opnieuw.", EN: "again"})
		for _, in := range r.many(5) {
			r.must(st.Submit(r.Context(), in))
		}
		st.End(why)
		st.End(io.EOF)
		err := st.Submit(r.Context(), signals.Incoming{Signal: signal(uwv, "S-late")})
		r.same("handing in after the end", err, error(why))
		r.run(r.Service)
		n := 0
		for {
			some, err := st.Next(r.Context())
			n += len(some)
			if err != nil {
				r.same("the end", err, error(why))
				break
			}
		}
		r.same("how many were told", n, 5)
		r.same("what is stored", len(r.list(overseer, signals.Filter{}, 9)), 5)
	},
	"when the service stops, what a stream handed in is stored, and the rest is told so": func(r *rig) {
		st := r.Stream(ofUWV)
		for _, in := range r.many(5) {
			r.must(st.Submit(r.Context(), in))
		}
		stopped, cancel := context.WithCancel(r.Context())
		cancel()
		r.must(r.Service.Run(stopped))
		r.must(st.Submit(r.Context(), signals.Incoming{Signal: signal(uwv, "S-late")}))
		st.End(io.EOF)
		var got []string
		for {
			some, err := st.Next(r.Context())
			got = append(got, verdicts(some)...)
			if err != nil {
				break
			}
		}
		r.same("the outcomes", got, []string{"new", "new", "new", "new", "new", "stopt"})
	},
	"whoever takes outcomes may go": func(r *rig) {
		st := r.Stream(ofUWV)
		r.must(st.Submit(r.Context(), r.many(1)[0]))
		ctx, cancel := context.WithCancel(r.Context())
		gone := make(chan error)
		go func() {
			_, err := st.Next(ctx)
			gone <- err
		}()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			r.Errorf("%v, want that of the context", err)
		}
	},
}
