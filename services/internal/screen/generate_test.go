package screen_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"schakel.example/services/internal/screen"
)

// The samples made by rule: every layout of every kind in every setting, from a
// fixed seed, so that a sample that fails today fails tomorrow.

// settings are texts around an identifier.
var settings = []string{
	"%s",
	"%s.",
	"Zie %s en verder niets.",
	"In 2024 kreeg de aanvrager (%s) € 4.400 terug; art. 4:95 Awb.",
	"“%s”",
	"Kamerstuk 36617-3, BWBR0019057; %s; ECLI:NL:CRVB:2023:1234",
	"Één méér: %s\nen op de volgende regel 12.345 zaken",
}

// dressed are the ways in which a sign between groups is written.
var dressed = []string{"", " ", ".", "-", "/", "_", "\u00a0", "\u202f", "\u2007", "\u2009", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015",
	"\u2212", "\ufe58", "\ufe63", "\uff0d", "\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00b7", "\uff0e", " - ", "\u200b-\u200b"}

// digitsOf draws so many digits.
func digitsOf(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(byte('0' + r.IntN(10)))
	}
	return b.String()
}

// anyBSN draws a number that passes the elfproef and begins with the digits
// given.
func anyBSN(r *rand.Rand, first string) string {
	for {
		s := first + digitsOf(r, 8-len(first))
		sum := 0
		for i := range 8 {
			sum += (9 - i) * int(s[i]-'0')
		}
		if last := sum % 11; last < 10 && s[:2] != "00" {
			return s + fmt.Sprint(last)
		}
	}
}

// bsnOf draws one that is not taken for something else: in the range 9999xxxxx,
// from which none is given out, or with a first digit that makes no year.
func bsnOf(r *rand.Rand, test bool) string {
	for {
		first := pick(r, "3", "4", "5", "6", "7", "8")
		if test {
			first = "9999"
		}
		if s := anyBSN(r, first); !strings.HasSuffix(s, "000") {
			return s
		}
	}
}

// ibanOf draws an account number of a country, of its length and form.
func ibanOf(r *rand.Rand, country, bank string, digits int) string {
	account := bank + digitsOf(r, digits)
	rest := 0
	for _, c := range account + country + "00" {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return fmt.Sprintf("%s%02d%s", country, 98-rest, account)
}

// grouped puts a sign between groups of a text.
func grouped(s, sign string, lengths ...int) string {
	var parts []string
	for _, n := range lengths {
		parts, s = append(parts, s[:n]), s[n:]
	}
	if s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, sign)
}

// pick draws one of a list.
func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// byRule makes the samples with something in them.
func byRule() []sample {
	r := rand.New(rand.NewPCG(2026, 1))
	var all []sample
	add := func(kind screen.Kind, label, text string) {
		marked := fmt.Sprintf("%s⟦%s:%s⟧", label, kind, text)
		all = append(all, read(fmt.Sprintf("%s %d", kind, len(all)), fmt.Sprintf(settings[len(all)%len(settings)], marked)))
	}
	for n := range 4 {
		for _, sign := range dressed {
			for _, lengths := range [][]int{{3, 3, 3}, {4, 2, 3}} {
				add(screen.BSN, "", grouped(bsnOf(r, n%2 == 0), sign, lengths...))
			}
			add(screen.BSN, pick(r, "BSN ", "bsn: ", "burgerservicenummer ", "sofinummer: "), grouped(bsnOf(r, true), sign, 5, 4))
			add(screen.Phone, "", "06"+sign+digitsOf(r, 8))
			add(screen.Phone, "", pick(r, "020", "030", "070", "0592", "0342", "085")+sign+"123456")
			all[len(all)-1] = lengthen(all[len(all)-1])
			add(screen.Phone, "", "+31"+sign+"6"+sign+digitsOf(r, 8))
			add(screen.VNumber, pick(r, "V-nummer ", "V-nr. ", "vnr: ", "vreemdelingennummer "), grouped("27"+digitsOf(r, 8), sign, 3, 3, 4))
		}
		for _, sign := range dressed {
			if strings.ContainsAny(sign, "/_") || len(strings.TrimSpace(sign)) == 1 && sign != "-" && sign != "." {
				continue
			}
			add(screen.IBAN, "", grouped(ibanOf(r, "NL", "ABNA", 10), sign, 4, 4, 4, 4, 2))
			add(screen.IBAN, "", grouped(ibanOf(r, "DE", "", 18), sign, 4, 4, 4, 4, 4, 2))
		}
	}
	for _, form := range []struct {
		country, bank string
		digits        int
	}{{"BE", "", 12}, {"FR", "", 23}, {"GB", "MIDL", 14}, {"MA", "", 24}, {"PL", "", 24}, {"TR", "", 22}, {"NO", "", 11}, {"MT", "MALT", 23}, {"CH", "", 17}, {"ES", "", 20}} {
		number := ibanOf(r, form.country, form.bank, form.digits)
		all = append(all, read(form.country, "naar ⟦iban:"+number+"⟧."), read(form.country, "naar ⟦iban:"+strings.ToLower(number)+"⟧."))
	}
	return append(append(append(all, plates(r)...), addresses(r)...), births(r)...)
}

