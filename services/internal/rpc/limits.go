package rpc

import (
	"context"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"schakel.example/services/internal/fault"
)

// Limits bound what one server does at once. A zero value means the default.
type Limits struct {
	// MaxMessage is the size of a received message in bytes; 1 MiB. MaxBatch is
	// that of the request of a standard batch method, such as BatchSubmitSignals
	// (AIP-231); 4 MiB.
	MaxMessage, MaxBatch int
	// MaxCalls is the number of calls at once; 512. MaxOwn is how many of them may
	// be of one organisation, of one caller without, or of all who have no token
	// together, and of these an eighth of one address; a quarter. MaxPublicStreams
	// is how many of those without a token may be streams; a quarter of MaxOwn.
	// Services are not limited.
	MaxCalls, MaxOwn, MaxPublicStreams int
	// Rate is the number of calls a second that one caller may make, after a
	// Burst at once; without a Rate there is no such limit. A stream is one
	// call. Services are not limited, nor is who calls without a token from this
	// machine: that is the gateway, for many.
	Rate  float64
	Burst int
	// Unary and Stream end a call that lasts longer; 15 seconds, 10 minutes.
	// The caller's own deadline may be sooner.
	Unary, Stream time.Duration
	// Drain is how long calls may go on when the server stops; 10 seconds.
	Drain time.Duration
}

func (l Limits) withDefaults() Limits {
	l.MaxMessage = or(l.MaxMessage, 1<<20)
	l.MaxBatch = or(l.MaxBatch, 4*l.MaxMessage)
	l.MaxCalls = or(l.MaxCalls, 512)
	l.MaxOwn = or(l.MaxOwn, (l.MaxCalls+3)/4)
	l.MaxPublicStreams = or(l.MaxPublicStreams, (l.MaxOwn+3)/4)
	l.Burst = max(l.Burst, 1)
	l.Unary = or(l.Unary, 15*time.Second)
	l.Stream = or(l.Stream, 10*time.Minute)
	l.Drain = or(l.Drain, 10*time.Second)
	return l
}

func or[T int | time.Duration](value, fallback T) T {
	if value == 0 {
		return fallback
	}
	return value
}

// Faults of limits.
var (
	errTooBusy = fault.New(fault.Exhausted, "te-druk", fault.Text{
		NL: "Schakel is te druk. Probeer het zo dadelijk opnieuw.",
		EN: "the server is too busy; try again shortly",
	})
	errStopping = fault.New(fault.Unavailable, "sluit-af", fault.Text{
		NL: "Dit onderdeel van Schakel sluit af. Probeer het zo dadelijk opnieuw.",
		EN: "this part is shutting down; try again shortly",
	})
	errTooLarge = fault.New(fault.Invalid, "bericht-te-groot", fault.Text{
		NL: "Het bericht is te groot.",
		EN: "the message is too large",
	})
)

// gate counts the calls in progress, and closes when the server stops.
type gate struct {
	Limits

	mu       sync.Mutex
	calls    int
	closed   bool
	stopping chan struct{} // closed when closed
	empty    chan struct{} // closed when closed and no call is left

	cut      context.Context // ends the calls that are left
	cutShort context.CancelFunc
}

func newGate(l Limits) *gate {
	g := &gate{Limits: l, stopping: make(chan struct{}), empty: make(chan struct{})}
	g.cut, g.cutShort = context.WithCancel(context.Background())
	return g
}

// layer bounds messages and calls. Health checks neither count nor wait: a
// full server is not an ill one, and one that stops says so itself.
func (g *gate) layer() Layer {
	return Layer{"limits", func(ctx context.Context, call *Call, next Next) error {
		most := g.MaxMessage
		if isBatch(call.Method) {
			most = g.MaxBatch
		}
		call.stopping = g.stopping
		call.Check(func(m proto.Message) error {
			if proto.Size(m) > most {
				return errTooLarge
			}
			return nil
		})
		if !isHealth(call.Method) {
			if err := g.enter(); err != nil {
				return err
			}
			defer g.leave()
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(g.cut, cancel)()
		return next(ctx)
	}}
}

func (g *gate) enter() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		return errStopping
	case g.calls >= g.MaxCalls:
		return errTooBusy
	}
	g.calls++
	return nil
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls--
	if g.closed && g.calls == 0 {
		close(g.empty)
	}
}

// close refuses new calls, waits until ctx ends for those in progress, and then
// cancels them, and with them the watches of health, which never end.
func (g *gate) close(ctx context.Context) {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.stopping)
		if g.calls == 0 {
			close(g.empty)
		}
	}
	g.mu.Unlock()
	select {
	case <-g.empty:
	case <-ctx.Done():
	}
	g.cutShort()
	<-g.empty
}

// isBatch says whether a method is a standard batch method (AIP-231).
func isBatch(method string) bool {
	return strings.HasPrefix(method[strings.LastIndexByte(method, '/')+1:], "Batch")
}

func isHealth(method string) bool { return strings.HasPrefix(method, "/grpc.health.v1.Health/") }
