package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"schakel.example/gateway/rest"
	"schakel.example/proto/openapi"
)

// always are the headers of every answer; "*" is any value.
func always(t *testing.T) map[string]string {
	t.Helper()
	version, err := openapi.Version()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"API-Version":               version,
		"Cache-Control":             "*",
		"Content-Security-Policy":   "*",
		"Referrer-Policy":           "no-referrer",
		"Strict-Transport-Security": "max-age=31536000",
		"X-Content-Type-Options":    "nosniff",
		"X-Frame-Options":           "DENY",
		"X-Request-Id":              requestID,
	}
}

// checkAnswer checks what holds for every answer whatsoever.
func checkAnswer(t *testing.T, a answer) {
	t.Helper()
	for name, want := range always(t) {
		if got := a.header.Get(name); got == "" || want != "*" && got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("policy %q lets itself be framed", a.header.Get("Content-Security-Policy"))
	}
	if a.status < 400 {
		return
	}
	var p struct {
		Type, Title, Detail, Instance string
		Status                        int
		Reason                        string `json:"reden"`
	}
	if a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("status %d with headers %v", a.status, a.header)
	}
	if a.body == "" {
		return // HEAD
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	if p.Status != a.status || p.Type == "" || p.Title == "" || p.Detail == "" || p.Reason == "" || p.Instance != "urn:uuid:"+requestID {
		t.Errorf("problem %s", a.body)
	}
}

// panicking is a connection that panics.
type panicking struct{ grpc.ClientConnInterface }

func (panicking) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	panic(errors.New("at the disco"))
}

// broken makes the signals backend panic.
func broken(c *rest.Config) { c.Backends[0].Conn = panicking{c.Backends[0].Conn} }

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
	}{
		{"a call", "GET", "/v1/signalen", "", nil, 200},
		{"a created member", "POST", "/v1/signalen", "{}", nil, 201},
		{"HEAD", "HEAD", "/v1/signalen", "", nil, 200},
		{"the description", "GET", "/v1/openapi.json", "", nil, 200},
		{"a file that never changes", "GET", "/edities/" + editionID + "/signalen.csv", "", nil, 200},
		{"a file that the caller has", "GET", "/edities/" + editionID + "/signalen.csv", "", []string{"If-None-Match", "*"}, 304},
		{"security.txt", "GET", "/.well-known/security.txt", "", nil, 200},
		{"health", "GET", "/healthz/live", "", nil, 200},
		{"OPTIONS", "OPTIONS", "/v1/signalen", "", nil, 204},
		{"bad input", "POST", "/v1/signalen", "[]", nil, 400},
		{"no token", "GET", "/v1/signalen", "", []string{"Authorization", ""}, 401},
		{"a path that is not there", "GET", "/niets", "", nil, 404},
		{"HEAD of a path that is not there", "HEAD", "/niets", "", nil, 404},
		{"a method that is not there", "PUT", "/v1/signalen", "", nil, 405},
		{"a form that is not served", "GET", "/v1/signalen", "", []string{"Accept", "text/html"}, 406},
		{"a form that is not read", "POST", "/v1/signalen", "{}", []string{"Content-Type", "text/plain"}, 415},
	}
	g := withFiles(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := g.do(t, tt.method, tt.path, tt.body, tt.headers...)
			if a.status != tt.status {
				t.Errorf("status %d, want %d: %s", a.status, tt.status, a.body)
			}
			checkAnswer(t, a)
		})
	}
	t.Run("a panic", func(t *testing.T) {
		t.Parallel()
		g := start(t, broken)
		a := g.do(t, http.MethodGet, "/v1/signalen", "")
		if a.status != http.StatusInternalServerError || strings.Contains(a.body, "disco") {
			t.Errorf("status %d, body %s", a.status, a.body)
		}
		checkAnswer(t, a)
		if log := g.log.String(); !strings.Contains(log, "disco") || !strings.Contains(log, "stack=") || !strings.Contains(log, requestID) {
			t.Errorf("log: %s", log)
		}
	})
}

func TestHeadAnswersAsGetWithoutABody(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, path := range []string{"/v1/signalen", "/v1/signalen/" + signalID, "/v1/openapi.json", "/healthz/ready", "/niets"} {
		get, head := g.do(t, http.MethodGet, path, ""), g.do(t, http.MethodHead, path, "")
		if head.status != get.status || head.body != "" || head.header.Get("Content-Length") != get.header.Get("Content-Length") {
			t.Errorf("%s: GET %d, %v; HEAD %d, %v, %q", path, get.status, get.header, head.status, head.header, head.body)
		}
	}
}

