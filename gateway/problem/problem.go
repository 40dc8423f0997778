package problem

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Text is a message for people.
type Text struct{ NL, EN string }

// Fault is one thing that is wrong with the input: in the body, unless
// Parameter or Header is set.
type Fault struct {
	Pointer   string // JSON pointer (RFC 6901); empty is the body as a whole
	Parameter string // name of a parameter of the path or the query
	Header    string // name of a header
	Reason    string // stable slug
	Text      Text
}

// Problem is what went wrong.
type Problem struct {
	Status int
	Reason string // stable slug
	Text   Text
	Faults []Fault
	// Resource is the id of what is in the way; often empty.
	Resource string
	// RetryAfter is how long to wait before trying again; zero when unknown.
	RetryAfter time.Duration
}

// maxFaults is how many faults are written: whoever has more does not read them.
const maxFaults = 100

// Error gives the English text, so that a Problem travels as an error.
func (p *Problem) Error() string { return p.Reason + ": " + p.Text.EN }

// Writer writes problems.
type Writer struct {
	// Base is what the URI of a type starts with, up to the reason; it ends in
	// a slash.
	Base string
}

// details is the JSON of a problem. The members that RFC 9457 does not know
// have Dutch names.
type details struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail"`
	Instance string  `json:"instance,omitempty"`
	Reason   string  `json:"reden"`
	Resource string  `json:"betreft,omitempty"`
	Faults   []fault `json:"fouten,omitempty"`
}

type fault struct {
	Pointer   *string `json:"pointer,omitempty"` // "" says something
	Parameter string  `json:"parameter,omitempty"`
	Header    string  `json:"kop,omitempty"`
	Reason    string  `json:"reden"`
	Text      string  `json:"tekst"`
}

// Write answers a request with the problem, in the language that the request
// asks for. id is the id of the request, a UUID.
func (wr Writer) Write(w http.ResponseWriter, r *http.Request, id string, p *Problem) {
	body := wr.Append(nil, r, id, p)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", choose(r.Header.Values("Accept-Language")).tag)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", challenge(r))
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.Itoa(seconds(p.RetryAfter)))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // whoever went away needs no answer
}

// Append adds the JSON of the problem to dst, as Write would write it.
func (wr Writer) Append(dst []byte, r *http.Request, id string, p *Problem) []byte {
	say := choose(r.Header.Values("Accept-Language"))
	d := details{
		Type:     wr.Base + p.Reason,
		Title:    say.text(title(p.Status)),
		Status:   p.Status,
		Detail:   say.text(p.Text),
		Instance: "urn:uuid:" + id,
		Reason:   p.Reason,
		Resource: p.Resource,
	}
	if len(p.Faults) > maxFaults {
		d.Detail += say.text(Text{NL: " Alleen de eerste 100 fouten staan hier.", EN: "; only the first 100 are listed"})
	}
	for _, f := range p.Faults[:min(len(p.Faults), maxFaults)] {
		out := fault{Parameter: f.Parameter, Header: f.Header, Reason: f.Reason, Text: say.text(f.Text)}
		if f.Parameter == "" && f.Header == "" {
			out.Pointer = &f.Pointer
		}
		d.Faults = append(d.Faults, out)
	}
	body, err := json.Marshal(d)
	if err != nil { // not possible: strings and numbers
		body = []byte("{}")
	}
	return append(dst, body...)
}

// challenge says how to show who one is (RFC 6750 §3): without an error code
// when nothing was shown.
func challenge(r *http.Request) string {
	if r.Header.Get("Authorization") == "" {
		return `Bearer realm="schakel"`
	}
	return `Bearer realm="schakel", error="invalid_token"`
}

// seconds rounds up to whole seconds, of which there is at least one.
func seconds(d time.Duration) int {
	return max(1, int((d+time.Second-1)/time.Second))
}
