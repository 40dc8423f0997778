package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// result is a line of an answer.
type result struct {
	Regel, Status int
	Kenmerk       string
	Herhaald      json.RawMessage // true, or in the last line a number
	Probleem      struct{ Reden string }

	Klaar                         bool
	Regels, Aangenomen, Geweigerd int
}

// short is a result in short, with the problem's reason.
func (r result) short() string {
	if r.Klaar {
		return fmt.Sprintf("klaar %d = %d + %s + %d", r.Regels, r.Aangenomen, r.Herhaald, r.Geweigerd)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %d %s %s", r.Regel, r.Status, r.Kenmerk, r.Probleem.Reden))
}

// talk is an upload in progress.
type talk struct {
	t        testing.TB
	body     *io.PipeWriter
	answered chan answered
	response *http.Response
	lines    *bufio.Scanner
}

type answered struct {
	response *http.Response
	err      error
}

// talk begins an upload.
func (g *gateway) talk(ctx context.Context, t testing.TB) *talk {
	t.Helper()
	return g.talkTo(ctx, t, "/v1/signalen/_bulk")
}

func (g *gateway) talkTo(ctx context.Context, t testing.TB, path string) *talk {
	t.Helper()
	body, w := io.Pipe()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer x")
	r.Header.Set("Content-Type", "application/x-ndjson")
	k := &talk{t: t, body: w, answered: make(chan answered, 1)}
	go func() {
		response, err := g.Client().Do(r)
		k.answered <- answered{response, err}
	}()
	t.Cleanup(func() { _ = w.Close() })
	return k
}

// say sends text.
func (k *talk) say(text string) {
	k.t.Helper()
	if _, err := io.WriteString(k.body, text); err != nil {
		k.t.Fatal(err)
	}
}

// begin waits for the answer to begin, and gives its status.
func (k *talk) begin() int {
	k.t.Helper()
	if k.response == nil {
		a := <-k.answered
		if a.err != nil {
			k.t.Fatal(a.err)
		}
		k.t.Cleanup(func() { _ = a.response.Body.Close() })
		k.response, k.lines = a.response, bufio.NewScanner(a.response.Body)
		k.lines.Buffer(nil, 1<<20)
	}
	return k.response.StatusCode
}

// hear reads the next line of the answer. At its end it is empty, and whole
// says whether it ended well.
func (k *talk) hear() (line string, whole bool) {
	k.t.Helper()
	k.begin()
	if !k.lines.Scan() {
		return "", k.lines.Err() == nil
	}
	var r result
	if err := json.Unmarshal(k.lines.Bytes(), &r); err != nil {
		k.t.Fatalf("%v: %s", err, k.lines.Bytes())
	}
	return r.short(), true
}

// rest reads the rest of the answer.
func (k *talk) rest() (lines []string, whole bool) {
	k.t.Helper()
	for {
		line, whole := k.hear()
		if line == "" {
			return lines, whole
		}
		lines = append(lines, line)
	}
}

// upload sends a whole body, and reads the whole answer.
func (g *gateway) upload(t testing.TB, body string) (lines []string, whole bool) {
	t.Helper()
	k := g.talk(t.Context(), t)
	go func() {
		_, _ = io.WriteString(k.body, body) // it may well be cut short
		_ = k.body.Close()
	}()
	if status := k.begin(); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	return k.rest()
}

// signal is a line with a reference.
func signal(reference string) string { return `{"kenmerk":"` + reference + `"}` + "\n" }

// numbered is n lines, with references from a1.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(signal(fmt.Sprintf("a%d", i+1)))
	}
	return b.String()
}

// accepts is the answer to numbered(n) when all are accepted.
func accepts(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%d 201 a%d", i+1, i+1))
	}
	return append(all, fmt.Sprintf("klaar %d = %d + 0 + 0", n, n))
}
