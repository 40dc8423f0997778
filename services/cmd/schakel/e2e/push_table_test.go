package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"schakel.example/services/internal/access"
)

// TestATableIsPushedAsPeopleMakeIt pushes the table of the demo, on trial, in
// earnest, and from standard input.
func TestATableIsPushedAsPeopleMakeIt(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	demo := must(filepath.Abs("../../../../deploy/demo/tabel"))(t)
	table, mapping := filepath.Join(demo, "signalen.csv"), filepath.Join(demo, "toewijzing.yaml")
	refused := filepath.Join(t.TempDir(), "geweigerd.ndjson")
	args := []string{"--server=" + h.http, "--token=" + h.token(access.Aanleveraar, sandbox), "--mapping=" + mapping, "--refused=" + refused}
	push := func(in []byte, more ...string) command {
		return schakelReads(t, bytes.NewReader(in), append(append([]string{"push"}, args...), more...)...)
	}
	push(nil, table, "--dry-run").ends(t, 0, "in orde    3", "geweigerd  0")
	push(nil, table, "--dry-run").ends(t, 0, "in orde    3", "herhaald   0")
	push(nil, table).ends(t, 0, "aangenomen  3", "herhaald    0")
	push(nil, table, "--dry-run").ends(t, 0, "in orde    0", "herhaald   3")
	text := must(os.ReadFile(table))(t)
	push(text, "-", "--format=csv").ends(t, 0, "aangenomen  0", "herhaald    3")
	other := bytes.Replace(text, []byte("te hoog voorschot"), []byte("iets anders"), 1)
	push(other, "-", "--format=csv").ends(t, 1, "rij 2: Onder dit kenmerk is al een signaal met andere inhoud ingediend.", "geweigerd   1")
	push(text, "-").ends(t, 1, "een toewijzing hoort bij CSV of XLSX")
	lines := bytes.Replace(text, []byte("Onderwerp;"), []byte("Onderwerpen;"), 1)
	push(lines, "-", "--format=csv").ends(t, 1, `-: de tabel heeft geen kolom "Onderwerp"`)
}

// TestMistakesInAWorkbookAreNamedByTheirPlace pushes a workbook with a heading,
// other sheets and mistakes, and then the same with the mistakes mended.
func TestMistakesInAWorkbookAreNamedByTheirPlace(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	mapping := write(t, "toewijzing.yaml", []byte(`
blad: Signalen 2026
kopregel: 3
vast: {organisatie: "`+uwv+`", niveau: organisatie, ernst: hoog, aanpak: solve, vertrouwelijkheid: openbaar}
kolommen:
  Nummer: kenmerk
  Titel: titel
  Toelichting: omschrijving
  Soort: {veld: categorieen, waarden: {Hard: hardheid, Samen: samenloop}}
  Sinds: bekendSindsDatum
  Mensen: omvang/minimum
  Hoogstens: omvang/maximum
  Bron: {veld: omvang/zekerheid, waarden: {geteld: geteld}}
  Wet: regelingen/0/jci
`))
	day := time.Date(2024, time.March, 1, 0, 0, 0, 0, time.UTC)
	rows := [][]any{
		{"Overzicht van knelpunten"}, nil,
		{"Nummer", "Titel", "Toelichting", "Soort", "Sinds", "Mensen", "Hoogstens", "Bron", "Wet", "Eigen notitie"},
		{1001, "Te laat", "Wie wacht, krijgt te veel.", "Hard; Samen", day, 1200, 2500, "geteld", "jci1.3:c:BWBR0019057", "blijft hier"},
		{1002, "Over 999990019", "Bel 06-00000000.", "Zacht", "1 maart", 1, 3, "geteld", "jci1.3:c:BWBR9999999"},
		nil,
		{"spatie mag niet", nil, "Zonder titel.", "Hard", day, 5, 3, "geteld", nil},
		{1003, "Goed", "Ook goed.", "Samen", nil, 1.5, "veel", "geraden", nil},
	}
	refused := filepath.Join(t.TempDir(), "geweigerd.ndjson")
	push := func(more ...string) command {
		book := workbook(t, "Signalen 2026", rows)
		return schakel(t, append([]string{"push", book, "--server=" + h.http, "--token=" + h.token(access.Aanleveraar, uwv),
			"--mapping=" + mapping, "--refused=" + refused}, more...)...)
	}
	said := []string{
		"blad Signalen 2026, rij 5, kolom B (Titel) /titel: bevat op positie 6 tot en met 14 wat een burgerservicenummer lijkt te zijn",
		"blad Signalen 2026, rij 5, kolom C (Toelichting) /omschrijving: bevat op positie 5",
		"blad Signalen 2026, rij 5, kolom D (Soort) /categorieen/0: moet de code van een term zijn",
		"blad Signalen 2026, rij 5, kolom E (Sinds) /bekendSindsDatum: moet een bestaande datum zijn",
		"blad Signalen 2026, rij 5, kolom I (Wet) /regelingen/0/jci: De regeling BWBR9999999 staat niet in de referentiegegevens",
		"blad Signalen 2026, rij 7, kolom A (Nummer) /kenmerk: mag alleen letters zonder accenten, cijfers en de tekens",
		"blad Signalen 2026, rij 7, kolom B (Titel) /titel: is verplicht",
		"blad Signalen 2026, rij 7, kolom F (Mensen) /omvang: de ondergrens mag niet hoger zijn dan de bovengrens",
		"blad Signalen 2026, rij 8, kolom F (Mensen) /omvang/minimum: Hier hoort een geheel getal, zonder cijfers achter de komma.",
		"blad Signalen 2026, rij 8, kolom G (Hoogstens) /omvang/maximum: Hier hoort een getal; er staat tekst.",
		"blad Signalen 2026, rij 8, kolom H (Bron) /omvang/zekerheid: Deze waarde bestaat niet. Kies uit: geteld, geschat.",
	}
	push("--dry-run").ends(t, 1, append(said, "in orde    1", "geweigerd  3")...)
	h.once(t, nil)
	push().ends(t, 1, append(said, "aangenomen  1", "geweigerd   3", refused)...)
	h.once(t, []string{"1001"})

	rows[4] = []any{1002, "Over iemand", "Bel niet.", "Samen", "1-3-2024", "1.200", 1200, "geteld", nil}
	rows[6][0], rows[6][1], rows[6][5] = "R-1", "Met titel", 1
	rows[7][5], rows[7][6], rows[7][7] = 1, 2, "geteld"
	push().ends(t, 0, "aangenomen  3", "herhaald    1", "geweigerd   0")
	h.once(t, []string{"1001", "1002", "1003", "R-1"})
	if _, err := os.Stat(refused); err == nil {
		t.Error("the file of an earlier time is still there")
	}
}

// workbook makes a workbook of which one sheet has these rows.
func workbook(t *testing.T, sheet string, rows [][]any) string {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	must(book.NewSheet(sheet))(t)
	for i, row := range rows {
		if err := book.SetSheetRow(sheet, must(excelize.CoordinatesToCellName(1, i+1))(t), &row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "signalen.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}
