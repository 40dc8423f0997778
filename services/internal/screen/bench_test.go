package screen_test

import (
	"strings"
	"testing"

	"schakel.example/services/internal/screen"
)

// typical is the description of a signal, of about 600 bytes.
const typical = "Wie wacht op een beslissing over de WIA, krijgt een voorschot, bijvoorbeeld ter hoogte van de eerdere " +
	"Ziektewetuitkering. Komt die beslissing maanden te laat en valt het recht lager uit, dan ontstaat een schuld buiten de aanvrager om. " +
	"In een openbaar beschreven geval ging het om ongeveer € 4.400 (Wet WIA art. 76-77; Awb 4:95). De terugvordering raakt mensen die " +
	"juist rust en inkomen nodig hebben om te herstellen; in 2023 waren dat er 43.000, zie Kamerstuk 26448-729 en ECLI:NL:CRVB:2023:1234. " +
	"Bel 0800-8051 voor méér, of zie BWBR0019057 per 1 januari 2024."

func TestATextInWhichNothingIsFoundCostsNoMemory(t *testing.T) {
	for _, text := range []string{"", typical, "Één regel zonder cijfers", "van {at}: \u00a0 12-34"} {
		if n := testing.AllocsPerRun(100, func() { screen.Text(text) }); n != 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

func BenchmarkText(b *testing.B) {
	for _, bb := range []struct{ name, text string }{
		{"typical", typical},
		{"without digits", strings.NewReplacer("0", "o", "1", "i", "2", "z", "3", "e", "4", "a", "5", "s", "6", "g", "7", "t", "8", "b", "9", "q").Replace(typical)},
		{"ten thousand characters", strings.Repeat(typical, 16)},
		{"with findings", typical + " BSN 999990019, mail v.oorbeeld@example.org"},
		{"rows of numbers", strings.Repeat("1 22 333 4.444 ", 40)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.SetBytes(int64(len(bb.text)))
			b.ReportAllocs()
			for b.Loop() {
				screen.Text(bb.text)
			}
		})
	}
}
