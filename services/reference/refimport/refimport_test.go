package refimport_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/reference"
	"schakel.example/services/reference/refimport"
)

// importer starts from an installation without tables.
func importer(t testing.TB) *refimport.Importer {
	t.Helper()
	return over(t, fstest.MapFS{})
}

func over(t testing.TB, own fstest.MapFS) *refimport.Importer {
	t.Helper()
	im, err := refimport.New(own)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// take takes a file of testdata in.
func take(t *testing.T, im *refimport.Importer, source, name string) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := im.Take(source, name, f); err != nil {
		t.Fatal(err)
	}
}

// loaded is the reference data with what was imported over them.
func loaded(t *testing.T, im *refimport.Importer) (*reference.Data, fstest.MapFS) {
	t.Helper()
	files, err := im.Files()
	if err != nil {
		t.Fatal(err)
	}
	own := fstest.MapFS{}
	for name, text := range files {
		own[name] = &fstest.MapFile{Data: text}
	}
	data, err := reference.LoadOver(own)
	if err != nil {
		t.Fatal(err)
	}
	return data, own
}

// outcomes tells the changes of a report, shortly.
func outcomes(r refimport.Report) (out []string) {
	for _, c := range r.Changes {
		key := c.Key[strings.LastIndexByte(c.Key, '/')+1:]
		out = append(out, fmt.Sprintf("%d:%d %s %s", c.Record, c.Line, c.Outcome, key))
	}
	return out
}

