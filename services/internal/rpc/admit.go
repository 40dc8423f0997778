package rpc

import (
	"context"
	"net/netip"
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
	errPublicFull = fault.New(fault.Exhausted, "te-druk-zonder-token", fault.Text{
		NL: "Er lopen nu te veel aanroepen zonder token tegelijk. Probeer het zo dadelijk opnieuw.",
		EN: "too many calls without a token are in progress; try again shortly",
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
	// mostStreams is how many streams of callers without token there may be.
	mostStreams int
	now         func() time.Time

	mu    sync.Mutex
	seen  map[string]*rate.Limiter
	sweep int // size at which those that rest are forgotten
	calls map[string]int
}

const sweepSize = 1024

// perCaller is the rate layer: how often one may call, and how many calls an
// organisation may have in progress, so that there is room for others. Callers
// without token have together what one organisation has. Unobserved calls are not
// told apart, and so only limited as a whole.
func perCaller(l Limits, now func() time.Time) Layer {
	c := newCallers(l, now)
	return Layer{"rate", func(ctx context.Context, call *Call, next Next) error {
		grant, _ := access.From(ctx)
		run := func() error { return next(ctx) }
		switch {
		case grant.Role == access.Service || isHealth(call.Method):
			return run()
		case call.Unobserved:
			return c.among(run, share{"unobserved", c.most, errTooMany})
		case grant.Caller == "":
			return c.public(ctx, call, run)
		}
		who := "caller " + grant.Caller
		if err := c.often(who); err != nil {
			return err
		}
		if grant.Organisation != "" {
			who = "organisation " + grant.Organisation
		}
		return c.among(run, share{who, c.most, errTooMany})
	}}
}

// public makes a call of a caller without token. Of what these may do at once a part
// may be streams, which last as long as their callers like; and one address gets a
// part. From this machine the gateway calls for many: it sees to the addresses, of
// which it tells us nothing.
func (c *callers) public(ctx context.Context, call *Call, run func() error) error {
	shares := []share{{"public", c.most, errPublicFull}}
	if call.Stream {
		shares = append(shares, share{"public streams", c.mostStreams, errPublicFull})
	}
	if network := networkOf(ctx); network != "" {
		if err := c.often(network); err != nil {
			return err
		}
		shares = append(shares, share{network, (c.most + 7) / 8, errTooMany})
	}
	return c.among(run, shares...)
}

func newCallers(l Limits, now func() time.Time) *callers {
	return &callers{
		limit: rate.Limit(l.Rate), burst: l.Burst, most: l.MaxOwn, mostStreams: l.MaxPublicStreams, now: now,
		seen: map[string]*rate.Limiter{}, sweep: sweepSize, calls: map[string]int{},
	}
}

// share is how many calls with a key there may be at once, and how one more is
// refused.
type share struct {
	key     string
	most    int
	refusal *fault.Error
}

// among makes a call as one of each of the shares, unless one is taken whole.
func (c *callers) among(call func() error, shares ...share) error {
	for _, s := range shares {
		if !c.enter(s) {
			return s.refusal
		}
		defer c.leave(s.key)
	}
	return call()
}

func (c *callers) enter(s share) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls[s.key] >= s.most {
		return false
	}
	c.calls[s.key]++
	return true
}

func (c *callers) leave(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls[key]--; c.calls[key] == 0 {
		delete(c.calls, key)
	}
}

// networkOf is where a call came from, as far as callers are told apart by it: an
// address of IPv4, or the /64 of IPv6 that one subscriber has. It is empty for this
// process and this machine.
func networkOf(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	from, err := netip.ParseAddrPort(p.Addr.String())
	address := from.Addr().Unmap().WithZone("")
	if err != nil || address.IsLoopback() {
		return ""
	}
	bits := 64
	if address.Is4() {
		bits = 32
	}
	return "network " + netip.PrefixFrom(address, bits).Masked().String()
}

// often takes one call of what a caller may make, or refuses it.
func (c *callers) often(key string) error {
	if c.limit > 0 {
		if wait := c.wait(key); wait > 0 {
			return errTooOften.After(wait)
		}
	}
	return nil
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
