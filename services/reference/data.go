package reference

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// Version identifies the reference data. It is raised with every change of a
// data file, at most monthly to "year.month", within a month with a suffix.
const Version = "2026.11"

//go:embed data/*.tsv
var files embed.FS

// Data is the reference data, looked up in memory. It never changes.
type Data struct {
	organisations map[string]Organisation
	orgOrder      []Organisation
	regulations   map[string]Regulation
	regOrder      []Regulation
	terms         map[string][]Term
	roles         []Role
	decrees       []decree

	nearOrganisations func() index
}

// Load reads and checks the embedded data, in a few milliseconds. It fails only
// when the program was built with broken data.
func Load() (*Data, error) {
	d := &Data{}
	for _, step := range []func() error{
		d.loadOrganisations, d.loadRegulations, d.loadTerms, d.loadRoles, d.loadDecrees,
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("reference data %s: %w", Version, err)
		}
	}
	return d, nil
}

// row is one line of a table. Its dates collect the first error, so that a
// loader can read all fields first.
type row struct {
	fields []string
	err    error
}

// date reads field i as a date; empty is the zero Date.
func (r *row) date(i int) Date {
	if r.fields[i] == "" {
		return Date{}
	}
	d, err := ParseDate(r.fields[i])
	if err != nil && r.err == nil {
		r.err = err
	}
	return d
}

// table reads a file of tab-separated values whose first line is header. The
// last column is always the source and never empty.
func table(name, header string, each func(r *row) error) error {
	b, err := files.ReadFile("data/" + name)
	if err != nil {
		return err
	}
	columns := strings.Fields(header)
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if got := strings.Split(lines[0], "\t"); !slices.Equal(got, columns) {
		return fmt.Errorf("%s: columns are %q, want %q", name, got, columns)
	}
	for i, line := range lines[1:] {
		r := &row{fields: strings.Split(line, "\t")}
		if len(r.fields) != len(columns) || r.fields[len(columns)-1] == "" {
			return fmt.Errorf("%s:%d: wrong number of columns, or no source", name, i+2)
		}
		if err := each(r); err != nil {
			return fmt.Errorf("%s:%d: %w", name, i+2, err)
		}
		if r.err != nil {
			return fmt.Errorf("%s:%d: %w", name, i+2, r.err)
		}
	}
	return nil
}
