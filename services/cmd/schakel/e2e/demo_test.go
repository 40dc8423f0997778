package e2e

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/testenv"
)

// demoArgs are the arguments of `schakel demo` in a house that is not started.
func (h *house) demoArgs(t *testing.T, more ...string) []string {
	t.Helper()
	input := must(filepath.Abs("../../../../deploy/demo"))(t)
	return append(append([]string{"demo", "--input=" + input}, h.settings...), more...)
}

// demo tells the demo's story, and stops.
func (h *house) demo(t *testing.T) command {
	t.Helper()
	return schakel(t, h.demoArgs(t, "--stop")...)
}

// told are the lines of the demo's story.
var told = []string{
	"101 signalen van 13 organisaties ingediend, elk met een ontvangstbewijs",
	"1 knelpunt voorgesteld door Schakel zelf, uit ",
	"17 knelpunten gemaakt uit gelijksoortige signalen",
	"7 knelpuntenbrieven geschreven, waarvan 5 verzonden aan een departement",
	"10 knelpunten beantwoord",
	"9 contacten met Kamerleden vastgelegd, waarvan 1 met een afwijkende volgorde",
	"101 signalen geteld: 67 gebundeld in 17 knelpunten, 34 in triage; 15 knelpunten voorgelegd, 10 beantwoord, 5 wachten op antwoord",
	"18 controles op bestanden, identiteit en handtekeningen: alles klopt",
}

var (
	readEdition = regexp.MustCompile(`Lees de editie: +(http://[^/]+/edities/([0-9a-f-]{36})/index\.html)`)
	curl        = regexp.MustCompile(`(?m)^curl -sS -H 'Authorization: (Bearer [^']+)'(?: -H 'Content-Type: ([^']+)' -d '([^']*)')? '?(http://[^ ';\n]+)'?(?:; echo)?$`)
)

// TestTheDemoTellsItsStory runs `schakel demo` as `make run` does: it tells its
// story, its commands work as they are printed, Ctrl-C ends it, and who begins
// again finds everything back.
func TestTheDemoTellsItsStory(t *testing.T) {
	t.Parallel()
	h := newHouse(t, filepath.Join(t.TempDir(), "data"))
	day := today()
	server := testenv.StartProgram(t, testenv.Program{
		Name:  "schakel demo",
		Argv:  append([]string{testenv.Build(t, program)}, h.demoArgs(t)...),
		Ready: func(ctx context.Context) error { return h.healthy(ctx, "/healthz/ready") },
	})
	await(t, "the end of the story", func() error {
		if !strings.Contains(server.Log(), "Stop met Ctrl-C") {
			return errors.New("not yet")
		}
		return nil
	})
	story := server.Log()
	for _, line := range told {
		if !strings.Contains(story, line) {
			t.Errorf("it does not tell: %s\n%s", line, story)
		}
	}
	h.readable(t, story)
	second := h.paste(t, story)
	server.Stop()

	files := tree(t, filepath.Join(h.data, "edities"))
	for range 2 {
		again := h.demo(t).ends(t, 0, "(101 waren er al)", "(17 waren er al)", "(7 waren er al)", "(10 waren er al)", "(9 waren er al)",
			"102 signalen geteld")
		if day != today() {
			return // an edition of the new day is due
		}
		if edition := readEdition.FindStringSubmatch(again.out); edition == nil || edition[2] != second {
			t.Errorf("edition %v, want %s", edition, second)
		}
	}
	if diff := cmp.Diff(files, tree(t, filepath.Join(h.data, "edities"))); diff != "" {
		t.Errorf("editions (-before +after):\n%s", diff)
	}
}

// readable opens the page of the edition that the story ends with.
func (h *house) readable(t *testing.T, story string) {
	t.Helper()
	link := readEdition.FindStringSubmatch(story)
	if link == nil {
		t.Fatalf("no edition to read:\n%s", story)
	}
	resp := must(h.rest.Get(link[1]))(t)
	defer resp.Body.Close()
	page := string(must(io.ReadAll(resp.Body))(t))
	if resp.StatusCode != http.StatusOK || !strings.Contains(page, "VOORBEELD") || !strings.Contains(page, `lang="nl"`) {
		t.Errorf("%s: %s\n%.500s", link[1], resp.Status, page)
	}
	schakel(t, "verify", "edition", filepath.Join(h.data, "edities", link[2]), "--key="+h.keys()).ends(t, 0)
}

// paste does what the story invites to: submit a signal, read it back, compile
// an edition with it. It gives the edition's id.
func (h *house) paste(t *testing.T, story string) string {
	t.Helper()
	commands := curl.FindAllStringSubmatch(story, -1)
	if len(commands) != 3 {
		t.Fatalf("%d commands:\n%s", len(commands), story)
	}
	answers := make([]string, 3)
	for i, c := range commands {
		method := http.MethodGet
		if c[3] != "" {
			method = http.MethodPost
		}
		req := must(http.NewRequestWithContext(t.Context(), method, c[4], strings.NewReader(c[3])))(t)
		req.Header.Set("Authorization", c[1])
		if c[2] != "" {
			req.Header.Set("Content-Type", c[2])
		}
		if i == 2 {
			h.settled(t, map[string]int32{"signals": 103})
		}
		status, body, err := h.do(req)
		if err != nil || status >= 300 {
			t.Fatalf("%s: %d %v\n%s", c[0], status, err, body)
		}
		answers[i] = string(body)
	}
	if !strings.Contains(answers[1], `"kenmerk":"MIJN-EERSTE-SIGNAAL"`) || !strings.Contains(answers[2], `"signalen":102`) {
		t.Errorf("answers: %q", answers)
	}
	id := regexp.MustCompile(`^\{"editie":\{"id":"([0-9a-f-]{36})"`).FindStringSubmatch(answers[2])
	if id == nil {
		t.Fatalf("no edition: %s", answers[2])
	}
	return id[1]
}

// TestATakenPortGetsAClearMessage takes each address in turn.
func TestATakenPortGetsAClearMessage(t *testing.T) {
	t.Parallel()
	other := allInOne(t)
	for _, taken := range append([]string{strings.TrimPrefix(other.http, "http://")}, other.listen["signals"], other.listen["letters"], other.listen["contacts"]) {
		for _, do := range []string{"demo", "serve"} {
			h := newHouse(t, filepath.Join(t.TempDir(), "data"))
			args := append([]string{"serve"}, h.settings...)
			if do == "demo" {
				args = h.demoArgs(t, "--stop")
			}
			for i, arg := range args {
				for part, address := range map[string]string{"http": other.http[7:], "signals-listen": other.listen["signals"],
					"letters-listen": other.listen["letters"], "contacts-listen": other.listen["contacts"]} {
					if address == taken && strings.HasPrefix(arg, "--"+part+"=") {
						args[i] = "--" + part + "=" + taken
					}
				}
			}
			schakel(t, args...).ends(t, 1, "op "+taken+" draait al iets", "--http")
		}
	}
}
