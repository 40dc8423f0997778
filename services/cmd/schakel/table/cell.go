package table

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// dating is how a table tells dates.
type dating int

const (
	written  dating = iota // as text
	days1900               // as days since 1900, as workbooks do
	days1904               // as days since 1904, as some workbooks do
)

// read makes the value of a field out of a cell that is not empty. What the field
// does not take stays as it is.
func (c column) read(cell string, dates dating) any {
	if !c.field.list {
		return c.one(cell, dates)
	}
	var all []any
	split := c.Split
	if split == "" {
		split = ";"
	}
	for part := range strings.SplitSeq(cell, split) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, c.one(part, dates))
		}
	}
	return all
}

func (c column) one(cell string, dates dating) any {
	if other, ok := c.Values[cell]; ok {
		cell = other
	}
	switch c.field.kind {
	case number:
		return asNumber(cell)
	case boolean:
		switch strings.ToLower(cell) {
		case "ja", "j", "waar", "true", "1", "x":
			return true
		case "nee", "n", "onwaar", "false", "0":
			return false
		}
	case date:
		return c.day(cell, dates)
	}
	return cell
}

// decimal is a number as workbooks store it.
var decimal = regexp.MustCompile(`^[+-]?[0-9]{1,300}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$`)

// asNumber reads a number as people and workbooks write it: 1200, 1.200, 1 200,
// 1200.0 or 1.2E+3.
func asNumber(cell string) any {
	plain := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(cell)
	if parts := strings.Split(plain, "."); len(parts) > 1 && thousands(parts) {
		plain = strings.Join(parts, "")
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || !decimal.MatchString(plain) {
		return cell
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64))
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
func (c column) day(cell string, dates dating) string {
	if serial, err := strconv.ParseFloat(cell, 64); err == nil && dates != written {
		if t, err := excelize.ExcelDateToTime(serial, dates == days1904); err == nil && t.Year() <= 9999 {
			return t.Format(time.DateOnly)
		}
		return cell
	}
	forms, _ := layouts(c.DateForm) // was checked with the mapping
	for _, form := range forms {
		if t, err := time.Parse(form, cell); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return cell
}