func TestOriginsAreAllowed(t *testing.T) {
	t.Parallel()
	const ours, other = "https://voorbeeld.nl", "https://anders.nl"
	tests := []struct {
		name, method, path, origin, asked string
		origins                           string // Access-Control-Allow-Origin
		methods                           string // Access-Control-Allow-Methods
	}{
		{"a listed origin", "GET", "/v1/signalen", ours, "", ours, ""},
		{"another origin", "GET", "/v1/signalen", other, "", "", ""},
		{"no origin", "GET", "/v1/signalen", "", "", "", ""},
		{"any origin for the description", "GET", "/v1/openapi.json", other, "", "*", ""},
		{"a listed origin where nothing is", "GET", "/niets", ours, "", ours, ""},
		{"a listed origin that asks first", "OPTIONS", "/v1/signalen", ours, "POST", ours, "GET, HEAD, OPTIONS, POST"},
		{"another origin that asks first", "OPTIONS", "/v1/signalen", other, "POST", "", ""},
		{"any origin that asks first for the description", "OPTIONS", "/v1/openapi.json", other, "GET", "*", "GET, HEAD, OPTIONS"},
		{"any origin that asks first for a change of it", "OPTIONS", "/v1/openapi.json", other, "PUT", "", ""},
	}
	g := start(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := g.do(t, tt.method, tt.path, "", "Origin", tt.origin, "Access-Control-Request-Method", tt.asked)
			if got := a.header.Get("Access-Control-Allow-Origin"); got != tt.origins {
				t.Errorf("origin %q, want %q", got, tt.origins)
			}
			if got := a.header.Get("Access-Control-Allow-Methods"); got != tt.methods {
				t.Errorf("methods %q, want %q", got, tt.methods)
			}
			for _, name := range []string{"Authorization", "If-Match", "If-None-Match", "Schakel-Geheim"} {
				allowed := slices.Contains(strings.Split(a.header.Get("Access-Control-Allow-Headers"), ", "), name)
				if allowed != (tt.methods != "") {
					t.Errorf("header %s is allowed: %v", name, allowed)
				}
			}
			if vary := a.header.Get("Vary"); (tt.origins != "*") != (vary == "Origin") && tt.method != http.MethodOptions {
				t.Errorf("Vary %q", vary)
			}
			if a.header.Get("Access-Control-Allow-Credentials") != "" {
				t.Error("credentials are allowed")
			}
		})
	}
}

func TestARequestHasAnId(t *testing.T) {
	t.Parallel()
	const other = "0196A1B2-0000-7000-8000-00000000000A"
	g := start(t)
	tests := []struct{ name, sent, want string }{
		{"none", "", requestID},
		{"a UUID", strings.ToLower(other), strings.ToLower(other)},
		{"a UUID in capitals", other, strings.ToLower(other)},
		{"something to put in a log", "x\" admin=true", requestID},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := g.do(t, http.MethodGet, "/v1/signalen", "", "X-Request-Id", tt.sent)
			seen, _ := g.signals.seen()
			if got := a.header.Get("X-Request-Id"); got != tt.want || seen.Get("x-request-id")[0] != tt.want {
				t.Errorf("answered %q, passed on %q", got, seen.Get("x-request-id"))
			}
		})
	}
}

func TestTheLogNamesTheRouteAndNothingOfTheInput(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.do(t, http.MethodGet, "/v1/signalen/geheim1?geheim2=geheim3", "", "User-Agent", "geheim4")
	g.do(t, http.MethodPost, "/v1/signalen", `{"titel":"geheim5","geheim6":1}`)
	g.do(t, "GEHEIM7", "/geheim8", "")
	log := g.log.String()
	if strings.Contains(strings.ToLower(log), "geheim") {
		t.Errorf("log tells of the input: %s", log)
	}
	for _, want := range []string{"route=/v1/signalen/{id} status=400", "method=POST route=/v1/signalen status=400", `method=other route="" status=404`, "request_id=" + requestID} {
		if !strings.Contains(log, want) {
			t.Errorf("log lacks %q: %s", want, log)
		}
	}
}
