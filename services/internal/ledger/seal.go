package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// sealHeader is the first line of a seal's text. It holds spaces, so no origin
// can be equal to it and no seal can pass for a checkpoint; nor for a receipt,
// which begins otherwise.
const sealHeader = "schakel editie v1"

// EditionSeal is a log's signed statement that an edition was published: these
// files, and no others.
type EditionSeal struct {
	// Edition is the edition's id.
	Edition string
	// Sums is the SHA-256 of the edition's list of sums.
	Sums [32]byte
	// SignedBy are the origins of the logs whose keys signed it.
	SignedBy []string
}

func (s EditionSeal) text() string {
	return sealHeader + "\n" + s.Edition + "\n" + hex.EncodeToString(s.Sums[:]) + "\n"
}

// SealEdition signs the statement that the edition with an id has this list of
// sums, as a signed note (C2SP signed-note). The same edition gets the same
// note.
func (s *Signer) SealEdition(id string, sums [32]byte) ([]byte, error) {
	signed, err := note.Sign(&note.Note{Text: EditionSeal{Edition: id, Sums: sums}.text()}, s.key)
	if err != nil {
		return nil, fmt.Errorf("signing an edition: %w", err)
	}
	return signed, nil
}

// OpenEditionSeal verifies a seal with public keys, and returns what it states.
// Signatures of unknown keys are ignored, as the format prescribes; whoever
// calls looks whether the right log is in SignedBy. The error says what is
// wrong.
func OpenEditionSeal(signed []byte, keys note.Verifiers) (EditionSeal, error) {
	opened, err := note.Open(signed, keys)
	if err != nil {
		return EditionSeal{}, err
	}
	seal, err := parseSeal(opened.Text)
	for _, s := range opened.Sigs {
		seal.SignedBy = append(seal.SignedBy, s.Name)
	}
	return seal, err
}

func parseSeal(text string) (seal EditionSeal, err error) {
	if lines := strings.Split(text, "\n"); len(lines) == 4 {
		seal.Edition = lines[1]
		sums, _ := hex.DecodeString(lines[2])
		copy(seal.Sums[:], sums)
	}
	if seal.text() != text {
		return EditionSeal{}, errors.New("the signed text is not that of an edition")
	}
	return seal, nil
}
