package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"

	"schakel.example/gateway/problem"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/openapi"
	"schakel.example/proto/rules"
)

// Config says what the gateway serves. Only Backends is needed.
type Config struct {
	// Backends are the services behind it.
	Backends []Backend
	// Editions gives the files of editions, which are open data; without it
	// there are none.
	Editions lettersv1.EditionServiceClient
	// Rules finds what is wrong in input that could not be read whole. It is
	// made when nil, which takes a moment.
	Rules *rules.Checker
	// Origins are the web origins, such as "https://voorbeeld.nl", whose pages
	// may call the interface. All may fetch open data.
	Origins []string
	// TrustedProxies are the networks of the reverse proxies in front, of which is
	// believed where a request came from (X-Forwarded-For, or Forwarded of RFC 7239).
	// Without them these headers are not read. They must set one of them themselves.
	TrustedProxies []netip.Prefix
	// SecurityTxt is served at /.well-known/security.txt (RFC 9116), if any.
	SecurityTxt []byte
	// Problems is what the URIs of problem types start with; by default
	// "https://schakel.example/problemen/".
	Problems string
	// MaxBody is how many bytes a body may have; by default 1 MiB.
	MaxBody int64
	// Timeout is how long a call to a service may take; by default 30 seconds.
	Timeout time.Duration
	// Stall is how long the client of an upload or export may send or take
	// nothing; by default a minute.
	Stall time.Duration
	// Patience is how long an upload waits for a service that cannot take more
	// for now; by default 30 seconds.
	Patience time.Duration
	// Stopping is closed when the program begins to stop: an upload then ends
	// after what was read of it. Without it none is asked to.
	Stopping <-chan struct{}
	// Logger gets a line per request; by default there is no log.
	Logger *slog.Logger
	// Traces gets a span per request; by default there are none. A trace that
	// the caller began goes on either way.
	Traces trace.TracerProvider
	// NewID makes the id of a request that came without one: a UUID. By
	// default it is a UUIDv7.
	NewID func() string
}

// Backend is one service behind the gateway, as it is deployed: it may serve
// several RPC services.
type Backend struct {
	// Name is how readiness calls it, such as "signals".
	Name string
	// Conn leads to it.
	Conn grpc.ClientConnInterface
	// Services are the RPC services to serve from it, such as
	// &signalsv1.SignalService_ServiceDesc. RPCs without an HTTP binding are
	// left out.
	Services []*grpc.ServiceDesc
}

// withDefaults fills in what was left out, and refuses what cannot be.
func (c Config) withDefaults() (Config, error) {
	if c.Problems == "" {
		c.Problems = "https://schakel.example/problemen/"
	}
	if c.MaxBody == 0 {
		c.MaxBody = 1 << 20
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Stall == 0 {
		c.Stall = time.Minute
	}
	if c.Patience == 0 {
		c.Patience = 30 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Traces == nil {
		c.Traces = notrace.NewTracerProvider()
	}
	if c.NewID == nil {
		c.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	var err error
	if c.Rules == nil {
		c.Rules, err = rules.New()
	}
	if !strings.HasSuffix(c.Problems, "/") {
		err = errors.Join(err, fmt.Errorf("rest: %q, the base of problem types, does not end in a slash", c.Problems))
	}
	if c.MaxBody < 0 || c.Timeout < 0 || c.Stall < 0 || c.Patience < 0 {
		err = errors.Join(err, errors.New("rest: the limits must be positive"))
	}
	for _, b := range c.Backends {
		if b.Name == "" || b.Conn == nil {
			err = errors.Join(err, errors.New("rest: a backend without a name or connection"))
		}
	}
	return c, err
}

// New makes the handler of the whole outside. It refuses a proto that it cannot
// serve as it says, so that no RPC fails for that on its first call.
func New(config Config) (http.Handler, error) {
	c, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	version, err := openapi.Version()
	if err != nil {
		return nil, err
	}
	s := &server{
		Config:  c,
		version: version,
		problem: problem.Writer{Base: c.Problems},
		tracer:  c.Traces.Tracer("schakel.example/gateway/rest"),
		routes:  &node{},
		places:  places{taken: map[place]int{}},
	}
	s.mux = s.newMux()
	return s, s.build()
}

// build fills the route table.
func (s *server) build() error {
	err := errors.Join(
		s.add(http.MethodGet, "/v1/openapi.json", handler{open: true, use: useNone, serve: s.openapi}),
		s.add(http.MethodGet, "/healthz/live", handler{use: useNone, serve: s.live}),
		s.add(http.MethodGet, "/healthz/ready", handler{use: useNone, serve: s.ready}),
	)
	if s.SecurityTxt != nil {
		err = errors.Join(err, s.add(http.MethodGet, "/.well-known/security.txt", handler{open: true, use: useNone, serve: s.securityTxt}))
	}
	if s.Editions != nil {
		err = errors.Join(err, s.add(http.MethodGet, "/edities/{id}/{path=**}", handler{open: true, use: useFile, serve: s.editionFile}))
	}
	var calls []*call
	for _, b := range s.Backends {
		for _, desc := range b.Services {
			some, err2 := s.calls(desc)
			if err2 == nil && len(some) > 0 {
				err2 = bind(s.mux, desc, checked{b.Conn})
			}
			for _, c := range some {
				c.conn = b.Conn
				if c.method == signalsv1.SignalService_SubmitSignal_FullMethodName {
					many := &bulk{call: c, client: signalsv1.NewSignalServiceClient(b.Conn)}
					err = errors.Join(err, s.add(http.MethodPost, c.template+"/_bulk", handler{serve: many.serve}))
				}
			}
			calls, err = append(calls, some...), errors.Join(err, err2)
		}
	}
	for _, c := range calls {
		err = errors.Join(err, s.add(c.verb, c.template, c.handler()))
		s.headers = append(s.headers, c.headers...)
	}
	slices.Sort(s.headers)
	s.headers = slices.Compact(s.headers)
	for _, c := range calls {
		c.findMembers(s.routes)
	}
	return err
}

// handler is what serves the call.
func (c *call) handler() handler {
	h := handler{serve: c.serve, unobserved: c.unobserved}
	switch {
	case c.streams:
		h.serve, h.use = c.serveStream, useExport
	case c.method == signalsv1.SignalService_CountSignals_FullMethodName:
		h.use = useCount
	}
	return h
}

// add adds a route.
func (s *server) add(method, template string, h handler) error {
	h.template = template
	return s.routes.add(method, template, h)
}
