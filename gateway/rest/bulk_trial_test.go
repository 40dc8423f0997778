package rest_test

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"testing"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// TestATrialHoldsLinesToEachOtherHoweverTheyAreSent sends lines so that each goes in
// a call of its own.
func TestATrialHoldsLinesToEachOtherHoweverTheyAreSent(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.signals.distort = func(asked *signalsv1.BatchSubmitSignalsRequest, r *signalsv1.BatchSubmitSignalsResponse) {
		for i, result := range r.GetResults() {
			if a := result.GetAccepted(); a != nil {
				sum := sha256.Sum256([]byte(asked.GetSignals()[i].GetTitle()))
				a.ContentHash = sum[:]
			}
		}
	}
	k := g.talkTo(t.Context(), t, "/v1/signalen/_bulk?proefdraaien=true")
	for i, tt := range []struct{ say, hear string }{
		{`{"kenmerk":"a","titel":"x"}`, "1 200 a"},
		{`{"kenmerk":"b","titel":"y"}`, "2 200 b"},
		{`{"kenmerk":"a","titel":"x"}`, "3 200 a"},
		{`{"kenmerk":"a","titel":"z"}`, "4 409 a kenmerk-bezet"},
		{`{"kenmerk":"vreemd","titel":"x"}`, "5 403 vreemd andere-organisatie"},
		{`{"kenmerk":"b","titel":"x"}`, "6 409 b kenmerk-bezet"},
	} {
		k.say(tt.say + "\n")
		if line, _ := k.hear(); line != tt.hear {
			t.Errorf("%d: %q, want %q", i, line, tt.hear)
		}
	}
	_ = k.body.Close()
	if lines, whole := k.rest(); !whole || !slices.Equal(lines, []string{"klaar 6 = 2 + 1 + 3"}) {
		t.Errorf("in the end %q, whole %v", lines, whole)
	}
	a := g.do(t, http.MethodPost, "/v1/signalen/_bulk?proefdraaien=true", `{"kenmerk":"c","titel":"x"}`+"\n"+`{"kenmerk":"c","titel":"y"}`+"\n",
		"Content-Type", "application/x-ndjson")
	if !strings.Contains(a.body, "Op regel 1 staat al een signaal met dit kenmerk en andere inhoud.") {
		t.Error(a.body)
	}
}
