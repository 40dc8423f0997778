package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/sync/errgroup"
)

// A bundle is what goes in one request.
const (
	bundleSignals = 1000
	bundleBytes   = 1 << 20
)

// push submits the signals of a source, in bundles.
type push struct {
	*remote
	source   input
	dryRun   bool
	refusals *refusalFile

	mu    sync.Mutex
	count pushed
}

// run submits everything, so many bundles at a time. It ends at the first signal
// that could be neither accepted nor refused: then Schakel is away.
func (p *push) run(ctx context.Context, parallel int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	var err error
	for ctx.Err() == nil && err == nil {
		var bundle []item
		bundle, err = p.gather()
		if len(bundle) > 0 {
			group.Go(func() error { return p.submit(ctx, bundle) })
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(group.Wait(), err)
}

// gather reads the next bundle, and refuses what need not be sent.
func (p *push) gather() (bundle []item, err error) {
	for size := 0; len(bundle) < bundleSignals && size < bundleBytes; {
		next, err := p.source.next()
		switch {
		case err != nil:
			return bundle, err
		case next.problem != nil:
			if err := p.refuse(next, next.problem); err != nil {
				return bundle, err
			}
		default:
			bundle, size = append(bundle, next), size+len(next.signal)
		}
	}
	return bundle, nil
}

// submit sends a bundle until each of its signals has its result. What is sent
// again is not accepted twice.
func (p *push) submit(ctx context.Context, bundle []item) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = 200*time.Millisecond, 5*time.Second
	for since := time.Now(); len(bundle) > 0; {
		done, err := p.send(ctx, bundle)
		if bundle = bundle[done:]; len(bundle) == 0 {
			return nil
		}
		if done > 0 {
			since = time.Now()
			wait.Reset()
		}
		var refused *problem
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &refused) && !refused.passes(), time.Since(since) > p.patience:
			return fmt.Errorf("%s: %w", p.source.place(bundle[0].number, ""), err)
		}
		select {
		case <-time.After(wait.NextBackOff()):
		case <-ctx.Done():
		}
	}
	return nil
}

// passes says whether trying again later makes sense.
func (p *problem) passes() bool {
	return p.Status == http.StatusTooManyRequests || p.Status >= http.StatusInternalServerError
}

// result is what Schakel says of one line.
type result struct {
	Done     bool     `json:"klaar"`
	Line     int      `json:"regel"`
	Status   int      `json:"status"`
	Repeated bool     `json:"herhaald"`
	Problem  *problem `json:"probleem"`
}

// send sends a bundle once, and says how many of its signals have a final
// result, from the first on; the error is why there are no more.
func (p *push) send(ctx context.Context, bundle []item) (done int, err error) {
	path := "/v1/signalen/_bulk"
	if p.dryRun {
		path += "?proefdraaien=true"
	}
	var body bytes.Buffer
	for _, i := range bundle {
		body.Write(i.signal)
		body.WriteByte('\n')
	}
	status, text, err := p.once(ctx, request{http.MethodPost, path, "application/x-ndjson", body.Bytes()})
	if status >= 300 {
		return 0, refusal(status, text)
	}
	lines := json.NewDecoder(bytes.NewReader(text))
	for done < len(bundle) {
		var r result
		if lines.Decode(&r) != nil || r.Done || r.Line != done+1 {
			break // broken off
		}
		if r.Problem != nil && (r.Problem.passes() || r.Status == http.StatusUnauthorized) {
			return done, r.Problem
		}
		if err := p.settle(bundle[done], r); err != nil {
			return done, err
		}
		done++
	}
	if done < len(bundle) && err == nil {
		err = errors.New("het antwoord brak af")
	}
	return done, err
}

// settle counts what became of a signal.
func (p *push) settle(i item, r result) error {
	if r.Problem != nil {
		return p.refuse(i, r.Problem)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Repeated {
		p.count.repeated++
	} else {
		p.count.accepted++
	}
	return nil
}

// refuse notes that a signal was refused.
func (p *push) refuse(i item, why *problem) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count.refused++
	for n, f := range why.Faults {
		why.Faults[n].Place = p.source.place(i.number, f.Pointer)
	}
	return p.refusals.add(p.source.place(i.number, ""), i, why)
}
