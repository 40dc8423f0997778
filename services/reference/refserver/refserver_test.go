package refserver

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/testing/protocmp"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/reference"
)

// serve is a server of the embedded data with some of an installation over them.
func serve(t testing.TB) *server {
	t.Helper()
	data, err := reference.LoadOver(fstest.MapFS{
		"regelingen.tsv": &fstest.MapFile{Data: []byte("bwb\tsoort\tciteertitel\ttitel_en\tkort\tgeldig_van\tgeldig_tot\twerd\tbron\n" +
			"BWBR0007376\twet\tArchiefwet 1995\t\tArchiefwet 1995\t1996-01-01\t2025-12-31\tBWBR9000001\tverzonnen\n" +
			"BWBR9000001\twet\tArchiefwet\tArchives Act\tArchiefwet\t2026-01-01\t\t\tverzonnen\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return newServer(data)
}

func orgs(t *testing.T, s *server, req *referencev1.ListOrganisationsRequest) []*referencev1.Organisation {
	t.Helper()
	res, err := s.ListOrganisations(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res.GetOrganisations()
}

func codes(all []*referencev1.Organisation) (out []string) {
	for _, o := range all {
		out = append(out, o.GetCode())
	}
	return out
}

func TestAnOrganisationIsShownWhole(t *testing.T) {
	t.Parallel()
	s := serve(t)
	want := &referencev1.Organisation{
		Tooi: "https://identifier.overheid.nl/tooi/id/zbo/zb000117", Code: "zb000117", Kind: "zbo", Abbreviation: "UWV",
		Name: &referencev1.Label{Nl: "Uitvoeringsinstituut Werknemersverzekeringen"}, Oin: "00000001810220350000",
		Ministry: "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073",
	}
	for _, code := range []string{"zb000117", "ZB000117", "00000001810220350000"} {
		res, err := s.GetOrganisation(t.Context(), &referencev1.GetOrganisationRequest{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, res.GetOrganisation(), protocmp.Transform(), protocmp.IgnoreFields(want, "source")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
		if res.GetOrganisation().GetSource() == "" {
			t.Error("no source")
		}
	}
	sandbox, err := s.GetOrganisation(t.Context(), &referencev1.GetOrganisationRequest{Code: "00000099000000001000"})
	if o := sandbox.GetOrganisation(); err != nil || !o.GetSandbox() || o.GetName().GetEn() == "" || o.GetKind() != "proef" {
		t.Errorf("the sandbox is %v, %v", o, err)
	}
	aenm, err := s.GetOrganisation(t.Context(), &referencev1.GetOrganisationRequest{Code: "mnre1162"})
	if o := aenm.GetOrganisation(); err != nil || o.GetValidUntil() != "2026-02-22" || o.GetValidFrom() != "2024-07-02" || !strings.HasSuffix(o.GetSuccessor(), "mnre1058") {
		t.Errorf("what has ended is %v, %v", o, err)
	}
}

func TestARegulationIsShownWithWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	get := func(id string) *referencev1.Regulation {
		t.Helper()
		res, err := s.GetRegulation(t.Context(), &referencev1.GetRegulationRequest{Id: id})
		if err != nil {
			t.Fatal(err)
		}
		return res.GetRegulation()
	}
	ignore := protocmp.IgnoreFields(&referencev1.Regulation{}, "source")
	for id, want := range map[string]*referencev1.Regulation{
		"bwbr0019057": {
			Id: "BWBR0019057", Kind: "wet", Title: &referencev1.Label{
				Nl: "Wet werk en inkomen naar arbeidsvermogen", En: "Work and Income (Capacity for Work) Act",
			}, Abbreviation: "Wet WIA", Jci: "jci1.3:c:BWBR0019057",
		},
		"BWBR0007376": {
			Id: "BWBR0007376", Kind: "wet", Title: &referencev1.Label{Nl: "Archiefwet 1995"}, Jci: "jci1.3:c:BWBR0007376",
			Became: "BWBR9000001", ValidFrom: "1996-01-01", ValidUntil: "2025-12-31",
		},
		"33328": {
			Id: "kst-33328", Kind: "kamerstukdossier", Title: &referencev1.Label{Nl: "Initiatiefvoorstel Wet open overheid"},
			Kamerstuk: "33328", Became: "BWBR0045754",
		},
	} {
		if diff := cmp.Diff(want, get(id), protocmp.Transform(), ignore); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	if get("kst-33328") != get("33328") {
		t.Error("a dossier has two names and is two things")
	}
}

func TestWhatIsNotThereIsMissedWithWhatResemblesIt(t *testing.T) {
	t.Parallel()
	s := serve(t)
	_, org := s.GetOrganisation(t.Context(), &referencev1.GetOrganisationRequest{Code: "zb000118x"})
	_, reg := s.GetRegulation(t.Context(), &referencev1.GetRegulationRequest{Id: "BWBR0019058"})
	_, term := s.GetTerm(t.Context(), &referencev1.GetTermRequest{Vocabulary: "categorieen", Code: "hardhied"})
	_, strange := s.GetTerm(t.Context(), &referencev1.GetTermRequest{Vocabulary: "categorieen", Code: "onzin"})
	_, list := s.GetTerm(t.Context(), &referencev1.GetTermRequest{Vocabulary: "kleuren", Code: "rood"})
	for _, tc := range []struct {
		name   string
		err    error
		reason string
		has    string
	}{
		{"an organisation", org, "onbekende-organisatie", "Deze organisatie staat niet in de referentiegegevens " + s.data.Version() + ". Lijkt op: zb"},
		{"a regulation", reg, "onbekende-regeling", "BWBR0019057 (Wet WIA)"},
		{"a term", term, "onbekend-begrip", "Lijkt op: hardheid."},
		{"a term that resembles none", strange, "onbekend-begrip", ". Kies uit: complexiteit, hardheid,"},
		{"a term of no vocabulary", list, "onbekend-begrip", "Kies uit: beginselen, beleidsfasen,"},
	} {
		f := fault.Of(tc.err)
		if f == nil || f.Kind != fault.NotFound || f.Reason != tc.reason || !strings.Contains(f.Text.NL, tc.has) || f.Text.EN == "" {
			t.Errorf("%s: %+v", tc.name, tc.err)
		}
	}
}

func TestAListIsNarrowedAndSearched(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, tc := range []struct {
		name string
		req  *referencev1.ListOrganisationsRequest
		want []string // the first codes
	}{
		{"by abbreviation", &referencev1.ListOrganisationsRequest{Text: "uwv"}, []string{"zb000117"}},
		{"while it is typed", &referencev1.ListOrganisationsRequest{Text: "uitvoeringsinst"}, []string{"zb000117"}},
		{"by code", &referencev1.ListOrganisationsRequest{Text: "mnre1073"}, []string{"mnre1073"}},
		{"without accents and in any case", &referencev1.ListOrganisationsRequest{Text: "MINISTERIE van financien"}, []string{"mnre1090"}},
		{"on a day on which it was called so", &referencev1.ListOrganisationsRequest{Text: "EZ", Kind: "ministerie", Date: "2016-01-01"}, []string{"hv_05434137"}},
		{"misspelled", &referencev1.ListOrganisationsRequest{Text: "Sociale Verzekerinksbank"}, []string{"zb000143"}},
		{"the sandboxes", &referencev1.ListOrganisationsRequest{Kind: "proef"}, []string{"00000099000000001000", "00000099000000002000"}},
		{"of a kind, by name", &referencev1.ListOrganisationsRequest{Kind: "provincie"}, []string{"pv22", "pv24"}},
		{"nothing like it", &referencev1.ListOrganisationsRequest{Text: "qqqqqq"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := codes(orgs(t, s, tc.req))
			if !slices.Equal(got[:min(len(got), len(tc.want))], tc.want) || tc.want == nil && len(got) > 0 {
				t.Errorf("got %v, want %v first", got[:min(len(got), 5)], tc.want)
			}
		})
	}
	for _, o := range orgs(t, s, &referencev1.ListOrganisationsRequest{Kind: "ministerie", Date: "2026-11-20"}) {
		if o.GetValidUntil() != "" {
			t.Errorf("%s had ended", o.GetCode())
		}
	}
	_, err := s.ListOrganisations(t.Context(), &referencev1.ListOrganisationsRequest{Kind: "bedrijf"})
	if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != "kind" || !strings.Contains(f.Fields[0].Text.NL, "ministerie") {
		t.Errorf("a kind that is none: %v", err)
	}
}

func TestRegulationsAndTermsAreListed(t *testing.T) {
	t.Parallel()
	s := serve(t)
	ids := func(req *referencev1.ListRegulationsRequest) (out []string) {
		res, err := s.ListRegulations(t.Context(), req)
		if err != nil || res.GetVersion() != s.data.Version() {
			t.Fatalf("%v, version %q", err, res.GetVersion())
		}
		for _, r := range res.GetRegulations() {
			out = append(out, r.GetId())
		}
		return out
	}
	if got := ids(&referencev1.ListRegulationsRequest{Text: "archiefwet"}); !slices.Equal(got, []string{"BWBR9000001"}) {
		t.Errorf("%v", got)
	}
	if got := ids(&referencev1.ListRegulationsRequest{Text: "archiefwet", Date: "2025-12-31"}); !slices.Equal(got, []string{"BWBR0007376"}) {
		t.Errorf("on a day: %v", got)
	}
	if got := ids(&referencev1.ListRegulationsRequest{Text: "open overheid"}); !slices.Equal(got, []string{"BWBR0045754", "kst-33328"}) {
		t.Errorf("with a dossier: %v", got)
	}
	for _, number := range []string{"33328", "kst-33328", "333"} {
		if got := ids(&referencev1.ListRegulationsRequest{Text: number}); !slices.Equal(got, []string{"kst-33328"}) {
			t.Errorf("a dossier by its number %s: %v", number, got)
		}
	}
	if got := ids(&referencev1.ListRegulationsRequest{Text: "archives act"}); !slices.Equal(got, []string{"BWBR9000001"}) {
		t.Errorf("in English: %v", got)
	}
	if got := ids(&referencev1.ListRegulationsRequest{}); len(got) != len(s.data.Regulations())+len(s.data.Dossiers()) || got[0] != "BWBR0002368" {
		t.Errorf("by title: %v", got)
	}

	res, err := s.ListTerms(t.Context(), &referencev1.ListTermsRequest{Vocabulary: "niveaus"})
	if err != nil || len(res.GetTerms()) != 3 || res.GetTerms()[0].GetLabel().GetEn() == "" || res.GetVersion() == "" {
		t.Errorf("terms: %v, %v", res, err)
	}
	res, err = s.ListTerms(t.Context(), &referencev1.ListTermsRequest{Text: "rule of law"})
	if err != nil || len(res.GetTerms()) == 0 || res.GetTerms()[0].GetCode() != "rechtsstaat" {
		t.Errorf("terms in English: %v, %v", res, err)
	}
	one, err := s.GetTerm(t.Context(), &referencev1.GetTermRequest{Vocabulary: "niveaus", Code: "professional"})
	if err != nil || one.GetTerm().GetVocabulary() != "niveaus" || one.GetTerm().GetDefinition().GetNl() == "" {
		t.Errorf("term: %v, %v", one, err)
	}
	if _, err := s.ListTerms(t.Context(), &referencev1.ListTermsRequest{Vocabulary: "kleuren"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a vocabulary that is none: %v", err)
	}
}

func TestOfWhatIsNamedEquallyWellOnADayThatWhichEndedComesLast(t *testing.T) {
	t.Parallel()
	l := newList([]item[string]{
		{message: "a", id: "a", names: []string{"zaken"}, until: reference.NewDate(2020, 1, 1)},
		{message: "b", id: "b", names: []string{"zaken"}},
		{message: "c", id: "c", names: []string{"zakenlijk"}},
	})
	if got, _, err := l.page(query{text: "zaken", day: "2020-01-01"}); err != nil || !slices.Equal(got, []string{"b", "a", "c"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, _, _ := l.page(query{}); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("without a text the list is %v", got)
	}
}

func TestASearchOffersWhatHoldsNowAndAfterItWhatTookThePlaceOfTheRest(t *testing.T) {
	t.Parallel()
	day := reference.NewDate
	l := newList([]item[string]{
		{message: "a", id: "a", names: []string{"zaken"}, until: day(2020, 1, 1), successor: "d"},
		{message: "b", id: "b", names: []string{"zaken"}, until: day(2026, 12, 31)},
		{message: "c", id: "c", names: []string{"zakenlijk"}},
		{message: "d", id: "d", names: []string{"ander"}, until: day(2022, 1, 1), successor: "e"},
		{message: "e", id: "e", names: []string{"werk"}},
		{message: "f", id: "f", names: []string{"zakelijk"}, until: day(2020, 1, 1)},
		{message: "g", id: "g", names: []string{"ring"}, until: day(2020, 1, 1), successor: "g"},
	})
	l.today = func() reference.Date { return day(2026, 11, 21) }
	for _, tc := range []struct {
		name string
		q    query
		want string
	}{
		{"what holds now, and the end of a line", query{text: "zaken"}, "b c e"},
		{"what holds now once, also in the place of another", query{text: "werk"}, "e"},
		{"only what took the place", query{text: "ander"}, "e"},
		{"nothing for what ended without a successor", query{text: "zakelijk"}, ""},
		{"nothing for a line without an end", query{text: "ring"}, ""},
		{"on a day, what held on it", query{text: "zaken", day: "2019-05-01"}, "a b c"},
		{"without a text, all", query{}, "a b c d e f g"},
	} {
		got, _, err := l.page(tc.q)
		if err != nil || strings.Join(got, " ") != tc.want {
			t.Errorf("%s: got %v, %v, want %s", tc.name, got, err, tc.want)
		}
	}
	l.today = func() reference.Date { return day(2027, 1, 1) }
	if got, _, _ := l.page(query{text: "zaken"}); strings.Join(got, " ") != "c e" {
		t.Errorf("on the day after a last one: %v", got)
	}
}

func TestAMunicipalityThatEndedIsNotOffered(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for text, want := range map[string]string{"weesp": "gm0363", "Gemeente Uden": "gm1991", "gm0003": "gm1979", "heerhugow": "gm1980"} {
		if got := codes(orgs(t, s, &referencev1.ListOrganisationsRequest{Text: text})); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
	if got := codes(orgs(t, s, &referencev1.ListOrganisationsRequest{Text: "weesp", Date: "2022-03-23"})); !slices.Equal(got, []string{"gm0457"}) {
		t.Errorf("on its last day: %v", got)
	}
	if res, err := s.GetOrganisation(t.Context(), &referencev1.GetOrganisationRequest{Code: "gm0457"}); err != nil || res.GetOrganisation().GetValidUntil() != "2022-03-23" {
		t.Errorf("it is no longer shown: %v, %v", res, err)
	}
	_, err := s.GetOrganisation(t.Context(), &referencev1.GetOrganisationRequest{Code: "Gemeente Delfzijl"})
	if f := fault.Of(err); f == nil || strings.Contains(f.Text.NL, "Delfzijl") {
		t.Errorf("it is suggested: %v", err)
	}
}

func TestPagesShowEverythingOnce(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, base := range []*referencev1.ListOrganisationsRequest{
		{PageSize: 100}, {PageSize: 7, Text: "gemeente s"}, {PageSize: 1, Kind: "proef"}, {PageSize: 50, Date: "2026-01-01", Kind: "gemeente"},
	} {
		var paged []string
		req := &referencev1.ListOrganisationsRequest{PageSize: base.GetPageSize(), Text: base.GetText(), Kind: base.GetKind(), Date: base.GetDate()}
		for range 1000 {
			res, err := s.ListOrganisations(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if len(res.GetOrganisations()) > int(base.GetPageSize()) {
				t.Fatalf("%d on a page", len(res.GetOrganisations()))
			}
			paged = append(paged, codes(res.GetOrganisations())...)
			if req.PageToken = res.GetNextPageToken(); req.PageToken == "" {
				break
			}
		}
		whole := s.organisations.find(query{text: base.GetText(), group: base.GetKind(), day: base.GetDate()})
		var want []string
		for _, i := range whole {
			want = append(want, s.organisations.items[i].message.GetCode())
		}
		if len(want) < 2 || !slices.Equal(paged, want) {
			t.Errorf("%v: %d paged, %d in all", base, len(paged), len(want))
		}
	}
	if got := len(orgs(t, s, &referencev1.ListOrganisationsRequest{})); got != defaultSize {
		t.Errorf("%d without a size", got)
	}
}

func TestACursorThatIsNotOfThisListIsRefused(t *testing.T) {
	t.Parallel()
	s := serve(t)
	res, err := s.ListOrganisations(t.Context(), &referencev1.ListOrganisationsRequest{PageSize: 1, Kind: "ministerie"})
	if err != nil {
		t.Fatal(err)
	}
	for name, req := range map[string]*referencev1.ListOrganisationsRequest{
		"nonsense":             {PageToken: "%%%"},
		"a line end":           {PageToken: res.GetNextPageToken() + "\n"},
		"of nothing":           {PageToken: "eA"},
		"of another condition": {PageToken: res.GetNextPageToken(), Kind: "zbo"},
	} {
		_, err := s.ListOrganisations(t.Context(), req)
		if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Reason != "ongeldige-cursor" || f.Fields[0].Path != "page_token" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestItIsRegistered(t *testing.T) {
	t.Parallel()
	server := grpc.NewServer()
	Register(server, serve(t).data)
	if _, ok := server.GetServiceInfo()["schakel.reference.v1.ReferenceService"]; !ok {
		t.Errorf("%v", server.GetServiceInfo())
	}
}

func FuzzCursor(f *testing.F) {
	s := serve(f)
	f.Add("", "uwv")
	f.Add("dXJuOm5sZDpvaW46MDAwMDAwOTkwMDAwMDAwMDEwMDA", "")
	f.Fuzz(func(t *testing.T, cursor, text string) {
		page, _, err := s.organisations.page(query{size: 2, cursor: cursor, text: text})
		if err != nil && !fault.Is(err, fault.Invalid) || len(page) > 2 {
			t.Errorf("%q, %q: %d, %v", cursor, text, len(page), err)
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	s := serve(b)
	for b.Loop() {
		if got := s.organisations.find(query{text: "uitvoeringsinst"}); len(got) == 0 {
			b.Fatal("nothing found")
		}
	}
}
