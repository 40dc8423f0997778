package search

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/dutch"
	"golang.org/x/text/unicode/norm"
)

const (
	// maxToken bounds a token, in characters: what is longer is no word, and is
	// cut alike in texts and in questions.
	maxToken = 40
	// maxStems bounds how many words a Tokenizer remembers.
	maxStems = 20_000
	// maxRounds bounds how often a word is stemmed. It is done when nothing
	// changes: for words after two or three rounds, and for anything sooner than
	// this, since each round takes a letter off or gives the last one its voice.
	maxRounds = 2 * maxToken
)

// Tokenizer makes tokens of texts. It remembers the stems of words, since texts
// share most of theirs; it is for one goroutine.
type Tokenizer struct{ stems map[string]string }

// NewTokenizer makes a Tokenizer.
func NewTokenizer() *Tokenizer { return &Tokenizer{stems: map[string]string{}} }

// Tokens gives what the texts are found by, sorted, each once.
func (t *Tokenizer) Tokens(texts ...string) []string {
	found := map[string]struct{}{}
	for _, text := range texts {
		for word := range words(text) {
			if token := t.token(word); token != "" {
				found[token] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Query gives the tokens that a text must have to be found by a question: all
// that Tokens makes of it. None means that the question holds no word to search
// for.
func Query(question string) []string { return NewTokenizer().Tokens(question) }

// token is what a word is found by; "" for one that says nothing.
func (t *Tokenizer) token(word string) string {
	if stem, ok := t.stems[word]; ok {
		return stem
	}
	stem := ""
	if !isStop(word) {
		stem = stemmed(word)
	}
	if len(t.stems) < maxStems {
		t.stems[word] = stem
	}
	return stem
}

// words gives the words of a text, in lower case and without accents. A number is
// a word, also with dots between its thousands: 4.400 is 4400.
func words(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var word strings.Builder
		length := 0
		before := ' ' // the letter before the word
		dots := 0     // where the dots of a number end
		last := ' '
		// Compatibility takes ligatures and such apart, and accents off letters;
		// beside bytes that are no text it would not.
		text := norm.NFKD.String(strings.ToValidUTF8(text, " "))
		for i, r := range text {
			if length == 0 {
				before = last
			}
			last = r
			switch {
			case r == '.' && i < dots:
			case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
				// An accent, or what is not seen, such as a soft hyphen.
			case unicode.IsLetter(r) || unicode.IsDigit(r):
				for _, r := range plain(unicode.ToLower(r)) {
					if length++; length <= maxToken {
						word.WriteRune(r)
					}
				}
			case r == '.' && before != '.' && isShort(word.String()) && thousands(text[i:]) > 0:
				dots = i + thousands(text[i:])
			case length > 0:
				if !yield(word.String()) {
					return
				}
				word.Reset()
				length = 0
			}
		}
		if length > 0 {
			yield(word.String())
		}
	}
}

// isShort says whether a word is a number of at most three digits.
func isShort(word string) bool {
	return len(word) > 0 && len(word) <= 3 && strings.Trim(word, "0123456789") == ""
}

// thousands gives how far the text goes on with groups of a dot and three digits;
// 0 when what follows them says that this is no number in thousands, but a date, a
// number of an article or an address.
func thousands(text string) int {
	isDigit := func(i int) bool { return i < len(text) && text[i] >= '0' && text[i] <= '9' }
	end := 0
	for end < len(text) && text[end] == '.' && isDigit(end+1) && isDigit(end+2) && isDigit(end+3) {
		end += 4
	}
	next, _ := utf8.DecodeRuneInString(text[end:])
	if unicode.IsLetter(next) || unicode.IsDigit(next) || next == '.' && isDigit(end+1) {
		return 0
	}
	return end
}

// plain writes a letter that is no letter with an accent without its stroke.
func plain(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'đ':
		return "d"
	case 'ł':
		return "l"
	case 'ı':
		return "i"
	}
	return string(r)
}

// stemmed takes the endings off a word (Snowball's Dutch). Numbers, codes and
// words of other scripts stay as they are. Snowball leaves the consonants of a
// plural (huizen: huiz, gezinnen: gezinn) and takes the s of a singular for an
// ending (grens: gren); so its outcome gets the consonant of the singular, and is
// stemmed again until nothing changes.
func stemmed(word string) string {
	if strings.ContainsFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) {
		return word
	}
	for range maxRounds {
		env := snowballstem.NewEnv(word)
		dutch.Stem(env)
		next := singular(env.Current())
		if next == word || next == "" {
			break
		}
		word = next
	}
	return word
}

// singular ends a stem as words end in Dutch: with one consonant, and that
// without voice.
func singular(stem string) string {
	last := len(stem) - 1
	switch {
	case last < 1:
	case stem[last] == stem[last-1] && !strings.ContainsRune("aeiou", rune(stem[last])):
		return stem[:last]
	case stem[last] == 'z':
		return stem[:last] + "s"
	case stem[last] == 'v':
		return stem[:last] + "f"
	}
	return stem
}
