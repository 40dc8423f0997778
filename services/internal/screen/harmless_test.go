package screen_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"schakel.example/services/internal/screen"
)

// thousands writes a number as amounts are written.
func thousands(n int, sign string) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sign + s[i:]
	}
	return s
}

// harmless makes texts in which nothing leads to a person, though most have as
// many digits as an identifier, and many pass the elfproef.
func harmless() []string {
	r := rand.New(rand.NewPCG(2026, 2))
	var all []string
	number := func(from, to int) int { return from + r.IntN(to-from) }
	year := func() int { return number(1990, 2030) }
	sign := func() string { return pick(r, ".", " ", "\u00a0", "\u202f") }
	makers := []func() string{
		func() string { return "€ " + thousands(number(1, 2_000_000_000), sign()) },
		func() string { return "€" + thousands(number(1, 2_000_000_000), ".") + ",-" },
		func() string {
			return "EUR " + thousands(number(1, 2_000_000_000), ".") + fmt.Sprintf(",%02d", r.IntN(100))
		},
		func() string { return thousands(number(1, 2_000_000_000), sign()) + " euro" },
		func() string {
			return thousands(number(1, 2_000_000_000), sign()) + pick(r, " personen", " huishoudens", " keer", " zaken", " uitkeringen")
		},
		func() string { return thousands(number(1, 999_999), sign()) },
		func() string { return thousands(number(1, 999)*1_000_000, sign()) },
		func() string { return fmt.Sprintf("%d,%02d", number(1, 1_000_000_000), r.IntN(100)) },
		func() string { return fmt.Sprintf("0,%d", number(100_000_000, 999_999_999)) },
		func() string { return fmt.Sprintf("€ %d", number(1, 999_999_999)) },
		func() string { return fmt.Sprintf("%d euro", number(1, 999_999_999)) },
		func() string { return fmt.Sprintf("%d%%", r.IntN(100)) },
		func() string { return fmt.Sprint(year()) },
		func() string { return fmt.Sprintf("%d-%d", year(), year()) },
		func() string { return fmt.Sprintf("%02d-%02d-%d", number(1, 29), number(1, 13), year()) },
		func() string {
			return fmt.Sprintf("%02d-%02d-%d %02d:%02d", number(1, 29), number(1, 13), year(), r.IntN(24), r.IntN(60))
		},
		func() string { return fmt.Sprintf("%d/%d/%d", number(1, 29), number(1, 13), year()) },
		func() string {
			return fmt.Sprintf("%d %s %d", number(1, 29), pick(r, "januari", "mei", "aug.", "dec"), year())
		},
		func() string {
			return fmt.Sprintf("%d-%02d-%02dT%02d:%02d:00Z", year(), number(1, 13), number(1, 29), r.IntN(24), r.IntN(60))
		},
		func() string { return fmt.Sprintf("%d%02d%02d", year(), number(1, 13), number(1, 29)) },
		func() string { return fmt.Sprintf("BWBR%07d", r.IntN(10_000_000)) },
		func() string {
			return fmt.Sprintf("jci1.3:c:BWBR%07d&artikel=%d&z=%d-01-01", r.IntN(10_000_000), number(1, 300), year())
		},
		func() string { return fmt.Sprintf("CVDR%d_%d", number(1000, 999_999), number(1, 9)) },
		func() string { return fmt.Sprintf("%d%dR%04d", pick(r, 3, 0, 5), year(), r.IntN(10_000)) },
		func() string { return fmt.Sprintf("%d-%d", number(20_000, 37_000), number(1, 2000)) },
		func() string { return fmt.Sprintf("kst-%d-%d", number(20_000, 37_000), number(1, 2000)) },
		func() string {
			return fmt.Sprintf("Kamerstukken II %d/%02d, %s, nr. %d", year(), r.IntN(99), thousands(number(20_000, 37_000), " "), number(1, 999))
		},
		func() string {
			return fmt.Sprintf("ECLI:NL:%s:%d:%d", pick(r, "CRVB", "HR", "RBDHA", "RVS"), year(), number(1, 20_000))
		},
		func() string { return fmt.Sprintf("Stcrt. %d, %d", year(), number(1000, 99_999)) },
		func() string { return fmt.Sprintf("Stb. %d, %d", year(), number(1, 700)) },
		func() string { return fmt.Sprintf("art. %d:%d Awb", number(1, 11), number(1, 120)) },
		func() string {
			return fmt.Sprintf("artikel %d.%d.%d, lid %d", number(1, 9), number(1, 99), number(1, 99), number(1, 9))
		},
		func() string { return fmt.Sprintf("Verordening (EU) %d/%d", year(), number(1, 3000)) },
		func() string { return "OIN 00000001" + bsnOf(r, false) + "000" },
		func() string { return "00000001" + bsnOf(r, false) + "000" },
		func() string { return pick(r, "RSIN ", "RSIN: ", "rsin-nummer ", "btw-nummer ") + bsnOf(r, false) },
		func() string { return "NL" + bsnOf(r, false) + fmt.Sprintf("B%02d", number(1, 99)) },
		func() string { return fmt.Sprintf("KvK %08d", r.IntN(100_000_000)) },
		func() string { return fmt.Sprintf("0800-%04d", r.IntN(10_000)) },
		func() string {
			return fmt.Sprintf("%s-%s", pick(r, "0900", "0906", "0909"), digitsOf(r, pick(r, 4, 7)))
		},
		func() string { return "088" + pick(r, "-", " ", "") + digitsOf(r, 7) },
		func() string { return "14 0" + digitsOf(r, pick(r, 2, 3)) },
		func() string { return "116 " + digitsOf(r, 3) },
		func() string {
			return fmt.Sprintf("%x-%x-4%03x-a%03x-%012x", number(1<<28, 1<<32), number(1<<12, 1<<16), r.IntN(1<<12), r.IntN(1<<12), r.IntN(1<<48))
		},
		func() string { return fmt.Sprintf("%040x", r.Uint64()) },
		func() string {
			return pick(r, "UWV", "SVB", "DUO", "CJIB") + fmt.Sprintf("-%d-%04d", year(), r.IntN(10_000))
		},
		func() string {
			return pick(r, "WW", "WIA", "AOW", "Wmo") + fmt.Sprintf("-%d-%02d", year(), r.IntN(100))
		},
		func() string {
			return pick(r, "UWV", "WIA", "AOW", "SVB") + fmt.Sprintf("-%02d-%s", r.IntN(100), pick(r, "A", "B", "AB"))
		},
		func() string { return fmt.Sprintf("UWV%d%06d", year(), r.IntN(1_000_000)) },
		func() string { return fmt.Sprintf("%d%05d", number(2000, 2030), r.IntN(10_000)) },
		func() string {
			return fmt.Sprintf("versie %d.%d.%d.%d", number(1, 20), r.IntN(20), r.IntN(99_999), r.IntN(9999))
		},
		func() string {
			return fmt.Sprintf("%d.%d.%d.%d", number(1, 255), number(1, 255), number(1, 255), number(1, 255))
		},
		func() string {
			return "https://zoek.officielebekendmakingen.nl/kst-" + fmt.Sprintf("%d-%d.html", number(20_000, 37_000), number(1, 2000))
		},
		func() string {
			return fmt.Sprintf("https://voorbeeld.nl/nieuws/%d/%02d/%02d/titel-%d", year(), number(1, 13), number(1, 29), r.IntN(100_000))
		},
		func() string {
			return fmt.Sprintf("https://voorbeeld.nl/artikel/%d-een-titel", number(1_000_000, 999_999_999))
		},
		func() string { return fmt.Sprintf("%.6f, %.6f", 50+3*r.Float64(), 4+3*r.Float64()) },
		func() string {
			return fmt.Sprintf("ISBN 978-90-%02d-%05d-%d", r.IntN(100), r.IntN(100_000), r.IntN(10))
		},
		func() string { return fmt.Sprintf("doi:10.%d/%d", number(1000, 9999), r.IntN(100_000)) },
		func() string { return fmt.Sprintf("postcode %d %s", number(1100, 1900), pick(r, "AB", "GH", "XX")) },
		func() string {
			return fmt.Sprintf("Postbus %d, %d %s Den Haag", number(1, 99_999), number(2500, 2599), pick(r, "LV", "EE", "AA"))
		},
		func() string {
			return fmt.Sprintf("geboren %s 1 januari %d", pick(r, "vóór", "na", "op of na", "tussen"), number(1940, 2020))
		},
		func() string { return fmt.Sprintf("geboren in %d", number(1940, 2020)) },
		func() string { return fmt.Sprintf("dossiernummer %d", number(20_000, 37_000)) },
		func() string { return fmt.Sprintf("zaaknummer %02d/%d", r.IntN(26), number(1, 9999)) },
		func() string {
			return fmt.Sprintf("%d %d %d %d", number(100, 999), number(100, 999), number(100, 999), number(100, 999))
		},
		func() string {
			return fmt.Sprintf("%d, %d en %d", number(100, 9999), number(100, 9999), number(100, 9999))
		},
		func() string {
			return fmt.Sprintf("tabel %d.%d: %d %d %d", number(1, 9), number(1, 99), number(1000, 99_999), number(1000, 99_999), number(1000, 99_999))
		},
	}
	for _, make := range makers {
		for n := range 40 {
			all = append(all, fmt.Sprintf(settings[n%len(settings)], make()))
		}
	}
	return all
}

