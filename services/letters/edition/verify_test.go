package edition_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/letters/edition"
)

// published is a published edition as files by path, and the public keys of its
// ledgers: signals, letters, contacts.
func published(tb testing.TB) (files map[string]string, id string, public []string) {
	tb.Helper()
	ledgers, all := books(tb)
	sealed, err := compile(tb, ledgers, lateInTheYear).Sealed(all[1].signer)
	if err != nil {
		tb.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range sealed.Files {
		files[f.Path] = string(f.Data)
	}
	for _, b := range all {
		public = append(public, b.signer.PublicKey())
	}
	return files, sealed.Identity.ID(), public
}

// wrong verifies files and gives what was found wrong.
func wrong(tb testing.TB, files map[string]string, id string, public []string, unsigned bool) string {
	tb.Helper()
	keys, err := ledger.Keys(public...)
	if err != nil {
		tb.Fatal(err)
	}
	dir := fstest.MapFS{}
	for path, data := range files {
		dir[path] = &fstest.MapFile{Data: []byte(data)}
	}
	var wrong []string
	for _, f := range edition.Verify(dir, edition.Expected{ID: id, Keys: keys, Unsigned: unsigned}) {
		if f.Err != nil {
			wrong = append(wrong, f.What)
		}
	}
	return strings.Join(wrong, ", ")
}

// resum makes the list of sums anew, as a forger does.
func resum(files map[string]string) {
	var list strings.Builder
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if path != "SHA256SUMS" && path != "ondertekening.txt" {
			sum := sha256.Sum256([]byte(files[path]))
			list.WriteString(hex.EncodeToString(sum[:]) + "  " + path + "\n")
		}
	}
	files["SHA256SUMS"] = list.String()
}

const noSignature = "ondertekening van de editie"

func TestVerifyFindsWhateverWasChanged(t *testing.T) {
	t.Parallel()
	whole, id, public := published(t)
	const identity = "identiteit van de editie"
	tests := []struct {
		name   string
		change func(files map[string]string)
		keys   []string
		wrong  string // what is found wrong; empty for nothing
	}{
		{"an untouched edition is right", func(map[string]string) {}, public, ""},
		{"a changed file", func(f map[string]string) { f["signalen.csv"] = "id\r\n" }, public, "bestand signalen.csv"},
		{"a missing file", func(f map[string]string) { delete(f, "index.html") }, public, "bestand index.html"},
		{"an added file", func(f map[string]string) { f["extra.txt"] = "" }, public, "bestand extra.txt"},
		{"a ledger whose key is not trusted", func(map[string]string) {}, public[1:], "controlepunt van proef/signalen"},
		{"the key of the publishing ledger is not trusted", func(map[string]string) {}, []string{public[0], public[2]}, noSignature + ", controlepunt van proef/brieven"},
		{"a forged table and sums to match", func(f map[string]string) {
			f["aantallen.csv"] = strings.Replace(f["aantallen.csv"], ",3\r", ",4\r", 1)
			resum(f)
		}, public, noSignature},
		{"no signature", func(f map[string]string) { delete(f, "ondertekening.txt") }, public, noSignature},
		{"a checkpoint for a signature", func(f map[string]string) {
			f["ondertekening.txt"] = f["controlepunten/proef-brieven.txt"]
		}, public, noSignature},
		{"no ledgers in the identity", func(f map[string]string) {
			f["identiteit.txt"], _, _ = strings.Cut(f["identiteit.txt"], "logboek")
			resum(f)
		}, public, noSignature + ", " + identity + ", controlepunt controlepunten/proef-brieven.txt" +
			", controlepunt controlepunten/proef-contacten.txt, controlepunt controlepunten/proef-signalen.txt"},
		{"a ledger less", func(f map[string]string) {
			text := f["identiteit.txt"]
			f["identiteit.txt"] = text[:strings.LastIndex(text, "logboek")]
			resum(f)
		}, public, noSignature + ", " + identity + ", controlepunt controlepunten/proef-signalen.txt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(whole)
			tt.change(files)
			if got := wrong(t, files, id, tt.keys, false); got != tt.wrong {
				t.Errorf("wrong: %q, want %q", got, tt.wrong)
			}
			// Without an id it is the signed one.
			if got := wrong(t, files, "", tt.keys, false); (got == "") != (tt.wrong == "") {
				t.Errorf("without an id wrong: %q", got)
			}
		})
	}
}

func TestAnEditionOfAnotherIDIsFound(t *testing.T) {
	t.Parallel()
	files, _, public := published(t)
	if got, want := wrong(t, files, id(1), public, false), noSignature+", identiteit van de editie"; got != want {
		t.Errorf("wrong: %q, want %q", got, want)
	}
}

func TestAnEditionWithoutSignatureIsAcceptedOnlyOnRequest(t *testing.T) {
	t.Parallel()
	files, id, public := published(t)
	signature := files["ondertekening.txt"]
	delete(files, "ondertekening.txt")
	if got := wrong(t, files, id, public, false); got != noSignature {
		t.Errorf("wrong: %q", got)
	}
	if got := wrong(t, files, id, public, true); got != "" {
		t.Errorf("wrong, though no signature was asked for: %q", got)
	}
	if got := wrong(t, files, "", public, true); got != "identiteit van de editie" {
		t.Errorf("wrong without signature and id: %q", got)
	}
	files["ondertekening.txt"] = strings.Replace(signature, "v1", "v2", 1)
	if got := wrong(t, files, id, public, true); got != noSignature {
		t.Errorf("wrong with a false signature: %q", got)
	}
}

func TestTheSignatureIsNotAmongTheReproducibleFiles(t *testing.T) {
	t.Parallel()
	ledgers, all := books(t)
	e := compile(t, ledgers, lateInTheYear)
	sealed, err := e.Sealed(all[1].signer)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file(t, sealed, "SHA256SUMS"), []byte("ondertekening.txt")) || len(sealed.Files) != len(e.Files)+1 {
		t.Error("the signature stands in the list of sums")
	}
	if !slices.IsSortedFunc(sealed.Files, func(a, b edition.File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files are not in the order of their paths")
	}
}

func TestAnEditionIsWrittenAsItIs(t *testing.T) {
	t.Parallel()
	ledgers, _ := books(t)
	e := compile(t, ledgers, lateInTheYear)
	dir := filepath.Join(t.TempDir(), "edities", e.Identity.ID())
	if err := errors.Join(edition.Write(dir, e), edition.Write(dir, e)); err != nil { // the second changes nothing
		t.Fatal(err)
	}
	for _, f := range e.Files {
		if got, err := os.ReadFile(filepath.Join(dir, f.Path)); err != nil || !bytes.Equal(got, f.Data) {
			t.Errorf("%s: %v", f.Path, err)
		}
	}
}
