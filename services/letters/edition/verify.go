package edition

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
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
}

// Verify holds an edition's files to what they say of themselves, offline: each
// file to its sum, with none missing or added; the identity to the edition's id,
// if one is given; and each checkpoint to its ledger's signature and to the
// identity. It returns what it looked at; the edition is right if no finding has
// an error.
func Verify(dir fs.FS, id string, keys note.Verifiers) []Finding {
	findings := verifySums(dir)
	identity, err := fs.ReadFile(dir, "identiteit.txt")
	if err == nil && id != "" && idOf(string(identity)) != id {
		err = fmt.Errorf("identiteit.txt hoort bij editie %s, niet bij %s", idOf(string(identity)), id)
	}
	findings = append(findings, Finding{"identiteit van de editie", err})
	for _, line := range strings.Split(string(identity), "\n") {
		if fields := strings.Fields(line); len(fields) == 4 && fields[0] == "logboek" {
			findings = append(findings, Finding{"controlepunt van " + fields[1], verifyCheckpoint(dir, fields, keys)})
		}
	}
	return findings
}

// verifySums holds every file to SHA256SUMS.
func verifySums(dir fs.FS) []Finding {
	text, err := fs.ReadFile(dir, sumsPath)
	if err != nil {
		return []Finding{{"lijst van controlesommen", err}}
	}
	expected := map[string]string{}
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		sum, path, ok := strings.Cut(line, "  ")
		if !ok || !fs.ValidPath(path) {
			return []Finding{{"lijst van controlesommen", fmt.Errorf("regel %q is geen controlesom", line)}}
		}
		expected[path] = sum
	}
	var findings []Finding
	err = fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == sumsPath {
			return err
		}
		findings = append(findings, Finding{"bestand " + path, verifySum(dir, path, expected[path])})
		delete(expected, path)
		return nil
	})
	if err != nil {
		findings = append(findings, Finding{"map van de editie", err})
	}
	for path := range expected {
		findings = append(findings, Finding{"bestand " + path, fs.ErrNotExist})
	}
	return findings
}

func verifySum(dir fs.FS, path, want string) error {
	data, err := fs.ReadFile(dir, path)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	switch got := hex.EncodeToString(sum[:]); {
	case want == "":
		return fmt.Errorf("staat niet in %s", sumsPath)
	case got != want:
		return fmt.Errorf("controlesom is %s, moet %s zijn", got, want)
	}
	return nil
}

// verifyCheckpoint holds the checkpoint of a line of the identity to its
// signature.
func verifyCheckpoint(dir fs.FS, line []string, keys note.Verifiers) error {
	signed, err := fs.ReadFile(dir, checkpointPath(line[1]))
	if err != nil {
		return err
	}
	c, err := ledger.OpenCheckpoint(signed, keys)
	if err != nil {
		return fmt.Errorf("de ondertekening klopt niet, of de sleutel is niet bekend: %w", fault.Of(err))
	}
	if c.Origin != line[1] || fmt.Sprint(c.Size) != line[2] || base64.StdEncoding.EncodeToString(c.Root[:]) != line[3] {
		return fmt.Errorf("het controlepunt zegt iets anders dan de identiteit")
	}
	return nil
}
