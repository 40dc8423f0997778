package edition

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"schakel.example/services/internal/ledger"
)

// NoticePath is the file that says in which files something was erased since the
// edition was published, signed by the ledger of letters. It is there only then.
const NoticePath = "gewist.txt"

// NoticeType is the media type of the notice.
const NoticeType = typeText

// MayChange says of a file whether something may be erased from it.
func MayChange(path string) bool { return path == signalsPath }

const (
	signalsPath = "signalen.csv"
	gone        = "[verwijderd]"
)

// Erase takes out of a published edition what signals say: their reference, title
// and description. What it counts stays, and so does the list of sums that was
// signed; the notice says what the files are since. To do it again changes nothing.
// The folder need not be of an edition that has one of them.
func Erase(dir, id string, signals []string, signer *ledger.Signer) error {
	path := filepath.Join(dir, signalsPath)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("%s: %w", signalsPath, errors.Join(err, errors.New("is no table")))
	}
	if !blacken(rows, signals) {
		return nil
	}
	t := table{Name: "signalen", rows: rows[1:]}
	for _, name := range rows[0] {
		t.columns = append(t.columns, column{Name: name})
	}
	if text, err = t.csv(); err != nil {
		return err
	}
	notice, err := signer.SealErasure(ledger.ErasureSeal{Edition: id, Files: map[string][32]byte{signalsPath: sha256.Sum256(text)}})
	if err != nil {
		return err
	}
	// The notice first: a file that is as it was published needs none.
	return errors.Join(replace(filepath.Join(dir, NoticePath), notice), replace(path, text))
}

// SizeOf is how many entries of the ledger of an origin an edition in a folder was
// compiled of.
func SizeOf(dir, origin string) (int64, error) {
	id, err := readIdentity(os.DirFS(dir))
	if err != nil {
		return 0, err
	}
	c, err := id.checkpoint(origin)
	return c.Size, err
}

// blacken removes what signals say from the rows of a table with a header, and
// says whether there was anything.
func blacken(rows [][]string, signals []string) (any bool) {
	id := slices.Index(rows[0], "id")
	for _, row := range rows[1:] {
		if id < 0 || !slices.Contains(signals, row[id]) {
			continue
		}
		for _, name := range []string{"kenmerk", "titel", "omschrijving"} {
			if i := slices.Index(rows[0], name); i >= 0 && row[i] != gone {
				row[i], any = gone, true
			}
		}
	}
	return any
}

// replace puts a file in the place of another, whole or not at all.
func replace(path string, data []byte) error {
	tmp, err := os.MkdirTemp(filepath.Dir(filepath.Dir(path)), ".editie-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := writeFile(filepath.Join(tmp, "bestand"), data); err != nil {
		return err
	}
	return errors.Join(os.Rename(filepath.Join(tmp, "bestand"), path), flush(filepath.Dir(path)))
}

// verifyNotice reads the notice, if there is one, and says what it was held to:
// the signature of one of the edition's ledgers, and the edition.
func verifyNotice(dir fs.FS, id Identity, keys note.Verifiers) (map[string][32]byte, []Finding) {
	signed, err := fs.ReadFile(dir, NoticePath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	f := Finding{What: "bericht van wat er is gewist"}
	seal, err := ledger.OpenErasureSeal(signed, keys)
	switch {
	case err != nil:
		f.Err = fmt.Errorf("de ondertekening klopt niet, of de sleutel is niet bekend: %w", err)
	case seal.Edition != id.ID():
		f.Err = fmt.Errorf("is van editie %s, niet van %s", seal.Edition, id.ID())
	case !slices.ContainsFunc(seal.SignedBy, id.names):
		f.Err = errors.New("is niet ondertekend door een logboek van de editie")
	default:
		return seal.Files, []Finding{f}
	}
	return nil, []Finding{f}
}
