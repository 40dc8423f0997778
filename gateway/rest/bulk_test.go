package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"schakel.example/gateway/rest"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/openapi"
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
	body, w := io.Pipe()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL+"/v1/signalen/_bulk", body)
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

func TestEachLineIsAnsweredBeforeTheNextIsSent(t *testing.T) {
	t.Parallel()
	g := start(t)
	k := g.talk(t.Context(), t)
	for i, tt := range []struct{ say, hear string }{
		{signal("a"), "1 201 a"},
		{"{\n", "2 400  ongeldige-invoer"},
		{"\n" + signal("vreemd"), "4 403 vreemd andere-organisatie"},
		{signal("a"), "5 200 a"},
	} {
		k.say(tt.say)
		if line, _ := k.hear(); line != tt.hear {
			t.Errorf("%d: %q, want %q", i, line, tt.hear)
		}
	}
	_ = k.body.Close()
	if lines, whole := k.rest(); !whole || !slices.Equal(lines, []string{"klaar 4 = 1 + 1 + 2"}) {
		t.Errorf("in the end %q, whole %v", lines, whole)
	}
}

func TestLinesAreToldApart(t *testing.T) {
	t.Parallel()
	spaces := strings.Repeat(" ", 128<<10-len(signal("a"))+1)
	tests := []struct {
		name, body string
		want       []string
	}{
		{"without an end", `{"kenmerk":"a"}`, []string{"1 201 a", "klaar 1 = 1 + 0 + 0"}},
		{"as Windows ends them", "{\"kenmerk\":\"a\"}\r\n\r\n{\"kenmerk\":\"b\"}\r\n", []string{"1 201 a", "3 201 b", "klaar 2 = 2 + 0 + 0"}},
		{"with nothing", "\n \n\t\n" + signal("a") + "  ", []string{"4 201 a", "klaar 1 = 1 + 0 + 0"}},
		{"after a byte order mark", "\ufeff" + signal("a"), []string{"1 201 a", "klaar 1 = 1 + 0 + 0"}},
		{"after a byte order mark alone", "\ufeff", []string{"klaar 0 = 0 + 0 + 0"}},
		{"with a byte order mark further on", signal("a") + "\ufeff" + signal("b"), []string{"1 201 a", "2 400  ongeldige-invoer", "klaar 2 = 1 + 0 + 1"}},
		{"with bytes that are not UTF-8", "{\"kenmerk\":\"\xff\"}\n" + signal("a"), []string{"1 400  ongeldige-invoer", "2 201 a", "klaar 2 = 1 + 0 + 1"}},
		{"of 128 KiB", spaces + signal("a") + signal("b"), []string{"1 201 a", "2 201 b", "klaar 2 = 2 + 0 + 0"}},
		{"of a byte more", " " + spaces + signal("a") + signal("b"), []string{"1 413  te-groot", "2 201 b", "klaar 2 = 1 + 0 + 1"}},
		{"of 128 KiB and more in the end", signal("b") + " " + spaces + signal("a"), []string{"1 201 b", "2 413  te-groot", "klaar 2 = 1 + 0 + 1"}},
		{"of nearly 1 MiB", strings.Repeat("x", 1<<20) + "\n" + signal("b"), []string{"1 413  te-groot", "2 201 b", "klaar 2 = 1 + 0 + 1"}},
		{"nested deeply", strings.Repeat(`{"omvang":`, 10_000) + "\n" + strings.Repeat("[", 100_000) + "\n" + signal("b"),
			[]string{"1 400  ongeldige-invoer", "2 400  ongeldige-invoer", "3 201 b", "klaar 3 = 1 + 0 + 2"}},
		{"of signals in a list", "[\n" + `{"kenmerk":"a"},` + "\n" + signal("b") + "]", []string{"1 400  ongeldige-invoer", "2 400 a ongeldige-invoer", "3 201 b", "4 400  ongeldige-invoer", "klaar 4 = 1 + 0 + 3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if lines, whole := start(t).upload(t, tt.body); !whole || !slices.Equal(lines, tt.want) {
				t.Errorf("whole %v, %q", whole, lines)
			}
		})
	}
}

