package screen_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/screen"
)

// bare is a text without what one does not see.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if screen.Unseen(r) {
			return -1
		}
		return r
	}, text)
}

// moved gives findings in a text the places that they have in the bare text.
func moved(text string, found []screen.Finding) []screen.Finding {
	var all []screen.Finding
	for _, f := range found {
		runes := []rune(text)
		start := utf8.RuneCountInString(bare(string(runes[:f.Start-1]))) + 1
		all = append(all, screen.Finding{Kind: f.Kind, Start: start, End: start + utf8.RuneCountInString(bare(string(runes[f.Start-1:f.End]))) - 1})
	}
	return all
}

// stuffed puts a character without width between all others.
func stuffed(text string) string {
	var b strings.Builder
	for i, r := range text {
		b.WriteRune(r)
		b.WriteString([]string{"\u200b", "\u2060", "\ufeff", "\u00ad", "\u200d"}[i%5])
	}
	return b.String()
}

func FuzzText(f *testing.F) {
	for _, s := range byHand(f, "testdata/*.txt") {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?") // as protobuf has it
		found := screen.Text(text)
		last := 0
		for _, f := range found {
			if f.Start <= last || f.End < f.Start || f.End > utf8.RuneCountInString(text) {
				t.Fatalf("%q: %v is out of bounds or out of order", text, found)
			}
			last = f.End
		}
		if diff := cmp.Diff(found, screen.Text(text)); diff != "" {
			t.Errorf("%q, once and again:\n%s", text, diff)
		}
		// What one does not see changes nothing but the places.
		plain := bare(text)
		want := screen.Text(plain)
		if diff := cmp.Diff(want, moved(text, found)); diff != "" {
			t.Errorf("%q, bare and as it was:\n%s", text, diff)
		}
		if all := stuffed(plain); utf8.RuneCountInString(plain) < 5000 {
			if diff := cmp.Diff(want, moved(all, screen.Text(all))); diff != "" {
				t.Errorf("%q, bare and stuffed:\n%s", text, diff)
			}
		}
		if out := screen.Violations(found); len(out) > 10 || (len(out) == 0) != (len(found) == 0) {
			t.Errorf("%q: %d violations of %d findings", text, len(out), len(found))
		}
		planted(t, text)
		// A reference has nothing that a text has not.
		if len(screen.Reference(text)) > 0 && len(found) == 0 {
			t.Errorf("%q: found in the reference alone", text)
		}
	})
}

// planted puts an identifier behind a text: whatever the text is, the identifier
// is found, or is part of what is.
func planted(t *testing.T, text string) {
	for _, secret := range []string{"BSN 999990019", "geboortedatum: 12-03-1980", "v.oorbeeld@example.org", "IBAN NL02 ABNA 0123 4567 89", "klantnummer 12345"} {
		all := text + "\n\n" + secret + "\n\n"
		end := utf8.RuneCountInString(all) - 2
		found := screen.Text(all)
		if n := len(found); n < 64 && (n == 0 || found[n-1].End < end) {
			t.Errorf("%q is not found behind %q: %v", secret, text, found)
		}
	}
}
