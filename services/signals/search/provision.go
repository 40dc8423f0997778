package search

import (
	"slices"
	"strings"

	"schakel.example/services/reference"
)

// Provisions gives the keys that a pointer at a rule is found by: those of the
// place itself and of everything that it is part of, each once. Of an article
// that is the regulation, the divisions above it as far as they are named, the
// article, and the member; of a consolidated or corrected act the act; of a
// document of Parliament its dossier.
func Provisions(p reference.Provision) []string {
	keys := []string{p.Key()}
	switch p.Kind() {
	case reference.ProvisionJCI:
		keys = jci(p.String(), p.Key())
	case reference.ProvisionCELEX:
		keys = append(keys, celex(p.String())...)
	case reference.ProvisionKamerstuk:
		keys = append(keys, Regulation(p))
	case reference.ProvisionCVDR: // its key leaves the version out
	default:
		return nil
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Regulation gives the key of the whole that a rule is part of: the regulation,
// the act, the dossier.
func Regulation(p reference.Provision) string {
	switch p.Kind() {
	case reference.ProvisionJCI:
		whole, _, _ := strings.Cut(p.Key(), "&")
		return whole
	case reference.ProvisionCELEX:
		if base := celex(p.String()); len(base) > 0 {
			return base[0]
		}
	case reference.ProvisionKamerstuk:
		k, err := reference.ParseKamerstuk(p.String())
		if err != nil {
			break
		}
		if whole, err := reference.ParseProvision(reference.ProvisionKamerstuk, k.Dossier()); err == nil {
			return whole.Key()
		}
	}
	return p.Key()
}

// jci gives the keys of a Juriconnect reference in canonical form. One link names
// the chapter of an article where another begins at the title above it: so any run
// of divisions is a key.
func jci(text, key string) []string {
	whole, _, _ := strings.Cut(key, "&")
	var divisions []string
	keys := []string{whole}
	within := ""
	for i, field := range strings.Split(text, "&") {
		name, _, _ := strings.Cut(field, "=")
		switch {
		case i == 0 || name == "z" || name == "g":
		case name == "artikel" || name == "lid" || name == "o":
			within += "&" + field
			keys = append(keys, whole+within)
		default:
			divisions = append(divisions, field)
		}
	}
	for first := range divisions {
		for last := first; last < len(divisions); last++ {
			keys = append(keys, whole+"&"+strings.Join(divisions[first:last+1], "&"))
		}
	}
	return keys
}

// celex gives the key of the act that a consolidated version (sector 0) or a
// corrigendum is of; none when the number is of the act itself.
func celex(number string) []string {
	base := number
	if strings.HasPrefix(base, "0") {
		base = "3" + base[1:]
	}
	if at := strings.IndexByte(base, '-'); at > 0 {
		base = base[:at]
	}
	if at := strings.Index(base, "R("); at > 0 {
		base = base[:at]
	}
	p, err := reference.ParseProvision(reference.ProvisionCELEX, base)
	if base == number || err != nil {
		return nil
	}
	return []string{p.Key()}
}

// ParseProvision reads a pointer at a rule in the notation of whichever register
// it is of, without being told which. A bare BWB number is that regulation. An
// error is a *reference.Problem.
func ParseProvision(text string) (reference.Provision, error) {
	text = strings.TrimSpace(text)
	upper := strings.ToUpper(text)
	kind := reference.ProvisionKamerstuk
	switch {
	case strings.HasPrefix(upper, "BWB"):
		number, place, some := strings.Cut(text, "&")
		if text = "jci1.3:c:" + strings.ToUpper(number); some {
			text += "&" + place
		}
		kind = reference.ProvisionJCI
	case strings.HasPrefix(text, "jci") || strings.Contains(text, "wetten.overheid.nl/"):
		kind = reference.ProvisionJCI
	case strings.HasPrefix(upper, "CVDR") || strings.Contains(text, "lokaleregelgeving.overheid.nl/"):
		kind = reference.ProvisionCVDR
	case strings.HasPrefix(upper, "CELEX:"):
		kind = reference.ProvisionCELEX
	default:
		if p, err := reference.ParseProvision(reference.ProvisionCELEX, text); err == nil {
			return p, nil
		}
	}
	return reference.ParseProvision(kind, text)
}
