package e2e

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/reference"
)

const (
	// sandbox and another are there for trying out connections.
	sandbox = "urn:nld:oin:00000099000000001000"
	another = "urn:nld:oin:00000099000000002000"
	// imported stands in a file of the importers' tests.
	imported = "https://identifier.overheid.nl/tooi/id/oorg/oorg99001"
)

// public is a file of the importers' tests.
func public(name string) string {
	path, err := filepath.Abs(filepath.Join("..", "..", "..", "reference", "refimport", "testdata", name))
	if err != nil {
		return name
	}
	return path
}

func TestPublicFilesAreTakenInAndCountEverywhere(t *testing.T) {
	t.Parallel()
	own := filepath.Join(t.TempDir(), "eigen")
	into := "--into=" + own
	tooi := []string{"reference", "import", "tooi", public("rwc_overige_overheidsorganisaties_compleet_9.rdf"), into}
	schakel(t, append(tooi, "--dry-run")...).ends(t, 1, "toegevoegd oorg99001", "geweigerd: 1")
	schakel(t, "serve", "--reference="+own).ends(t, 1, "de map met eigen referentiegegevens, "+own+", is er niet")
	schakel(t, tooi...).ends(t, 1, "toegevoegd oorg99001", "Dienst van de Proef", "record 2, regel 16", "geweigerd so1", "versie", reference.Version+"+")
	schakel(t, "reference", "import", "kamer", public("kamer_syncfeed.xml"), into).ends(t, 0, "toegevoegd 99011", "overgeslagen")
	var report struct {
		Counts  map[string]int `json:"aantallen"`
		Version string         `json:"versieReferentiegegevens"`
		Same    int            `json:"ongewijzigd"`
	}
	schakel(t, "reference", "import", "kamer", public("kamer_syncfeed.xml"), into, "--output=json").ends(t, 0).json(t, &report)
	if len(report.Counts) != 0 || report.Same != 1 || !strings.HasPrefix(report.Version, reference.Version+"+") {
		t.Errorf("the same file once more: %+v", report)
	}
	schakel(t, "reference", "import", "kamer", public("bwb.WTI"), into).ends(t, 1, "er is niets opgenomen", "het begint met wetstechnische-informatie")
	schakel(t, "reference", "import", "kvk", public("bwb.WTI"), into).ends(t, 2, `moet een zijn van "tooi","bwb","kamer"`)

	h := newHouse(t, filepath.Join(t.TempDir(), "data"))
	h.settings = append(h.settings, "--reference="+own)
	schakel(t, append([]string{"serve", "--print-config"}, h.settings...)...).ends(t, 0, "reference: "+own)
	h.start("all")
	s := &story{h, newClients(h.ways()["REST"])}
	list := must(referencev1.NewReferenceServiceClient(h.ways()["REST"]).ListOrganisations(t.Context(), &referencev1.ListOrganisationsRequest{Text: "dvp"}))(t)
	if list.GetVersion() != report.Version || len(list.GetOrganisations()) != 1 || list.GetOrganisations()[0].GetTooi() != imported {
		t.Errorf("the list is %v", list)
	}
	token := schakel(t, "token", "--role=aanleveraar", "--organisation=DVP", "--data="+h.data, "--reference="+own).ends(t, 0).out
	if _, err := s.signals.SubmitSignal(bearing(t.Context(), strings.TrimSpace(token)), &signalsv1.SubmitSignalRequest{Signal: signal(imported, "EIGEN-1")}); err != nil {
		t.Error(err)
	}
	schakel(t, "token", "--role=aanleveraar", "--organisation=DVP", "--data="+h.data).ends(t, 1, "is geen organisatie")

	s.contact(t)
	s.settled(t, map[string]int32{"signals": 1, "contacts": 2})
	files := s.download(t, s.compile(t, today(), false))
	if !strings.Contains(files["identiteit.txt"], "referentiegegevens "+report.Version+"\n") {
		t.Errorf("the edition is of %s", files["identiteit.txt"])
	}
	identity := write(t, "identiteit.txt", []byte(files["identiteit.txt"]))
	again := append([]string{"edition", "compile", "--identity=" + identity, "--out=" + t.TempDir(), "--output=json"}, h.databases()...)
	schakel(t, again...).ends(t, 1, "is gemaakt met referentiegegevens "+report.Version, "geef met --reference de map met de eigen tabellen van toen")
	schakel(t, append(again, "--reference="+own)...).ends(t, 0, "map")
}

