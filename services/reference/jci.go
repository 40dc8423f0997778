package reference

import (
	"regexp"
	"slices"
	"strings"
)

// JCI is a Juriconnect reference to a national regulation in the
// Basiswettenbestand or a place in it, version 1.3 (1.3.1 reads the same).
type JCI struct {
	bwb        string
	form       string // "c" (consolidated) or "v" (as adopted)
	containers []part // the divisions above the article, in the order of the regulation
	article    string
	paragraph  string // lid
	item       string // onderdeel
	sight      Date   // z: as seen on
	validity   Date   // g: as valid on
}

// part is one key with its value.
type part struct{ key, value string }

const jciPrefix = "jci1.3:"

var (
	bwbID    = regexp.MustCompile(`^BWB[RVW]\d{7}$`)
	jciValue = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_:.\-]{0,39}$`)

	// containerKeys stand before the article. Their order differs by regulation
	// (the Awb has titles within chapters, the Gemeentewet chapters within titles),
	// so it is kept and not judged.
	containerKeys = []string{"boek", "titeldeel", "titel", "afdeling", "hoofdstuk", "paragraaf"}
	// placeKeys come after them, in this order.
	placeKeys = []string{"artikel", "lid", "o", "z", "g"}
)

// ParseJCI reads a reference such as "jci1.3:c:BWBR0019057&artikel=76&lid=1",
// also behind https://wetten.overheid.nl/. A space in a value is an underscore.
// An error is a *Problem.
func ParseJCI(text string) (JCI, error) {
	if err := tooLong(text); err != nil {
		return JCI{}, err
	}
	text = strings.TrimSpace(text)
	for _, site := range []string{"https://wetten.overheid.nl/", "http://wetten.overheid.nl/"} {
		text = strings.TrimPrefix(text, site)
	}
	version, rest, _ := strings.Cut(text, ":")
	form, rest, ok := strings.Cut(rest, ":")
	if !strings.HasPrefix(version, "jci") || !ok {
		return JCI{}, jciForm()
	}
	if version != "jci1.3" && version != "jci1.3.1" {
		return JCI{}, &Problem{Reason: "jci-versie", NL: "Alleen Juriconnect versie 1.3 en 1.3.1 wordt gelezen.", EN: "only Juriconnect versions 1.3 and 1.3.1 are read"}
	}
	fields := strings.Split(rest, "&")
	if form != "c" && form != "v" {
		return JCI{}, jciForm()
	}
	if !bwbID.MatchString(fields[0]) {
		return JCI{}, &Problem{Reason: "jci-bwb", NL: "Een BWB-nummer is BWBR, BWBV of BWBW met zeven cijfers.", EN: "a BWB number is BWBR, BWBV or BWBW and seven digits"}
	}
	j := JCI{bwb: fields[0], form: form}
	if err := j.read(fields[1:]); err != nil {
		return JCI{}, err
	}
	return j, nil
}

// read takes up the keys and values after the number.
func (j *JCI) read(fields []string) error {
	var seen []string
	rank := -1 // of the last key in placeKeys; -1 while divisions may come
	values := map[string]string{}
	for _, field := range fields {
		key, value, _ := strings.Cut(field, "=")
		key, value = strings.ToLower(key), strings.ReplaceAll(value, " ", "_")
		place := slices.Index(placeKeys, key)
		if place < 0 && !slices.Contains(containerKeys, key) {
			return jciUnknownKey()
		}
		if !jciValue.MatchString(value) {
			return &Problem{Reason: "jci-waarde", NL: "Een deel heeft geen of geen geldige waarde.", EN: "a key has no value, or not a valid one"}
		}
		if slices.Contains(seen, key) {
			return &Problem{Reason: "jci-dubbel", NL: "Een deel komt twee keer voor.", EN: "a key occurs twice"}
		}
		needsArticle := key == "lid" || key == "o"
		if place < rank || needsArticle && values["artikel"] == "" {
			return &Problem{Reason: "jci-volgorde", NL: "De delen staan niet van groot naar klein: eerst de indeling, dan artikel, lid, o, z, g.", EN: "the keys are not in order: divisions first, then artikel, lid, o, z, g"}
		}
		seen, rank, values[key] = append(seen, key), place, value
		if place < 0 {
			j.containers = append(j.containers, part{key, value})
		}
	}
	j.article, j.paragraph, j.item = values["artikel"], values["lid"], values["o"]
	return j.readDates(values["z"], values["g"])
}

// readDates takes up z and g: both or neither, since readers of links repair one
// without the other each in their own way.
func (j *JCI) readDates(z, g string) error {
	if z == "" && g == "" {
		return nil
	}
	var errZ, errG error
	j.sight, errZ = ParseDate(z)
	j.validity, errG = ParseDate(g)
	if errZ != nil || errG != nil {
		return &Problem{Reason: "jci-datums", NL: "Geef z en g allebei of geen van beide, als bestaande datum JJJJ-MM-DD.", EN: "give both z and g or neither, as existing dates YYYY-MM-DD"}
	}
	return nil
}

// BWB returns the number of the regulation.
func (j JCI) BWB() string { return j.bwb }

// Article returns the number of the article, with spaces as underscores; empty
// when the reference is to a whole regulation or a division of it.
func (j JCI) Article() string { return j.article }

// String gives the reference in canonical form, version 1.3.
func (j JCI) String() string {
	var b strings.Builder
	b.WriteString(jciPrefix + j.form + ":" + j.bwb)
	for _, p := range j.parts() {
		b.WriteString("&" + p.key + "=" + p.value)
	}
	return b.String()
}

// parts returns all keys with their values, in canonical order.
func (j JCI) parts() []part {
	all := append(slices.Clone(j.containers),
		part{"artikel", j.article}, part{"lid", j.paragraph}, part{"o", j.item},
		part{"z", j.sight.String()}, part{"g", j.validity.String()})
	return slices.DeleteFunc(all, func(p part) bool { return p.value == "" })
}

// Key gives the place alone, in the consolidated form and without dates. When
// there is an article, the divisions above it are left out: article numbers run
// through a regulation, and one link names the chapter where another does not.
func (j JCI) Key() string {
	j.form, j.sight, j.validity = "c", Date{}, Date{}
	if j.article != "" {
		j.containers = nil
	}
	return j.String()
}

// articleKey is Key cut off at the article.
func (j JCI) articleKey() string {
	j.paragraph, j.item = "", ""
	return j.Key()
}

// label cites the place in Dutch, without the regulation: "art. 76 lid 1
// onder a", or the narrowest division when there is no article.
func (j JCI) label() string {
	var s string
	switch {
	case j.article != "":
		s = "art. " + j.article
		if j.paragraph != "" {
			s += " lid " + j.paragraph
		}
		if j.item != "" {
			s += " onder " + j.item
		}
	case len(j.containers) > 0:
		last := j.containers[len(j.containers)-1]
		s = last.key + " " + last.value
	}
	return strings.ReplaceAll(s, "_", " ")
}

func jciForm() error {
	return &Problem{
		Reason: "jci-vorm",
		NL:     "Een verwijzing naar een wet heeft de vorm jci1.3:c:BWBR0019057&artikel=76.",
		EN:     "a reference to a law has the form jci1.3:c:BWBR0019057&artikel=76",
	}
}

func jciUnknownKey() error {
	keys := strings.Join(slices.Concat(containerKeys, placeKeys), ", ")
	return &Problem{Reason: "jci-sleutel", NL: "Onbekend deel. Gebruik: " + keys + ".", EN: "unknown key; use " + keys}
}