func day(t *testing.T, text string) reference.Date {
	t.Helper()
	d, err := reference.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const tooi = "https://identifier.overheid.nl/tooi/id/"

func TestARegisterOfTOOIIsTakenIn(t *testing.T) {
	t.Parallel()
	im := importer(t)
	const file = "rwc_waterschappen_compleet_9.json"
	take(t, im, "tooi", file)
	data, _ := loaded(t, im)
	const source = "TOOI rwc_waterschappen_compleet 9 2026-10-01"
	for _, want := range []reference.Organisation{
		{TOOI: "waterschap/ws9001", Name: "Nieuw Water", ValidFrom: day(t, "2017-01-01")},
		{TOOI: "waterschap/hv_90000001", Name: "Oud Water", ValidUntil: day(t, "2016-12-31"), Successor: tooi + "waterschap/ws9001"},
		{TOOI: "waterschap/ws9002", Name: "Links & Rechts", ValidUntil: day(t, "2015-12-31"), Successor: tooi + "waterschap/ws9003"},
		{TOOI: "waterschap/ws9003", Name: "Samen", Abbreviation: "SAM", ValidFrom: day(t, "2016-01-01")},
		{TOOI: "waterschap/ws9004", Name: "Op", ValidFrom: day(t, "2000-01-01"), ValidUntil: day(t, "2020-02-22"), Successor: tooi + "waterschap/ws9003"},
	} {
		want.TOOI, want.Kind, want.Source = tooi+want.TOOI, reference.KindWaterBoard, source
		got, _ := data.Organisation(want.TOOI)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b reference.Date) bool { return a == b })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.TOOI, diff)
		}
	}
	// What no register tells is kept.
	known, _ := data.Organisation(tooi + "waterschap/ws0155")
	if known.OIN == "" || known.ValidFrom != day(t, "2017-01-01") || !strings.Contains(known.Source, "OIN-register") || !strings.HasSuffix(known.Source, "; "+source) {
		t.Errorf("a known organisation became %+v", known)
	}
	ended, _ := data.Organisation(tooi + "waterschap/ws0202")
	if ended.ValidUntil != day(t, "2017-12-20") || ended.ValidOn(day(t, "2017-12-21")) {
		t.Errorf("what ended became %+v", ended)
	}
	if untouched, _ := data.Organisation(tooi + "waterschap/ws0654"); strings.Contains(untouched.Source, "rwc_") {
		t.Errorf("what says nothing new became %+v", untouched)
	}

	r := im.Report()
	want := []string{
		"2:29 toegevoegd ws9001", "1:2 toegevoegd hv_90000001", "3:66 toegevoegd ws9002", "4:107 toegevoegd ws9003",
		"5:148 beeindigd ws0202", "6:189 gewijzigd ws0155", "8:251 toegevoegd ws9004", "9:290 geweigerd ws9005", "10:308 geweigerd ws9006",
	}
	got := outcomes(r)
	for i := range got { // lines are tested by themselves
		got[i] = strings.SplitN(got[i], ":", 2)[0] + got[i][strings.IndexByte(got[i], ' '):]
	}
	for i := range want {
		want[i] = strings.SplitN(want[i], ":", 2)[0] + want[i][strings.IndexByte(want[i], ' '):]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if r.Unchanged != 1 || r.Passed != 4 || r.Counts[refimport.Refused] != 2 {
		t.Errorf("%+v", r)
	}
	lines := strings.Split(read(t, file), "\n")
	for _, c := range r.Changes {
		if c.File != file || !strings.Contains(strings.Join(lines[c.Line-1:c.Line+1], ""), c.Key) {
			t.Errorf("%s does not stand on line %d", c.Key, c.Line)
		}
	}
	for _, c := range r.Changes[7:] {
		if c.Detail == "" || strings.Contains(c.Detail, "\n") {
			t.Errorf("refused %s: %q", c.Key, c.Detail)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWhatEndedStaysEndedWhenAFileDoesNotSaySo(t *testing.T) {
	t.Parallel()
	im := importer(t)
	const text = `[{"@id":"` + tooi + `ministerie/mnre1162","@type":["https://identifier.overheid.nl/tooi/def/ont/Ministerie"],` +
		`"https://identifier.overheid.nl/tooi/def/ont/organisatiecode":[{"@value":"mnre1162"}],` +
		`"https://identifier.overheid.nl/tooi/def/ont/officieleNaamExclSoort":[{"@value":"Asiel"}]}]`
	if err := im.Take("tooi", "x", strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	data, _ := loaded(t, im)
	if o, _ := data.Organisation(tooi + "ministerie/mnre1162"); o.Name != "Asiel" || o.ValidUntil != day(t, "2026-02-22") || o.Successor == "" || o.OIN == "" {
		t.Errorf("it became %+v", o)
	}
}

func TestTheTitleOfTheNewestTextCounts(t *testing.T) {
	t.Parallel()
	im := importer(t)
	take(t, im, "bwb", "bwb_sru.xml")
	data, _ := loaded(t, im)
	if r, _ := data.Regulation("BWBR9100001"); r.Title != "Wet op de proef" || !r.ValidFrom.IsZero() || !r.ValidUntil.IsZero() {
		t.Errorf("it is %+v", r)
	}
}

func TestARegisterIsReadAsRDFToo(t *testing.T) {
	t.Parallel()
	im := importer(t)
	take(t, im, "tooi", "rwc_overige_overheidsorganisaties_compleet_9.rdf")
	data, _ := loaded(t, im)
	duo, _ := data.Organisation(tooi + "oorg/oorg10148")
	if duo.Kind != reference.KindAgency || duo.NameEN != "Education Executive Agency" || duo.Ministry == "" {
		t.Errorf("what is known as an agency became %+v", duo)
	}
	fresh, _ := data.Organisation(tooi + "oorg/oorg99001")
	if fresh.Kind != reference.KindOther || fresh.Abbreviation != "DVP" || fresh.ValidFrom != day(t, "2026-01-01") || fresh.Source == "" {
		t.Errorf("what is not known became %+v", fresh)
	}
	if diff := cmp.Diff([]string{"1:8 gewijzigd oorg10148", "2:16 toegevoegd oorg99001", "3:22 geweigerd so1"}, outcomes(im.Report())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFilesOfTheBasiswettenbestandAreTakenIn(t *testing.T) {
	t.Parallel()
	im := importer(t)
	take(t, im, "kamer", "kamer_odata.json")
	for _, name := range []string{"bwb_sru.xml", "bwb.WTI", "bwb_manifest.xml", "bwb_toestand.xml"} {
		take(t, im, "bwb", name)
	}
	data, _ := loaded(t, im)
	for _, want := range []reference.Regulation{
		{
			BWB: "BWBR9100001", Kind: "wet", Title: "Wet op de proeven", Short: "Wp", ValidFrom: day(t, "2002-03-21"),
			ValidUntil: day(t, "2026-12-31"), Source: "BWB zoekdienst; BWB WTI; BWB manifest",
		},
		{BWB: "BWBR9100002", Kind: "ministeriele-regeling", Title: "Regeling van de proef", Short: "Regeling van de proef", Source: "BWB zoekdienst"},
		{BWB: "BWBR9100003", Kind: "amvb", Title: "Besluit op de proef", Short: "Besluit op de proef", Source: "BWB toestand"},
	} {
		got, _ := data.Regulation(want.BWB)
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b reference.Date) bool { return a == b })); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if wia, _ := data.Regulation("BWBR0019057"); wia.Short != "Wet WIA" || strings.Contains(wia.Source, "BWB zoekdienst") {
		t.Errorf("what says nothing new became %+v", wia)
	}
	if d, _ := data.Dossier("99001"); d.Became != "BWBR9100001" {
		t.Errorf("the dossier of the bill is %+v", d)
	}
	if d, _ := data.Dossier("33328"); d.Became != "BWBR0045754" {
		t.Errorf("a dossier that only changed the law is %+v", d)
	}
	if _, ok := data.Dossier("99002"); ok {
		t.Error("a dossier is made of which nobody said what it is about")
	}
	r := im.Report()
	if r.Counts[refimport.Ended] != 2 || !strings.Contains(strings.Join(r.Notes, "\n"), "bwb_sru.xml is een deel van een antwoord; het volgende begint bij record 6") {
		t.Errorf("%+v", r)
	}
}

func TestDossiersOfTheTweedeKamerAreTakenIn(t *testing.T) {
	t.Parallel()
	im := importer(t)
	take(t, im, "kamer", "kamer_odata.json")
	take(t, im, "kamer", "kamer_syncfeed.xml")
	data, _ := loaded(t, im)
	for _, want := range []reference.Dossier{
		{Number: "99001", Title: "Voorstel van wet van leden houdende regels over proeven (Wet op de proeven)", Source: "Tweede Kamer OData"},
		{Number: "99002-XV", Title: "Proefbegroting 2027", Closed: true, Source: "Tweede Kamer OData"},
		{Number: "99003-02", Title: "Raad voor Proeven", Source: "Tweede Kamer OData"},
		{Number: "99011", Title: "Proeven in het onderwijs", Closed: true, Source: "Tweede Kamer SyncFeed"},
	} {
		got, _ := data.Dossier(want.Number)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	woo, _ := data.Dossier("33328")
	if !woo.Closed || woo.Became != "BWBR0045754" {
		t.Errorf("a known dossier became %+v", woo)
	}
	r := im.Report()
	want := []string{
		"1:4 toegevoegd 99001", "2:5 toegevoegd 99002-XV", "3:6 toegevoegd 99003-02", "5:8 geweigerd ", "6:9 geweigerd 99004",
		"7:10 geweigerd ", "8:11 beeindigd 33328", "1:5 toegevoegd 99011",
	}
	if diff := cmp.Diff(want, outcomes(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Passed != 3 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "kamer_odata.json is een deel") {
		t.Errorf("%+v", r)
	}
}

func TestTheNamesOfMembersStayOutOfTitles(t *testing.T) {
	t.Parallel()
	im := importer(t)
	titles := map[string]string{
		"Voorstel van wet van het lid Van der Berg tot wijziging van de Wet X": "Voorstel van wet van leden tot wijziging van de Wet X",
		"Voorstel van wet van de leden A en B houdende iets voor leden":        "Voorstel van wet van leden houdende iets voor leden",
		"Initiatiefnota van het lid C over wonen":                              "Initiatiefnota van leden over wonen",
		"Wijziging van de Wet op het lid worden van verenigingen":              "Wijziging van de Wet op het lid worden van verenigingen",
	}
	i, numbers := 0, map[string]string{}
	for title := range titles {
		i++
		numbers[title] = fmt.Sprint(99100 + i)
		text := fmt.Sprintf(`{"value":[{"Nummer":%s,"Titel":%q}]}`, numbers[title], title)
		if err := im.Take("kamer", "x", strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	data, _ := loaded(t, im)
	for title, want := range titles {
		if got, _ := data.Dossier(numbers[title]); got.Title != want {
			t.Errorf("%q became %q", title, got.Title)
		}
	}
}

func TestTheSameFilesOnceMoreChangeNothing(t *testing.T) {
	t.Parallel()
	files := [][2]string{
		{"tooi", "rwc_waterschappen_compleet_9.json"}, {"tooi", "rwc_overige_overheidsorganisaties_compleet_9.rdf"},
		{"kamer", "kamer_odata.json"}, {"kamer", "kamer_syncfeed.xml"}, {"bwb", "bwb_sru.xml"}, {"bwb", "bwb.WTI"}, {"bwb", "bwb_manifest.xml"},
	}
	im := importer(t)
	for _, f := range files {
		take(t, im, f[0], f[1])
	}
	_, own := loaded(t, im)
	if len(own) != 3 {
		t.Fatalf("%d tables", len(own))
	}
	again := over(t, own)
	for _, f := range files {
		if f[1] == "bwb_sru.xml" { // it has another title than the WTI that was read after it
			continue
		}
		take(t, again, f[0], f[1])
	}
	if counts := again.Report().Counts; counts[refimport.Added]+counts[refimport.Changed]+counts[refimport.Ended] != 0 {
		t.Errorf("changes: %v", outcomes(again.Report()))
	}
	_, same := loaded(t, again)
	for name, file := range own {
		if !bytes.Equal(file.Data, same[name].Data) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestWhatTheInstallationHeldStays(t *testing.T) {
	t.Parallel()
	im := importer(t)
	take(t, im, "kamer", "kamer_syncfeed.xml")
	_, own := loaded(t, im)
	again := over(t, own)
	take(t, again, "kamer", "kamer_odata.json")
	data, _ := loaded(t, again)
	for _, number := range []string{"99011", "99001"} {
		if _, ok := data.Dossier(number); !ok {
			t.Errorf("dossier %s is gone", number)
		}
	}
}