func TestTheReferenceDataAreOpenToAll(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	for name, conn := range h.ways() {
		client := referencev1.NewReferenceServiceClient(conn)
		orgs := must(client.ListOrganisations(t.Context(), &referencev1.ListOrganisationsRequest{Text: "uitvoeringsinst", Kind: "zbo", Date: today(), PageSize: 1}))(t)
		if len(orgs.GetOrganisations()) != 1 || orgs.GetOrganisations()[0].GetTooi() != uwv || orgs.GetVersion() != reference.Version {
			t.Errorf("%s: %v", name, orgs)
		}
		page := must(client.ListOrganisations(t.Context(), &referencev1.ListOrganisationsRequest{PageSize: 2}))(t)
		next := must(client.ListOrganisations(t.Context(), &referencev1.ListOrganisationsRequest{PageSize: 2, PageToken: page.GetNextPageToken()}))(t)
		if len(next.GetOrganisations()) != 2 || next.GetOrganisations()[0].GetTooi() == page.GetOrganisations()[1].GetTooi() {
			t.Errorf("%s: pages %v, %v", name, page, next)
		}
		one := must(client.GetRegulation(t.Context(), &referencev1.GetRegulationRequest{Id: "BWBR0019057"}))(t)
		if one.GetRegulation().GetJci() != "jci1.3:c:BWBR0019057" || one.GetRegulation().GetTitle().GetEn() == "" {
			t.Errorf("%s: %v", name, one)
		}
		terms := must(client.ListTerms(t.Context(), &referencev1.ListTermsRequest{Vocabulary: "niveaus"}))(t)
		term := must(client.GetTerm(t.Context(), &referencev1.GetTermRequest{Vocabulary: "niveaus", Code: terms.GetTerms()[0].GetCode()}))(t)
		if len(terms.GetTerms()) != 3 || term.GetTerm().GetLabel().GetNl() == "" {
			t.Errorf("%s: %v, %v", name, terms, term)
		}
		_, err := client.GetOrganisation(t.Context(), &referencev1.GetOrganisationRequest{Code: "zb000118"})
		if problem := refused(err); problem == nil || problem.Reason != "onbekende-organisatie" || problem.HTTP != 0 && problem.HTTP != http.StatusNotFound ||
			!strings.Contains(problem.Text, "Lijkt op: zb") {
			t.Errorf("%s: %v", name, err)
		}
		_, err = client.ListOrganisations(t.Context(), &referencev1.ListOrganisationsRequest{Date: "gisteren", PageSize: 501, PageToken: "x"})
		if problem := refused(err); problem == nil || problem.Reason != "ongeldige-invoer" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASandboxIsForTryingOut(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	c := newClients(h.ways()["REST"])
	token := schakel(t, "token", "--role=aanleveraar", "--organisation=PROEF", "--data="+h.data).ends(t, 0).out
	ctx := bearing(t.Context(), strings.TrimSpace(token))
	trial := signal(sandbox, "PROEF-1")
	trial.OtherOrganisations, trial.CausingOrganisations = []string{another}, []string{szw}
	if r, err := c.signals.SubmitSignal(ctx, &signalsv1.SubmitSignalRequest{Signal: trial}); err != nil || r.GetReceipt() == nil {
		t.Fatalf("a sandbox cannot submit: %v", err)
	}
	real := signal(uwv, "ECHT-1")
	real.OtherOrganisations, real.CausingOrganisations = []string{sandbox}, []string{szw, another}
	_, err := c.signals.SubmitSignal(h.as(access.Aanleveraar, uwv), &signalsv1.SubmitSignalRequest{Signal: real})
	want := []string{"/andereOrganisaties/0 proefomgeving", "/veroorzakendeOrganisaties/1 proefomgeving"}
	if problem := refused(err); problem == nil || !slices.Equal(problem.Faults, want) {
		t.Errorf("a signal that counts names sandboxes: %v", err)
	}
	for _, org := range []string{uwv, another} {
		if _, err := c.signals.SubmitSignal(ctx, &signalsv1.SubmitSignalRequest{Signal: signal(org, "ANDER-1")}); refused(err) == nil {
			t.Errorf("a sandbox submits for %s", org)
		}
	}
}