// lengthen gives the telephone number of a sample the digits that it lacks.
func lengthen(s sample) sample {
	found := &s.want[0]
	runes := []rune(s.text)
	digits := 0
	for _, c := range runes[found.Start-1 : found.End] {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	more := strings.Repeat("7", 10-digits)
	s.text = string(runes[:found.End]) + more + string(runes[found.End:])
	found.End += len(more)
	return s
}

func plates(r *rand.Rand) (all []sample) {
	letters := func(n int) string {
		for {
			var b strings.Builder
			for range n {
				b.WriteByte("BDFGHJKLNPRSTVXZ"[r.IntN(16)])
			}
			switch b.String() {
			case "TBS", "BTW", "BKR", "RVB", "PVV", "VVD", "GVD", "PSV", "NSB", "KKK", "PKK", "SVB", "RDW", "SGP", "BVV", "BZK", "NZA", "FSV", "DNB", "ZBZ":
			default:
				return b.String()
			}
		}
	}
	for range 4 {
		for _, form := range []string{"XX-99-99", "99-99-XX", "99-XX-99", "XX-99-XX", "XX-XX-99", "99-XX-XX", "99-XXX-9", "9-XXX-99", "XX-999-X",
			"X-999-XX", "XXX-99-X", "X-99-XXX", "9-XX-999", "999-XX-9"} {
			var parts []string
			for _, part := range strings.Split(form, "-") {
				if part[0] == 'X' {
					parts = append(parts, letters(len(part)))
				} else {
					parts = append(parts, fmt.Sprint(r.IntN(9)+1)+digitsOf(r, len(part)-1))
				}
			}
			for _, sign := range []string{"-", "\u2011", "\u2013", "\u2212", "\u00ad-"} {
				all = append(all, read(form, fmt.Sprintf(pick(r, settings...), "⟦kenteken:"+strings.Join(parts, sign)+"⟧")))
			}
			for _, sign := range []string{"", " ", "\u00a0", "."} {
				all = append(all, read(form, "De auto met kenteken ⟦kenteken:"+strings.Join(parts, sign)+"⟧ stond stil"))
			}
		}
	}
	return all
}

func addresses(r *rand.Rand) (all []sample) {
	for range 30 {
		postcode, letters := fmt.Sprint(r.IntN(799)+1101), pick(r, "AB", "GH", "LV", "XX", "ZK", "RT")
		for _, blank := range []string{"", " ", "\u00a0", "\u202f", " \u200b"} {
			number := fmt.Sprint(r.IntN(999)+1) + pick(r, "", "a", "-3", "bis")
			address := postcode + blank + letters + pick(r, " ", ", ", "\u00a0", " nr. ", ", huisnummer ", "-") + number
			all = append(all, read("address", fmt.Sprintf(pick(r, settings...), "⟦postcode-huisnummer:"+address+"⟧")))
			all = append(all, read("address", "Aan Dorpsstraat ⟦postcode-huisnummer:"+fmt.Sprint(r.IntN(999)+1)+", "+postcode+blank+letters+"⟧ te Voorbeeld"))
		}
	}
	return all
}

func births(r *rand.Rand) (all []sample) {
	for _, label := range []string{"geboren ", "geboren op ", "geb. ", "geboortedatum: ", "geboortedatum ", "geboren te Ede op ", "DOB ", "gebdatum=", "° "} {
		for _, form := range []string{"%[1]d-%[2]d-%[3]d", "%02[1]d-%02[2]d-%[3]d", "%[1]d/%[2]d/%[3]d", "%[3]d-%02[2]d-%02[1]d", "%[1]d.%[2]d.%[3]d", "%[1]d maart %[3]d",
			"%[1]d aug. %[3]d", "%02[1]d%02[2]d%[3]d", "%[1]d\u2011%[2]d\u2011%[3]d", "%[1]d\u00a0mei\u00a0%[3]d"} {
			date := fmt.Sprintf(form, r.IntN(28)+1, r.IntN(12)+1, r.IntN(90)+1930)
			date, _, _ = strings.Cut(date, "%!")
			all = append(all, read(label+form, fmt.Sprintf(pick(r, settings...), label+"⟦geboortedatum:"+date+"⟧")))
		}
	}
	return all
}

func TestEachSampleMadeByRuleIsJudgedRight(t *testing.T) {
	t.Parallel()
	all := byRule()
	if len(all) < 1000 {
		t.Errorf("only %d samples", len(all))
	}
	t.Logf("%d samples", len(all))
	for _, s := range all {
		check(t, s)
	}
}
