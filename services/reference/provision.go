package reference

import (
	"strings"
)

// ProvisionKind says in which register's notation a provision is written.
type ProvisionKind string

// The notations.
const (
	ProvisionJCI       ProvisionKind = "jci"       // national regulations: Juriconnect BWB 1.3
	ProvisionCELEX     ProvisionKind = "celex"     // acts of the European Union
	ProvisionKamerstuk ProvisionKind = "kamerstuk" // dossiers and documents of Parliament
	ProvisionCVDR      ProvisionKind = "cvdr"      // rules of decentralised government
)

// maxProvision bounds what is parsed, in bytes.
const maxProvision = 300

// Provision points at a rule. It is comparable; two are equal when their
// canonical text is. The zero Provision points nowhere.
type Provision struct {
	kind       ProvisionKind
	text       string
	key        string
	articleKey string
	label      string // without the name of the regulation
	bwb        string
	asOf       Date // the day as of which it is cited; zero when it names none
	// misnumbered says that a place in it is no number. It can be read, since what
	// was once stored must be; CheckProvision refuses it.
	misnumbered bool
}

// ParseProvision reads a provision in the notation of its kind. An error is a
// *Problem.
func ParseProvision(kind ProvisionKind, text string) (Provision, error) {
	switch kind {
	case ProvisionJCI:
		j, err := ParseJCI(text)
		if err != nil {
			return Provision{}, err
		}
		return Provision{kind, j.String(), j.Key(), j.articleKey(), j.label(), j.BWB(), j.validity, !j.numbered()}, nil
	case ProvisionCELEX:
		c, err := ParseCELEX(text)
		if err != nil {
			return Provision{}, err
		}
		key := celexPrefix + c.String()
		return Provision{kind, c.String(), key, key, c.Label(), "", Date{}, false}, nil
	case ProvisionKamerstuk:
		k, err := ParseKamerstuk(text)
		if err != nil {
			return Provision{}, err
		}
		return Provision{kind, k.String(), k.String(), k.String(), k.Label(), "", Date{}, false}, nil
	case ProvisionCVDR:
		c, err := ParseCVDR(text)
		if err != nil {
			return Provision{}, err
		}
		return Provision{kind, c.String(), c.Key(), c.Key(), c.String(), "", Date{}, false}, nil
	}
	return Provision{}, &Problem{
		Reason: "regeling-soort",
		NL:     "Deze soort regeling bestaat niet. Kies uit: jci, celex, kamerstuk, cvdr.",
		EN:     "no such kind of provision; choose from jci, celex, kamerstuk, cvdr",
	}
}

// ParseProvisionKey reads back what Key or ArticleKey gave.
func ParseProvisionKey(key string) (Provision, error) {
	switch {
	case strings.HasPrefix(key, "jci"):
		return ParseProvision(ProvisionJCI, key)
	case strings.HasPrefix(key, celexPrefix):
		return ParseProvision(ProvisionCELEX, key)
	case strings.HasPrefix(key, kamerstukPrefix):
		return ParseProvision(ProvisionKamerstuk, key)
	}
	return ParseProvision(ProvisionCVDR, key)
}

// Kind returns the notation.
func (p Provision) Kind() ProvisionKind { return p.kind }

// String gives the canonical text in the notation of its kind, such as
// "jci1.3:c:BWBR0019057&artikel=76&z=2026-01-01&g=2026-01-01", "32004R0883",
// "kst-36617-3" or "CVDR123456_1". ParseProvision reads it back.
func (p Provision) String() string { return p.text }

// Key gives the place without time or version, unique over all kinds, such as
// "jci1.3:c:BWBR0019057&artikel=76&lid=1", "celex:32004R0883", "kst-36617-3" or
// "CVDR123456".
func (p Provision) Key() string { return p.key }

// ArticleKey is Key cut off at the article: what provisions are matched and
// counted by.
func (p Provision) ArticleKey() string { return p.articleKey }

// BWB returns the number of the national regulation; empty for other kinds.
func (p Provision) BWB() string { return p.bwb }

// ProvisionLabel gives a provision as people cite it, in Dutch, such as
// "art. 76 lid 1 Wet WIA".
func (d *Data) ProvisionLabel(p Provision) string {
	if p.kind != ProvisionJCI {
		return p.label
	}
	name := p.bwb
	if r, ok := d.regulations[p.bwb]; ok {
		name = r.Short
	}
	return strings.TrimSpace(p.label + " " + name)
}

// tooLong refuses a text before it is looked at.
func tooLong(text string) error {
	if len(text) <= maxProvision {
		return nil
	}
	return &Problem{
		Reason: "regeling-te-lang",
		NL:     "De verwijzing is langer dan 300 tekens.",
		EN:     "the reference is longer than 300 characters",
	}
}
