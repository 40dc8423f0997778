package reference

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// CELEX is the number of an act in EUR-Lex. Only sectors with rules and proposals
// for rules are read: 1 (treaties), 2 (agreements), 3 (legislation), 5
// (preparatory acts) and 0 (consolidated legislation).
type CELEX struct {
	sector, year, descriptor, number string
	// suffix is "(01)" of a series, "R(01)" of a corrigendum, or "-20190731", the
	// date of a consolidation.
	suffix string
}

const celexPrefix = "celex:"

var celexForm = regexp.MustCompile(`^([01235])(\d{4})([A-Z]{1,2})(\d{3,4})(\(\d{2}\)|R\(\d{2}\)|-\d{8})?$`)

// celexDescriptors are the kinds of act by sector; sector 0 has those of 3.
// Sector 1 names the treaty and is not listed.
var celexDescriptors = map[string][]string{
	"2": {"A", "D", "P", "X"},
	"3": {"A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "O", "Q", "R", "S", "X", "Y"},
	"5": {
		"AA", "AB", "AC", "AE", "AG", "AP", "AR", "AS", "AT", "BP", "DC", "DP", "EC", "FC", "GC", "HB", "IE", "IG",
		"IP", "JC", "KG", "M", "PC", "SA", "SC", "TA", "XB", "XC", "XE", "XG", "XP", "XR", "XX",
	},
}

// ParseCELEX reads a number such as "32004R0883", in either case, also behind
// "celex:". An error is a *Problem.
func ParseCELEX(text string) (CELEX, error) {
	if err := tooLong(text); err != nil {
		return CELEX{}, err
	}
	text = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "CELEX:")
	m := celexForm.FindStringSubmatch(text)
	if m == nil {
		return CELEX{}, &Problem{
			Reason: "celex-vorm",
			NL:     "Een CELEX-nummer heeft de vorm 32004R0883: sector, jaar, soort en nummer.",
			EN:     "a CELEX number has the form 32004R0883: sector, year, kind and number",
		}
	}
	c := CELEX{sector: m[1], year: m[2], descriptor: m[3], number: m[4], suffix: m[5]}
	if !c.consistent() {
		return CELEX{}, &Problem{
			Reason: "celex-inhoud",
			NL:     "De sector, het jaar, de soort en het nummer van dit CELEX-nummer passen niet bij elkaar.",
			EN:     "sector, year, kind and number of this CELEX number do not fit together",
		}
	}
	return c, nil
}

// consistent says whether the parts fit one another.
func (c CELEX) consistent() bool {
	// The first treaty is of 1951.
	if c.year < "1951" || c.year > "2099" {
		return false
	}
	consolidated := strings.HasPrefix(c.suffix, "-")
	if consolidated {
		s := c.suffix[1:]
		if _, err := ParseDate(s[:4] + "-" + s[4:6] + "-" + s[6:]); err != nil {
			return false
		}
	}
	if consolidated != (c.sector == "0") {
		return false
	}
	switch c.sector {
	case "1":
		return true
	case "0":
		return len(c.number) == 4 && slices.Contains(celexDescriptors["3"], c.descriptor)
	}
	return len(c.number) == 4 && slices.Contains(celexDescriptors[c.sector], c.descriptor)
}

// String gives the number in capitals, without prefix.
func (c CELEX) String() string { return c.sector + c.year + c.descriptor + c.number + c.suffix }

// Label cites the act in Dutch, such as "EU-verordening 883/2004".
func (c CELEX) Label() string {
	kinds := map[string]string{"R": "EU-verordening ", "L": "EU-richtlijn ", "D": "EU-besluit "}
	kind, named := kinds[c.descriptor]
	n, err := strconv.Atoi(c.number)
	if c.sector != "3" || !named || c.suffix != "" || err != nil {
		return "CELEX " + c.String()
	}
	// Regulations had the number before the year until 2015.
	if c.descriptor == "R" && c.year < "2015" {
		return kind + strconv.Itoa(n) + "/" + c.year
	}
	return kind + c.year + "/" + strconv.Itoa(n)
}
