package e2e

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc/codes"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
)

// fault is one way to be refused: a call, and what it comes to.
type fault struct {
	name string
	as   func(*house) context.Context
	call func(context.Context, clients) error
	want refusal
}

// nowhere is an id that nothing has.
const nowhere = "01a20011-b7b6-76be-8f99-5166bf01f269"

// TestFaultsAreTheSameOverEveryWayIn has the same calls refused over REST and
// over gRPC: the reason, the places, the Dutch text and what is in the way are
// the same, and code and status belong together.
func TestFaultsAreTheSameOverEveryWayIn(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			for _, f := range h.faults(t) {
				t.Run(f.name, func(t *testing.T) {
					ctx := f.as(h)
					texts := map[string]string{}
					for way, conn := range h.ways() {
						got := refused(f.call(ctx, newClients(conn)))
						if got == nil {
							t.Fatalf("over %s it is not refused", way)
						}
						texts[got.Text] = way
						want := f.want
						if way == "REST" {
							want.Code = 0
						} else {
							want.HTTP = 0
						}
						if diff := cmp.Diff(want, *got, cmpopts.IgnoreFields(refusal{}, "Text")); diff != "" {
							t.Errorf("over %s (-want +got):\n%s", way, diff)
						}
					}
					if len(texts) != 1 || texts[""] != "" {
						t.Errorf("the texts differ: %v", texts)
					}
				})
			}
		})
	}
}

// faults makes what is in the way, and gives the calls.
func (h *house) faults(t *testing.T) []fault {
	t.Helper()
	s := &story{h, newClients(h.ways()["gRPC"])}
	ids := s.submit(t, uwv, 2)
	one := s.bundle(t, uwv, ids[:1])
	sent := s.send(t, uwv, one)
	draft := must(s.letters.DraftLetter(s.as(access.Redacteur, uwv), &lettersv1.DraftLetterRequest{Letter: letter(uwv, "BRIEF-2", szw, one)}))(t).GetLetter().GetId()
	as := func(role access.Role, organisation string) func(*house) context.Context {
		return func(h *house) context.Context { return h.as(role, organisation) }
	}
	invalid := func(faults ...string) refusal {
		return refusal{HTTP: http.StatusBadRequest, Code: codes.InvalidArgument, Reason: "ongeldige-invoer", Faults: faults}
	}
	submit := func(spoil func(*signalsv1.Signal)) func(context.Context, clients) error {
		return func(ctx context.Context, c clients) error {
			m := signal(uwv, references(1)[0])
			spoil(m)
			_, err := c.signals.SubmitSignal(ctx, &signalsv1.SubmitSignalRequest{Signal: m})
			return err
		}
	}
	list := func(r *signalsv1.ListSignalsRequest) func(context.Context, clients) error {
		return func(ctx context.Context, c clients) error { _, err := c.signals.ListSignals(ctx, r); return err }
	}
	bundle := func(ids ...string) func(context.Context, clients) error {
		return func(ctx context.Context, c clients) error {
			_, err := c.bottlenecks.OpenBottleneck(ctx, &lettersv1.OpenBottleneckRequest{Bottleneck: bottleneck(uwv, "KP-FOUT", ids...)})
			return err
		}
	}
	respond := func(letter string, number int32) func(context.Context, clients) error {
		return func(ctx context.Context, c clients) error {
			_, err := c.letters.AnswerItem(ctx, &lettersv1.AnswerItemRequest{Letter: letter, Number: number, Response: answer(szw)})
			return err
		}
	}
	letters := func(ctx context.Context, c clients) error {
		_, err := c.letters.ListLetters(ctx, &lettersv1.ListLettersRequest{})
		return err
	}
	return []fault{
		{"a field breaks a rule", as(access.Aanleveraar, uwv), submit(func(m *signalsv1.Signal) { m.Title = "" }), invalid("/titel required")},
		{"several do, and reference data too", as(access.Aanleveraar, uwv), submit(func(m *signalsv1.Signal) {
			m.Extent.Minimum, m.Level, m.CausingOrganisations = 500, "hemels", []string{szw, szw + "9"}
		}), invalid("/niveau onbekend-begrip", "/omvang extent-order", "/veroorzakendeOrganisaties/1 onbekende-organisatie")},
		{"a query breaks a rule", as(access.Aanleveraar, uwv), list(&signalsv1.ListSignalsRequest{PageSize: 9999, Organisation: "UWV"}),
			invalid("organisatie string-tooi", "paginaGrootte int32-gte-lte")},
		{"a cursor is none", as(access.Aanleveraar, uwv), list(&signalsv1.ListSignalsRequest{PageToken: "x"}),
			refusal{HTTP: 400, Code: codes.InvalidArgument, Reason: "ongeldige-cursor", Faults: []string{"cursor ongeldige-cursor"}}},
		{"no token", as(access.Publiek, ""), letters,
			refusal{HTTP: 401, Code: codes.Unauthenticated, Reason: "token-ontbreekt"}},
		{"a bad token where none is needed", func(h *house) context.Context { return bearing(h.t.Context(), "onzin") },
			func(ctx context.Context, c clients) error {
				_, err := c.editions.ListEditions(ctx, &lettersv1.ListEditionsRequest{})
				return err
			}, refusal{HTTP: 401, Code: codes.Unauthenticated, Reason: "token-ongeldig"}},
		{"another role", as(access.Aanleveraar, uwv), letters,
			refusal{HTTP: 403, Code: codes.PermissionDenied, Reason: "rol-ontbreekt"}},
		{"another organisation's signal", as(access.Aanleveraar, svb), submit(func(*signalsv1.Signal) {}),
			refusal{HTTP: 403, Code: codes.PermissionDenied, Reason: "andere-organisatie"}},
		{"a signal that is not there", as(access.Aanleveraar, uwv), func(ctx context.Context, c clients) error {
			_, err := c.signals.GetSignal(ctx, &signalsv1.GetSignalRequest{Id: nowhere})
			return err
		}, refusal{HTTP: 404, Code: codes.NotFound, Reason: "onbekend-signaal"}},
		{"a signal that is another's", as(access.Aanleveraar, svb), func(ctx context.Context, c clients) error {
			_, err := c.signals.GetSignal(ctx, &signalsv1.GetSignalRequest{Id: ids[0]})
			return err
		}, refusal{HTTP: 404, Code: codes.NotFound, Reason: "onbekend-signaal"}},
		{"an item that is not in the letter", as(access.Beantwoorder, szw), respond(sent.GetId(), 7),
			refusal{HTTP: 404, Code: codes.NotFound, Reason: "onbekend-nummer"}},
		{"a reference that is taken", as(access.Aanleveraar, uwv), submit(func(m *signalsv1.Signal) { m.Title = "Iets anders" }),
			refusal{HTTP: 409, Code: codes.AlreadyExists, Reason: "kenmerk-bezet", Resource: ids[0]}},
		{"signals that are not there", as(access.Redacteur, uwv), bundle(ids[1], nowhere), refusal{HTTP: 400, Code: codes.InvalidArgument,
			Reason: "onbekende-signalen", Faults: []string{"/signalen/1 onbekend-signaal"}}},
		{"a signal that is bundled", as(access.Redacteur, uwv), bundle(ids...), refusal{HTTP: 409, Code: codes.FailedPrecondition,
			Reason: "signalen-al-gebundeld", Faults: []string{"/signalen/0 al-gebundeld"}}},
		{"sending a draft", as(access.Bestuurder, uwv), func(ctx context.Context, c clients) error {
			_, err := c.letters.SendLetter(ctx, &lettersv1.SendLetterRequest{Id: draft})
			return err
		}, refusal{HTTP: 409, Code: codes.FailedPrecondition, Reason: "brief-niet-vastgesteld"}},
		{"adopting for another", as(access.Bestuurder, uwv), func(ctx context.Context, c clients) error {
			_, err := c.letters.AdoptLetter(ctx, &lettersv1.AdoptLetterRequest{Id: draft, AdoptedBy: office(svb)})
			return err
		}, refusal{HTTP: 400, Code: codes.InvalidArgument, Reason: "vaststeller-elders", Faults: []string{"/organisatie vaststeller-elders"}}},
		{"answering a draft", as(access.Beantwoorder, szw), respond(draft, 1),
			refusal{HTTP: 404, Code: codes.NotFound, Reason: "onbekende-brief"}},
		{"an edition of tomorrow", as(access.Samensteller, ""), func(ctx context.Context, c clients) error {
			_, err := c.editions.CompileEdition(ctx, &lettersv1.CompileEditionRequest{Name: "2099", ReferenceDate: "2099-01-01"})
			return err
		}, refusal{HTTP: 400, Code: codes.InvalidArgument, Reason: "peildatum-in-toekomst", Faults: []string{"/peilDatum datum-in-toekomst"}}},
	}
}