func TestNothingIsFoundInWhatIsHarmless(t *testing.T) {
	t.Parallel()
	all := harmless()
	if len(all) < 1000 {
		t.Errorf("only %d samples", len(all))
	}
	t.Logf("%d samples", len(all))
	for _, text := range all {
		check(t, sample{name: "harmless", text: text})
	}
}

// Of random digits without context nobody can say more than the elfproef does.
func TestRandomDigitsAlarmAsOftenAsTheElfproefLets(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2026, 3))
	const rounds = 50_000
	for _, tt := range []struct {
		digits      int
		least, most float64 // how often something is found
	}{
		{8, 0, 0}, {9, 0.088, 0.092}, {10, 0, 0.08}, {11, 0, 0}, {12, 0, 0}, {14, 0, 0}, {16, 0, 0}, {20, 0, 0},
	} {
		found := 0
		for range rounds {
			if screen.Text("nummer "+digitsOf(r, tt.digits)+" en meer") != nil {
				found++
			}
		}
		rate := float64(found) / rounds
		t.Logf("%d digits: %.4f", tt.digits, rate)
		if rate < tt.least || rate > tt.most {
			t.Errorf("%d digits alarm in %.4f of cases, want %g to %g", tt.digits, rate, tt.least, tt.most)
		}
	}
	missed := 0
	for range rounds {
		number := anyBSN(r, "")
		for _, layout := range []string{number, grouped(number, ".", 3, 3, 3), grouped(number, " ", 3, 3, 3), grouped(number, ".", 4, 2, 3)} {
			if screen.Text("nummer "+layout+" en meer") == nil {
				missed++
			}
		}
	}
	t.Logf("missed: %.5f", float64(missed)/(4*rounds))
	if missed > 4*rounds/500 {
		t.Errorf("%d of %d numbers are missed", missed, 4*rounds)
	}
	// A code that is none of the settings above: letters and digits at random.
	alarms := 0
	for range rounds {
		var b strings.Builder
		for range 12 {
			b.WriteByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789--"[r.IntN(38)])
		}
		if screen.Text("kenmerk "+b.String()+" en meer") != nil {
			alarms++
		}
	}
	t.Logf("random codes: %.5f", float64(alarms)/rounds)
	if alarms > rounds/1000 {
		t.Errorf("%d of %d random codes alarm", alarms, rounds)
	}
}

