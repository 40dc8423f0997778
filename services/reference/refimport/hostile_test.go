package refimport_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schakel.example/services/reference/refimport"
)

// endless reads as a beginning and then the same text without end.
func endless(begin, repeat string) io.Reader {
	return io.MultiReader(strings.NewReader(begin), &repeated{text: repeat})
}

type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

func TestAHostileFileIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	const feed = `<feed xmlns="http://www.w3.org/2005/Atom">`
	good := `<entry><kamerstukdossier><nummer>99001</nummer><titel>Goed</titel></kamerstukdossier></entry>`
	for _, tc := range []struct {
		name, source string
		from         io.Reader
		want         string
	}{
		{"nothing", "tooi", strings.NewReader(" \n"), "leeg"},
		{"something else", "tooi", strings.NewReader("naam;code"), "geen lijst in JSON en geen XML"},
		{"JSON that breaks off", "tooi", strings.NewReader(`[{"@id":"x"},{"@id":`), "houdt op voordat zij af is"},
		{"JSON that is broken", "kamer", strings.NewReader(`{"value":[{"Nummer":99001,"Titel":"x"},{]}`), "de JSON is kapot"},
		{"more after the JSON", "kamer", strings.NewReader(`{"value":[{"Nummer":99001,"Titel":"x"}]} x`), "staat nog iets"},
		{"JSON of another kind", "kamer", strings.NewReader(`{"items":[]}`), "er is geen value"},
		{"a value that is no list", "kamer", strings.NewReader(`{"value":{}}`), "value is geen lijst"},
		{"a register of something else", "tooi", strings.NewReader(`[{"@id":"x"}]`), "er staat geen organisatie in"},
		{"XML that breaks off", "kamer", strings.NewReader(feed + good + "<entry>"), "houdt op voordat zij af is"},
		{"XML that is broken", "kamer", strings.NewReader(feed + good + "</entry>"), "de XML is kapot"},
		{"a document type", "kamer", strings.NewReader(`<!DOCTYPE feed SYSTEM "file:///etc/passwd">` + feed + "</feed>"), "DOCTYPE"},
		{"a document type within a record", "kamer", strings.NewReader(feed + "<entry><!DOCTYPE a></entry></feed>"), "DOCTYPE"},
		{"entities within entities", "bwb", strings.NewReader(`<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><work>&b;</work>`), "DOCTYPE"},
		{"an entity that is not declared", "kamer", strings.NewReader(feed + "<entry>&xxe;</entry></feed>"), "de XML is kapot"},
		{"another encoding", "kamer", strings.NewReader(`<?xml version="1.0" encoding="UTF-16"?>` + feed + "</feed>"), "geen XML in UTF-8"},
		{"XML of another kind", "kamer", strings.NewReader("<html></html>"), "het begint met html"},
		{"RDF that is none", "tooi", strings.NewReader("<html></html>"), "het is geen RDF"},
		{"JSON where XML is meant", "bwb", strings.NewReader(`{"value":[]}`), "het is geen XML"},
		{"a law of nobody", "bwb", strings.NewReader("<wet></wet>"), "geen bestand van het Basiswettenbestand"},
		{"two documents", "kamer", strings.NewReader(feed + good + "</feed><feed></feed>"), "meer dan één"},
		{"elements within elements without end", "kamer", endless(feed, "<a>"), "dieper genest"},
		{"elements within a record without end", "kamer", endless(feed+"<entry>", "<a>"), "dieper genest"},
		{"a record without end", "kamer", endless(feed+"<entry>", "<a></a>"), "groter dan 1 MiB"},
		{"a text without end", "kamer", endless(feed, "x"), "groter dan 1 MiB"},
		{"a name without end", "kamer", endless(feed+"<", "x"), "groter dan 1 MiB"},
		{"a JSON text without end", "kamer", endless(`{"value":[{"Titel":"`, "x"), "groter dan 1 MiB"},
		{"JSON within JSON without end", "kamer", endless(`{"value":`, "["), "de JSON is kapot"},
		{"JSON within JSON of a node", "tooi", endless(`[{"@id":`, "["), "de JSON is kapot"},
		{"an error of the service", "bwb", strings.NewReader("<searchRetrieveResponse><diagnostics><diagnostic/></diagnostics></searchRetrieveResponse>"), "foutmelding"},
		{"a law without general information", "bwb", strings.NewReader("<wetstechnische-informatie></wetstechnische-informatie>"), "geen algemene-informatie"},
		{"a manifest without metadata", "bwb", strings.NewReader("<work></work>"), "geen metadata"},
		{"a text without title", "bwb", strings.NewReader("<toestand><wetgeving/></toestand>"), "geen citeertitel"},
		{"a reader that fails", "kamer", io.MultiReader(strings.NewReader(feed+good), failing{}), "schijf kapot"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			im := importer(t)
			err := im.Take(tc.source, "bestand.x", tc.from)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "bestand.x") {
				t.Errorf("error is %v, want %q", err, tc.want)
			}
			files, ferr := im.Files()
			if r := im.Report(); ferr != nil || len(files) != 0 || len(r.Changes) != 0 || r.Passed != 0 || len(r.Counts) != 0 {
				t.Errorf("something was taken in: %v, %+v", files, r)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, fmt.Errorf("schijf kapot") }

func TestARecordThatIsNotRightIsRefusedAlone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, source, text, want string }{
		{"a node that is no object", "tooi", `[3]`, "een knoop is geen object"},
		{"a type that is no text", "tooi", `[{"@id":"x","@type":[3]}]`, "@type is geen lijst van waarden"},
		{"a property that is no list", "tooi", `[{"@id":"x","a":"b"}]`, "a is geen lijst van waarden"},
		{"a version of nobody", "tooi", `[{"@id":"x","@type":["https://identifier.overheid.nl/tooi/def/ont/HistorischeVersie"]}]`, "noemt niet van welke organisatie"},
		{"a version of somebody else", "tooi", `[{"@id":"x","@type":["https://identifier.overheid.nl/tooi/def/ont/HistorischeVersie"],` +
			`"http://www.w3.org/ns/prov#specializationOf":[{"@id":"y"}]}]`, "staat niet in het bestand"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			im := importer(t)
			text := strings.TrimSuffix(tc.text, "]") + `,{"@id":"` + tooi + `oorg/oorg99001","@type":["https://identifier.overheid.nl/tooi/def/ont/Overheidsorganisatie"],` +
				`"https://identifier.overheid.nl/tooi/def/ont/organisatiecode":[{"@value":"oorg99001"}],"http://www.w3.org/2000/01/rdf-schema#label":[{"@value":"Dienst"}]}]`
			if err := im.Take(tc.source, "x", strings.NewReader(text)); err != nil {
				t.Fatal(err)
			}
			r := im.Report()
			if r.Counts[refimport.Added] != 1 || r.Counts[refimport.Refused] != 1 || !strings.Contains(r.Changes[0].Detail+r.Changes[1].Detail, tc.want) {
				t.Errorf("%+v", r)
			}
		})
	}
	for name, text := range map[string]string{
		"a manifest of what is not known": `<work label="BWBR9999999"><metadata/></work>`,
		"a law that never was":            `<work label="BWBR0019057"><metadata><datum_inwerkingtreding>2022-01-01</datum_inwerkingtreding><datum_intrekking>2022-01-01</datum_intrekking></metadata></work>`,
		"a day that is none":              `<work label="BWBR0019057"><metadata><datum_inwerkingtreding>morgen</datum_inwerkingtreding></metadata></work>`,
		"an end before the begin":         `<work label="BWBR0019057"><metadata><datum_inwerkingtreding>2022-01-02</datum_inwerkingtreding><datum_intrekking>2022-01-02</datum_intrekking></metadata></work>`,
		"a text of no law":                `<toestand bwb-id="X"><wetgeving soort="wet"><citeertitel>X</citeertitel></wetgeving></toestand>`,
	} {
		im := importer(t)
		if err := im.Take("bwb", "x", strings.NewReader(text)); err != nil || im.Report().Counts[refimport.Refused] != 1 {
			t.Errorf("%s: %v, %+v", name, err, im.Report())
		}
		if files, err := im.Files(); err != nil || len(files) > 0 {
			t.Errorf("%s: something was taken in (%v)", name, err)
		}
	}
}