func TestBatchesAreLargeButNotTooLarge(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"small": numbered(5000),
		"large": strings.ReplaceAll(numbered(300), `{"k`, `{"titel":"`+strings.Repeat("x", 20_000)+`","k`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			n := strings.Count(body, "\n")
			if lines, whole := g.upload(t, body); !whole || !slices.Equal(lines, accepts(n)) {
				t.Errorf("whole %v, %d lines", whole, len(lines))
			}
			r := g.signals.report()
			if r.signals != n || r.again != 0 || r.size > 1000 || r.largest > 1<<20 || r.most > 2 || r.batches > n/10 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestAServiceThatIsAwayForAWhileIsAwaited(t *testing.T) {
	t.Parallel()
	soon := &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Millisecond)}
	busy := failure(codes.ResourceExhausted, "te-druk", "Te druk.", "too busy", soon)
	tests := []struct {
		name string
		fail func(*signals, error)
		with error
		// lost says that an answer is lost: then the signals were stored already.
		lost bool
	}{
		{"too busy for a call", func(s *signals, err error) { s.before = sometimes(err) }, busy, false},
		{"away", func(s *signals, err error) { s.before = sometimes(err) }, status.Error(codes.Unavailable, "x"), false},
		{"too busy for some signals", func(s *signals, err error) {
			some := sometimes(err)
			s.each = func(*signalsv1.Signal) error { return some(context.Background()) }
		}, busy, false},
		{"away before it answered", func(s *signals, err error) { s.after = sometimes(err) }, status.Error(codes.Unavailable, "x"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			tt.fail(g.signals, tt.with)
			lines, whole := g.upload(t, numbered(3000))
			r := g.signals.report()
			if !whole || len(lines) != 3001 || r.signals != 3000 || (r.again > 0) != tt.lost {
				t.Fatalf("whole %v, %d lines, %+v", whole, len(lines), r)
			}
			for i, line := range lines[:3000] {
				created, repeated := fmt.Sprintf("%d 201 a%d", i+1, i+1), fmt.Sprintf("%d 200 a%d", i+1, i+1)
				if line != created && (!tt.lost || line != repeated) {
					t.Fatalf("line %d: %q", i+1, line)
				}
			}
		})
	}
}

// sometimes fails every second time.
func sometimes(err error) func(context.Context) error {
	turns := make(chan struct{}, 1)
	return func(context.Context) error {
		select {
		case turns <- struct{}{}:
			return err
		default:
			<-turns
			return nil
		}
	}
}

func TestAServiceThatStaysAwayEndsTheUpload(t *testing.T) {
	t.Parallel()
	unavailable := status.Error(codes.Unavailable, "dial tcp: secret")
	busy := failure(codes.ResourceExhausted, "te-druk", "Te druk.", "too busy", &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Hour)})
	expired := failure(codes.Unauthenticated, "token-verlopen", "Uw token is verlopen.", "the token has expired")
	tests := []struct {
		name  string
		err   error
		each  bool // whether the error is of each signal
		after string
		alone int // the status when nothing was answered before
	}{
		{"away", unavailable, false, "2 503  niet-bereikbaar", 503},
		{"too busy for longer than can be waited", busy, false, "2 429  te-druk", 429},
		{"too busy for each", busy, true, "2 429  te-druk", 429},
		{"whose token expired", expired, false, "2 401  token-verlopen", 401},
		{"that broke", status.Error(codes.Internal, "sql: secret"), false, "2 500  interne-fout", 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, func(c *rest.Config) { c.Patience = 200 * time.Millisecond })
			g.signals.fail(tt.err, tt.each)
			a := g.do(t, http.MethodPost, "/v1/signalen/_bulk", signal("b"), "Content-Type", "application/x-ndjson")
			if a.status != tt.alone || strings.Contains(a.body+g.log.String(), "klaar") || strings.Contains(a.body, "secret") {
				t.Errorf("status %d: %s", a.status, a.body)
			}
			checkAnswer(t, a)

			g.signals.fail(nil, false)
			k := g.talk(t.Context(), t)
			k.say(signal("a"))
			if line, _ := k.hear(); line != "1 201 a" {
				t.Fatal(line)
			}
			g.signals.fail(tt.err, tt.each)
			k.say(signal("b") + signal("c"))
			if lines, whole := k.rest(); whole || !slices.Equal(lines, []string{tt.after}) {
				t.Errorf("whole %v, %q", whole, lines)
			}
		})
	}
}

// fail makes calls fail from now on, as a whole or for each signal.
func (s *signals) fail(err error, each bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing, s.failingEach = err, each
	if s.before == nil {
		s.before = func(context.Context) error { return s.failed(false) }
		s.each = func(*signalsv1.Signal) error { return s.failed(true) }
	}
}

