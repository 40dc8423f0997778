package table

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

var (
	errNumber  = errors.New("is geen geheel getal")
	errBoolean = errors.New("is geen ja of nee")
	errDate    = errors.New("is geen datum")
)

// dating is how a table tells dates.
type dating int

const (
	written  dating = iota // as text
	days1900               // as days since 1900, as workbooks do
	days1904               // as days since 1904, as some workbooks do
)

// read makes the value of a field out of a cell that is not empty.
func (c column) read(cell string, dates dating) (any, error) {
	if !c.field.list {
		return c.one(cell, dates)
	}
	var all []any
	split := c.Split
	if split == "" {
		split = ";"
	}
	for part := range strings.SplitSeq(cell, split) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		value, err := c.one(part, dates)
		if err != nil {
			return nil, err
		}
		all = append(all, value)
	}
	return all, nil
}

func (c column) one(cell string, dates dating) (any, error) {
	if other, ok := c.Values[cell]; ok {
		cell = other
	}
	switch c.field.kind {
	case number:
		return wholeNumber(cell)
	case boolean:
		switch strings.ToLower(cell) {
		case "ja", "j", "waar", "true", "1", "x":
			return true, nil
		case "nee", "n", "onwaar", "false", "0":
			return false, nil
		}
		return nil, errBoolean
	case date:
		return c.day(cell, dates)
	}
	return cell, nil
}

// wholeNumber reads a number as people and workbooks write it: 1200, 1.200,
// 1 200, 1200.0 or 1.2E+3.
func wholeNumber(cell string) (any, error) {
	plain := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(cell)
	if parts := strings.Split(plain, "."); len(parts) > 1 && thousands(parts) {
		plain = strings.Join(parts, "")
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return nil, errNumber
	}
	return int64(f), nil
}

// thousands says whether dots stand between groups of three.
func thousands(parts []string) bool {
	for i, p := range parts {
		if i > 0 && len(p) != 3 || len(p) == 0 || len(p) > 3 {
			return false
		}
	}
	return true
}

// day reads a date, and writes it YYYY-MM-DD.
func (c column) day(cell string, dates dating) (any, error) {
	if serial, err := strconv.ParseFloat(cell, 64); err == nil && dates != written {
		t, err := excelize.ExcelDateToTime(serial, dates == days1904)
		if err != nil || t.Year() > 9999 {
			return nil, errDate
		}
		return t.Format(time.DateOnly), nil
	}
	forms, err := layouts(c.DateForm)
	if err != nil {
		return nil, err
	}
	for _, form := range forms {
		if t, err := time.Parse(form, cell); err == nil {
			return t.Format(time.DateOnly), nil
		}
	}
	return nil, errDate
}
