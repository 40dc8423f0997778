package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// open opens the file as what it is.
func (c *pushCmd) open(s streams, read io.Writer) (input, error) {
	format := c.Format
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(c.File)), ".")
	}
	switch table.Format(format) {
	case table.CSV, table.XLSX:
		return c.openTable(table.Format(format))
	}
	if c.Mapping != "" {
		return nil, errors.New("een toewijzing hoort bij CSV of XLSX")
	}
	if c.File == "-" {
		return &ndjson{in: bufio.NewReaderSize(s.in, maxLine), file: io.NopCloser(nil)}, nil
	}
	f, err := os.Open(c.File)
	if err != nil {
		return nil, fmt.Errorf("het bestand met signalen: %w", err)
	}
	return &ndjson{in: bufio.NewReaderSize(io.TeeReader(f, read), maxLine), file: f}, nil
}

func (c *pushCmd) openTable(format table.Format) (input, error) {
	var m table.Mapping
	if c.Mapping != "" {
		f, err := os.Open(c.Mapping)
		if err != nil {
			return nil, fmt.Errorf("de toewijzing: %w", err)
		}
		defer f.Close()
		if m, err = table.ParseMapping(f); err != nil {
			return nil, err
		}
	}
	t, err := table.Open(c.File, format, m)
	if err != nil {
		return nil, err
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
				Status: 413, Detail: fmt.Sprintf("De regel is langer dan %d bytes.", maxLine),
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
		out.problem = &problem{Status: 400, Detail: "De rij kan niet worden gelezen."}
		for _, p := range row.Problems {
			out.problem.Faults = append(out.problem.Faults, problemFault{Pointer: p.Pointer, Text: p.Err.Error()})
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
