package reference

import (
	"regexp"
	"strings"
)

// How the parts of Dutch legislation are numbered: 76, 47a, 138ab, 4:95, 6.2a,
// 3.1.2, 14bis, IV, XIIIa, P 15, A1. A number is made of pieces with a colon, a dot
// or a space (here an underscore) between them. Words are few and known, so that a
// number holds no text about people.
const (
	digits = `\d{1,4}(?:bis|ter|quater|quinquies|sexies|septies|octies|novies|decies|[A-Za-z]{1,2})?`
	piece  = `(?:` + digits + `(?:-` + digits + `)?|[IVXLC]{1,8}[A-Za-z]?|[ivxlc]{1,8}|[A-Za-z]{1,2}(?:\d{1,3}[a-z]?)?|bis|ter|quater|quinquies)`
	number = piece + `(?:[_:.]` + piece + `){0,5}`
	tens   = `(?:twintig|dertig|veertig|vijftig)ste`
	units  = `(?:een|twee|drie|vier|vijf|zes|zeven|acht|negen)`
)

var (
	numberForm = regexp.MustCompile(`^(?:` + number + `)$`)
	// Annexes and articles that are the only one have a word; books, titles and
	// divisions of old codes an ordinal, such as Tweede and Vijfentwintigste.
	articleForm   = regexp.MustCompile(`^(?i:enig|bijlage(?:_` + number + `)?)$`)
	containerForm = regexp.MustCompile(`^(?i:enige?|algemeen|(?:eer|acht)ste|(?:twee|der|vier|vijf|zes|zeven|negen|tien|elf|twaalf)de|(?:der|veer|vijf|zes|zeven|acht|negen)tiende|(?:` +
		units + `(?:en|ën))?` + tens + `)(?:_` + piece + `)?$`)
)

// numbered says whether all places in the reference are numbers as legislation has
// them.
func (j JCI) numbered() bool {
	for _, p := range j.containers {
		if !isNumber(p.value) && !containerForm.MatchString(p.value) {
			return false
		}
	}
	return (j.article == "" || isNumber(j.article) || articleForm.MatchString(j.article)) &&
		(j.paragraph == "" || isNumber(j.paragraph)) &&
		(j.item == "" || isNumber(j.item) || isRow(j.item))
}

// isNumber finds most out at a glance.
func isNumber(value string) bool {
	if len(value) <= 4 && strings.Trim(value, "0123456789") == "" {
		return true
	}
	return numberForm.MatchString(value)
}

// isRow says whether an item is one letter over again: after z come aa and aaa.
func isRow(value string) bool {
	return len(value) == 3 && value[0] >= 'a' && value[0] <= 'z' && strings.Count(value, value[:1]) == 3
}

func misnumbered() error {
	return &Problem{
		Reason: "jci-nummer",
		NL:     "Een plaats in een regeling is een nummer, zoals 76, 47a, 4:95, 6.2a, IV of P 15, en geen tekst.",
		EN:     "a place in a regulation is a number, such as 76, 47a, 4:95, 6.2a, IV or P 15, and no text",
	}
}
