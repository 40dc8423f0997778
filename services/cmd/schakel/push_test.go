package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// desk is a Schakel that says what a test has it say: to each request in turn, an
// answer, and to those after the last that all went well.
type desk struct {
	mu      sync.Mutex
	answers []http.HandlerFunc
	// got are the lines of each request, and at when it came.
	got [][]string
	at  []time.Time
}

// ServeHTTP implements http.Handler.
func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	d.got, d.at = append(d.got, strings.Fields(string(body))), append(d.at, time.Now())
	n := len(d.got)
	d.mu.Unlock()
	if n <= len(d.answers) {
		d.answers[n-1](w, r)
		return
	}
	for i := range d.got[n-1] {
		fmt.Fprintf(w, "{\"regel\":%d,\"status\":201}\n", i+1)
	}
	fmt.Fprintln(w, `{"klaar":true}`)
}

// says answers with lines, and then breaks off.
func says(lines ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// pushed3 pushes three lines to a desk.
func pushed3(t *testing.T, d *desk, patience time.Duration) (p *push, err error) {
	t.Helper()
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	refused := filepath.Join(t.TempDir(), "geweigerd.ndjson")
	c := pushCmd{File: "-", Refused: refused}
	in, err := c.open(streams{in: strings.NewReader("{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}")}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	p = &push{remote: newRemote(server.URL, "x"), source: in, refusals: &refusalFile{path: refused, told: io.Discard}}
	p.patience, p.silence = patience, 100*time.Millisecond
	return p, errors.Join(p.run(t.Context(), 1), p.refusals.close())
}

func TestPushGoesOnWhereAnAnswerBrokeOff(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"in the midst":        says(`{"regel":1,"status":201}`),
		"in the midst of one": says(`{"regel":1,"status":201}`, `{"regel":2,"sta`),
		"as the service went": says(`{"regel":1,"status":201}`, `{"regel":2,"status":503,"probleem":{"status":503}}`),
		"as it was too busy":  says(`{"regel":1,"status":200,"herhaald":true}`, `{"regel":2,"status":429,"probleem":{"status":429}}`),
		"out of order":        says(`{"regel":1,"status":201}`, `{"regel":3,"status":201}`),
		"in silence": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, `{"regel":1,"status":201}`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answers: []http.HandlerFunc{answer}}
			p, err := pushed3(t, d, time.Minute)
			if err != nil || p.count.accepted+p.count.repeated != 3 || p.count.refused != 0 {
				t.Errorf("%+v, %v", p.count, err)
			}
			if got := fmt.Sprint(d.got); got != `[[{"a":1} {"a":2} {"a":3}] [{"a":2} {"a":3}]]` {
				t.Errorf("sent: %s", got)
			}
		})
	}
}

func TestPushThatGetsNowhereSaysThatItCanGoOn(t *testing.T) {
	t.Parallel()
	problem := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, text)
		}
	}
	for name, c := range map[string]struct {
		answer     http.HandlerFunc
		says       string
		unfinished bool
	}{
		"it is away":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "regel 1: geen verbinding met Schakel op http://", true},
		"it breaks off":           {says(), "regel 1: het antwoord van Schakel brak af", true},
		"it is silent":            {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "er komt geen antwoord van Schakel", true},
		"it stops":                {problem(503, `{"status":503,"detail":"Schakel wordt gestopt."}`), "regel 1: Schakel wordt gestopt. (503)", true},
		"something else fails":    {problem(502, "<html>"), "komt niet van Schakel, maar van iets ervoor", true},
		"the token is no good":    {problem(401, `{"status":401,"detail":"Het token is verlopen."}`), "regel 1: Het token is verlopen. (401)", false},
		"the token ends midway":   {says(`{"regel":1,"status":201}`, `{"regel":2,"status":401,"probleem":{"status":401,"detail":"Het token is verlopen."}}`), "regel 3: Het token is verlopen. (401)", false},
		"something else is there": {problem(404, "<html>"), "komt niet van Schakel", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pushed3(t, &desk{answers: []http.HandlerFunc{c.answer, c.answer}}, 0)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want %s", err, c.says)
			}
			if got := errors.Is(err, errUnfinished); got != c.unfinished {
				t.Errorf("%v: can be given again later: %v", err, got)
			}
		})
	}
}

