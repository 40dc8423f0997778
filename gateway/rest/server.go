package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"go.opentelemetry.io/otel/trace"

	"schakel.example/gateway/problem"
)

// requestIDHeader carries the id of a request, in and out.
const requestIDHeader = "X-Request-Id"

// server serves everything under the route table. But for the places that calls
// take, it does not change after New.
type server struct {
	Config
	version string
	problem problem.Writer
	tracer  trace.Tracer
	routes  *node
	places  places
	mux     *runtime.ServeMux
	// headers are those that hold a field of some call.
	headers []string
}

// found is where the path and the method of a request lead.
type found struct {
	place   *node // nil when the path does not exist
	handler handler
	served  bool // whether the method is
	values  []string
}

func (s *server) find(r *http.Request) (at found, unobserved bool) {
	path := r.URL.EscapedPath()
	if at.place, at.values = s.routes.find(path); at.place == nil {
		return at, s.routes.unobserved(path)
	}
	at.handler, at.served = at.place.handler(r.Method)
	return at, at.place.isUnobserved()
}

// ServeHTTP answers one request: it finds the route, and around it sees to the
// id, the headers, the log and a panic.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	at, unobserved := s.find(r)
	if unobserved {
		s.serveUnobserved(w, r, at)
		return
	}
	id := s.requestID(r)
	ctx, span := s.startSpan(r, at.handler.template)
	r = r.WithContext(withID(ctx, id))
	r.Pattern = at.handler.template
	rec := &recorder{ResponseWriter: w}
	defer func() { endSpan(span, rec.status) }()
	defer func() { s.logged(r, rec, time.Since(start)) }()
	defer func() { s.recovered(rec, r, recover()) }()
	s.setHeaders(w.Header(), id)
	s.allowOrigin(w.Header(), r, at.handler.open)
	s.answer(rec, r, at)
}

// answer answers as the route says.
func (s *server) answer(w http.ResponseWriter, r *http.Request, at found) {
	switch {
	case at.place == nil:
		s.fail(w, r, problem.New(http.StatusNotFound))
	case at.served:
		s.admit(w, r, at)
	case r.Method == http.MethodOptions:
		s.options(w, r, at.place)
	default:
		w.Header().Set("Allow", at.place.allow())
		s.fail(w, r, problem.New(http.StatusMethodNotAllowed))
	}
}

// requestID takes the caller's id if it is a UUID, since it comes back in
// answers and stands in logs.
func (s *server) requestID(r *http.Request) string {
	if id, err := uuid.Parse(r.Header.Get(requestIDHeader)); err == nil {
		return id.String()
	}
	return s.NewID()
}

// recovered turns a panic into a problem, unless the answer had begun: then the
// connection is cut, so that half an answer is not taken for a whole one.
func (s *server) recovered(rec *recorder, r *http.Request, cause any) {
	if cause == nil {
		return
	}
	err, _ := cause.(error)
	abort := errors.Is(err, http.ErrAbortHandler)
	switch {
	case abort:
	case isUnobserved(r.Context()):
		s.failedUnobserved(http.StatusInternalServerError)
	default:
		s.Logger.ErrorContext(r.Context(), "panic", slog.String("request_id", idOf(r.Context())),
			slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
	}
	if abort || rec.status != 0 {
		panic(http.ErrAbortHandler)
	}
	s.fail(rec, r, problem.New(http.StatusInternalServerError))
}

// logged writes the access log.
func (s *server) logged(r *http.Request, rec *recorder, took time.Duration) {
	s.Logger.LogAttrs(r.Context(), slog.LevelInfo, "request",
		slog.String("request_id", idOf(r.Context())),
		slog.String("method", knownMethod(r.Method)),
		slog.String("route", r.Pattern), // empty for a path that does not exist
		slog.Int("status", rec.status),
		slog.Int64("bytes", rec.bytes),
		slog.Duration("took", took),
	)
}

// knownMethod keeps a caller from writing words of its own in the log.
func knownMethod(method string) string {
	known := []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodConnect, http.MethodTrace,
	}
	if slices.Contains(known, method) {
		return method
	}
	return "other"
}

// fail answers with a problem.
func (s *server) fail(w http.ResponseWriter, r *http.Request, p *problem.Problem) {
	if isUnobserved(r.Context()) && p.Reason == problem.ReasonInternal {
		p.Text = nowhere()
	}
	s.problem.Write(w, r, idOf(r.Context()), p)
}

// failCall answers with what a call came to. What lies behind a fault of ours is
// for the log alone.
func (s *server) failCall(w http.ResponseWriter, r *http.Request, cause error, p *problem.Problem) {
	switch {
	case p.Status < http.StatusInternalServerError:
	case isUnobserved(r.Context()):
		s.failedUnobserved(p.Status)
	default:
		s.Logger.ErrorContext(r.Context(), "call failed", slog.String("request_id", idOf(r.Context())),
			slog.String("route", r.Pattern), slog.Any("error", cause))
	}
	s.fail(w, r, p)
}

// recorder notes what is answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int // 0 until the answer begins
	bytes  int64
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the writer within.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

type idKey struct{}

func withID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, idKey{}, id)
}

// idOf is the id of the request that the context belongs to.
func idOf(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}
