package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mapping says how rows become signals.
type Mapping struct {
	// Sheet is the sheet of a workbook; empty is its first.
	Sheet string `yaml:"blad"`
	// Header is the number of the row with the headings, from 1; 0 is 1.
	Header int `yaml:"kopregel"`
	// Separator is what stands between the cells of CSV; empty is found out:
	// semicolon, comma or tab.
	Separator string `yaml:"scheidingsteken"`
	// Charset is that of CSV, "utf-8" or "windows-1252"; empty is UTF-8, and of
	// lines that are not that Windows-1252, as Excel writes it.
	Charset string `yaml:"tekenset"`
	// Fixed are fields that are the same in every row.
	Fixed map[string]any `yaml:"vast"`
	// Columns are the fields by heading. Other columns are left out. None is
	// every column, under its heading.
	Columns map[string]Column `yaml:"kolommen"`
}

// Column says what a column holds.
type Column struct {
	// Field is a path on the wire, such as "titel", "omvang/minimum" or
	// "regelingen/0/jci".
	Field string `yaml:"veld"`
	// Split separates several values in a cell; for a field that takes several
	// it is ";" if empty.
	Split string `yaml:"splits"`
	// Values translates what stands in the cells.
	Values map[string]string `yaml:"waarden"`
	// DateForm is how dates are written: "jjjj-mm-dd", "dd-mm-jjjj" (also with
	// / or .) or "mm/dd/jjjj". Cells that a workbook knows as dates need none.
	DateForm string `yaml:"datumvorm"`
}

// UnmarshalYAML reads a column: the field alone, or all of it.
func (c *Column) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&c.Field)
	}
	type plain Column
	known := map[string]bool{"veld": true, "splits": true, "waarden": true, "datumvorm": true}
	for i := 0; i < len(node.Content); i += 2 {
		if !known[node.Content[i].Value] {
			return fmt.Errorf("regel %d: onbekende instelling %q van een kolom", node.Content[i].Line, node.Content[i].Value)
		}
	}
	return node.Decode((*plain)(c))
}

// ParseMapping reads a mapping (YAML 1.2). The error says in Dutch what is wrong
// and where.
func ParseMapping(r io.Reader) (Mapping, error) {
	var m Mapping
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return m, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("de toewijzing kan niet worden gelezen: %w", err)
	}
	return m, m.check()
}

// check sees to it that every field that the mapping names exists.
func (m Mapping) check() error {
	var err error
	if m.Header < 0 {
		err = errors.New("kopregel telt vanaf 1")
	}
	if len([]rune(m.Separator)) > 1 || strings.ContainsAny(m.Separator, "\"\r\n") {
		err = errors.Join(err, errors.New("scheidingsteken is één teken, zoals ; of ,"))
	}
	switch m.Charset {
	case "", "utf-8", "windows-1252":
	default:
		err = errors.Join(err, errors.New("tekenset is utf-8 of windows-1252"))
	}
	for heading, c := range m.Columns {
		if _, wrong := findField(c.Field); wrong != nil {
			err = errors.Join(err, fmt.Errorf("kolom %q: %w", heading, wrong))
		}
		if _, wrong := layouts(c.DateForm); wrong != nil {
			err = errors.Join(err, fmt.Errorf("kolom %q: %w", heading, wrong))
		}
	}
	for path := range m.Fixed {
		if _, wrong := findField(path); wrong != nil {
			err = errors.Join(err, fmt.Errorf("vast: %w", wrong))
		}
	}
	return err
}
