package main

import (
	"bytes"
	"cmp"
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
	tried tried // of a dry run
}

// run submits everything, so many bundles at a time, and signals with one
// reference in the order of the file. It ends at the first signal
// that could be neither accepted nor refused: then Schakel is away.
func (p *push) run(ctx context.Context, parallel int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	var order order
	var err error
	for ctx.Err() == nil && err == nil {
		var bundle []item
		bundle, err = p.gather()
		if len(bundle) > 0 {
			turn := order.next(bundle)
			group.Go(func() error { return turn.inTurn(func() error { return p.submit(ctx, bundle) }) })
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
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 200*time.Millisecond, 5*time.Second
	for since := time.Now(); ; {
		done, wait, err := p.send(ctx, bundle)
		if bundle = bundle[done:]; len(bundle) == 0 {
			return err
		}
		if done > 0 {
			since = time.Now()
			pause.Reset()
		}
		refused, isProblem := errors.AsType[*problem](err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case isProblem && !refused.passes(), errors.Is(err, errLocal):
			return fmt.Errorf("%s: %w", p.source.place(bundle[0].number, ""), err)
		case time.Since(since) > p.patience:
			return fmt.Errorf("%s: %w; %w", p.source.place(bundle[0].number, ""), err, errUnfinished)
		}
		select {
		case <-time.After(max(wait, pause.NextBackOff())):
		case <-ctx.Done():
		}
	}
}

// passes says whether trying again later makes sense.
func (p *problem) passes() bool {
	return p.Status == http.StatusTooManyRequests || p.Status == http.StatusRequestTimeout || p.Status >= http.StatusInternalServerError
}

// result is what Schakel says of one line.
type result struct {
	Done     bool     `json:"klaar"`
	Line     int      `json:"regel"`
	Status   int      `json:"status"`
	Repeated bool     `json:"herhaald"`
	Content  string   `json:"inhoudHash"`
	Problem  *problem `json:"probleem"`
}

var (
	errBrokenOff = errors.New("het antwoord van Schakel brak af")
	errSilent    = errors.New("er komt geen antwoord van Schakel")
	// errLocal says that trying again does not help: it went wrong here.
	errLocal = errors.New("het bestand voor geweigerde signalen")
)

// send sends a bundle once, and says how many of its signals have a final
// result, from the first on; the error is why there are no more, and wait how long
// Schakel asks to wait.
func (p *push) send(ctx context.Context, bundle []item) (done int, wait time.Duration, err error) {
	path := "/v1/signalen/_bulk"
	if p.dryRun {
		path += "?proefdraaien=true"
	}
	var body bytes.Buffer
	for _, i := range bundle {
		body.Write(i.signal)
		body.WriteByte('\n')
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(p.silence, func() { cancel(errSilent) })
	defer silence.Stop()
	req, err := p.request(ctx, request{http.MethodPost, path, "application/x-ndjson", body.Bytes()})
	if err != nil {
		return 0, 0, errors.Join(errLocal, err)
	}
	client := http.Client{Transport: p.http.Transport} // as long as something comes
	resp, err := client.Do(req)
	if err != nil {
		return 0, 0, p.away(cmp.Or(cause(ctx), err))
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // what there is of it
		return 0, retryAfter(resp), refusal(resp.StatusCode, text)
	}
	done, err = p.read(bundle, resp.Body, func() { silence.Reset(p.silence) })
	if done < len(bundle) && (err == nil || errors.Is(err, errBrokenOff)) {
		err = cmp.Or(cause(ctx), errBrokenOff)
	}
	return done, 0, err
}

// cause is why a request was cancelled, if it was.
func cause(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

// read reads the results of a bundle, one after another, as they come.
func (p *push) read(bundle []item, answer io.Reader, heard func()) (done int, err error) {
	lines := json.NewDecoder(answer)
	for done < len(bundle) {
		var r result
		if lines.Decode(&r) != nil || r.Done || r.Line != done+1 {
			return done, errBrokenOff
		}
		heard()
		if r.Problem != nil && (r.Problem.passes() || r.Status == http.StatusUnauthorized) {
			return done, r.Problem
		}
		if err := p.settle(bundle[done], r); err != nil {
			return done, errors.Join(errLocal, err)
		}
		done++
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(answer, 64<<10)) // so that the connection can be used again
	return done, nil
}

// settle counts what became of a signal.
func (p *push) settle(i item, r result) error {
	if r.Problem != nil {
		return p.refuse(i, r.Problem)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	first, other := p.tried.holds(i, r)
	if other {
		return p.refused(i, &problem{
			Status: http.StatusConflict, Reason: "kenmerk-bezet", Title: "Botsing",
			Detail: fmt.Sprintf("Er is al een signaal met dit kenmerk en andere inhoud: %s.", p.source.place(first, "/kenmerk")),
		})
	}
	if r.Repeated || first > 0 {
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
	return p.refused(i, why)
}

// refused is refuse by who holds the lock.
func (p *push) refused(i item, why *problem) error {
	p.count.refused++
	for n, f := range why.Faults {
		why.Faults[n].Place = p.source.place(i.number, f.Pointer)
	}
	return p.refusals.add(p.source.place(i.number, ""), i, why)
}