// fuzz holds that whatever a file says, the importer ends, and what it took in can
// be loaded.
func fuzz(f *testing.F, source, pattern string) {
	names, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(names) == 0 {
		f.Fatal(err, names)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	empty := importer(f) // loading the data for each input would be most of the work
	f.Fuzz(func(t *testing.T, b []byte) {
		im := empty.Clone()
		if err := im.Take(source, "x", strings.NewReader(string(b))); err != nil && !strings.Contains(err.Error(), "x, na record") {
			t.Errorf("%v", err)
		}
		if _, err := im.Files(); err != nil {
			t.Errorf("what was taken in is no table: %v", err)
		}
	})
}

func FuzzTOOI(f *testing.F)  { fuzz(f, "tooi", "rwc_*") }
func FuzzBWB(f *testing.F)   { fuzz(f, "bwb", "bwb*") }
func FuzzKamer(f *testing.F) { fuzz(f, "kamer", "kamer_*") }

// BenchmarkTake reads a large file: memory must not grow with what is passed over.
func BenchmarkTake(b *testing.B) {
	entry := "<entry><x>" + strings.Repeat("tekst ", 100) + "</x></entry>"
	text := "<feed>" + strings.Repeat(entry, 10_000) + "</feed>"
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := importer(b).Take("kamer", "x", strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