// Systems push such references day and night, and cannot mend one that is refused.
func TestNoShortCodeIsAnIdentifierInAReference(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2026, 4))
	for range 200_000 {
		var parts []string
		for digits := 0; digits < 9 && len(parts) < 4; {
			part := pick(r, "SIG", "ZK", "UWV", "B", "AB", "2024", "24", "Z", "WIA")
			if r.IntN(2) == 0 {
				part = digitsOf(r, 1+r.IntN(4))
			}
			if digits += len(part); digits < 9 {
				parts = append(parts, part)
			}
		}
		code := strings.Join(parts, pick(r, "-", "/", "_", ".", ":"))
		if found := screen.Reference(code); found != nil {
			t.Errorf("%q: %v", code, found)
		}
	}
}

// Systems make references of them: of the samples above too few to be sure.
func TestNoUUIDIsAnIdentifierUnlessALabelSaysSo(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2026, 9562))
	for range 50_000 {
		id := fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), r.Int64N(1<<48))
		text := fmt.Sprintf(pick(r, "%s", "KP-%s", "uwv:%s/3", "sig_%s-2", "zie {%s} en meer"), pick(r, id, strings.ToUpper(id)))
		if found := screen.Text(text); found != nil {
			t.Errorf("%q: %v", text, found)
		}
	}
	const glued = "4938cf16-737c-406a-86fa-ea60f2b9f0d6"
	for _, text := range []string{"cliëntnummer " + glued, glued + "a", strings.Replace(glued, "8c", "8g", 1)} {
		if screen.Text(text) == nil {
			t.Errorf("%q is let through", text)
		}
	}
}
