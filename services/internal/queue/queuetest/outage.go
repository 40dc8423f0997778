package queuetest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"schakel.example/services/internal/queue"
)

// linked is a rig whose appliers reach Redis over a link that can be broken;
// its publisher does not.
func (r *rig) linked() (*link, queue.ApplierConfig) {
	l, client := newLink(r.T, r.client)
	cfg := r.config()
	cfg.Stream = queue.NewStream(client, r.name)
	return l, cfg
}

// outage are the cases about parts that are down, slow or closed.
var outage = map[string]func(*rig){
	"while Redis refuses connections, entries come from the source": func(r *rig) {
		l, cfg := r.linked()
		r.start(r.applier(cfg))
		r.publish(r.ledger.add(10)...)
		r.settle()
		l.breakOff()
		r.publish(r.ledger.add(30)...)
		r.settle()
		l.heal()
		r.publish(r.ledger.add(30)...)
		r.complete()
	},
	"while Redis answers nothing, entries come from the source": func(r *rig) {
		l, cfg := r.linked()
		r.start(r.applier(cfg))
		r.publish(r.ledger.add(10)...)
		r.settle()
		l.stall()
		r.publish(r.ledger.add(30)...)
		r.settle()
		l.heal()
		r.publish(r.ledger.add(30)...)
		r.complete()
	},
	"a publication that fails is healed from the source": func(r *rig) {
		l, client := newLink(r.T, r.client)
		stream := queue.NewStream(client, r.name)
		r.run()
		r.publish(r.ledger.add(5)...)
		l.breakOff()
		if err := stream.Publish(r.Context(), r.ledger.add(5)); err == nil {
			r.Error("Publish over a broken link gave no error")
		}
		l.heal()
		if err := stream.Publish(r.Context(), r.ledger.add(5)); err != nil {
			r.Errorf("Publish after the link was healed: %v", err)
		}
		r.complete()
	},
	"while the source is down the stream goes on": func(r *rig) {
		r.run()
		r.publish(r.ledger.add(10)...)
		r.settle()
		r.ledger.set(func(l *ledger) { l.fault = unavailable })
		// Enough rounds to meet the fault; a FLUSHALL of another case may keep
		// one of them waiting for the source, so not all need arrive before it
		// is back.
		for range 10 {
			r.publish(r.ledger.add(3)...)
		}
		r.ledger.set(func(l *ledger) { l.fault = nil })
		r.complete()
	},
	"a source that is behind its consumer stops it until it caught up": func(r *rig) {
		var said lines
		cfg := r.config()
		cfg.Logger = slog.New(slog.NewTextHandler(&said, nil))
		r.publish(r.ledger.add(30)...)
		r.start(r.applier(cfg))
		r.settle()
		full := r.ledger.all()
		r.ledger.set(func(l *ledger) { l.entries = l.entries[:10] })
		r.await("a warning", func() bool { return said.contain("bron-loopt-achter") })
		if w := r.watermark(); w.Applied != 30 {
			r.Errorf("watermark = %d, want 30", w.Applied)
		}
		r.ledger.set(func(l *ledger) { l.entries = full })
		r.publish(r.ledger.add(10)...)
		r.complete()
	},
	"a source that hangs is given up for another applier": func(r *rig) {
		hung := &ledger{hang: make(chan struct{})}
		hung.add(20)
		defer close(hung.hang)
		cfg := r.config()
		cfg.Source = hung
		r.ledger.add(20)
		r.start(r.applier(cfg))
		r.await("the first to hold the lease", func() bool { return r.watermark().Holder != "" })
		r.run()
		r.complete()
	},
	"a stop is prompt whatever the applier waits for": func(r *rig) {
		l, cfg := r.linked()
		hung := &ledger{hang: make(chan struct{})}
		hung.add(1)
		onSource := r.config()
		onSource.Source, onSource.Name = hung, r.name+"-hung"
		standby := r.config()
		stops := map[string]func(){
			"idle":              r.run(),
			"standing by":       r.start(r.applier(standby)),
			"in a hung source":  r.start(r.applier(onSource)),
			"in a stalled read": r.start(r.applier(cfg)),
		}
		r.publish(r.ledger.add(3)...)
		r.settle()
		l.stall()
		for what, stop := range stops {
			begin := time.Now()
			stop()
			if took := time.Since(begin); took > prompt {
				r.Errorf("a stop while %s took %v", what, took)
			}
		}
	},
	"a cancelled context is told at once": func(r *rig) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		if err := r.applier(r.config()).Run(ctx); err != nil {
			r.Errorf("Run = %v", err)
		}
		if _, err := r.stream.Read(ctx, 0, 1, time.Minute); err == nil {
			r.Error("Read gave no error")
		}
		if err := r.stream.Publish(ctx, r.ledger.add(1)); err == nil {
			r.Error("Publish gave no error")
		}
		if _, err := r.applier(r.config()).Retry(ctx, 0); err == nil {
			r.Error("Retry gave no error")
		}
	},
}

// lines are those of a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) contain(word string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), word)
}
