package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"schakel.example/services/cmd/schakel/table"
)

// maxLine is the longest line that Schakel takes.
const maxLine = 128 << 10

// item is one signal of a file.
type item struct {
	// number is that of its line or row, from 1.
	number int
	signal []byte
	// problem is why it is not even sent.
	problem *problem
}

// input gives the signals of a file one after another.
type input interface {
	// next gives the next signal; io.EOF after the last.
	next() (item, error)
	// place says in Dutch where a fault in a signal stands in the file.
	place(number int, pointer string) string
	close() error
}

// open opens the file as what it is, and tells what is read of it.
func (c *pushCmd) open(s streams, read io.Writer) (input, error) {
	format := c.Format
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(c.File)), ".")
	}
	isTable := format == string(table.CSV) || format == string(table.XLSX)
	switch {
	case c.Mapping != "" && !isTable:
		return nil, errors.New("een toewijzing hoort bij CSV of XLSX; zeg met --format welk van die het is")
	case !isTable && c.Format == "" && other[format]:
		return nil, fmt.Errorf("een bestand van de soort %s kan niet worden gelezen: sla het op als XLSX of CSV", format)
	}
	in := io.NopCloser(s.in)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return nil, fmt.Errorf("het bestand met signalen: %w", err)
		}
		in = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(f, read), f}
	}
	if isTable {
		return c.openTable(in, table.Format(format))
	}
	return &ndjson{in: bufio.NewReaderSize(in, maxLine), file: in}, nil
}

// other are tables of other programs, which would be read as very odd NDJSON.
var other = map[string]bool{"xls": true, "xlsb": true, "xlsm": true, "ods": true, "numbers": true, "tsv": true}

func (c *pushCmd) openTable(in io.ReadCloser, format table.Format) (input, error) {
	var m table.Mapping
	if c.Mapping != "" {
		f, err := os.Open(c.Mapping)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("de toewijzing: %w", err), in.Close())
		}
		defer f.Close()
		if m, err = table.ParseMapping(f); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", c.Mapping, err), in.Close())
		}
	}
	t, err := table.Open(in, format, m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	return tableRows{t}, nil
}

// ndjson reads a signal a line.
type ndjson struct {
	in     *bufio.Reader
	file   io.Closer
	number int
}

func (l *ndjson) next() (item, error) {
	for {
		line, err := l.in.ReadSlice('\n')
		l.number++
		if errors.Is(err, bufio.ErrBufferFull) {
			return item{number: l.number, problem: &problem{
				Status: http.StatusRequestEntityTooLarge, Reason: "te-groot", Title: "Te groot",
				Detail: fmt.Sprintf("Deze regel is te lang: een signaal is hoogstens %d KiB.", maxLine>>10),
			}}, l.skip()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return item{}, fmt.Errorf("regel %d: %w", l.number, err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return item{number: l.number, signal: bytes.Clone(line)}, nil
		}
		if err != nil {
			return item{}, io.EOF
		}
	}
}

// skip reads to the end of a line.
func (l *ndjson) skip() error {
	for {
		_, err := l.in.ReadSlice('\n')
		if err == nil || errors.Is(err, io.EOF) {
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

func (l *ndjson) place(number int, _ string) string { return "regel " + strconv.Itoa(number) }

func (l *ndjson) close() error { return l.file.Close() }

// tableRows reads a table.
type tableRows struct{ table *table.Table }

func (r tableRows) next() (item, error) {
	row, err := r.table.Next()
	if err != nil {
		return item{}, err
	}
	out := item{number: row.Number, signal: row.Signal}
	if len(row.Problems) > 0 {
		out.problem = &problem{Status: http.StatusBadRequest, Reason: "ongeldige-invoer", Title: "Ongeldige invoer", Detail: "De rij kan niet worden gelezen."}
		for _, p := range row.Problems {
			out.problem.Faults = append(out.problem.Faults, problemFault{Reason: "ongeldige-tekst", Pointer: p.Pointer, Text: p.Err.Error()})
		}
	}
	return out, nil
}

func (r tableRows) place(number int, pointer string) string { return r.table.Place(number, pointer) }

func (r tableRows) close() error { return r.table.Close() }

// asJSON is the signal as it was read, if it is JSON.
func (i item) asJSON() (json.RawMessage, string) {
	if json.Valid(i.signal) {
		return i.signal, ""
	}
	return nil, string(i.signal)
}
