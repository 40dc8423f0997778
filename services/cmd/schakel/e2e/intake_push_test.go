package e2e

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/xuri/excelize/v2"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// refusedLine is a line of the file of refused signals.
type refusedLine struct {
	Line    int    `json:"regel"`
	Place   string `json:"plaats"`
	Problem struct {
		Status   int    `json:"status"`
		Reason   string `json:"reden"`
		Detail   string `json:"detail"`
		Resource string `json:"betreft"`
		Faults   []struct {
			Pointer string `json:"pointer"`
			Reason  string `json:"reden"`
			Text    string `json:"tekst"`
			Place   string `json:"plaats"`
		} `json:"fouten"`
	} `json:"probleem"`
	Signal any    `json:"signaal"`
	Text   string `json:"tekst"`
}

// sheet is attempts as push reads them: where each begins, and how its place and
// that of a fault is told.
type sheet struct {
	file    string
	numbers []int
	place   func(number int, pointer string) string
}

// push pushes attempts, and holds what push says of them to each other: the
// counts, the exit code and the file of what was refused.
func (s sheet) push(t *testing.T, h *house, all []attempt) (out []found) {
	t.Helper()
	refusals := filepath.Join(t.TempDir(), "geweigerd.ndjson")
	args := []string{"push", s.file, "--server=" + h.http, "--token=" + h.caller(t, all[0].as), "--refused=" + refusals, "--output=json"}
	if all[0].trial {
		args = append(args, "--dry-run")
	}
	c := schakel(t, args...)
	if strings.Contains(c.out+c.stderr, canary) {
		t.Errorf("the terminal shows what was sent: %s", c.stderr)
	}
	var got summary
	c.json(t, &got)
	lines := refusedLines(t, refusals)
	if want := min(len(lines), 1); c.code != want || got.Refused != len(lines) || got.Accepted+got.Repeated+got.Refused != len(all) {
		t.Errorf("of %d signals %+v, %d of them in the file, exit code %d: %s", len(all), got, len(lines), c.code, c.stderr)
	}
	var want summary
	for i, a := range all {
		line, isRefused := lines[s.numbers[i]]
		switch {
		case isRefused:
			out = append(out, s.refused(t, a, line))
			continue
		case a.verdict == "accepted":
			want.Accepted++
		case a.verdict == "repeated":
			want.Repeated++
		}
		out = append(out, found{verdict: a.verdict}) // which the counts bear out
	}
	if want.Accepted != got.Accepted || want.Repeated != got.Repeated {
		t.Errorf("%+v, want %+v", got, want)
		for i := range out {
			if !strings.HasPrefix(out[i].verdict, "refused") {
				out[i].verdict += " or otherwise"
			}
		}
	}
	return out
}

// refused is what the file says of a refused signal.
func (s sheet) refused(t *testing.T, a attempt, line refusedLine) found {
	t.Helper()
	if want := s.place(line.Line, ""); line.Place != want {
		t.Errorf("%s: it stands at %s, want %s", a.of, line.Place, want)
	}
	if line.Signal == nil && line.Text == "" && line.Problem.Reason != "te-groot" && string(a.text) != "null" {
		t.Errorf("%s: it is not given back", a.of)
	}
	f := found{verdict: fmt.Sprintf("refused %d %s", line.Problem.Status, line.Problem.Reason), id: line.Problem.Resource}
	for _, fault := range line.Problem.Faults {
		f.faults = append(f.faults, fault.Pointer+" "+fault.Reason)
		if want := s.place(line.Line, fault.Pointer); fault.Place != want {
			t.Errorf("%s: %s stands at %s, want %s", a.of, fault.Pointer, fault.Place, want)
		}
		if fault.Text == "" {
			t.Errorf("%s: %s has no text", a.of, fault.Pointer)
		}
	}
	slices.Sort(f.faults)
	return f
}

// refusedLines reads the file of refused signals, which need not be there.
func refusedLines(t *testing.T, path string) map[int]refusedLine {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	all := map[int]refusedLine{}
	for line := range bytes.Lines(text) {
		var r refusedLine
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all[r.Line] = r
	}
	return all
}

func pushNDJSON(t *testing.T, h *house, all []attempt) []found {
	t.Helper()
	s := sheet{place: func(number int, _ string) string { return fmt.Sprintf("regel %d", number) }}
	var text bytes.Buffer
	for i, a := range all {
		text.Write(a.text)
		text.WriteByte('\n')
		s.numbers = append(s.numbers, i+1)
	}
	s.file = write(t, "signalen.ndjson", text.Bytes())
	return s.push(t, h, all)
}

func pushCSV(t *testing.T, h *house, all []attempt) []found {
	t.Helper()
	headings, rows := tabulated(all)
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	w.Comma = ';'
	s := sheet{place: placeIn(headings, "")}
	for _, row := range append([][]string{headings}, rows...) {
		s.numbers = append(s.numbers, 1+bytes.Count(text.Bytes(), []byte("\n")))
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
		w.Flush()
	}
	s.numbers = s.numbers[1:]
	s.file = write(t, "signalen.csv", text.Bytes())
	return s.push(t, h, all)
}

