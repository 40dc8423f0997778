package rest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/openapi"
)

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

func TestBatchesAreNotTooLarge(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"many":  numbered(5000),
		"large": strings.ReplaceAll(numbered(300), `{"k`, `{"titel":"`+strings.Repeat("x", 20_000)+`","k`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			n := strings.Count(body, "\n")
			if lines, whole := g.upload(t, body); !whole || !slices.Equal(lines, accepts(n)) {
				t.Errorf("whole %v, %d lines", whole, len(lines))
			}
			if r := g.signals.report(); r.signals != n || r.again != 0 || r.size > 1000 || r.largest > 1<<20 || r.most > 2 {
				t.Errorf("%+v", r)
			}
		})
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
