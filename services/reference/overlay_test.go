package reference

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAnInstallationsTablesLieOverTheEmbeddedOnes(t *testing.T) {
	plain := load(t)
	d, err := LoadOver(fstest.MapFS{
		"organisaties.tsv": table2(organisationTable,
			uwv+"\tzbo\tUitvoeringsinstituut X\tInstitute X\tUX\t00000001810220350000\t\t\t\t\t\tverzonnen",
			"https://identifier.overheid.nl/tooi/id/oorg/oorg99001\toverig\tDienst Y\t\tDY\t00000003123456789000\t\t\t\t\t\tverzonnen"),
		"kamerstukdossiers.tsv":    table2(dossierTable, "36617\tAlleenverdieners\tja\tBWBR0015703\tverzonnen", "21501-20\tEuropese Raad\t\t\tverzonnen"),
		"gelijkgestelde-dagen.tsv": table2(decreeTable, "2029-01-01\t2031-12-31\t2029-04-27\tBesluit\tverzonnen"),
		"LEESMIJ.md":               &fstest.MapFile{Data: []byte("wat hier staat")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := d.Organisation(uwv); o.Abbreviation != "UX" || o.Ministry != "" {
		t.Errorf("a row is replaced as a whole, not %+v", o)
	}
	if o, ok := d.OrganisationByCode("oorg99001"); !ok || o.Kind != KindOther {
		t.Errorf("a row is not added: %+v", o)
	}
	if o, ok := d.OrganisationByCode("00000003123456789000"); !ok || o.Abbreviation != "DY" {
		t.Errorf("an OIN finds %+v", o)
	}
	if got, want := len(d.Organisations()), len(plain.Organisations())+1; got != want {
		t.Errorf("%d organisations, want %d", got, want)
	}
	if got := d.NearestOrganisations("institute x", 1); len(got) != 1 || got[0].TOOI != uwv {
		t.Errorf("the English name finds %v", got)
	}
	for _, number := range []string{"36617", "kst-36617", "21501-20", "KST-21501-20", "33328"} {
		if _, ok := d.Dossier(number); !ok {
			t.Errorf("dossier %s is not found", number)
		}
	}
	if dossier, _ := d.Dossier("36617"); !dossier.Closed || dossier.Became != "BWBR0015703" {
		t.Errorf("dossier is %+v", dossier)
	}
	if d.IsWorkingDay(day(t, "2029-04-27")) || !plain.decreed(day(t, "2028-01-01")) || !d.decreed(day(t, "2029-01-01")) {
		t.Error("the decree does not count")
	}
}

func TestTheVersionTellsWhatLiesOver(t *testing.T) {
	version := func(own fstest.MapFS) string {
		d, err := LoadOver(own)
		if err != nil {
			t.Fatal(err)
		}
		return d.Version()
	}
	if got := load(t).Version(); got != Version {
		t.Errorf("without tables it is %q", got)
	}
	if got := version(fstest.MapFS{"x.txt": &fstest.MapFile{}}); got != Version {
		t.Errorf("without tables among other files it is %q", got)
	}
	dossiers := func(title string) *fstest.MapFile { return table2(dossierTable, "36617\t"+title+"\t\t\tverzonnen") }
	one := version(fstest.MapFS{"kamerstukdossiers.tsv": dossiers("Een")})
	if len(one) != len(Version)+13 || !strings.HasPrefix(one, Version+"+") {
		t.Errorf("version is %q", one)
	}
	if again := version(fstest.MapFS{"kamerstukdossiers.tsv": dossiers("Een"), "README.md": dossiers("x")}); again != one {
		t.Errorf("the same tables have versions %q and %q", one, again)
	}
	if other := version(fstest.MapFS{"kamerstukdossiers.tsv": dossiers("Twee")}); other == one {
		t.Error("other tables have the same version")
	}
	both := fstest.MapFS{"kamerstukdossiers.tsv": dossiers("Een"), "regelingen.tsv": table2(regulationTable, "BWBR9000001\twet\tA\t\tA\t\t\t\tx")}
	if more := version(both); more == one {
		t.Error("more tables have the same version")
	}
}

func TestABrokenTableIsRefusedWithItsLine(t *testing.T) {
	org := "https://identifier.overheid.nl/tooi/id/zbo/zb990001\tzbo\tNaam\t\t\t\t\t\t\t\t\tbron"
	replace := func(old, replacement string) string { return strings.Replace(org, old, replacement, 1) }
	for _, tc := range []struct {
		name, file string
		rows       []string
		want       string
	}{
		{"a URI of another kind", "organisaties.tsv", []string{org, replace("https", "http")}, "organisaties.tsv:3: "},
		{"a kind that is none", "organisaties.tsv", []string{replace("\tzbo\t", "\tbedrijf\t")}, `kan niet van de soort "bedrijf"`},
		{"no name", "organisaties.tsv", []string{replace("Naam", "")}, "heeft geen naam"},
		{"a sandbox that is not", "organisaties.tsv", []string{replace("\tzbo\t", "\tproef\t")}, "kan niet van de soort"},
		{"an organisation that passes for a sandbox", "organisaties.tsv",
			[]string{"urn:nld:oin:00000099000000009000\tzbo\tNaam\t\t\t00000099000000009000\t\t\t\t\t\tbron"}, "kan niet van de soort"},
		{"a day that is none", "organisaties.tsv", []string{replace("\t\t\t\tbron", "\t2026-02-30\t\t\tbron")}, `"2026-02-30" is geen datum`},
		{"an end before its begin", "organisaties.tsv", []string{"https://identifier.overheid.nl/tooi/id/zbo/zb990001\tzbo\tN\t\t\t\t\t2026-01-02\t2026-01-01\t\t\tbron"}, "eindigt voordat"},
		{"a row twice", "organisaties.tsv", []string{org, org}, "staat er tweemaal"},
		{"no source", "organisaties.tsv", []string{replace("bron", "")}, "de bron ontbreekt"},
		{"columns too few", "organisaties.tsv", []string{"a\tb"}, "niet 12 kolommen"},
		{"a successor that is no URI", "organisaties.tsv", []string{replace("\tbron", "x\tbron")}, "opvolger"},
		{"an OIN of a wrong length", "organisaties.tsv", []string{replace("Naam\t\t\t", "Naam\t\t\t123")}, "OIN"},
		{"a regulation without number", "regelingen.tsv", []string{"X\twet\tA\t\tA\t\t\t\tx"}, "geen BWB-nummer"},
		{"a regulation without title", "regelingen.tsv", []string{"BWBR9000001\twet\t\t\tA\t\t\t\tx"}, "geen citeertitel"},
		{"what became of it", "regelingen.tsv", []string{"BWBR9000001\twet\tA\t\tA\t\t\tx\tx"}, "geen BWB-nummer"},
		{"a dossier without number", "kamerstukdossiers.tsv", []string{"x\tA\t\t\tx"}, "geen nummer van een dossier"},
		{"a dossier without title", "kamerstukdossiers.tsv", []string{"36617\t\t\t\tx"}, "geen titel"},
		{"a dossier half closed", "kamerstukdossiers.tsv", []string{"36617\tA\tbijna\t\tx"}, "afgesloten is ja of leeg"},
		{"a term that is no slug", "begrippen.tsv", []string{"lijst\tGroot\t\tA\tA\tx\tx\t\t\tx"}, "is geen begrip"},
		{"a carriage return", "kamerstukdossiers.tsv", []string{"36617\tA\t\t\tx\r"}, "geen tekst in UTF-8"},
		{"a text that is not UTF-8", "kamerstukdossiers.tsv", []string{"36617\t\xff\t\t\tx"}, "geen tekst in UTF-8"},
		{"a table of another name", "kamerstukken.tsv", nil, "kamerstukken.tsv is geen tabel met referentiegegevens; die heten organisaties.tsv, regelingen.tsv"},
		{"the roles", "rollen.tsv", nil, "rollen.tsv is geen tabel"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var of table
			for _, one := range ownTables {
				if one.name == tc.file {
					of = one
				}
			}
			_, err := LoadOver(fstest.MapFS{tc.file: table2(of, tc.rows...)})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error is %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := LoadOver(fstest.MapFS{"regelingen.tsv": &fstest.MapFile{Data: []byte("bwb\tsoort\n")}}); err == nil || !strings.Contains(err.Error(), "kolommen") {
		t.Errorf("other columns: %v", err)
	}
	if _, err := LoadOver(fstest.MapFS{"regelingen.tsv": &fstest.MapFile{Data: bytes.Repeat([]byte("x"), maxTable+1)}}); err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("a table without end: %v", err)
	}
}

// FuzzOverlay loads what anyone may have put in a folder: it is refused, or what
// is there can be used.
func FuzzOverlay(f *testing.F) {
	for _, of := range ownTables {
		f.Add(of.name, string(table2(of, "x").Data))
	}
	f.Add("organisaties.tsv", string(table2(organisationTable, uwv+"\tzbo\tX\t\t\t\t\t2020-01-01\t2021-01-01\t\t"+uwv+"\tx").Data))
	f.Fuzz(func(t *testing.T, name, text string) {
		d, err := LoadOver(fstest.MapFS{name: &fstest.MapFile{Data: []byte(text)}})
		if err != nil {
			return
		}
		today := day(t, "2026-11-20")
		for _, o := range d.Organisations() {
			d.OrganisationOn(o.TOOI, today)
		}
		for _, r := range d.Regulations() {
			if p, err := ParseProvision(ProvisionJCI, r.JCI()); err != nil || p.BWB() != r.BWB {
				t.Errorf("%+v cannot be pointed at: %v", r, err)
			}
		}
	})
}
