package edition

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
)

// Finding is one thing that was held to what the edition says of itself.
type Finding struct {
	// What was looked at, in Dutch.
	What string
	// Err says what is wrong; nil when it is right.
	Err error
	// Erased says of a file that it is right but for what was erased from it since
	// it was published.
	Erased bool
}

// Expected is what an edition is held to, besides what it says of itself.
type Expected struct {
	// ID is the id that it must have; empty is the one that was signed.
	ID string
	// Keys are the public keys of the ledgers to trust.
	Keys note.Verifiers
	// Unsigned accepts an edition without a signature, as whoever compiles one
	// without a key makes. A signature that is there must still be right.
	Unsigned bool
}

// Verify holds an edition's files to what they say of themselves, offline: each
// file to its sum, with none missing or added; the list of sums and the id to
// the signature of one of the edition's ledgers; the identity to the id; and
// each checkpoint to its ledger's signature and to the identity. It returns what
// it looked at; the edition is right if no finding has an error.
func Verify(dir fs.FS, want Expected) []Finding {
	id, err := readIdentity(dir)
	erased, findings := verifyNotice(dir, id, want.Keys)
	findings = append(verifySums(dir, erased), findings...)
	seal := Finding{What: "ondertekening van de editie"}
	signed, missing := fs.ReadFile(dir, signaturePath)
	switch {
	case missing == nil:
		var sealed string
		sealed, seal.Err = verifySeal(dir, signed, id, want.Keys)
		want.ID = cmp.Or(want.ID, sealed)
		if seal.Err == nil && sealed != want.ID {
			seal.Err = fmt.Errorf("is van editie %s, niet van %s", sealed, want.ID)
		}
	case !errors.Is(missing, fs.ErrNotExist):
		seal.Err = missing
	case want.Unsigned:
		seal.What = "geen ondertekening, zoals gevraagd"
	default:
		seal.Err = fmt.Errorf("%s ontbreekt: deze editie is niet ondertekend", signaturePath)
	}
	if err == nil && want.ID == "" {
		err = errors.New("het kenmerk van de editie is niet bekend: geef het, of laat het door een ondertekening geven")
	}
	if got := id.ID(); err == nil && got != want.ID {
		err = fmt.Errorf("%s hoort bij editie %s, niet bij %s", identityPath, got, want.ID)
	}
	findings = append(findings, seal, Finding{What: "identiteit van de editie", Err: err})
	return append(findings, verifyCheckpoints(dir, id, want.Keys)...)
}

// readIdentity reads the identity; on an error it is the zero one.
func readIdentity(dir fs.FS) (Identity, error) {
	text, err := fs.ReadFile(dir, identityPath)
	if err != nil {
		return Identity{}, err
	}
	id, err := ParseIdentity(string(text))
	if err != nil {
		err = fmt.Errorf("%s: %w", identityPath, err)
	}
	return id, err
}

// verifySeal holds the list of sums to the signature, which must be of a ledger
// that the identity names, and gives the id that was signed.
func verifySeal(dir fs.FS, signed []byte, id Identity, keys note.Verifiers) (string, error) {
	seal, err := ledger.OpenEditionSeal(signed, keys)
	if err != nil {
		return "", fmt.Errorf("de ondertekening klopt niet, of de sleutel is niet bekend: %w", err)
	}
	if !slices.ContainsFunc(seal.SignedBy, id.names) {
		return "", fmt.Errorf("ondertekend met de sleutel van %s, dat geen logboek van de editie is", strings.Join(seal.SignedBy, ", "))
	}
	sums, err := fs.ReadFile(dir, sumsPath)
	if err != nil {
		return "", err
	}
	if sha256.Sum256(sums) != seal.Sums {
		return "", fmt.Errorf("%s is een andere dan is ondertekend", sumsPath)
	}
	return seal.Edition, nil
}

// verifyCheckpoints holds the ledgers that the identity names to the checkpoints
// that are there: a checkpoint for each, and no others.
func verifyCheckpoints(dir fs.FS, id Identity, keys note.Verifiers) (findings []Finding) {
	there, err := fs.Glob(dir, checkpointDir+"/*")
	if err != nil {
		return []Finding{{What: "map " + checkpointDir, Err: err}}
	}
	for _, c := range id.Checkpoints {
		path := checkpointPath(c.Origin)
		there = slices.DeleteFunc(there, func(other string) bool { return other == path })
		findings = append(findings, Finding{What: "controlepunt van " + c.Origin, Err: verifyCheckpoint(dir, c, keys)})
	}
	for _, path := range there {
		findings = append(findings, Finding{What: "controlepunt " + path, Err: errors.New("is van een logboek dat de identiteit niet noemt")})
	}
	return findings
}

// verifySums holds every file but the signature and the notice to SHA256SUMS, and
// those that something was erased from to what they are since.
func verifySums(dir fs.FS, erased map[string][32]byte) []Finding {
	text, err := fs.ReadFile(dir, sumsPath)
	if err != nil {
		return []Finding{{What: "lijst van controlesommen", Err: err}}
	}
	expected := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		sum, path, ok := strings.Cut(line, "  ")
		if !ok || !fs.ValidPath(path) {
			return []Finding{{What: "lijst van controlesommen", Err: fmt.Errorf("regel %q is geen controlesom", line)}}
		}
		expected[path] = sum
	}
	var findings []Finding
	err = fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == sumsPath || path == signaturePath || path == NoticePath {
			return err
		}
		findings = append(findings, verifySum(dir, path, expected[path], erased))
		delete(expected, path)
		return nil
	})
	if err != nil {
		findings = append(findings, Finding{What: "map van de editie", Err: err})
	}
	for path := range expected {
		findings = append(findings, Finding{What: "bestand " + path, Err: fs.ErrNotExist})
	}
	return findings
}

func verifySum(dir fs.FS, path, want string, erased map[string][32]byte) Finding {
	f := Finding{What: "bestand " + path}
	data, err := fs.ReadFile(dir, path)
	if err != nil {
		f.Err = err
		return f
	}
	sum := sha256.Sum256(data)
	since, changed := erased[path]
	switch got := hex.EncodeToString(sum[:]); {
	case want == "":
		f.Err = fmt.Errorf("staat niet in %s", sumsPath)
	case got == want:
	case changed && since == sum:
		f.Erased = true
	default:
		f.Err = fmt.Errorf("controlesom is %s, moet %s zijn", got, want)
	}
	return f
}

// verifyCheckpoint holds the checkpoint that the identity names to its
// signature.
func verifyCheckpoint(dir fs.FS, want ledger.Checkpoint, keys note.Verifiers) error {
	signed, err := fs.ReadFile(dir, checkpointPath(want.Origin))
	if err != nil {
		return err
	}
	c, err := ledger.OpenCheckpoint(signed, keys)
	if err != nil {
		return fmt.Errorf("de ondertekening klopt niet, of de sleutel is niet bekend: %w", fault.Of(err))
	}
	if c.Origin != want.Origin || c.Size != want.Size || c.Root != want.Root {
		return errors.New("het controlepunt zegt iets anders dan de identiteit")
	}
	return nil
}
