package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

func TestATokenIsMadeForWhoeverMayReadTheKey(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	c := newClients(h.ways()["REST"])
	for _, organisation := range []string{"UWV", "uwv", uwv} {
		token := schakel(t, "token", "--role=aanleveraar", "--organisation="+organisation, "--data="+h.data).ends(t, 0).out
		if strings.Count(token, "\n") != 1 || strings.Count(token, ".") != 2 {
			t.Errorf("not a token and nothing else: %q", token)
		}
		ctx := bearing(t.Context(), strings.TrimSpace(token))
		if _, err := c.signals.SubmitSignal(ctx, &signalsv1.SubmitSignalRequest{Signal: signal(uwv, "TOKEN-1")}); err != nil {
			t.Error(err)
		}
		_, err := c.letters.ListLetters(ctx, &lettersv1.ListLettersRequest{})
		if problem := refused(err); problem == nil || problem.HTTP != http.StatusForbidden {
			t.Errorf("a token for more than was asked: %v", err)
		}
	}
	two := schakel(t, "token", "--role=aanleveraar", "--role=redacteur", "--organisation=UWV", "--data="+h.data).ends(t, 0).out
	if _, err := c.letters.ListLetters(bearing(t.Context(), strings.TrimSpace(two)), &lettersv1.ListLettersRequest{}); err != nil {
		t.Errorf("a token of two roles: %v", err)
	}
	schakel(t, "token", "--role=keizer", "--data="+h.data).ends(t, 1, `"keizer" is geen rol; kies uit: aanleveraar, redacteur`)
	schakel(t, "token", "--role=publiek", "--data="+h.data).ends(t, 1)
	schakel(t, "token", "--role=aanleveraar", "--organisation=Uitvoeringsinstituut werknemersverzekeringn", "--data="+h.data).
		ends(t, 1, "is geen organisatie uit de referentiegegevens", "lijkt op: ", uwv)
	schakel(t, "token", "--role=aanleveraar", "--data="+filepath.Join(t.TempDir(), "leeg")).
		ends(t, 1, "staat geen sleutel van een uitgever; start eerst: schakel serve")
}

func TestAnEditionIsCompiledFromTheCommandLine(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	s := &story{h, newClients(h.ways()["gRPC"])}
	s.submit(t, uwv, 2)
	s.contact(t)
	s.settled(t, map[string]int32{"signals": 2, "contacts": 2})
	// Of letters nothing happened yet: its ledger begins with the first edition.
	compile := []string{"edition", "compile", "--name=2026", "--server=" + h.http}
	schakel(t, compile...).ends(t, 1, "Voor deze aanroep is een token nodig. (401)")
	schakel(t, append(compile, "--token=onzin")...).ends(t, 1, "Het token is ongeldig. (401)")
	token := "--token=" + strings.TrimSpace(schakel(t, "token", "--role=samensteller", "--data="+h.data).ends(t, 0).out)
	schakel(t, append(compile, token, "--date=2099-01-01")...).ends(t, 1, "De peildatum ligt in de toekomst. (400)", "/peilDatum: ligt in de toekomst")
	schakel(t, append(compile, token, "--date=morgen")...).ends(t, 1, "/peilDatum")
	var e struct {
		ID     string         `json:"id"`
		Counts map[string]int `json:"aantallen"`
	}
	schakel(t, append(compile, token, "--output=json")...).ends(t, 0).json(t, &e)
	if e.Counts["signalen"] != 2 || e.Counts["inTriage"] != 2 {
		t.Errorf("edition: %v", e)
	}
	schakel(t, append(compile, token)...).ends(t, 0, "editie", e.ID, h.http+"/edities/"+e.ID+"/index.html")
	empty := filepath.Join(t.TempDir(), "leeg")
	schakel(t, "edition", "compile", "--name=2026", "--out="+t.TempDir(), "--data="+empty).ends(t, 1, "is er niet; geef de gegevensmap met --data")
}
