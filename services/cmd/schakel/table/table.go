package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Format is a form of table.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Problem is a cell that is no text.
type Problem struct {
	// Place says in Dutch where: sheet, row, column and heading.
	Place string
	// Pointer is the field that the cell is for, as JSON pointer.
	Pointer string
	Err     error
}

// Row is a signal of a table.
type Row struct {
	// Number is that of the row, from 1, as a person counts in the file.
	Number int
	// Signal is it on the wire. It is whole only without Problems.
	Signal   json.RawMessage
	Problems []Problem
}

// Table is a table that is being read.
type Table struct {
	sheet   string
	columns []column
	fixed   map[string]any
	rows    rows
	number  int
}

// column is one column of the file that is read.
type column struct {
	Column
	heading string
	index   int // from 0
	field   field
}

// rows gives the cells of one row after another.
type rows interface {
	// next gives the cells of the next row, and its number in the file; io.EOF
	// after the last.
	next() (cells []string, number int, err error)
	dates() dating
	// unread says why a cell of the last row is no text; nil when it is.
	unread(index int) error
	close() error
}

// Open begins to read a table, and closes it in the end. Of a workbook all is read
// at once. The error says in Dutch what is wrong with it.
func Open(in io.ReadCloser, format Format, m Mapping) (*Table, error) {
	var r rows
	var err error
	t := &Table{}
	switch format {
	case CSV:
		r, err = openCSV(in, m)
	case XLSX:
		r, t.sheet, err = openWorkbook(in, m)
	default:
		err = errors.Join(fmt.Errorf("onbekende soort tabel %q", format), in.Close())
	}
	if err != nil {
		return nil, err
	}
	t.rows = r
	if err := t.begin(m); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return t, nil
}

// Close ends the reading.
func (t *Table) Close() error { return t.rows.close() }

// begin reads the headings.
func (t *Table) begin(m Mapping) error {
	header := max(m.Header, 1)
	var headings []string
	for t.number < header {
		var err error
		if headings, t.number, err = t.rows.next(); errors.Is(err, io.EOF) {
			return errors.New("de tabel heeft geen rij met koppen")
		} else if err != nil {
			return err
		}
	}
	if t.number != header {
		return fmt.Errorf("rij %d, waar de koppen horen te staan, is leeg", header)
	}
	if err := t.match(headings, m.Columns); err != nil {
		return err
	}
	t.fixed = map[string]any{}
	for path, value := range m.Fixed {
		f, err := findField(path)
		if err != nil {
			return err
		}
		if day, ok := value.(time.Time); ok { // YAML knows dates
			value = day.Format(time.DateOnly)
		}
		put(t.fixed, f.path, value)
	}
	return nil
}

// match finds the columns that the mapping names.
func (t *Table) match(headings []string, wanted map[string]Column) error {
	var err error
	seen := map[string]bool{}
	for i, heading := range headings {
		heading = strings.TrimSpace(heading)
		c, ok := wanted[heading]
		if len(wanted) == 0 && heading != "" {
			c, ok = Column{Field: heading}, true
		}
		if !ok {
			continue
		}
		if seen[heading] {
			err = errors.Join(err, fmt.Errorf("de kop %q staat er twee keer", heading))
			continue
		}
		seen[heading] = true
		f, wrong := findField(c.Field)
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("kolom %s (%s): %w", letters(i), heading, wrong))
			continue
		}
		t.columns = append(t.columns, column{c, heading, i, f})
	}
	for heading := range wanted {
		if !seen[heading] {
			err = errors.Join(err, fmt.Errorf("de tabel heeft geen kolom %q", heading))
		}
	}
	if err == nil && len(t.columns) == 0 {
		err = errors.New("de tabel heeft geen kolommen met koppen")
	}
	return err
}

// Next gives the next row that is not empty; io.EOF after the last.
func (t *Table) Next() (Row, error) {
	for {
		cells, number, err := t.rows.next()
		if err != nil {
			return Row{}, err
		}
		if !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			continue
		}
		return t.row(cells, number)
	}
}

func (t *Table) row(cells []string, number int) (Row, error) {
	row := Row{Number: number}
	signal := clone(t.fixed)
	for _, c := range t.columns {
		if c.index >= len(cells) {
			continue
		}
		cell := strings.TrimSpace(cells[c.index])
		if cell == "" {
			continue
		}
		if err := t.rows.unread(c.index); err != nil {
			row.Problems = append(row.Problems, Problem{t.place(number, &c), c.field.pointer(), err})
			continue
		}
		put(signal, c.field.path, c.read(cell, t.rows.dates()))
	}
	var err error
	row.Signal, err = json.Marshal(tidy(signal))
	return row, err
}

// Place says where the cell for a field stands, by the pointer of a fault; the
// row alone when no column is for it.
func (t *Table) Place(number int, pointer string) string {
	for _, c := range t.columns {
		own := c.field.pointer()
		if pointer == own || strings.HasPrefix(pointer, own+"/") || pointer != "" && strings.HasPrefix(own, pointer+"/") {
			return t.place(number, &c)
		}
	}
	return t.place(number, nil)
}

func (t *Table) place(number int, c *column) string {
	place := "rij " + strconv.Itoa(number)
	if t.sheet != "" {
		place = "blad " + t.sheet + ", " + place
	}
	if c != nil {
		place += ", kolom " + letters(c.index) + " (" + c.heading + ")"
	}
	return place
}

// letters are those of a column of a workbook: A for the first.
func letters(index int) string {
	name, err := excelize.ColumnNumberToName(index + 1)
	if err != nil {
		return strconv.Itoa(index + 1)
	}
	return name
}
