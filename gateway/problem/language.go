package problem

import (
	"strings"

	"golang.org/x/text/language"
)

// voice is one of the two languages that texts are written in.
type voice struct {
	tag  string
	text func(Text) string
}

// choose takes the language that an Accept-Language header prefers: Dutch,
// unless English comes before it.
func choose(accept []string) voice {
	tags, _, err := language.ParseAcceptLanguage(strings.Join(accept, ","))
	if err == nil {
		// Language by language rather than by a matcher, which would take
		// German for nearer to Dutch than a second choice of English.
		for _, tag := range tags {
			switch base, _ := tag.Base(); base.String() {
			case "nl":
				return dutch()
			case "en":
				return english()
			}
		}
	}
	return dutch()
}

func dutch() voice { return voice{"nl", func(t Text) string { return t.NL }} }

func english() voice { return voice{"en", func(t Text) string { return t.EN }} }
