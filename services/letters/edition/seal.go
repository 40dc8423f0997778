package edition

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"schakel.example/services/internal/ledger"
)

// signaturePath is the file that holds the signature of a published edition. It
// says who published the files, so it is not one of those that anyone can
// compile, and stands in no list of sums.
const signaturePath = "ondertekening.txt"

// Sealed is the edition with its signature: the seal of the ledger of letters,
// whose service publishes editions.
func (e *Edition) Sealed(signer *ledger.Signer) (*Edition, error) {
	i := slices.IndexFunc(e.Files, func(f File) bool { return f.Path == sumsPath })
	if i < 0 {
		return nil, fmt.Errorf("an edition without %s cannot be signed", sumsPath)
	}
	seal, err := signer.SealEdition(e.Identity.ID(), sha256.Sum256(e.Files[i].Data))
	if err != nil {
		return nil, err
	}
	sealed := *e
	sealed.Files = append(slices.Clone(e.Files), File{signaturePath, typeText, seal})
	slices.SortFunc(sealed.Files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return &sealed, nil
}
