package reference

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// index finds which of a list of things resembles a text. Resemblance is the
// share of letter pairs in common (Sørensen–Dice), which forgives swapped,
// missing and wrong letters, in names and in codes alike.
type index [][]key

// key is one of the names by which a thing is known.
type key struct {
	words []string
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

// newIndex indexes things 0 to n-1 under the names that names gives.
func newIndex(n int, names func(i int) []string) index {
	ix := make(index, n)
	for i := range ix {
		for _, name := range names(i) {
			if k := newKey(name); len(k.words) > 0 {
				ix[i] = append(ix[i], k)
			}
		}
	}
	return ix
}

// nearest returns at most n things that resemble the text, best first, ties in
// the order of the list.
func (ix index) nearest(text string, n int) []int {
	q := newKey(text[:min(len(text), maxQuery)])
	type hit struct {
		thing int
		score float64
	}
	var hits []hit
	for i, keys := range ix {
		best := 0.0
		for _, k := range keys {
			best = max(best, q.likeness(k))
		}
		if best > enough {
			hits = append(hits, hit{i, best})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	var out []int
	for _, h := range hits[:min(len(hits), max(n, 0))] {
		out = append(out, h.thing)
	}
	return out
}

// newKey folds a name. Of a URI only the last segment counts, since the rest is
// the same for all.
func newKey(name string) key {
	if strings.Contains(name, "://") || strings.HasPrefix(name, "urn:") {
		name = name[strings.LastIndexAny(name, "/:")+1:]
	}
	words := strings.FieldsFunc(fold(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	k := key{words: words}
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

// likeness is between 0 and 1.
func (k key) likeness(other key) float64 {
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
	dice := 2 * float64(common) / float64(max(len(k.pairs)+len(other.pairs), 1))
	if len(k.words) == 1 && len(k.words[0]) > 2 && slices.Contains(other.words, k.words[0]) {
		dice = max(dice, oneWord)
	}
	return dice
}

// fold lowers the case and drops the accents that Dutch and Frisian use.
func fold(s string) string { return unaccent.Replace(strings.ToLower(s)) }

var unaccent = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"í", "i", "ì", "i", "î", "i", "ï", "i", "ó", "o", "ò", "o", "ô", "o", "ö", "o", "ú", "u", "ù", "u", "û", "u", "ü", "u",
)
