package reference

import (
	"regexp"
	"strings"
)

// Kamerstuk is a dossier of the States General or one document in it.
type Kamerstuk struct {
	dossier string // four or five digits
	// part is the chapter of a budget ("XV"), the mark of an act for the whole
	// Kingdom ("R2076"), the place in a series ("20"), or the letter of a document
	// of the Eerste Kamer: the name does not tell these apart.
	part string
	// number is the document in the dossier; empty for a dossier as a whole.
	number string
}

const kamerstukPrefix = "kst-"

// kamerstukPart is what a part looks like. One or two letters may be anything;
// three and more are a Roman numeral.
const kamerstukPart = `[A-Z]{1,2}|III|VIII?|XIII?|XIV|XVI{1,3}|XIX|XX[IVX]|R\d{3,4}`

var (
	kamerstukForm = regexp.MustCompile(`^([1-9]\d{3,4})(?:-(` + kamerstukPart + `))?(?:-([1-9]\d{0,3}))?$`)
	// seriesForm is a document in a dossier of a series, such as "21501-20-2100".
	// Without the document it cannot be told from a document of that number.
	seriesForm = regexp.MustCompile(`^([1-9]\d{3,4})-(\d{2})-([1-9]\d{0,3})$`)
)

// ParseKamerstuk reads "36617-3", "36600-XV-12", "36617" or "kst-36617-3", also
// behind https://zoek.officielebekendmakingen.nl/ with or without ".html". An
// error is a *Problem.
func ParseKamerstuk(text string) (Kamerstuk, error) {
	if err := tooLong(text); err != nil {
		return Kamerstuk{}, err
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "https://zoek.officielebekendmakingen.nl/")
	text = strings.ToUpper(strings.TrimSuffix(text, ".html"))
	text = strings.TrimPrefix(text, "KST-")
	m := kamerstukForm.FindStringSubmatch(text)
	if m == nil {
		m = seriesForm.FindStringSubmatch(text)
	}
	if m == nil {
		return Kamerstuk{}, &Problem{
			Reason: "kamerstuk-vorm",
			NL:     "Een Kamerstuk heeft de vorm 36617-3, 36600-XV-12 of 36617: dossier, hoofdstuk, stuk.",
			EN:     "a Kamerstuk has the form 36617-3, 36600-XV-12 or 36617: dossier, chapter, document",
		}
	}
	return Kamerstuk{dossier: m[1], part: m[2], number: m[3]}, nil
}

// String gives the name that officielebekendmakingen.nl uses, such as
// "kst-36617-3".
func (k Kamerstuk) String() string {
	s := kamerstukPrefix + k.dossier
	for _, p := range []string{k.part, k.number} {
		if p != "" {
			s += "-" + p
		}
	}
	return s
}

// Dossier returns the number of the dossier, with its part when it has one.
func (k Kamerstuk) Dossier() string { return strings.TrimSuffix(k.dossier+"-"+k.part, "-") }

// Label cites the document in Dutch, such as "Kamerstuk 36617, nr. 3".
func (k Kamerstuk) Label() string {
	s := "Kamerstuk " + strings.ReplaceAll(k.Dossier(), "-", " ")
	if k.number != "" {
		s += ", nr. " + k.number
	}
	return s
}
