package edition

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
)

// CompilerVersion is raised with every change of this package that changes a
// byte of some edition.
const CompilerVersion = "4"

// Identity is all that an edition depends on.
type Identity struct {
	// Name is what people call it, such as "2026".
	Name string
	// ReferenceDate is the day that it tells of.
	ReferenceDate reference.Date
	// Example says that it was compiled from invented input.
	Example bool
	// Checkpoints are those of the ledgers, by origin.
	Checkpoints []ledger.Checkpoint
	// ReferenceVersion and CompilerVersion are those in use.
	ReferenceVersion, CompilerVersion string
}

// NewIdentity is the identity of an edition made here and now, with these data up
// to these checkpoints: wanted says its name, its reference date and whether it is
// an example.
func NewIdentity(wanted Identity, data *reference.Data, checkpoints []ledger.Checkpoint) Identity {
	wanted.Checkpoints = slices.SortedFunc(slices.Values(checkpoints), func(a, b ledger.Checkpoint) int {
		return strings.Compare(a.Origin, b.Origin)
	})
	wanted.ReferenceVersion, wanted.CompilerVersion = data.Version(), CompilerVersion
	return wanted
}

// Text is the identity in the form that its ID is the hash of. It stands in the
// edition as identiteit.txt.
func (id Identity) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "staat van de uitvoering v1\nnaam %s\npeildatum %s\nvoorbeeld %t\n", id.Name, id.ReferenceDate, id.Example)
	fmt.Fprintf(&b, "referentiegegevens %s\nsamensteller %s\n", id.ReferenceVersion, id.CompilerVersion)
	for _, c := range id.Checkpoints {
		fmt.Fprintf(&b, "logboek %s %d %s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
	}
	return b.String()
}

// ID is the UUIDv8 (RFC 9562 §5.8) made of the first 16 bytes of the SHA-256 of
// Text.
func (id Identity) ID() string { return idOf(id.Text()) }

func idOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x80 // version 8
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return id.String()
}
