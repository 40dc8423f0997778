package reference

import (
	"slices"
	"strings"
	"testing"
)

func TestSearchFindsWhatIsTypedBestFirst(t *testing.T) {
	names := [][]string{
		{"Uitvoeringsinstituut werknemersverzekeringen", "UWV", "zb000117"},
		{"Financiën", "Ministerie van Financiën", "Fin", "Ministry of Finance"},
		{"Sociale Verzekeringsbank", "SVB"},
		{"Sociaal-Economische Raad", "SER"},
		{"Fin de siècle"},
		{"Gemeente Súdwest-Fryslân"},
		{"Wet WIA"}, {"Wet WIAX"},
		{"IJsselstein"}, {"Verzekeringskamer"},
		{strings.Repeat("lang ", 100) + "slotwoord"},
	}
	ix := NewIndex(len(names), func(i int) []string { return names[i] })
	for _, tc := range []struct {
		name, text string
		want       []int
	}{
		{"an abbreviation, exactly, before what begins with it", "fin", []int{1, 4}},
		{"the beginning of an abbreviation", "uw", []int{0}},
		{"the shortest of what begins alike", "wet wia", []int{6, 7}},
		{"in any case", "UWV", []int{0}},
		{"without accents", "financien", []int{1}},
		{"with accents that are combined", "Financie\u0308n", []int{1}},
		{"with accents where there are none", "Svb\u0301", []int{2}},
		{"half a word, of each of its words", "econ soc", []int{3}},
		{"words over a hyphen", "sudwest frys", []int{5}},
		{"what begins alike before what has it within", "verzek", []int{9, 2}},
		{"a code", "ZB000117", []int{0}},
		{"the end of a long name", "slotwoo", []int{10}},
		{"in English", "ministry of fin", []int{1}},
		{"a ligature", "ĳssel", []int{8}},
		{"a wrong letter, when nothing begins so", "Sociale Verzekerinksbank", []int{2}},
		{"nothing that resembles", "qqqq", []int{}},
		{"nothing at all", " - ", []int{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ix.Search(tc.text); !slices.Equal(got, tc.want) {
				t.Errorf("%q finds %v, want %v", tc.text, got, tc.want)
			}
		})
	}
}

func FuzzSearch(f *testing.F) {
	names := []string{"Uitvoeringsinstituut werknemersverzekeringen", "Financiën", "https://x.example/a/zb1", "urn:nld:oin:1"}
	ix := NewIndex(len(names), func(i int) []string { return names[i : i+1] })
	for _, seed := range append(names, "fin", "", "\xff", "ĳ\u0301") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, hits := range [][]int{ix.Search(text), ix.nearest(text, 2)} {
			seen := map[int]bool{}
			for _, hit := range hits {
				if seen[hit] || hit < 0 || hit >= len(names) {
					t.Errorf("%q finds %v", text, hits)
				}
				seen[hit] = true
			}
		}
	})
}

func TestOrganisationsAreFoundByCodeAndByOIN(t *testing.T) {
	d := load(t)
	for code, want := range map[string]string{
		"zb000117": "UWV", "ZB000117": "UWV", "00000001810220350000": "UWV", "mnre1073": "SZW",
		"00000099000000001000": "PROEF", "": "", "zb": "", "uwv": "",
	} {
		o, ok := d.OrganisationByCode(code)
		if ok != (want != "") || o.Abbreviation != want {
			t.Errorf("%q finds %q", code, o.Abbreviation)
		}
	}
	seen := map[string]string{}
	for _, o := range d.Organisations() {
		if other := seen[o.Code()]; other != "" {
			t.Errorf("%s and %s share a code", o.TOOI, other)
		}
		seen[o.Code()] = o.TOOI
	}
}

func TestEveryDossierThatBecameARegulationNamesOneThatIsHere(t *testing.T) {
	d := load(t)
	for _, dossier := range d.Dossiers() {
		if _, ok := d.Regulation(dossier.Became); dossier.Became != "" && !ok {
			t.Errorf("%s became %s", dossier.Number, dossier.Became)
		}
	}
	if _, ok := d.Dossier("33328"); !ok {
		t.Error("the dossier of the Woo is not here")
	}
}

func TestAKamerstukInASeriesNamesItsDossier(t *testing.T) {
	for text, want := range map[string]string{
		"21501-20-2100": "21501-20", "21501-02-33": "21501-02", "21501-20": "21501", "36617-3": "36617",
	} {
		k, err := ParseKamerstuk(text)
		if err != nil || k.Dossier() != want {
			t.Errorf("%s is of dossier %q (%v), want %s", text, k.Dossier(), err, want)
		}
		if again, err := ParseKamerstuk(k.String()); err != nil || again != k {
			t.Errorf("%s reads back as %+v (%v)", k, again, err)
		}
	}
}
