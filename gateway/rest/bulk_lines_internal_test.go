package rest

import (
	"bytes"
	"slices"
	"testing"
)

// FuzzBulk cuts arbitrary bytes into lines, given in blocks of any size: what is
// found is what a plain split finds, with no more kept than a line.
func FuzzBulk(f *testing.F) {
	f.Add([]byte("a\n\nbb\r\n \n12345678\n123456789\nc"), uint8(3))
	f.Add([]byte("\xef\xbb\xbf\n\xef\xbb\xbfa"), uint8(1))
	f.Add(bytes.Repeat([]byte("x"), 40), uint8(7))
	f.Fuzz(func(t *testing.T, data []byte, size uint8) {
		const longest, tooLong = 8, 20
		type found struct {
			number int
			text   string
			kind   kind
		}
		var want []found
		for i, line := range bytes.Split(data, []byte("\n")) {
			text := line
			if i == 0 {
				text = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			text = bytes.Trim(text, " \t\r")
			switch {
			case len(line) > longest:
				want = append(want, found{i + 1, "", foundLong})
			case len(text) > 0:
				want = append(want, found{i + 1, string(text), foundLine})
			}
		}
		l := lines{max: longest, endless: tooLong}
		var got []found
		ended := false
		for block := range slices.Chunk(data, int(size)+1) {
			l.feed(bytes.Clone(block))
			for !ended {
				text, kind := l.next()
				if kind == foundPart {
					break
				}
				got = append(got, found{l.number, string(text), kind})
				ended = kind == foundEndless
			}
			if cap(l.part) > 4*longest {
				t.Fatalf("%d bytes are kept", cap(l.part))
			}
		}
		if text, kind := l.last(); !ended && kind != foundPart {
			got = append(got, found{l.number, string(text), kind})
		}
		if ended { // it is the last, and it is too long whatever follows
			last := len(got) - 1
			if got[last].kind = foundLong; last >= len(want) || !slices.Equal(got, want[:last+1]) {
				t.Errorf("got %v, want the first of %v", got, want)
			}
			return
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
