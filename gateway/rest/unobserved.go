package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	"schakel.example/gateway/problem"
	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	"schakel.example/proto/wire"
)

// Some calls nobody may watch (schakel.options.v1.unobserved): those of a
// protected reporter. For them the request is stripped at the door to what the
// call is made of, so that nothing behind it can tell on the caller: no address,
// no id, no trace, no browser, no cookie, no referrer. There is no line in the
// access log and no span, the id of the answer leads nowhere, and a failure of
// ours is logged as one of some call on some day. A token is refused, for it says
// who calls.
//
// It holds for all of the place, whatever the method, and for what lies below
// it: whoever mistypes is not betrayed either.

// checkUnobserved refuses a binding whose input would stand in a URL, which
// browsers and proxies remember.
func (c *call) checkUnobserved() error {
	if !c.unobserved {
		return nil
	}
	fields := c.input.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		header, _ := proto.GetExtension(f.Options(), optionsv1.E_Header).(string)
		name := string(f.Name())
		inBody := c.binding.Body == name || c.binding.Body == "*" && !slices.Contains(c.binding.Path, name)
		if header == "" && !inBody {
			return errors.New("what nobody may watch stands in headers and body, not in a URL")
		}
	}
	return nil
}

type unobservedKey struct{}

// isUnobserved says whether nobody watches the request of a context.
func isUnobserved(ctx context.Context) bool {
	unobserved, _ := ctx.Value(unobservedKey{}).(bool)
	return unobserved
}

// bare is a context that ends with another one, and knows nothing of it: what
// comes before us may have put a caller in it.
type bare struct{ context.Context }

// Value implements context.Context.
func (bare) Value(any) any { return nil }

// negotiated are the headers by which the form of an answer is chosen; they are
// kept beside those that hold a field.
var negotiated = []string{"Accept", "Accept-Language", "Access-Control-Request-Method", "Content-Encoding", "Content-Type", "Origin"}

// stripped is what is kept of a request that nobody may watch.
func (s *server) stripped(r *http.Request, id string) *http.Request {
	out := &http.Request{Method: r.Method, URL: r.URL, Body: r.Body, ContentLength: r.ContentLength, Header: http.Header{}}
	for _, name := range slices.Concat(negotiated, s.headers) {
		name = http.CanonicalHeaderKey(name)
		if values := r.Header[name]; values != nil {
			out.Header[name] = values
		}
	}
	return out.WithContext(withID(context.WithValue(bare{r.Context()}, unobservedKey{}, true), id))
}

// serveUnobserved answers a request that nobody may watch.
func (s *server) serveUnobserved(w http.ResponseWriter, r *http.Request, at found) {
	id := uuid.New().String() // random: a UUIDv7 would tell the time
	shown := strings.Join(r.Header.Values("Authorization"), "") != ""
	rec := &recorder{ResponseWriter: w}
	r = s.stripped(r, id)
	defer func() { s.recovered(rec, r, recover()) }()
	s.setHeaders(rec.Header(), id)
	s.allowOrigin(rec.Header(), r, at.handler.open)
	if shown {
		s.fail(rec, r, identified())
		return
	}
	s.answer(rec, r, at)
}

// identified is the problem of a caller who shows a token.
func identified() *problem.Problem {
	p := problem.New(http.StatusBadRequest)
	p.Reason = "token-ongewenst"
	p.Text = problem.Text{
		NL: "Stuur hier geen token mee: het zegt wie u bent. Er is niets van de aanvraag gelezen.",
		EN: "send no token here, for it says who you are; nothing of the request was read",
	}
	p.Faults = []problem.Fault{{Header: "Authorization", Reason: p.Reason, Text: problem.Text{
		NL: "Laat deze kop weg.", EN: "leave this header out",
	}}}
	return p
}

// nowhere is what is said of a defect, of which nothing is kept to ask after.
func nowhere() problem.Text {
	return problem.Text{
		NL: "Er is een fout opgetreden in Schakel. Probeer het later opnieuw. Van deze aanvraag is niets bewaard, ook geen nummer.",
		EN: "an internal error occurred; try again later; nothing of this request was kept, nor any number",
	}
}

// hush takes the names out of the faults that are the caller's own: of fields and
// parameters that there are not. Anything may be a name.
func (f *findings) hush() {
	for i := range f.faults {
		switch fault := &f.faults[i]; fault.Reason {
		case wire.ReasonUnknownField:
			fault.Pointer = fault.Pointer[:max(0, strings.LastIndexByte(fault.Pointer, '/'))]
			fault.Text = problem.Text{NL: "Hierin staat een veld dat niet bestaat.", EN: "in here is a field that does not exist"}
		case wire.ReasonUnknownParameter, wire.ReasonEncoding:
			fault.Parameter = "…"
		}
	}
	f.faults = slices.Compact(f.faults)
}

// failedUnobserved logs that a call failed that nobody may watch: neither which,
// nor why, nor when but for the day. Why may hold what was said.
func (s *server) failedUnobserved(status int) {
	ctx := context.Background()
	if !s.Logger.Enabled(ctx, slog.LevelError) {
		return
	}
	record := slog.NewRecord(time.Now().UTC().Truncate(24*time.Hour), slog.LevelError, "unobserved call failed", 0)
	record.AddAttrs(slog.Int("status", status))
	_ = s.Logger.Handler().Handle(ctx, record) // as Logger itself does
}

// unobserved says whether a path that does not exist leads by a place that
// nobody may watch, roughly: slashes, capitals and how it is coded do not count.
func (n *node) unobserved(escaped string) bool {
	at := n
	if text, err := url.PathUnescape(escaped); err == nil {
		escaped = text
	}
	for segment := range strings.SplitSeq(strings.ToLower(escaped), "/") {
		if segment == "" {
			continue
		}
		if at = at.literals[segment]; at == nil {
			return false
		}
		if at.isUnobserved() {
			return true
		}
	}
	return false
}

// isUnobserved says whether nobody may watch the place.
func (n *node) isUnobserved() bool {
	for _, h := range n.methods {
		if h.unobserved {
			return true
		}
	}
	return false
}
