package screen_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/screen"
)

// sample is a text with what is to be found in it.
type sample struct {
	name string
	text string
	want []screen.Finding
}

// marked is an identifier in a text of the corpus: ⟦bsn:999990019⟧.
var marked = regexp.MustCompile(`⟦([a-z-]+):([^⟧]*)⟧`)

// kind is the kind with a slug.
func kind(slug string) screen.Kind {
	for k := screen.BSN; k <= screen.BirthDate; k++ {
		if k.String() == slug {
			return k
		}
	}
	panic("no such kind: " + slug)
}

// escaped is a character that one would not see: {200B}.
var escaped = regexp.MustCompile(`\{([0-9A-F]{4,5})\}`)

// read makes a sample of a text with its identifiers marked.
func read(name, line string) sample {
	line = escaped.ReplaceAllStringFunc(line, func(code string) string {
		r, _ := strconv.ParseInt(code[1:len(code)-1], 16, 32)
		return string(rune(r))
	})
	s := sample{name: name}
	for {
		at := marked.FindStringSubmatchIndex(line)
		if at == nil {
			s.text += line
			return s
		}
		s.text += line[:at[0]]
		start := utf8.RuneCountInString(s.text) + 1
		s.text += line[at[4]:at[5]]
		s.want = append(s.want, screen.Finding{Kind: kind(line[at[2]:at[3]]), Start: start, End: utf8.RuneCountInString(s.text)})
		line = line[at[1]:]
	}
}

// byHand reads the samples in the files of a pattern, one a line.
func byHand(t testing.TB, pattern string) []sample {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var all []sample
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range strings.Split(string(text), "\n") {
			if line != "" && !strings.HasPrefix(line, "#") {
				all = append(all, read(fmt.Sprintf("%s:%d", filepath.Base(file), number+1), line))
			}
		}
	}
	return all
}

// check holds what is found in a sample to what is in it.
func check(t *testing.T, s sample) {
	t.Helper()
	if diff := cmp.Diff(s.want, screen.Text(s.text)); diff != "" {
		t.Errorf("%s: %q (-want +got):\n%s", s.name, s.text, diff)
	}
}

func TestEachSampleMadeByHandIsJudgedRight(t *testing.T) {
	t.Parallel()
	all := byHand(t, "testdata/*.txt")
	if len(all) < 300 {
		t.Errorf("only %d samples", len(all))
	}
	for _, s := range all {
		check(t, s)
	}
}
func TestEachReferenceIsJudgedRight(t *testing.T) {
	t.Parallel()
	for _, s := range byHand(t, "testdata/kenmerk/*.txt") {
		if diff := cmp.Diff(s.want, screen.Reference(s.text)); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", s.name, s.text, diff)
		}
	}
}
