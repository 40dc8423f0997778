package reference

import (
	"regexp"
	"strings"
)

// CVDR is a rule of a province, water board or municipality in the collection of
// decentralised rules, or one version of it.
type CVDR struct{ id, version string }

var cvdrForm = regexp.MustCompile(`^(CVDR[1-9]\d{0,6})(?:[_/]([1-9]\d{0,2}))?$`)

// ParseCVDR reads "CVDR123456" or "CVDR123456_1", also behind
// https://lokaleregelgeving.overheid.nl/, where the version follows a slash. An
// error is a *Problem.
func ParseCVDR(text string) (CVDR, error) {
	if err := tooLong(text); err != nil {
		return CVDR{}, err
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "https://lokaleregelgeving.overheid.nl/")
	m := cvdrForm.FindStringSubmatch(strings.ToUpper(text))
	if m == nil {
		return CVDR{}, &Problem{
			Reason: "cvdr-vorm",
			NL:     "Een decentrale regeling heeft de vorm CVDR123456 of CVDR123456_1.",
			EN:     "a rule of decentralised government has the form CVDR123456 or CVDR123456_1",
		}
	}
	return CVDR{id: m[1], version: m[2]}, nil
}

// String gives the number, with its version when there is one.
func (c CVDR) String() string { return strings.TrimSuffix(c.id+"_"+c.version, "_") }

// Key gives the number without version.
func (c CVDR) Key() string { return c.id }