func TestPushWaitsAsLongAsItIsAskedTo(t *testing.T) {
	t.Parallel()
	d := &desk{answers: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"status":429}`)
	}}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	p := &push{remote: newRemote(server.URL, "x"), source: &ndjson{}}
	if err := p.submit(t.Context(), []item{{number: 1, signal: []byte("{}")}}); err != nil || p.count.accepted != 1 {
		t.Fatalf("%+v, %v", p.count, err)
	}
	if waited := d.at[1].Sub(d.at[0]); waited < time.Second {
		t.Errorf("it waited %v", waited)
	}
}

func TestARefusalIsToldWithItsPlaceAndGivenBack(t *testing.T) {
	t.Parallel()
	d := &desk{answers: []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `{"regel":1,"status":201}`)
		fmt.Fprintln(w, `{"regel":2,"status":400,"probleem":{"status":400,"reden":"ongeldige-invoer","fouten":[{"pointer":"/titel","reden":"required","tekst":"is verplicht"}]}}`)
		fmt.Fprintln(w, `{"regel":3,"status":409,"probleem":{"status":409,"reden":"kenmerk-bezet","detail":"Bezet.","betreft":"x"}}`)
	}}}
	p, err := pushed3(t, d, 0)
	if err != nil || p.count != (pushed{accepted: 1, refused: 2}) {
		t.Fatalf("%+v, %v", p.count, err)
	}
	text, err := os.ReadFile(p.refusals.path)
	if err != nil {
		t.Fatal(err)
	}
	want := []refusedSignal{
		{Line: 3, Place: "regel 3", Signal: json.RawMessage(`{"a":2}`), Problem: &problem{Status: 400, Reason: "ongeldige-invoer",
			Faults: []problemFault{{Reason: "required", Pointer: "/titel", Text: "is verplicht", Place: "regel 3"}}}},
		{Line: 4, Place: "regel 4", Signal: json.RawMessage(`{"a":3}`), Problem: &problem{Status: 409, Reason: "kenmerk-bezet", Detail: "Bezet.", About: "x"}},
	}
	var lines []byte
	for _, r := range want {
		line, _ := json.Marshal(r)
		lines = append(append(lines, line...), '\n')
	}
	if !bytes.Equal(text, lines) {
		t.Errorf("%s, want %s", text, lines)
	}
}

func TestPushThatIsInterruptedSaysThatItCanGoOn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, `{"regel":1,"status":201}`)
		_ = http.NewResponseController(w).Flush()
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	var out, stderr bytes.Buffer
	code := execute(ctx, []string{"push", "-", "--token=x", "--server=" + server.URL, "--refused=" + filepath.Join(t.TempDir(), "x")},
		streams{strings.NewReader("{}\n{}\n"), &out, &stderr})
	if code != exitUnfinished || !strings.Contains(stderr.String(), "onderbroken; nog niet alles is ingediend") || !strings.Contains(out.String(), "aangenomen  ") {
		t.Errorf("%d: %s%s", code, out.String(), stderr.String())
	}
}

func TestWhatPushCannotReadItSays(t *testing.T) {
	t.Parallel()
	mapping := filepath.Join(t.TempDir(), "toewijzing.yaml")
	if err := os.WriteFile(mapping, []byte("kolommen: {a: geenveld}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"/er/niet/signalen.csv"}, "het bestand met signalen: open /er/niet/signalen.csv"},
		{[]string{"signalen.ods"}, "een bestand van de soort ods kan niet worden gelezen: sla het op als XLSX of CSV"},
		{[]string{"-", "--mapping=" + mapping}, "zeg met --format welk"},
		{[]string{"-", "--format=csv", "--mapping=" + mapping}, `toewijzing.yaml: kolom "a": veld "geenveld": een signaal heeft geen "geenveld"`},
		{[]string{"-", "--format=csv"}, "-: de tabel heeft geen rij met koppen"},
		{[]string{"-", "--format=xlsx"}, "-: het werkboek kan niet worden gelezen"},
	} {
		var out, stderr bytes.Buffer
		args := append([]string{"push", "--token=x", "--refused=" + filepath.Join(t.TempDir(), "x")}, c.args...)
		if code := execute(t.Context(), args, streams{strings.NewReader(""), &out, &stderr}); code != exitFailed || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%v: %d %s, want %s", c.args, code, stderr.String(), c.says)
		}
	}
}
