package reference

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// own is an installation whose tables end and replace some of what the program
// holds.
func own(t testing.TB) *Data {
	t.Helper()
	d, err := LoadOver(fstest.MapFS{
		"regelingen.tsv": table2(regulationTable,
			"BWBR0007376\twet\tArchiefwet 1995\t\tArchiefwet 1995\t1996-01-01\t2025-12-31\tBWBR9000001\tverzonnen",
			"BWBR9000001\twet\tArchiefwet 2025\t\tArchiefwet 2025\t2026-01-01\t\t\tverzonnen",
			"BWBR9000002\twet\tWet op de ringen\t\tWet op de ringen\t\t2020-01-01\tBWBR9000003\tverzonnen",
			"BWBR9000003\twet\tWet op de kringen\t\tWet op de kringen\t\t2020-01-01\tBWBR9000002\tverzonnen",
			"BWBR9000004\twet\tWet werk en inkomen naar vermogen\t\tWet win\t\t2019-12-31\t\tverzonnen"),
		"begrippen.tsv": table2(termTable,
			"categorieen\thardheid\t\tHardheid\tHarshness\tx\tx\t\t2025-12-31\tverzonnen",
			"categorieen\thardvochtigheid\t\tHardvochtigheid\tHardness\tx\tx\t2027-01-01\t\tverzonnen"),
		"organisaties.tsv": table2(organisationTable,
			"https://identifier.overheid.nl/tooi/id/zbo/zb990001\tzbo\tUitvoeringsinstituut werknemersverzekering oud\t\tUWVO\t\t\t\t2020-01-01\t\t\tverzonnen",
			"https://identifier.overheid.nl/tooi/id/zbo/zb990002\tzbo\tRing een\t\t\t\t\t\t2020-01-01\t\thttps://identifier.overheid.nl/tooi/id/zbo/zb990003\tverzonnen",
			"https://identifier.overheid.nl/tooi/id/zbo/zb990003\tzbo\tRing twee\t\t\t\t\t\t2020-01-01\t\thttps://identifier.overheid.nl/tooi/id/zbo/zb990002\tverzonnen"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// table2 writes a table with its header.
func table2(of table, rows ...string) *fstest.MapFile {
	header := strings.ReplaceAll(of.header, " ", "\t")
	return &fstest.MapFile{Data: []byte(header + "\n" + strings.Join(rows, "\n") + "\n")}
}

func TestAnUnknownOrExpiredCodeIsAnsweredWithTheNearestValidOnes(t *testing.T) {
	d := own(t)
	provision := func(text string) func(*Checklist) {
		return func(c *Checklist) {
			p, err := ParseProvision(ProvisionJCI, text)
			if err != nil {
				c.Unread("p", ProvisionJCI, text, err)
				return
			}
			c.Provisions("p", []Provision{p})
		}
	}
	term := func(slug string) func(*Checklist) {
		return func(c *Checklist) { c.Term("t", Categories, slug) }
	}
	organisation := func(tooi string) func(*Checklist) {
		return func(c *Checklist) { c.Organisation("o", tooi) }
	}
	for _, tc := range []struct {
		name   string
		check  func(*Checklist)
		reason string // "" is no fault
		has    []string
		lacks  []string
	}{
		{"an unknown number", provision("jci1.3:c:BWBR0019058&artikel=1"), "regeling-onbekend",
			[]string{"jci1.3:c:BWBR0019057 (Wet WIA)", d.Version()}, nil},
		{"a regulation that was succeeded", provision("jci1.3:c:BWBR0007376"), "regeling-vervallen",
			[]string{"opgevolgd door jci1.3:c:BWBR9000001 (Archiefwet 2025)", "z en g"}, nil},
		{"a regulation that ended", provision("jci1.3:c:BWBR9000004"), "regeling-vervallen",
			[]string{"jci1.3:c:BWBR0019057 (Wet WIA)"}, []string{"BWBR9000004 (Wet win),"}},
		{"a regulation in a ring", provision("jci1.3:c:BWBR9000002"), "regeling-vervallen", nil, []string{"kringen)"}},
		{"the text of a day on which it was in force", provision("jci1.3:c:BWBR0007376&artikel=3&z=2020-01-01&g=2020-01-01"), "", nil, nil},
		{"the text of a day on which it was not", provision("jci1.3:c:BWBR0007376&z=1990-01-01&g=1990-01-01"), "regeling-vervallen", nil, nil},
		{"the name of a law", provision("Wet WIA"), "jci-vorm", []string{"jci1.3:c:BWBR0019057 (Wet WIA)"}, nil},
		{"a place in a law by name", provision("Artikel 76 lid 1 van de Algemene Ouderdomswet"), "jci-vorm", []string{"jci1.3:c:BWBR0002221 (AOW)"}, nil},
		{"a number within other words", provision("zie bwbr0019057, artikel 76"), "jci-vorm", []string{"Lijkt op: jci1.3:c:BWBR0019057 (Wet WIA)."}, nil},
		{"the name of a law that ended", provision("Archiefwet 1995"), "jci-vorm", []string{"BWBR9000001"}, []string{"BWBR0007376"}},
		{"something else", provision("qqqq"), "jci-vorm", nil, []string{"Lijkt op"}},
		{"an unknown term", term("hard"), "onbekend-begrip", []string{"kies uit: ", "complexiteit"}, []string{"hardheid", "hardvochtigheid"}},
		{"a term that ended", term("hardheid"), "vervallen-begrip", []string{"kies uit: ", "complexiteit"}, []string{"hardheid", "hardvochtigheid"}},
		{"a term that does not yet hold", term("hardvochtigheid"), "vervallen-begrip", []string{"of nog niet"}, nil},
		{"an unknown organisation", organisation("https://identifier.overheid.nl/tooi/id/zbo/zb990001x"), "onbekende-organisatie",
			nil, []string{"zb990001 ", "PROEF"}},
		{"a sandbox that is not there", organisation("urn:nld:oin:00000099000000003000"), "onbekende-organisatie", nil, []string{"Proefomgeving"}},
		{"a sandbox that is not there, of a sandbox", func(c *Checklist) { c.Owner("o", "urn:nld:oin:00000099000000003000") },
			"onbekende-organisatie", []string{"lijkt op: ", "Proefomgeving Schakel"}, nil},
		{"an organisation that ended without successor", organisation("https://identifier.overheid.nl/tooi/id/zbo/zb990001"), "vervallen-organisatie",
			[]string{"lijkt op: ", "zb000117"}, []string{"opgevolgd"}},
		{"an organisation in a ring", organisation("https://identifier.overheid.nl/tooi/id/zbo/zb990002"), "vervallen-organisatie",
			nil, []string{"opgevolgd"}},
		{"an organisation that was succeeded", organisation("https://identifier.overheid.nl/tooi/id/ministerie/mnre1171"), "vervallen-organisatie",
			[]string{"opgevolgd door Ministerie van Binnenlandse Zaken"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := d.Checklist(day(t, "2026-11-20"))
			tc.check(c)
			if tc.reason == "" {
				if len(c.Faults()) > 0 {
					t.Errorf("faults: %+v", c.Faults())
				}
				return
			}
			if len(c.Faults()) != 1 || c.Faults()[0].Reason != tc.reason {
				t.Fatalf("faults: %+v, want %s", c.Faults(), tc.reason)
			}
			text := c.Faults()[0].Text
			for _, want := range tc.has {
				if !strings.Contains(text.NL, want) {
					t.Errorf("no %q in %q", want, text.NL)
				}
			}
			for _, never := range tc.lacks {
				if strings.Contains(text.NL, never) || strings.Contains(text.EN, never) {
					t.Errorf("%q in %q, %q", never, text.NL, text.EN)
				}
			}
			if text.EN == "" {
				t.Error("nothing in English")
			}
		})
	}
}

func TestALongVocabularyOffersWhatResembles(t *testing.T) {
	var rows []string
	for _, letters := range "abcdefghijklmnopqrstuvwx" {
		rows = append(rows, "kleuren\tkleur-"+strings.Repeat(string(letters), 5)+"\t\tKleur\tColour\tx\tx\t\t\tverzonnen")
	}
	rows = append(rows, "kleuren\tkleur-ccccd\t\tEinde\tEnd\tx\tx\t\t2020-01-01\tverzonnen")
	d, err := LoadOver(fstest.MapFS{"begrippen.tsv": table2(termTable, rows...)})
	if err != nil {
		t.Fatal(err)
	}
	c := d.Checklist(day(t, "2026-11-20"))
	c.Term("t", "kleuren", "kleur-cccc")
	if text := c.Faults()[0].Text.NL; !strings.Contains(text, "lijkt op: kleur-ccccc") || strings.Contains(text, "ccccd") || strings.Count(text, "kleur-") != 3 {
		t.Errorf("%q", text)
	}
	c.Term("t", "geuren", "roos")
	if text := c.Faults()[1].Text.NL; strings.HasSuffix(text, " ") || strings.Contains(text, "kies") {
		t.Errorf("%q", text)
	}
}

func TestTheLineOfARegulationIsFollowed(t *testing.T) {
	d := own(t)
	for _, tc := range []struct{ bwb, on, want string }{
		{"BWBR0007376", "2025-12-31", "BWBR0007376"},
		{"BWBR0007376", "2026-01-01", "BWBR9000001"},
		{"BWBR0007376", "1995-12-31", ""},
		{"BWBR9000002", "2026-01-01", ""},
		{"BWBR0019057", "2026-01-01", "BWBR0019057"},
		{"BWBR1234567", "2026-01-01", ""},
	} {
		r, ok := d.RegulationOn(tc.bwb, day(t, tc.on))
		if ok != (tc.want != "") || ok && r.BWB != tc.want {
			t.Errorf("%s on %s is %q, want %q", tc.bwb, tc.on, r.BWB, tc.want)
		}
	}
	if !slices.IsSortedFunc(d.Regulations(), func(a, b Regulation) int { return strings.Compare(Fold(a.Title), Fold(b.Title)) }) {
		t.Error("regulations are not in the order of their titles")
	}
}
