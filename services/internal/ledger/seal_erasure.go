package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// erasureHeader is the first line of the text of an ErasureSeal; as sealHeader.
const erasureHeader = "schakel editie gewist v1"

// ErasureSeal is a log's signed statement that something was erased from files of
// an edition after it was published, and what they are since.
type ErasureSeal struct {
	// Edition is the edition's id.
	Edition string
	// Files are the SHA-256 of the files by path.
	Files map[string][32]byte
	// SignedBy are the origins of the logs whose keys signed it.
	SignedBy []string
}

func (s ErasureSeal) text() string {
	var lines []string
	for path, sum := range s.Files {
		lines = append(lines, hex.EncodeToString(sum[:])+"  "+path)
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return strings.Join(append([]string{erasureHeader, s.Edition}, lines...), "\n") + "\n"
}

// SealErasure signs the statement as a signed note (C2SP signed-note).
func (s *Signer) SealErasure(e ErasureSeal) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: e.text()}, s.key)
	if err != nil {
		return nil, fmt.Errorf("signing an erasure: %w", err)
	}
	return signed, nil
}

// OpenErasureSeal verifies a seal, as [OpenEditionSeal] does.
func OpenErasureSeal(signed []byte, keys note.Verifiers) (ErasureSeal, error) {
	opened, err := note.Open(signed, keys)
	if err != nil {
		return ErasureSeal{}, err
	}
	seal := ErasureSeal{Files: map[string][32]byte{}}
	lines := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	for i, line := range lines {
		sum, path, _ := strings.Cut(line, "  ")
		switch raw, _ := hex.DecodeString(sum); {
		case i == 1:
			seal.Edition = line
		case i > 1 && len(raw) == 32:
			seal.Files[path] = [32]byte(raw)
		}
	}
	for _, s := range opened.Sigs {
		seal.SignedBy = append(seal.SignedBy, s.Name)
	}
	if seal.text() != opened.Text {
		return ErasureSeal{}, errors.New("the signed text does not tell of an erasure")
	}
	return seal, nil
}