func pushXLSX(t *testing.T, h *house, all []attempt) []found {
	t.Helper()
	headings, rows := tabulated(all)
	book := excelize.NewFile()
	defer book.Close()
	s := sheet{place: placeIn(headings, "blad Sheet1, ")}
	for i, row := range append([][]string{headings}, rows...) {
		s.numbers = append(s.numbers, i+1)
		for j, text := range row {
			cell := must(excelize.CoordinatesToCellName(j+1, i+1))(t)
			var value any = text
			if n, err := strconv.Atoi(text); err == nil && i > 0 {
				value = n
			}
			if text == "" {
				continue
			}
			if err := book.SetCellValue("Sheet1", cell, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.numbers = s.numbers[1:]
	s.file = filepath.Join(t.TempDir(), "signalen.xlsx")
	if err := book.SaveAs(s.file); err != nil {
		t.Fatal(err)
	}
	return s.push(t, h, all)
}

// placeIn tells where a fault stands in a table: in the column of its field, or in
// one within it, or in the row.
func placeIn(headings []string, in string) func(int, string) string {
	return func(number int, pointer string) string {
		place := fmt.Sprintf("%srij %d", in, number)
		at := slices.IndexFunc(headings, func(h string) bool {
			return pointer != "" && (strings.HasPrefix(pointer+"/", "/"+h+"/") || strings.HasPrefix("/"+h, pointer+"/"))
		})
		if at < 0 {
			return place
		}
		column, _ := excelize.ColumnNumberToName(at + 1)
		return fmt.Sprintf("%s, kolom %s (%s)", place, column, headings[at])
	}
}

// tabulated makes a table of signals, under the paths of their fields.
func tabulated(all []attempt) (headings []string, rows [][]string) {
	paths := map[string]bool{}
	var cells []map[string]string
	for _, a := range all {
		row := map[string]string{}
		flatten((&signalsv1.Signal{}).ProtoReflect().Descriptor(), "", a.tree, row)
		cells = append(cells, row)
		for path := range row {
			paths[path] = true
		}
	}
	headings = slices.Sorted(maps.Keys(paths))
	for _, row := range cells {
		line := make([]string, len(headings))
		for i, path := range headings {
			line[i] = row[path]
		}
		rows = append(rows, line)
	}
	return headings, rows
}

// inTable says whether a signal can be said as a row of cells.
func inTable(a attempt, workbook bool) bool {
	cells := map[string]string{}
	if a.tree == nil || a.call || !flatten((&signalsv1.Signal{}).ProtoReflect().Descriptor(), "", a.tree, cells) {
		return false
	}
	for _, cell := range cells {
		if workbook && (len(cell) > 32_000 || strings.ContainsFunc(cell, func(r rune) bool { return unicode.IsControl(r) && r != '\n' })) {
			return false
		}
	}
	return true
}

// flatten makes cells of a message, and says whether that can be.
func flatten(md protoreflect.MessageDescriptor, prefix string, tree map[string]any, cells map[string]string) bool {
	for name, value := range tree {
		field := md.Fields().ByJSONName(name)
		if field == nil || isOutputOnly(field) {
			return false
		}
		path := prefix + name
		if list, ok := value.([]any); ok && field.IsList() && field.Message() != nil {
			for i, one := range list {
				below, ok := one.(map[string]any)
				if !ok || len(below) == 0 || !flatten(field.Message(), fmt.Sprintf("%s/%d/", path, i), below, cells) {
					return false
				}
			}
			continue
		}
		if below, ok := value.(map[string]any); ok && field.Message() != nil && !field.IsList() {
			if len(below) == 0 || !flatten(field.Message(), path+"/", below, cells) {
				return false
			}
			continue
		}
		if cell, ok := cellOf(field, value); !ok {
			return false
		} else if cell != "" {
			cells[path] = cell
		}
	}
	return true
}

// cellOf is a value of a field as somebody types it.
func cellOf(field protoreflect.FieldDescriptor, value any) (string, bool) {
	isNumber, isBool := field.Kind() == protoreflect.Int32Kind, field.Kind() == protoreflect.BoolKind
	switch v := value.(type) {
	case string:
		return v, field.Message() == nil && !field.IsList() && v != "" && v == strings.TrimSpace(v) && !strings.Contains(v, "\r")
	case int:
		return strconv.Itoa(v), isNumber
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), isNumber
	case bool:
		return map[bool]string{true: "ja", false: "nee"}[v], isBool
	case []any:
		var parts []string
		for _, one := range v {
			part, ok := one.(string)
			if !ok || part == "" || part != strings.TrimSpace(part) || strings.Contains(part, ";") {
				return "", false
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, "; "), field.IsList() && field.Message() == nil
	}
	return "", false
}

func isOutputOnly(field protoreflect.FieldDescriptor) bool {
	behaviour, _ := proto.GetExtension(field.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviour, annotations.FieldBehavior_OUTPUT_ONLY)
}
