package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"schakel.example/services/reference"
	"schakel.example/services/reference/refimport"
)

// loadReference loads the reference data, with those of a folder over them; empty
// is none.
func loadReference(folder string) (*reference.Data, error) {
	if folder == "" {
		return reference.Load()
	}
	data, err := reference.LoadOver(os.DirFS(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("de map met eigen referentiegegevens, %s, is er niet", folder)
	}
	if err != nil {
		return nil, fmt.Errorf("de eigen referentiegegevens in %s: %w", folder, err)
	}
	return data, nil
}

// referenceCmd is `schakel reference`.
type referenceCmd struct {
	Import referenceImportCmd `cmd:"" help:"Neem openbare bestanden op in een map met eigen referentiegegevens (zie: schakel serve --reference)."`
}

// referenceImportCmd is `schakel reference import`.
type referenceImportCmd struct {
	Source string   `arg:"" name:"bron" enum:"tooi,bwb,kamer" help:"Wat voor bestanden: tooi (register van organisaties, JSON of RDF), bwb (antwoord van de zoekdienst, WTI, manifest of toestand) of kamer (dossiers: OData of SyncFeed)."`
	Files  []string `arg:"" name:"bestand" type:"existingfile" help:"Bestanden, in de volgorde waarin ze tellen."`
	Into   string   `required:"" type:"path" help:"Map met de tabellen; wordt gemaakt als zij er niet is." placeholder:"MAP"`
	DryRun bool     `help:"Lees en controleer alles, en schrijf niets."`
	output
}

// Run takes the files in, all or none, and tells what changed. Records that were
// refused make the command fail, after the others were taken in.
func (c *referenceImportCmd) Run(s streams) error {
	im, err := c.take()
	if err != nil {
		return err
	}
	files, err := im.Files()
	if err != nil {
		return err
	}
	version := ""
	if !c.DryRun {
		if err := c.write(files); err != nil {
			return err
		}
		data, err := loadReference(c.Into)
		if err != nil {
			return err
		}
		version = data.Version()
	}
	r := im.Report()
	told := struct {
		refimport.Report
		Version string `json:"versieReferentiegegevens,omitzero"`
	}{r, version}
	if err := c.tell(s, told, importRows(r, version)...); err != nil {
		return err
	}
	if n := r.Counts[refimport.Refused]; n > 0 {
		return fmt.Errorf("geweigerd: %d; wat er wel goed was, is opgenomen", n)
	}
	return nil
}

func (c *referenceImportCmd) take() (*refimport.Importer, error) {
	if !c.DryRun {
		if err := os.MkdirAll(c.Into, 0o755); err != nil {
			return nil, fmt.Errorf("de map voor de tabellen: %w", err)
		}
	}
	im, err := refimport.New(os.DirFS(c.Into))
	if c.DryRun && errors.Is(err, fs.ErrNotExist) {
		im, err = refimport.New(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("de tabellen in %s: %w", c.Into, err)
	}
	for _, name := range c.Files {
		if err := takeFile(im, c.Source, name); err != nil {
			return nil, fmt.Errorf("er is niets opgenomen: %w", err)
		}
	}
	return im, nil
}

func takeFile(im *refimport.Importer, source, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return im.Take(source, fromHere(name), f)
}

// fromHere is a path as people would type it.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if near, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(near) {
		return near
	}
	return path
}

// write puts each table that changed in the place of the one before, so that a
// reader sees either.
func (c *referenceImportCmd) write(files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(c.Into, name)
		if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, files[name]) {
			continue
		}
		if err := replaceFile(path, files[name]); err != nil {
			return fmt.Errorf("de tabel %s: %w", name, err)
		}
	}
	return nil
}

func replaceFile(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".nieuw-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// importRows tell a report to people: each change, and how many there were last.
func importRows(r refimport.Report, version string) [][2]string {
	var rows [][2]string
	for _, c := range r.Changes {
		text := c.Name
		if c.Detail != "" {
			text += " (" + c.Detail + ")"
		}
		rows = append(rows, [2]string{
			word(c.Outcome) + " " + c.Key[strings.LastIndexByte(c.Key, '/')+1:],
			fmt.Sprintf("%s: %s, record %d, regel %d", text, c.File, c.Record, c.Line),
		})
	}
	for _, note := range r.Notes {
		rows = append(rows, [2]string{"let op", note})
	}
	for _, outcome := range []refimport.Outcome{refimport.Added, refimport.Changed, refimport.Ended, refimport.Refused} {
		rows = append(rows, [2]string{word(outcome), strconv.Itoa(r.Counts[outcome])})
	}
	rows = append(rows, [2]string{"ongewijzigd", strconv.Itoa(r.Unchanged)}, [2]string{"overgeslagen", strconv.Itoa(r.Passed)})
	if version != "" {
		rows = append(rows, [2]string{"versie", version})
	}
	return rows
}

// word is an outcome as people write it.
func word(o refimport.Outcome) string {
	if o == refimport.Ended {
		return "beëindigd"
	}
	return string(o)
}
