package table

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	// maxWorkbook is how large a workbook may become when it is unpacked: a
	// small file can hold a flood.
	maxWorkbook = 2 << 30
	// maxPart is how much of it is unpacked in memory; the rest goes through a
	// temporary file.
	maxPart = 64 << 20
)

// sheet reads a sheet of a workbook (ECMA-376), values as they are stored.
type sheet struct {
	file *excelize.File
	rows *excelize.Rows
	line int
}

func openWorkbook(in io.ReadCloser, m Mapping) (rows, string, error) {
	f, err := excelize.OpenReader(in, excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxWorkbook, UnzipXMLSizeLimit: maxPart,
	})
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, "", fmt.Errorf("het werkboek kan niet worden gelezen: %w", err)
	}
	name := m.Sheet
	all := f.GetSheetList()
	if name == "" && len(all) > 0 {
		name = all[0]
	}
	if !slices.Contains(all, name) {
		return nil, "", errors.Join(fmt.Errorf("het werkboek heeft geen blad %q; wel: %s", name, strings.Join(all, ", ")), f.Close())
	}
	r, err := f.Rows(name)
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("blad %s kan niet worden gelezen: %w", name, err), f.Close())
	}
	return &sheet{file: f, rows: r}, name, nil
}

func (s *sheet) next() ([]string, int, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return nil, 0, fmt.Errorf("na rij %d: %w", s.line, err)
		}
		return nil, 0, io.EOF
	}
	s.line++
	cells, err := s.rows.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, 0, fmt.Errorf("rij %d: %w", s.line, err)
	}
	return cells, s.line, nil
}

func (s *sheet) dates() dating {
	if p, err := s.file.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		return days1904
	}
	return days1900
}

func (s *sheet) unread(int) error { return nil }

func (s *sheet) close() error { return errors.Join(s.rows.Close(), s.file.Close()) }
