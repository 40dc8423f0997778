package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"schakel.example/gateway/problem"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// store sends a batch to the service. While that cannot take it, it is sent
// again, for as long as Config.Patience: a signal that was stored although the
// answer was lost is then known to be repeated. Nothing more is read meanwhile,
// as the slot is taken.
//
// Signals of lines with faults are tried out, so that all that is wrong with them
// is told at once; when the service has no time for that, their own faults are.
// Whether the caller may submit at all is for the service to say, also when the
// first lines are so wrong that none is sent: then it is asked to try out a
// signal with nothing in it.
func (u *upload) store(b *batch) {
	defer close(b.done)
	b.failed = errFailed // unless it comes to its end
	if before := b.before; before != nil {
		<-before.done
		if b.before = nil; before.failed != nil { // its line is still to come, in another upload
			b.failed = before.failed
			return
		}
	}
	switch b.failed = u.submitAll(b); {
	case len(b.faulty) > 0 && b.failed == nil:
		trial := &batch{signals: b.faulty, trial: true}
		if err := u.submitAll(trial); b.first && len(b.signals) == 0 {
			b.failed = err
		}
		b.verdicts = trial.results
	case b.first && len(b.signals) == 0:
		b.failed = u.submitAll(&batch{signals: []*signalsv1.Signal{{}}, trial: true})
	}
}

// submitAll submits the signals until it is known what became of each; the
// error says why it is not.
func (u *upload) submitAll(b *batch) (err error) {
	b.results = make([]*signalsv1.SubmitResult, len(b.signals))
	left := make([]int, len(b.signals)) // of which nothing is known
	for i := range left {
		left[i] = i
	}
	var until time.Time
	for try := 0; len(left) > 0; try++ {
		before := len(left)
		left, err = u.submit(b, left)
		if err == nil || !passing(status.Code(err)) {
			break
		}
		if try == 0 || len(left) < before {
			try, until = 0, time.Now().Add(u.Patience)
		}
		if !u.pause(err, try, until) {
			break
		}
	}
	return err
}

// submit makes one call with the signals that are left, and says which are left
// after it, and why.
func (u *upload) submit(b *batch, left []int) ([]int, error) {
	request := &signalsv1.BatchSubmitSignalsRequest{Signals: b.signals, ValidateOnly: b.trial}
	if len(left) < len(b.signals) {
		request.Signals = make([]*signalsv1.Signal, len(left))
		for i, at := range left {
			request.Signals[i] = b.signals[at]
		}
	}
	ctx, cancel := context.WithTimeout(u.ctx, u.Timeout)
	defer cancel()
	response, err := u.client.BatchSubmitSignals(ctx, request)
	if err != nil {
		return left, err
	}
	results := response.GetResults()
	if len(results) != len(left) {
		return left, errors.New("rest: not as many results as signals")
	}
	var still []int
	for i, result := range results {
		switch {
		case int(result.GetNumber()) != i+1 || result.GetOutcome() == nil:
			return left, errors.New("rest: a result that belongs to no signal")
		case passing(codes.Code(result.GetFault().GetCode())):
			still, err = append(still, left[i]), status.FromProto(result.GetFault()).Err()
		default:
			b.results[left[i]] = result
		}
	}
	return still, err
}

// passing says whether what was refused now may be taken in a moment, or might
// have been taken already. To submit again is harmless.
func passing(code codes.Code) bool {
	return code == codes.ResourceExhausted || code == codes.Unavailable || code == codes.DeadlineExceeded
}

// pause waits before another try: as long as the service asks, or else longer
// each time; and a bit more, so that those who wait do not come back together.
// It says false when the time is up, or would be.
func (u *upload) pause(cause error, try int, until time.Time) bool {
	wait := problem.Of(cause, unlocated).RetryAfter
	if wait <= 0 {
		wait = 100 * time.Millisecond << min(try, 5)
	}
	wait += rand.N(wait/2 + 1)
	if time.Now().Add(wait).After(until) {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-u.halted:
		return false
	case <-u.ctx.Done():
		return false
	}
}

func unlocated(string) problem.Place { return problem.Place{} }
