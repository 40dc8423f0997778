package reference

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Index finds which of a list of things a text names or resembles. Resemblance
// is the share of letter pairs in common (Sørensen–Dice), which forgives swapped,
// missing and wrong letters, in names and in codes alike. It never changes.
type Index [][]key

// key is one of the names by which a thing is known.
type key struct {
	words []string
	whole string   // the words, joined
	pairs []uint64 // sorted
}

const (
	// maxQuery bounds the work for one text, in bytes.
	maxQuery = 200
	// enough is the least resemblance that is worth suggesting.
	enough = 0.5
	// oneWord is the resemblance of a thing that has the text among its words.
	oneWord = 0.8
)

// NewIndex indexes things 0 to n-1 under the names that names gives; an empty
// name is none.
func NewIndex(n int, names func(i int) []string) Index {
	ix := make(Index, n)
	for i := range ix {
		for _, name := range names(i) {
			k := newKey(name)
			same := func(other key) bool { return other.whole == k.whole }
			if len(k.words) > 0 && !slices.ContainsFunc(ix[i], same) {
				ix[i] = append(ix[i], k)
			}
		}
	}
	return ix
}

// nearest returns at most n things that resemble the text, best first, ties in
// the order of the list.
func (ix Index) nearest(text string, n int) []int {
	hits := ix.best(newQuery(text), enough, key.likeness)
	return hits[:min(len(hits), max(n, 0))]
}

// Search returns the things that the text names: exactly, or as the beginning of
// a name, or each of its words as the beginning of a word of a name. When it names
// none, those that resemble it. Best first, ties in the order of the list.
func (ix Index) Search(text string) []int {
	q := newQuery(text)
	if hits := ix.best(q, 0, key.begins); len(hits) > 0 {
		return hits
	}
	return ix.best(q, enough, key.likeness)
}

// best returns the things of which some name scores more than least, best first.
func (ix Index) best(q key, least float64, score func(q, name key) float64) []int {
	type hit struct {
		thing int
		score float64
	}
	var hits []hit
	for i, keys := range ix {
		best := 0.0
		for _, k := range keys {
			best = max(best, score(q, k))
		}
		if best > least {
			hits = append(hits, hit{i, best})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	out := make([]int, len(hits))
	for i, h := range hits {
		out[i] = h.thing
	}
	return out
}

// newQuery folds what is looked for.
func newQuery(text string) key { return newKey(text[:min(len(text), maxQuery)]) }

// newKey folds a name. Of a URI only the last segment counts, since the rest is
// the same for all.
func newKey(name string) key {
	if strings.Contains(name, "://") || strings.HasPrefix(name, "urn:") {
		name = name[strings.LastIndexAny(name, "/:")+1:]
	}
	words := strings.FieldsFunc(Fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	k := key{words: words, whole: strings.Join(words, " ")}
	for _, w := range words {
		previous := ' '
		for _, r := range w + " " {
			k.pairs = append(k.pairs, uint64(previous)<<32|uint64(r))
			previous = r
		}
	}
	slices.Sort(k.pairs)
	return k
}

// likeness is between 0 and 1; what cannot be above enough may be 0.
func (k key) likeness(other key) float64 {
	if len(k.words) == 1 && len(k.words[0]) > 2 && slices.Contains(other.words, k.words[0]) {
		return max(k.dice(other), oneWord)
	}
	return k.dice(other)
}

func (k key) dice(other key) float64 {
	// No more pairs can be in common than the shorter has.
	all := float64(max(len(k.pairs)+len(other.pairs), 1))
	if 2*float64(min(len(k.pairs), len(other.pairs)))/all <= enough {
		return 0
	}
	common := 0
	for i, j := 0, 0; i < len(k.pairs) && j < len(other.pairs); {
		switch c := cmp.Compare(k.pairs[i], other.pairs[j]); {
		case c == 0:
			common, i, j = common+1, i+1, j+1
		case c < 0:
			i++
		default:
			j++
		}
	}
	return 2 * float64(common) / all
}

// begins is above 0 when the text is the beginning of the name, or each of its
// words the beginning of a word of the name. The whole name counts most, then how
// much of the name is typed.
func (k key) begins(name key) float64 {
	if len(k.whole) == 0 {
		return 0
	}
	typed := float64(len(k.whole)) / float64(max(len(name.whole), len(k.whole)))
	switch {
	case k.whole == name.whole:
		return 3
	case strings.HasPrefix(name.whole, k.whole):
		return 1 + typed
	}
	for _, w := range k.words {
		if !slices.ContainsFunc(name.words, func(of string) bool { return strings.HasPrefix(of, w) }) {
			return 0
		}
	}
	return min(typed, 1)
}

// Fold lowers the case and drops accents, so that texts that read the same are
// the same.
func Fold(s string) string { return unaccent.Replace(strings.ToLower(s)) }

// unaccent knows the letters of Dutch and Frisian and of names in the registers,
// written as one character or with a combining mark.
var unaccent = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ä", "a", "ã", "a", "å", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"í", "i", "ì", "i", "î", "i", "ï", "i", "ĳ", "ij", "ñ", "n", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ø", "o",
	"ú", "u", "ù", "u", "û", "u", "ü", "u", "ý", "y", "ÿ", "y",
	"\u0300", "", "\u0301", "", "\u0302", "", "\u0303", "", "\u0308", "", "\u030a", "", "\u0327", "",
)
