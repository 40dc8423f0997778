package edition_test

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/letters/edition"
)

func TestWhatIsErasedFromAnEditionIsToldOfAndVerified(t *testing.T) {
	t.Parallel()
	ledgers, all := books(t)
	sealed, err := compile(t, ledgers, lateInTheYear).Sealed(all[1].signer)
	if err != nil {
		t.Fatal(err)
	}
	id, dir := sealed.Identity.ID(), filepath.Join(t.TempDir(), sealed.Identity.ID())
	if err := edition.Write(dir, sealed); err != nil {
		t.Fatal(err)
	}
	var public []string
	for _, b := range all {
		public = append(public, b.signer.PublicKey())
	}
	before := read(t, dir)
	rows := parseCSV(t, before["signalen.csv"])
	if len(rows) < 3 {
		t.Fatal("too few signals to show anything")
	}
	first := rows[1]
	if err := edition.Erase(dir, id, []string{"0196f000-0000-7000-8000-00000000dead"}, all[1].signer); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir); !maps.Equal(got, before) {
		t.Error("an edition that has nothing of a signal changes")
	}
	for range 2 { // again changes nothing
		if err := edition.Erase(dir, id, []string{first[0]}, all[1].signer); err != nil {
			t.Fatal(err)
		}
	}
	after := read(t, dir)
	got := parseCSV(t, after["signalen.csv"])
	if len(got) != len(rows) || strings.Join(got[2], "|") != strings.Join(rows[2], "|") || strings.Join(got[0], "|") != strings.Join(rows[0], "|") {
		t.Error("more changed than the signal")
	}
	for i, name := range got[0] {
		want := first[i]
		if name == "kenmerk" || name == "titel" || name == "omschrijving" {
			want = "[verwijderd]"
		}
		if got[1][i] != want {
			t.Errorf("%s is %q", name, got[1][i])
		}
	}
	if what := wrong(t, after, id, public, false); what != "" {
		t.Errorf("wrong: %s", what)
	}
	if what := erased(t, dir, id, public); what != "bestand signalen.csv" {
		t.Errorf("erased: %q", what)
	}
	forged := maps.Clone(after)
	forged["signalen.csv"] = strings.Replace(after["signalen.csv"], "[verwijderd]", "iets anders", 1)
	if what := wrong(t, forged, id, public, false); what != "bestand signalen.csv" {
		t.Errorf("of another text is wrong: %q", what)
	}
	forged = maps.Clone(after)
	forged["gewist.txt"] = strings.Replace(after["gewist.txt"], id, "0196f000-0000-8000-8000-000000000000", 1)
	if what := wrong(t, forged, id, public, false); what != "bestand signalen.csv, bericht van wat er is gewist" {
		t.Errorf("of another notice is wrong: %q", what)
	}
	stranger := newBook(t, "vreemd/brieven").signer
	notice, err := stranger.SealErasure(ledger.ErasureSeal{Edition: id})
	if err != nil {
		t.Fatal(err)
	}
	forged["gewist.txt"] = string(notice)
	if what := wrong(t, forged, id, append(public, stranger.PublicKey()), false); what != "bestand signalen.csv, bericht van wat er is gewist" {
		t.Errorf("of a stranger's notice is wrong: %q", what)
	}
}

// read reads the files of an edition.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func parseCSV(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// erased are the files of which something was erased, as they verify.
func erased(t *testing.T, dir, id string, public []string) string {
	t.Helper()
	keys, err := ledger.Keys(public...)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range edition.Verify(os.DirFS(dir), edition.Expected{ID: id, Keys: keys}) {
		if f.Erased {
			all = append(all, f.What)
		}
	}
	return strings.Join(all, ", ")
}
