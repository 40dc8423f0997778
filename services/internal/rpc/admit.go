package rpc

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"

	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
)

// Verifier turns bearer tokens into claims; access.Verifier is one. Its errors
// are faults.
type Verifier interface {
	Verify(ctx context.Context, token string) (access.Claims, error)
}

// Faults of admission.
var (
	errCredentials = fault.New(fault.Unauthenticated, "token-ongeldig", fault.Text{
		NL: "De kop “authorization” moet precies één keer “Bearer” en een token bevatten.",
		EN: "the header \"authorization\" must hold \"Bearer\" and a token, once",
	})
	errTooMany = fault.New(fault.Exhausted, "te-veel-tegelijk", fault.Text{
		NL: "Er lopen te veel aanroepen van u tegelijk. Wacht tot er een klaar is en probeer het opnieuw.",
		EN: "too many calls of yours are in progress; wait until one has ended and try again",
	})
	errTooOften = fault.New(fault.Exhausted, "te-vaak", fault.Text{
		NL: "U doet te veel aanroepen. Wacht even en probeer het opnieuw.",
		EN: "you make too many calls; wait and try again",
	})
)

// authentication is the layer that finds out who calls. A caller without token
// is anyone; a token that is shown must be good. On an unobserved call none may be
// shown.
func authentication(verifier Verifier) Layer {
	return Layer{"authentication", func(ctx context.Context, call *Call, next Next) error {
		shown := metadata.ValueFromIncomingContext(ctx, "authorization")
		switch {
		case len(shown) == 0:
			return next(ctx)
		case call.Unobserved:
			return errIdentified
		}
		scheme, token, _ := strings.Cut(shown[0], " ")
		if len(shown) > 1 || !strings.EqualFold(scheme, "bearer") || token == "" {
			return errCredentials
		}
		claims, err := verifier.Verify(ctx, token)
		if err != nil {
			return err
		}
		call.Claims = claims
		return next(ctx)
	}}
}

// admission is the access layer: it decides whether the call may be made, and
// puts its Grant in the context.
func admission(policy *access.Policy) Layer {
	return Layer{"access", func(ctx context.Context, call *Call, next Next) error {
		grant, err := policy.Decide(call.Method, call.Claims)
		if err != nil {
			return err
		}
		return next(access.With(ctx, grant))
	}}
}

// callers holds a limiter for each caller seen lately, and the calls that are in
// progress.
type callers struct {
	limit rate.Limit
	burst int
	most  int // calls in progress
	now   func() time.Time

	mu    sync.Mutex
	seen  map[string]*rate.Limiter
	sweep int // size at which those that rest are forgotten
	calls map[string]int
}

const sweepSize = 1024

// perCaller is the rate layer: how often one may call, and how many calls an
// organisation may have in progress, so that there is room for others. Callers
// without token are told apart by their address, which behind a gateway is the
// gateway's: there it limits by address itself. Unobserved calls are not told
// apart, and so only limited as a whole.
func perCaller(l Limits, now func() time.Time) Layer {
	c := newCallers(l, now)
	return Layer{"rate", func(ctx context.Context, call *Call, next Next) error {
		grant, _ := access.From(ctx)
		if grant.Role == access.Service || isHealth(call.Method) {
			return next(ctx)
		}
		if call.Unobserved {
			return c.among("unobserved", func() error { return next(ctx) })
		}
		who := key(ctx, grant)
		if c.limit > 0 {
			if wait := c.wait(who); wait > 0 {
				return errTooOften.After(wait)
			}
		}
		if grant.Organisation != "" {
			who = "organisation " + grant.Organisation
		}
		return c.among(who, func() error { return next(ctx) })
	}}
}

func newCallers(l Limits, now func() time.Time) *callers {
	return &callers{
		limit: rate.Limit(l.Rate), burst: l.Burst, most: l.MaxOwn, now: now,
		seen: map[string]*rate.Limiter{}, sweep: sweepSize, calls: map[string]int{},
	}
}

// among makes a call as one of those with the key, unless there are too many.
func (c *callers) among(key string, call func() error) error {
	if !c.enter(key) {
		return errTooMany
	}
	defer c.leave(key)
	return call()
}

func (c *callers) enter(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls[key] >= c.most {
		return false
	}
	c.calls[key]++
	return true
}

func (c *callers) leave(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls[key]--; c.calls[key] == 0 {
		delete(c.calls, key)
	}
}

func key(ctx context.Context, grant access.Grant) string {
	if grant.Caller != "" {
		return "caller " + grant.Caller
	}
	if p, ok := peer.FromContext(ctx); ok {
		if host, _, err := net.SplitHostPort(p.Addr.String()); err == nil {
			return "address " + host
		}
	}
	return "anyone"
}

// wait takes one call of what the caller has left, or says how long until
// there is one.
func (c *callers) wait(key string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	limiter := c.seen[key]
	if limiter == nil {
		if len(c.seen) >= c.sweep {
			for key, limiter := range c.seen {
				if limiter.TokensAt(now) >= float64(c.burst) {
					delete(c.seen, key)
				}
			}
			c.sweep = max(sweepSize, 2*len(c.seen))
		}
		limiter = rate.NewLimiter(c.limit, c.burst)
		c.seen[key] = limiter
	}
	reservation := limiter.ReserveN(now, 1)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}

// deadline is the layer that gives every call an end, however patient the
// caller is; only who watches the health of the server may stay.
func deadline(l Limits) Layer {
	return Layer{"deadline", func(ctx context.Context, call *Call, next Next) error {
		limit := l.Unary
		switch {
		case isHealth(call.Method):
			return next(ctx)
		case call.Stream:
			limit = l.Stream
		}
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		err := next(ctx)
		if err != nil && ctx.Err() != nil && fault.Is(err, fault.Internal) {
			// What breaks when the time is up is no defect.
			return fault.Of(ctx.Err()).Because(err)
		}
		return err
	}}
}

// validation is the layer that holds each message, but for what a service checks
// itself, against the rules of its proto and to the screen for personal data. One
// of many must not refuse the others: of that the service checks all.
func validation(checker *rules.Checker) Layer {
	outer := checker.Outer()
	return Layer{"validation", func(ctx context.Context, call *Call, next Next) error {
		checker := checker
		if call.Stream || isBatch(call.Method) {
			checker = outer
		}
		call.Check(func(m proto.Message) error { return form.Check(checker, "", m, nil) })
		return next(ctx)
	}}
}
