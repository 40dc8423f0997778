package rest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

var update = flag.Bool("update", false, "write the answers into the case files")

// shown are the headers that a case file shows, beside those that every answer
// has.
var shown = []string{"Accept-Patch", "Allow", "Content-Language", "Content-Type", "Etag", "Location", "Retry-After", "Www-Authenticate"}

// TestCases sends the requests of testdata/cases, and compares the answers. A
// case is a request as it goes over the line, then a line "=== answer", then
// status, headers and body of the answer, JSON indented, NDJSON as it is. A body ends at the
// line above the answer, without its line end.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*.http")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	g := start(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			request, want, _ := bytes.Cut(data, []byte("\n=== answer\n"))
			got := render(t, g.send(t, parseRequest(t, g, request)))
			if *update {
				data = fmt.Appendf(nil, "%s\n=== answer\n%s", request, got)
				if err := os.WriteFile(file, data, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		})
	}
}

// parseRequest reads a request, adding what every request needs.
func parseRequest(t *testing.T, g *gateway, text []byte) *http.Request {
	t.Helper()
	head, body, _ := bytes.Cut(text, []byte("\n\n"))
	more := fmt.Appendf(nil, "\nHost: x\nContent-Length: %d\n\n", len(body))
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(slices.Concat(head, more, body))))
	if err != nil {
		t.Fatal(err)
	}
	r.RequestURI = ""
	r.URL.Scheme, r.URL.Host = "http", strings.TrimPrefix(g.URL, "http://")
	return r.WithContext(t.Context())
}

// settled is an answer with the id that all have: that of a call that nobody may
// watch is random.
func settled(a answer) answer {
	id := a.header.Get("X-Request-Id")
	if u, err := uuid.Parse(id); err == nil && u.Version() == 4 {
		a.body = strings.ReplaceAll(a.body, id, requestID)
		a.header.Set("X-Request-Id", requestID)
	}
	return a
}

func render(t *testing.T, a answer) string {
	t.Helper()
	var b bytes.Buffer
	a = settled(a)
	fmt.Fprintln(&b, a.status, http.StatusText(a.status))
	for _, name := range shown {
		if value := a.header.Get(name); value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	if a.header.Get("Content-Type") == "application/x-ndjson" {
		return b.String() + "\n" + a.body
	}
	if a.body != "" {
		b.WriteByte('\n')
		if err := json.Indent(&b, []byte(a.body), "", "  "); err != nil {
			t.Fatalf("%v: %s", err, a.body)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
