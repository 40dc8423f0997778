package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// csvRows reads CSV (RFC 4180), with the separator that Excel writes in the
// Netherlands too.
type csvRows struct {
	file   io.Closer
	reader *csv.Reader
	decode func(string) (string, error)
	// garbled are the cells of the last row that are no text.
	garbled []int
}

func openCSV(in io.ReadCloser, m Mapping) (rows, error) {
	r, err := newCSV(in, m)
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	r.file = in
	return r, nil
}

func newCSV(in io.Reader, m Mapping) (*csvRows, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // they are there
	}
	head, err := buffered.Peek(buffered.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("de tabel: %w", err)
	}
	reader := csv.NewReader(buffered)
	reader.Comma = separator(string(head), m.Separator)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	return &csvRows{reader: reader, decode: decoder(m.Charset)}, nil
}

// separator is the given one, or the one of which the first line has most.
func separator(head, given string) rune {
	if given != "" {
		r, _ := utf8.DecodeRuneInString(given)
		return r
	}
	line, _, _ := strings.Cut(head, "\n")
	best, most := ';', 0
	for _, candidate := range []rune{';', ',', '\t'} {
		if n := strings.Count(line, string(candidate)); n > most {
			best, most = candidate, n
		}
	}
	return best
}

// unreadable stands for a cell that is no text.
const unreadable = "\ufffd"

var errCharset = errors.New("is geen tekst in UTF-8; kies in de toewijzing een andere tekenset, of geen")

// decoder makes UTF-8 of a cell.
func decoder(charset string) func(string) (string, error) {
	western := func(s string) (string, error) { return charmap.Windows1252.NewDecoder().String(s) }
	switch charset {
	case "utf-8":
		return func(s string) (string, error) {
			if !utf8.ValidString(s) {
				return "", errCharset
			}
			return s, nil
		}
	case "windows-1252":
		return western
	}
	return func(s string) (string, error) {
		if utf8.ValidString(s) {
			return s, nil
		}
		return western(s)
	}
}

func (r *csvRows) next() ([]string, int, error) {
	cells, err := r.reader.Read()
	if err != nil {
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			err = fmt.Errorf("rij %d kan niet worden gelezen: de aanhalingstekens kloppen niet", wrong.Line)
		}
		return nil, 0, err
	}
	line, _ := r.reader.FieldPos(0)
	r.garbled = r.garbled[:0]
	for i, cell := range cells {
		if cells[i], err = r.decode(cell); err != nil {
			cells[i], r.garbled = unreadable, append(r.garbled, i)
		}
	}
	return cells, line, nil
}

func (r *csvRows) unread(index int) error {
	if slices.Contains(r.garbled, index) {
		return errCharset
	}
	return nil
}

func (r *csvRows) dates() dating { return written }

func (r *csvRows) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