func (s *signals) failed(each bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if each != s.failingEach {
		return nil
	}
	return s.failing
}

func TestResultsThatDoNotFitAreADefect(t *testing.T) {
	t.Parallel()
	for name, distort := range map[string]func(*signalsv1.BatchSubmitSignalsResponse){
		"too few":        func(r *signalsv1.BatchSubmitSignalsResponse) { r.Results = r.Results[1:] },
		"out of order":   func(r *signalsv1.BatchSubmitSignalsResponse) { slices.Reverse(r.Results) },
		"without a word": func(r *signalsv1.BatchSubmitSignalsResponse) { r.Results[0].Outcome = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.signals.distort = distort
			a := g.do(t, http.MethodPost, "/v1/signalen/_bulk", numbered(3), "Content-Type", "application/x-ndjson")
			if a.status != http.StatusInternalServerError || !strings.Contains(g.log.String(), "rest: ") {
				t.Errorf("status %d: %s", a.status, a.body)
			}
		})
	}
}

func TestAPanicEndsOneUpload(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/v1/signalen/_bulk", strings.NewReader(numbered(3)))
	r.Header.Set("Content-Type", "application/x-ndjson")
	w := httptest.NewRecorder()
	isolated(t, panicking{}).ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

func TestAFaultyReferenceIsNotRepeated(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.signals.each = func(s *signalsv1.Signal) error {
		return failure(codes.InvalidArgument, "ongeldige-invoer", "De invoer klopt niet.", "the input is not right", &errdetails.BadRequest{
			FieldViolations: []*errdetails.BadRequest_FieldViolation{violation("signals[0].external_reference", "persoonsgegeven", "Hier staat een persoonsgegeven.", "personal data")},
		})
	}
	body := signal("BSN-999990019") + `{"kenmerk":"999 990 019","x":1}` + "\n"
	a := g.do(t, http.MethodPost, "/v1/signalen/_bulk", body, "Content-Type", "application/x-ndjson")
	if a.status != http.StatusOK || strings.Contains(a.body+g.log.String(), "999") || strings.Count(a.body, `"pointer":"/kenmerk"`) != 2 {
		t.Errorf("status %d: %s\n%s", a.status, a.body, g.log)
	}
}

func TestAnUploadHasOneLineInTheLog(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.upload(t, signal("geheim")+"{\n")
	log := g.log.String()
	if strings.Count(log, "\n") != 1 || !strings.Contains(log, "route=/v1/signalen/_bulk status=200") || strings.Contains(log, "geheim") {
		t.Errorf("log: %s", log)
	}
}

func TestTheTokenGoesAlong(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.upload(t, signal("a"))
	seen, _ := g.signals.seen()
	if got := seen.Get("authorization"); !slices.Equal(got, []string{"Bearer x"}) {
		t.Errorf("authorization %q", got)
	}
	if got := seen.Get("x-request-id"); !slices.Equal(got, []string{requestID}) {
		t.Errorf("request id %q", got)
	}
}

func TestAnswersToLinesAreAsDescribed(t *testing.T) {
	t.Parallel()
	var description struct {
		Components struct{ Schemas map[string]shape }
	}
	if err := json.Unmarshal(openapi.JSON, &description); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/cases/bulk-*.http")
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, answer, _ := strings.Cut(string(data), "\n=== answer\n200 OK\nContent-Type: application/x-ndjson\n\n")
		for line := range strings.Lines(answer) {
			var object map[string]any
			if err := json.Unmarshal([]byte(line), &object); err != nil {
				t.Fatal(err)
			}
			name := "BulkAangenomen"
			if problem, ok := object["probleem"].(map[string]any); ok {
				name = "BulkGeweigerd"
				if all := description.Components.Schemas["Problem"].differs(problem); all != nil {
					t.Errorf("%s: %q", file, all)
				}
			} else if object["klaar"] != nil {
				name = "BulkKlaar"
			}
			compared[name]++
			if all := description.Components.Schemas[name].differs(object); all != nil {
				t.Errorf("%s: %s: %q", file, name, all)
			}
		}
	}
	if compared["BulkAangenomen"] < 3 || compared["BulkGeweigerd"] < 10 || compared["BulkKlaar"] < 4 {
		t.Errorf("compared only %v", compared)
	}
}
