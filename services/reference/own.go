package reference

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Own is what an installation holds over the embedded data, as far as importers
// keep it, by key: TOOI URI, BWB number, and number of the dossier.
type Own struct {
	Organisations map[string]Organisation
	Regulations   map[string]Regulation
	Dossiers      map[string]Dossier
}

// ReadOwn reads those tables; one that is not there is empty, and nil has none. The error is for
// people, in Dutch.
func ReadOwn(own fs.FS) (Own, error) {
	o := Own{map[string]Organisation{}, map[string]Regulation{}, map[string]Dossier{}}
	if own == nil {
		return o, nil
	}
	err := errors.Join(
		ownRows(own, organisationTable, o.Organisations, organisationOf),
		ownRows(own, regulationTable, o.Regulations, regulationOf),
		ownRows(own, dossierTable, o.Dossiers, dossierOf),
	)
	return o, err
}

func ownRows[T interface{ Check() error }](own fs.FS, t table, into map[string]T, of func(*row) T) error {
	rows, err := t.rows(own, t.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, r := range rows {
		one := of(r)
		if err := errors.Join(r.err, one.Check()); err != nil {
			return fmt.Errorf("%s: %w", r.where, err)
		}
		into[t.keyOf(r)] = one
	}
	return err
}

// Files gives the tables as files by name, in the form that LoadOver reads; a
// table without rows is none. The error names a row that it would refuse.
func (o Own) Files() (map[string][]byte, error) {
	files := map[string][]byte{}
	err := errors.Join(
		writeRows(files, organisationTable, o.Organisations),
		writeRows(files, regulationTable, o.Regulations),
		writeRows(files, dossierTable, o.Dossiers),
	)
	return files, err
}

func writeRows[T interface {
	Check() error
	fields() []string
}](files map[string][]byte, t table, rows map[string]T) error {
	if len(rows) == 0 {
		return nil
	}
	var lines []string
	for key, one := range rows {
		fields := one.fields()
		line := strings.Join(fields, "\t")
		switch {
		case one.Check() != nil:
			return one.Check()
		case fields[len(fields)-1] == "":
			return fmt.Errorf("%s heeft geen bron", key)
		case strings.Count(line, "\t") != len(fields)-1 || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' }):
			return fmt.Errorf("%s bevat een tab of een ander stuurteken", key)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	header := strings.ReplaceAll(t.header, " ", "\t")
	files[t.name] = []byte(header + "\n" + strings.Join(lines, "\n") + "\n")
	return nil
}