// TestAPartThatIsAwayTakesNoOtherAlong stops letters: the other parts work on,
// the gateway says what is missing, and when letters is back it has missed
// nothing.
func TestAPartThatIsAwayTakesNoOtherAlong(t *testing.T) {
	t.Parallel()
	build, ok := kinds()["four processes"]
	if !ok {
		return // there are no parts to stop; testenv says what is left out
	}
	h := build(t)
	s := &story{h, newClients(h.ways()["REST"])}
	before := s.submit(t, uwv, 1)
	letters := h.servers[slices.Index([]string{"contacts", "gateway", "letters", "signals"}, "letters")]
	letters.Kill()

	during := s.submit(t, svb, 1)
	_, err := s.letters.ListLetters(h.as(access.Redacteur, uwv), &lettersv1.ListLettersRequest{})
	if diff := cmp.Diff(&refusal{HTTP: 503, Reason: "niet-bereikbaar"}, refused(err), cmpopts.IgnoreFields(refusal{}, "Text")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	resp := must(h.rest.Get(h.http + "/healthz/ready"))(t)
	body := string(must(io.ReadAll(resp.Body))(t))
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || !strings.Contains(body, "Nog niet gereed: letters.") {
		t.Errorf("readiness: %s %s", resp.Status, body)
	}
	letters.Restart()
	h.ready()
	s.bundle(t, uwv, before)
	s.bundle(t, svb, during)
}

// TestAProblemSpeaksTheLanguageThatIsAskedFor asks in English.
func TestAProblemSpeaksTheLanguageThatIsAskedFor(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	for language, want := range map[string]string{"": "is verplicht", "nl, en;q=0.5": "is verplicht", "en": "required", "de, en;q=0.8": "required"} {
		b := bad{body: spoilt(map[string]any{"titel": nil}), header: map[string]string{"Accept-Language": language}}
		status, body, err := h.do(b.request(t, h))
		var p problem
		if err != nil || status != http.StatusBadRequest || json.Unmarshal(body, &p) != nil || len(p.Faults) != 1 || !strings.Contains(p.Faults[0].Text, want) {
			t.Errorf("%q: %d %v %s", language, status, err, body)
		}
	}
}
