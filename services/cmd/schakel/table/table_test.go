package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// all reads a table to its end: rows as text, each with its problems.
func all(t *testing.T, table *Table) (rows []string) {
	t.Helper()
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			return append(rows, "einde: "+err.Error())
		}
		text := fmt.Sprintf("%d %s", row.Number, row.Signal)
		for _, p := range row.Problems {
			text += fmt.Sprintf(" | %s %s %v", p.Place, p.Pointer, p.Err)
		}
		rows = append(rows, text)
	}
}

func file(text string) io.ReadCloser { return io.NopCloser(strings.NewReader(text)) }

func mapping(t *testing.T, text string) Mapping {
	t.Helper()
	m, err := ParseMapping(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCSVBecomesSignals(t *testing.T) {
	for name, c := range map[string]struct {
		mapping, csv string
		want         []string
	}{
		"headings are fields without a mapping": {"",
			"kenmerk,titel,categorieen,omvang/minimum,omvang/perJaar,bekendSindsDatum,regelingen/0/jci\n" +
				"A-1,\"Te laat, te veel\",hardheid; samenloop,1.200,ja,1-3-2024,jci1.3:c:BWBR0019057\n",
			[]string{`2 {"bekendSindsDatum":"2024-03-01","categorieen":["hardheid","samenloop"],"kenmerk":"A-1","omvang":{"minimum":1200,"perJaar":true},"regelingen":[{"jci":"jci1.3:c:BWBR0019057"}],"titel":"Te laat, te veel"}`}},
		"a mapping names columns, values and what is fixed": {`
vast: {organisatie: "urn:nld:oin:00000099000000001000", niveau: organisatie}
kolommen:
  Nummer: kenmerk
  Soort: {veld: categorieen, splits: "/", waarden: {Hard: hardheid, Dubbel: samenloop}}
  Datum: {veld: bekendSindsDatum, datumvorm: mm/dd/jjjj}
  Wet 2: regelingen/1/jci
`, "Nummer;Soort;Datum;Overig;Wet 2\r\nA-1;Hard/Dubbel;03/01/2024;niet gelezen;jci1.3:c:BWBR0002221\r\n",
			[]string{`2 {"bekendSindsDatum":"2024-03-01","categorieen":["hardheid","samenloop"],"kenmerk":"A-1","niveau":"organisatie","organisatie":"urn:nld:oin:00000099000000001000","regelingen":[{"jci":"jci1.3:c:BWBR0002221"}]}`}},
		"what is fixed is not carried from row to row": {"vast: {omvang/zekerheid: geschat}\nkolommen: {k: kenmerk, m: omvang/minimum}",
			"k;m\nA;1\nB;\n", []string{`2 {"kenmerk":"A","omvang":{"minimum":1,"zekerheid":"geschat"}}`, `3 {"kenmerk":"B","omvang":{"zekerheid":"geschat"}}`}},
		"empty rows are passed over, and rows are counted as in the file": {"",
			"\ufeffkenmerk\ttitel\n\n\t\nA-1\t\"over\ntwee regels\"\nA-2\t\n",
			[]string{"4 " + `{"kenmerk":"A-1","titel":"over\ntwee regels"}`, `6 {"kenmerk":"A-2"}`}},
		"Windows-1252 is understood": {"", "kenmerk;titel\nA-1;Caf\xe9 \x80 5\n", []string{`2 {"kenmerk":"A-1","titel":"Café € 5"}`}},
		"what a field does not take is passed on, for Schakel to judge": {"",
			"kenmerk;omvang/minimum;omvang/perJaar;bekendSindsDatum\nA-1;veel;misschien;31-2-2024\nA-2;1,5;;\nA-3;2147483648;;\nA-4;0.5;;\nA-5;0x1F;;\nA-6;3;;\n",
			[]string{
				`2 {"bekendSindsDatum":"31-2-2024","kenmerk":"A-1","omvang":{"minimum":"veel","perJaar":"misschien"}}`,
				`3 {"kenmerk":"A-2","omvang":{"minimum":"1,5"}}`,
				`4 {"kenmerk":"A-3","omvang":{"minimum":2147483648}}`,
				`5 {"kenmerk":"A-4","omvang":{"minimum":0.5}}`,
				`6 {"kenmerk":"A-5","omvang":{"minimum":"0x1F"}}`,
				`7 {"kenmerk":"A-6","omvang":{"minimum":3}}`,
			}},
		"a cell that is no text is named, and the other rows go on": {"tekenset: utf-8", "kenmerk;titel\nA-1;Caf\xe9\nA-2;Café\n",
			[]string{`2 {"kenmerk":"A-1"} | rij 2, kolom B (titel) /titel is geen tekst in UTF-8; kies in de toewijzing een andere tekenset, of geen`,
				`3 {"kenmerk":"A-2","titel":"Café"}`}},
		"a date that is fixed is one": {"vast: {bekendSindsDatum: 2024-03-01}\nkolommen: {k: kenmerk}", "k\nA-1\n",
			[]string{`2 {"bekendSindsDatum":"2024-03-01","kenmerk":"A-1"}`}},
		"headings may stand further down": {"kopregel: 3", "Overzicht 2026\n;\nkenmerk;titel\nA-1;x\n", []string{`4 {"kenmerk":"A-1","titel":"x"}`}},
		"a quote that does not close ends it": {"", "kenmerk;titel\nA-1;x\nA-2;\"y\n",
			[]string{`2 {"kenmerk":"A-1","titel":"x"}`, "einde: rij 3 kan niet worden gelezen: de aanhalingstekens kloppen niet"}},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := Open(file(c.csv), CSV, mapping(t, c.mapping))
			if err != nil {
				t.Fatal(err)
			}
			defer table.Close()
			if diff := cmp.Diff(c.want, all(t, table)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestATableThatDoesNotFitIsRefusedBeforeARowIsRead(t *testing.T) {
	for name, c := range map[string]struct{ mapping, csv, want string }{
		"a missing column":     {"kolommen: {Nummer: kenmerk, Titel: titel}", "Nummer\n1\n", `geen kolom "Titel"`},
		"a heading twice":      {"", "kenmerk;kenmerk\n1;2\n", "twee keer"},
		"an unknown field":     {"", "kenmerk;titl\n1;2\n", `geen "titl"`},
		"a field with parts":   {"", "omvang\n1\n", "noem welk"},
		"a list without place": {"", "regelingen/jci\n1\n", "regelingen/0/"},
		"no headings at all":   {"", "", "geen rij met koppen"},
		"a field of Schakel":   {"", "kenmerk;status\n1;ontvangen\n", "vult Schakel zelf in"},
		"an empty heading row": {"kopregel: 2", "x\n\n\n1\n", "is leeg"},
	} {
		t.Run(name, func(t *testing.T) {
			table, err := Open(file(c.csv), CSV, mapping(t, c.mapping))
			if err == nil {
				t.Fatalf("%v", all(t, table))
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want something about %s", err, c.want)
			}
		})
	}
}

func TestAMappingThatMakesNoSenseIsRefused(t *testing.T) {
	for _, text := range []string{
		"kolomen: {}", "kolommen: {a: geenveld}", "kolommen: {a: {veld: titel, vorm: x}}", "kolommen: [1]", "kopregel: -1",
		"scheidingsteken: ';;'", "tekenset: latin", "vast: {a: b}", "kolommen: {a: id}", "vast: {revisie: 2}", "kolommen: {a: {veld: bekendSindsDatum, datumvorm: jj}}", "{",
	} {
		if m, err := ParseMapping(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %+v", text, m)
		}
	}
}

// workbook makes a workbook of two sheets.
func workbook(t *testing.T, cells map[string]any) io.ReadCloser {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if _, err := f.NewSheet("Signalen"); err != nil {
		t.Fatal(err)
	}
	for cell, value := range cells {
		if err := f.SetCellValue("Signalen", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	var book bytes.Buffer
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	return io.NopCloser(&book)
}

func TestAWorkbookBecomesSignals(t *testing.T) {
	book := workbook(t, map[string]any{
		"A1": "kenmerk", "B1": "bekendSindsDatum", "C1": "omvang/minimum", "D1": "titel",
		"A2": 4711, "B2": 45352, "C2": 1200.0, "D2": "Een titel", // 45352 is 1 March 2024
		"A4": "B-1", "B4": "1 maart", "C4": 0.5, "D4": "=1+1",
	})
	table, err := Open(book, XLSX, Mapping{Sheet: "Signalen"})
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	want := []string{
		`2 {"bekendSindsDatum":"2024-03-01","kenmerk":"4711","omvang":{"minimum":1200},"titel":"Een titel"}`,
		`4 {"bekendSindsDatum":"1 maart","kenmerk":"B-1","omvang":{"minimum":0.5},"titel":"=1+1"}`,
	}
	if diff := cmp.Diff(want, all(t, table)); diff != "" {
		t.Error(diff)
	}
	for pointer, place := range map[string]string{
		"/titel": "blad Signalen, rij 7, kolom D (titel)", "/omvang": "blad Signalen, rij 7, kolom C (omvang/minimum)",
		"/omvang/minimum": "blad Signalen, rij 7, kolom C (omvang/minimum)", "/ernst": "blad Signalen, rij 7", "": "blad Signalen, rij 7",
	} {
		if got := table.Place(7, pointer); got != place {
			t.Errorf("%s is at %s, want %s", pointer, got, place)
		}
	}
}

func TestAWorkbookThatIsNoneIsRefused(t *testing.T) {
	if _, err := Open(file("kenmerk;titel"), XLSX, Mapping{}); err == nil {
		t.Error("text was taken for a workbook")
	}
	if _, err := Open(workbook(t, nil), XLSX, Mapping{Sheet: "Ander"}); err == nil || !strings.Contains(err.Error(), "Signalen") {
		t.Errorf("%v, want the sheets that there are", err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("kenmerk;titel\nA-1;x\n", "")
	f.Add("k,regelingen/0/jci\n\"a\nb\",\xff\n", "kolommen: {k: kenmerk}")
	f.Fuzz(func(t *testing.T, text, settings string) {
		m, err := ParseMapping(strings.NewReader(settings))
		if err != nil {
			return
		}
		r, err := newCSV(strings.NewReader(text), m)
		if err != nil {
			return
		}
		table := &Table{rows: r}
		if table.begin(m) != nil {
			return
		}
		for last := 0; ; {
			row, err := table.Next()
			if err != nil {
				return
			}
			if row.Number <= last {
				t.Fatalf("row %d after row %d", row.Number, last)
			}
			last = row.Number
		}
	})
}
