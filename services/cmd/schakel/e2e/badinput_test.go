package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/openapi"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/access"
)

// canary stands in bad input where nothing of it may come back, or be logged.
const canary = "KANARIE0XYZZY"

// bad is a request that is refused. It is a POST to /v1/signalen, by UWV, of a
// signal in JSON, but for what it says otherwise.
type bad struct {
	name   string
	method string
	path   string
	// token is who asks; nil is UWV's system.
	token func(*house) string
	// header is added, and taken away where it is empty.
	header map[string]string
	body   func(*testing.T) string
	// chunked leaves the length of the body untold.
	chunked bool

	status int
	reason string
	faults []string
}

// fields are a signal that is right, to be spoilt.
func fields(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(must(wire.Marshal(signal(uwv, "SLECHT-1")))(t), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// spoilt is a signal with some fields changed, or left out where they are nil.
func spoilt(changes map[string]any) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		m := fields(t)
		for name, value := range changes {
			if m[name] = value; value == nil {
				delete(m, name)
			}
		}
		return string(must(json.Marshal(m))(t))
	}
}

// as it is, but for what f does to its text.
func text(f func(string) string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return f(spoilt(nil)(t))
	}
}

func bearer(role access.Role, organisation string) func(*house) string {
	return func(h *house) string { return h.token(role, organisation) }
}

var (
	nobody  = func(*house) string { return "" }
	expired = func(h *house) string {
		past := h.issuer(func() time.Time { return time.Now().Add(-2 * time.Hour) })
		return must(past.Mint(access.Token{Subject: canary, Roles: []access.Role{access.Aanleveraar}, Organisation: uwv, Lifetime: time.Hour}))(h.t)
	}
	forged = func(h *house) string {
		parts := strings.Split(h.token(access.Aanleveraar, uwv), ".")
		other := strings.Split(h.token(access.Beheerder, uwv), ".")
		return parts[0] + "." + other[1] + "." + parts[2]
	}
)

// TestBadInputGetsOneClearAnswer sends what clients get wrong. Each answer lists
// all that is wrong by its Dutch name, repeats nothing of the input, and leaves
// nothing behind.
func TestBadInputGetsOneClearAnswer(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			for _, b := range badRequests() {
				t.Run(b.name, func(t *testing.T) { b.refused(t, h) })
			}
			c := newClients(h.ways()["gRPC"])
			stored := must(c.signals.ListSignals(h.as(access.Toezichthouder, ""), &signalsv1.ListSignalsRequest{}))(t)
			if len(stored.GetSignals()) > 0 {
				t.Errorf("stored: %v", stored)
			}
			for _, server := range h.servers {
				if strings.Contains(server.Log(), canary) {
					t.Error("the log repeats input")
				}
			}
		})
	}
}

// request makes the request.
func (b bad) request(t *testing.T, h *house) *http.Request {
	t.Helper()
	method, path, token, body := http.MethodPost, "/v1/signalen", bearer(access.Aanleveraar, uwv), spoilt(nil)
	if b.method != "" {
		method = b.method
	}
	if b.path != "" {
		path = b.path
	}
	if b.token != nil {
		token = b.token
	}
	if b.body != nil {
		body = b.body
	}
	var content io.Reader
	if method == http.MethodPost {
		content = strings.NewReader(body(t))
	}
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	t.Cleanup(cancel)
	req := must(http.NewRequestWithContext(ctx, method, h.http+path, content))(t)
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if b.chunked {
		req.ContentLength = -1
	}
	if value := token(h); value != "" {
		req.Header.Set("Authorization", "Bearer "+value)
	}
	for name, value := range b.header {
		if req.Header.Set(name, value); value == "" {
			req.Header.Del(name)
		}
	}
	return req
}

// refused sends the request, and holds the answer to what is promised of it.
func (b bad) refused(t *testing.T, h *house) {
	t.Helper()
	resp, err := h.rest.Do(b.request(t, h))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(t)
	want := map[string]string{
		"API-Version":            must(openapi.Version())(t),
		"Content-Type":           "application/problem+json",
		"Content-Language":       "nl",
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
		"X-Frame-Options":        "DENY",
		"Referrer-Policy":        "no-referrer",
	}
	for name, value := range want {
		if got := resp.Header.Get(name); got != value {
			t.Errorf("header %s: %q, want %q", name, got, value)
		}
	}
	for _, name := range []string{"Content-Security-Policy", "Strict-Transport-Security", "X-Request-Id"} {
		if resp.Header.Get(name) == "" {
			t.Errorf("no header %s", name)
		}
	}
	if bytes.Contains(body, []byte(canary)) || slices.ContainsFunc([]string{"signal.", "goroutine", "proto:", ".go:"}, func(s string) bool {
		return bytes.Contains(body, []byte(s))
	}) {
		t.Errorf("the answer repeats input, or tells of internals: %s", body)
	}
	got := refused(problemOf(resp.StatusCode, body))
	faults := slices.Sorted(slices.Values(b.faults))
	if diff := cmp.Diff(&refusal{HTTP: b.status, Reason: b.reason, Faults: faults}, &refusal{HTTP: got.HTTP, Reason: got.Reason, Faults: got.Faults}); diff != "" {
		t.Errorf("(-want +got):\n%s%s", diff, body)
	}
}
