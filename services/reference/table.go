package reference

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

//go:embed data/*.tsv
var files embed.FS

// maxTable bounds a table of an installation, in bytes: all of the Basiswetten-
// bestand is a tenth of it.
const maxTable = 64 << 20

// table is the form of a file of tab-separated values: its first line is the
// header, its last column the source, which is never empty.
type table struct {
	name, header string
	// key is how many of the first columns tell its rows apart.
	key int
}

// The tables that an installation may add to. Roles are no part of them: they
// stand in the contracts.
var (
	organisationTable = table{"organisaties.tsv", "tooi soort naam naam_en afkorting oin ministerie geldig_van geldig_tot zbo_soort opvolger bron", 1}
	regulationTable   = table{"regelingen.tsv", "bwb soort citeertitel titel_en kort geldig_van geldig_tot werd bron", 1}
	dossierTable      = table{"kamerstukdossiers.tsv", "dossier titel afgesloten werd bron", 1}
	termTable         = table{"begrippen.tsv", "lijst slug breder nl en toelichting_nl toelichting_en geldig_van geldig_tot bron", 2}
	decreeTable       = table{"gelijkgestelde-dagen.tsv", "dekt_van dekt_tot dagen besluit bron", 1}
	ownTables         = []table{organisationTable, regulationTable, dossierTable, termTable, decreeTable}
)

var roleTable = table{"rollen.tsv", "slug nl en omschrijving_nl omschrijving_en bron", 1}

// row is one line of a table. Its dates collect the first error, so that a
// loader can read all fields first.
type row struct {
	fields []string
	where  string
	err    error
}

// date reads field i as a date; empty is the zero Date.
func (r *row) date(i int) Date {
	if r.fields[i] == "" {
		return Date{}
	}
	d, err := ParseDate(r.fields[i])
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%q is geen datum", r.fields[i])
	}
	return d
}

// layers are where tables are read: those embedded in the program, and over them
// those of an installation, if it has any.
type layers struct{ own fs.FS }

// read gives each row of a table: the embedded ones in their order, each
// replaced by the installation's row of the same key, and then its other rows.
func (l layers) read(t table, each func(r *row) error) error {
	all, err := t.rows(files, "data/"+t.name)
	if err != nil {
		return err
	}
	if l.own != nil && slices.Contains(ownTables, t) {
		if err := t.lay(&all, l.own); err != nil {
			return err
		}
	}
	for _, r := range all {
		err := each(r)
		if err = errors.Join(r.err, err); err != nil {
			return fmt.Errorf("%s: %w", r.where, err)
		}
	}
	return nil
}

// lay puts the rows of an installation over all.
func (t table) lay(all *[]*row, own fs.FS) error {
	rows, err := t.rows(own, t.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	places := make(map[string]int, len(*all))
	for i, r := range *all {
		places[t.keyOf(r)] = i
	}
	for _, r := range rows {
		if i, ok := places[t.keyOf(r)]; ok {
			(*all)[i] = r
			continue
		}
		*all = append(*all, r)
	}
	return err
}

func (t table) keyOf(r *row) string { return strings.Join(r.fields[:t.key], "\t") }

// rows reads a file of this form.
func (t table) rows(from fs.FS, path string) ([]*row, error) {
	text, err := readFile(from, path)
	if err != nil {
		return nil, err
	}
	columns := strings.Fields(t.header)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if got := strings.Split(lines[0], "\t"); !slices.Equal(got, columns) {
		return nil, fmt.Errorf("%s: de kolommen zijn %q en niet %q", t.name, got, columns)
	}
	seen := make(map[string]bool, len(lines))
	all := make([]*row, 0, len(lines)-1)
	for i, line := range lines[1:] {
		r := &row{fields: strings.Split(line, "\t"), where: fmt.Sprintf("%s:%d", t.name, i+2)}
		if len(r.fields) != len(columns) || r.fields[len(columns)-1] == "" {
			return nil, fmt.Errorf("%s: er zijn niet %d kolommen, of de bron ontbreekt", r.where, len(columns))
		}
		key := t.keyOf(r)
		if seen[key] {
			return nil, fmt.Errorf("%s: deze rij staat er tweemaal", r.where)
		}
		seen[key] = true
		all = append(all, r)
	}
	return all, nil
}

// readFile reads a text of a size that can be a table, and refuses what no text
// is made of.
func readFile(from fs.FS, path string) (string, error) {
	f, err := from.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxTable+1))
	switch {
	case err != nil:
		return "", err
	case len(b) > maxTable:
		return "", fmt.Errorf("%s is groter dan %d MiB", path, maxTable>>20)
	case !utf8.Valid(b) || bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' }):
		return "", fmt.Errorf("%s is geen tekst in UTF-8 met enkel regeleinden en tabs", path)
	}
	return string(b), nil
}

// version is Version, and if an installation has tables of its own, a plus and
// twelve hexadecimal digits of the SHA-256 of their names and bytes.
func (l layers) version() (string, error) {
	if l.own == nil {
		return Version, nil
	}
	entries, err := fs.ReadDir(l.own, ".")
	if err != nil {
		return "", err
	}
	sum, any := sha256.New(), false
	for _, e := range entries { // sorted by name
		if !strings.HasSuffix(e.Name(), ".tsv") {
			continue
		}
		if !slices.ContainsFunc(ownTables, func(t table) bool { return t.name == e.Name() }) {
			return "", fmt.Errorf("%s is geen tabel met referentiegegevens; die heten %s", e.Name(), ownTableNames())
		}
		text, err := readFile(l.own, e.Name())
		if err != nil {
			return "", err
		}
		one := sha256.Sum256([]byte(text))
		sum.Write([]byte(e.Name() + "\n"))
		sum.Write(one[:])
		any = true
	}
	if !any {
		return Version, nil
	}
	return Version + "+" + hex.EncodeToString(sum.Sum(nil))[:12], nil
}

func ownTableNames() string {
	var names []string
	for _, t := range ownTables {
		names = append(names, t.name)
	}
	return strings.Join(names, ", ")
}
