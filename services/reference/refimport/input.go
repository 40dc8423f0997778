package refimport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode"

	"schakel.example/services/reference"
)

// Bounds on files of strangers, in bytes and in levels.
const (
	maxFile   = 2 << 30
	maxRecord = 1 << 20
	maxDepth  = 200
	maxText   = 4000 // of one value
)

// input is a file that is read as a stream, with the place of what is read.
type input struct {
	name  string
	from  *bufio.Reader
	total int64 // bytes given out
	start int64 // where the record that is being read begins
	// lines are the places of line ends at or after start; before counts those
	// before it.
	lines   []int64
	before  int
	records int
}

func newInput(name string, from io.Reader) *input {
	return &input{name: name, from: bufio.NewReader(from)}
}

var (
	errTooBig    = fmt.Errorf("het bestand is groter dan %d GiB", maxFile>>30)
	errBigRecord = fmt.Errorf("een record is groter dan %d MiB", maxRecord>>20)
	errDepth     = fmt.Errorf("het is dieper genest dan %d niveaus", maxDepth)
	errDoctype   = errors.New("het bevat een DOCTYPE, en die wordt om de veiligheid niet gelezen")
)

// Read implements io.Reader for the parsers. They read ahead, but no further than
// what a record may hold.
func (in *input) Read(p []byte) (int, error) {
	if in.total > maxFile {
		return 0, errTooBig
	}
	if in.total-in.start > maxRecord {
		return 0, errBigRecord
	}
	n, err := in.from.Read(p)
	for i := 0; i < n; {
		end := bytes.IndexByte(p[i:n], '\n')
		if end < 0 {
			break
		}
		i += end + 1
		in.lines = append(in.lines, in.total+int64(i-1))
	}
	in.total += int64(n)
	return n, err
}

// begin says that a record begins at an offset, and gives its place.
func (in *input) begin(offset int64) place {
	in.records++
	return place{in.name, in.records, in.lineAt(offset)}
}

// lineAt is the line of an offset, which is never before the one asked last.
func (in *input) lineAt(offset int64) int {
	in.start = offset
	passed := 0
	for passed < len(in.lines) && in.lines[passed] < offset {
		passed++
	}
	in.before += passed
	in.lines = in.lines[passed:]
	return in.before + 1
}

// explain says of an error in which file it is, and after which line.
func (in *input) explain(err error) error {
	return fmt.Errorf("%s, na record %d (regel %d): %w", in.name, in.records, in.before+1, err)
}

// first gives the first byte that is no space, after a byte order mark if there is
// one. It does not take it away.
func (in *input) first() (byte, error) {
	if mark, _ := in.from.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = in.from.Discard(3)
	}
	for {
		b, err := in.from.Peek(1)
		if err != nil {
			return 0, errors.New("het bestand is leeg")
		}
		if !bytes.ContainsAny(b, " \t\r\n") {
			return b[0], nil
		}
		_, _ = in.from.Discard(1)
		if b[0] == '\n' {
			in.before++
		}
	}
}

// clean makes one line of a value: without characters that steer, and with the
// marks of HTML read, which some registers have in their names.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(html.UnescapeString(s), " "))
	return strings.Join(strings.Fields(s), " ")
}

// dateOf reads a date, or the day of a time; empty is the zero Date.
func dateOf(s string) (reference.Date, error) {
	if s == "" {
		return reference.Date{}, nil
	}
	day, rest, _ := strings.Cut(s, "T")
	// An xsd:date may bear a zone.
	day, _, _ = strings.Cut(strings.TrimSuffix(day, "Z"), "+")
	d, err := reference.ParseDate(day)
	if err != nil || len(rest) > maxText {
		return d, fmt.Errorf("%q is geen datum", short(s))
	}
	return d, nil
}

// openEnded is the day that stands for no end in the registers.
var openEnded = reference.NewDate(9999, 12, 31)

// endOf is a last day, of which the registers' day without end is none.
func endOf(s string) (reference.Date, error) {
	d, err := dateOf(s)
	if d == openEnded {
		return reference.Date{}, err
	}
	return d, err
}
