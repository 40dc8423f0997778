package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/testenv"
)

// summary is what push tells with --output=json.
type summary struct {
	Accepted int `json:"aangenomen"`
	Repeated int `json:"herhaald"`
	Refused  int `json:"geweigerd"`
}

// TestPushSaysWhatBecameOfEachLine pushes lines that are right and lines that
// are not, from a file and from standard input.
func TestPushSaysWhatBecameOfEachLine(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	token := "--token=" + h.token(access.Aanleveraar, uwv)
	right := ndjson(t, references(3))
	refused := filepath.Join(t.TempDir(), "geweigerd.ndjson")
	push := func(in []byte, file string) command {
		return schakelReads(t, bytes.NewReader(in), "push", file, "--server="+h.http, token, "--refused="+refused, "--output=json")
	}
	told := func(c command, want summary) {
		t.Helper()
		var got summary
		if c.json(t, &got); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	told(push(nil, write(t, "signalen.ndjson", right)).ends(t, 0), summary{Accepted: 3})
	if _, err := os.Stat(refused); err == nil {
		t.Error("there is a file of what was refused, and nothing was")
	}
	// Windows line ends, empty lines and a last line without end.
	again := bytes.ReplaceAll(bytes.TrimSpace(right), []byte("\n"), []byte("\r\n\r\n"))
	told(push(again, "-").ends(t, 0), summary{Repeated: 3})

	lines := strings.Join([]string{
		strings.TrimSpace(string(ndjson(t, []string{"NIEUW-1"}))),
		spoilt(map[string]any{"tietel": "x", "kenmerk": "FOUT-1"})(t),
		`{"organisatie":`,
		spoilt(map[string]any{"organisatie": svb, "kenmerk": "FOUT-2"})(t),
		spoilt(map[string]any{"kenmerk": references(1)[0], "titel": "Iets anders"})(t),
		strings.TrimSpace(string(ndjson(t, []string{"NIEUW-2"}))),
	}, "\n")
	told(push([]byte(lines), "-").ends(t, 1, "niet alle signalen zijn aangenomen", refused), summary{Accepted: 2, Refused: 4})
	reasons := map[int]string{}
	for line := range strings.Lines(string(must(os.ReadFile(refused))(t))) {
		var r struct {
			Line    int             `json:"regel"`
			Problem json.RawMessage `json:"probleem"`
			Signal  map[string]any  `json:"signaal"`
			Text    string          `json:"tekst"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if (r.Signal == nil) == (r.Text == "") {
			t.Errorf("line %d is not given back: %s", r.Line, line)
		}
		reasons[r.Line] = string(r.Problem)
	}
	for number, want := range map[int]string{2: "Bedoelt u titel?", 3: "De JSON houdt te vroeg op", 4: "eigen organisatie", 5: "kenmerk"} {
		if !strings.Contains(reasons[number], want) {
			t.Errorf("line %d: %s does not say %q", number, reasons[number], want)
		}
	}
	if len(reasons) != 4 {
		t.Errorf("refused: %v", reasons)
	}
	h.once(t, append(references(3), "NIEUW-1", "NIEUW-2"))
	schakelReads(t, strings.NewReader(lines), "push", "-", "--server="+h.http, token, "--refused="+refused).
		ends(t, 1, "aangenomen  0", "herhaald    2", "geweigerd   4")
}

func TestPushThatCannotGoOnSaysWhy(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	token := "--token=" + h.token(access.Aanleveraar, uwv)
	file := write(t, "signalen.ndjson", ndjson(t, references(2)))
	refused := "--refused=" + filepath.Join(t.TempDir(), "geweigerd.ndjson")
	schakel(t, "push", file, "--server="+h.http, "--token=onzin", refused).ends(t, 1, "Het token is ongeldig. (401)")
	schakel(t, "push", "/is/er/niet", "--server="+h.http, token).ends(t, 1, "het bestand met signalen")
	long := write(t, "lang.ndjson", append(append(bytes.Repeat([]byte("x"), 2<<20), '\n'), ndjson(t, references(1))...))
	schakel(t, "push", long, "--server="+h.http, token, refused).ends(t, 1, "regel 1: Deze regel is te lang: een signaal is hoogstens 128 KiB.")
	h.once(t, references(1)) // what stood after it went in
	nobody := "http://" + testenv.Address(t)
	schakel(t, "push", file, "--server="+nobody, token, refused, "--patience=1s").ends(t, 3, "geen verbinding met Schakel op "+nobody, "geef dezelfde opdracht later opnieuw")
}
