package reference

import (
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestOrganisationsThatTheDemoNeedsAreFound(t *testing.T) {
	d := load(t)
	for code, want := range map[string]struct {
		kind         Kind
		abbreviation string
		ministry     string
	}{
		"zbo/zb000117":        {KindZBO, "UWV", "SZW"},
		"zbo/zb000143":        {KindZBO, "SVB", "SZW"},
		"zbo/zb000149":        {KindZBO, "", "IenW"}, // RDW
		"zbo/zb000207":        {KindZBO, "CIZ", "VWS"},
		"zbo/zb000210":        {KindZBO, "COA", "JenV"},
		"zbo/zb000211":        {KindZBO, "", "VWS"}, // CAK
		"zbo/zb000184":        {KindZBO, "KVK", "EZK"},
		"zbo/zb000195":        {KindZBO, "", "BZK"}, // Kadaster
		"zbo/zb000215":        {KindZBO, "AP", "JenV"},
		"oorg/oorg10148":      {KindAgency, "DUO", "OCW"},
		"oorg/oorg10111":      {KindAgency, "CJIB", "JenV"},
		"oorg/oorg10222":      {KindAgency, "IND", "JenV"},
		"oorg/oorg10005":      {KindAgency, "RVO", "EZK"},
		"oorg/oorg12368":      {KindAgency, "BD", "Fin"},
		"oorg/oorg10124":      {KindAgency, "RVB", "BZK"},
		"ministerie/mnre1073": {KindMinistry, "SZW", "SZW"},
	} {
		o, ok := d.Organisation(tooi(code))
		if !ok || o.Kind != want.kind || o.Abbreviation != want.abbreviation {
			t.Errorf("%s: got %+v", code, o)
		}
		m, ok := d.MinistryOn(tooi(code), day(t, "2026-11-21"))
		if !ok || m.Abbreviation != want.ministry {
			t.Errorf("%s: ministry today is %q, want %q", code, m.Abbreviation, want.ministry)
		}
	}
	if o, ok := d.Organisation(tooi("zbo/zb999999")); ok {
		t.Errorf("found %v, which is not there", o)
	}
	if m, ok := d.MinistryOn(tooi("gemeente/gm0344"), day(t, "2026-11-21")); ok {
		t.Errorf("a municipality has no ministry, got %v", m)
	}
}

func TestOrganisationOnFollowsSuccessors(t *testing.T) {
	d := load(t)
	for _, tc := range []struct{ name, code, on, want string }{
		{"a ministry before its end is itself", "mnre1171", "2026-02-22", "VRO"},
		{"a ministry after its end is its successor", "mnre1171", "2026-02-23", "BZK"},
		{"a chain of former names is followed", "mnre1040", "2015-06-01", "EZ"},
		{"a chain of former names is followed to the end", "mnre1040", "2026-11-21", "EZK"},
		{"before its start a ministry is not there", "mnre1171", "2024-07-01", ""},
		{"what does not exist has no successor", "mnre9999", "2026-11-21", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o, ok := d.OrganisationOn(tooi("ministerie/"+tc.code), day(t, tc.on))
			if ok != (tc.want != "") || ok && o.Abbreviation != tc.want {
				t.Errorf("got %q, %v, want %q", o.Abbreviation, ok, tc.want)
			}
		})
	}
}

func TestOrganisationsAreSelectedByKindInAFixedOrder(t *testing.T) {
	d := load(t)
	all := d.Organisations()
	if len(all) < 900 || all[0].Kind != KindMinistry {
		t.Fatalf("%d organisations, first %v", len(all), all[0])
	}
	some := d.Organisations(KindProvince, KindMinistry)
	for _, o := range some {
		if o.Kind != KindProvince && o.Kind != KindMinistry {
			t.Errorf("%v was not asked for", o)
		}
	}
	if got := len(d.Organisations(KindProvince)); got != 12 {
		t.Errorf("%d provinces, want 12", got)
	}
	if got := some[0].Title(); got != "Ministerie van Algemene Zaken" {
		t.Errorf("first title is %q", got)
	}
}

func TestMisspelledOrganisationsAreSuggested(t *testing.T) {
	d := load(t)
	for _, tc := range []struct{ name, text, want string }{
		{"an abbreviation", "uwv", "UWV"},
		{"a swapped letter in a long name", "Uitvoeringsinstituut Werknemersverzekeirngen", "UWV"},
		{"a missing accent", "ministerie van financien", "Fin"},
		{"a wrong kind in the URI", "https://identifier.overheid.nl/tooi/id/oorg/zb000117", "UWV"},
		{"a wrong digit in the URI", "https://identifier.overheid.nl/tooi/id/oorg/oorg101448", "DUO"},
		{"half a name", "Sociale Verzekerings", "SVB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := d.NearestOrganisations(tc.text, 5)
			if !slices.ContainsFunc(got, func(o Organisation) bool { return o.Abbreviation == tc.want }) {
				t.Errorf("suggestions are %v", got)
			}
		})
	}
	if got := d.NearestOrganisations("kadaster", 1); len(got) != 1 || got[0].TOOI != tooi("zbo/zb000195") {
		t.Errorf("a word of the name gives %v", got)
	}
	for _, text := range []string{"", "?", "qqqqqqqq", strings.Repeat("x", 5000)} {
		if got := d.NearestOrganisations(text, 3); len(got) != 0 {
			t.Errorf("%.10q resembles %v", text, got)
		}
	}
	if got := d.NearestOrganisations("uwv", 0); len(got) != 0 {
		t.Errorf("asked for none, got %v", got)
	}
}

func TestMisspelledTermsAndRegulationsAreSuggested(t *testing.T) {
	d := load(t)
	for _, tc := range []struct{ vocabulary, text, want string }{
		{Categories, "complexitiet", "complexiteit"},
		{Categories, "Gegevens delen", "gegevensdeling"},
		{Principles, "rule of law", "rechtsstaat"},
		{Levels, "proffesional", "professional"},
	} {
		got := d.NearestTerms(tc.vocabulary, tc.text, 3)
		if len(got) == 0 || got[0].Slug != tc.want {
			t.Errorf("%s %q: got %v, want %s first", tc.vocabulary, tc.text, got, tc.want)
		}
	}
	if got := d.NearestTerms("kleuren", "rood", 3); got != nil {
		t.Errorf("a vocabulary that is not there gives %v", got)
	}
	for text, want := range map[string]string{"BWBR0019058": "Wet WIA", "wet wia": "Wet WIA", "wsf2000": "Wsf 2000", "Algemene oudedomswet": "AOW"} {
		got := d.NearestRegulations(text, 3)
		if !slices.ContainsFunc(got, func(r Regulation) bool { return r.Short == want }) {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
}

func TestDataServesManyAtOnce(t *testing.T) {
	d := load(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if len(d.NearestOrganisations("uwv", 1)) != 1 || len(d.Organisations(KindZBO)) == 0 {
				t.Error("nothing found")
			}
		})
	}
	wg.Wait()
}

func BenchmarkNearestOrganisations(b *testing.B) {
	d := load(b)
	d.NearestOrganisations("warm", 1)
	for b.Loop() {
		d.NearestOrganisations("uitvoeringsinstituut werknemersverzekering", 3)
	}
}
