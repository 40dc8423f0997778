package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"schakel.example/services/signals/search"
)

func TestAWordIsFoundInWhateverFormDutchGivesIt(t *testing.T) {
	t.Parallel()
	for _, forms := range []string{
		"uitkering uitkeringen Uitkering UITKERINGEN uitkering.",
		"terugvordering terugvorderingen",
		"gemeente gemeenten",
		"wet wetten",
		"huis huizen",
		"gezin gezinnen",
		"klas klassen",
		"brief brieven",
		"grens grenzen",
		"boot boten",
		"mens mensen",
		"foto foto's foto’s",
		"coördinatie coordinatie coo\u0308rdinatie",
		"café CAFÉ cafe",
		"beslagvrij beslagvrije",
		"uitkering uit\u00adkering uit\u200bkering",
		"ijs ĳs IJS",
		"straße STRASSE strasse",
		"regeling regelingen",
	} {
		words := strings.Fields(forms)
		want := search.Query(words[0])
		if len(want) != 1 {
			t.Errorf("%q is %q, want one token", words[0], want)
		}
		for _, word := range words[1:] {
			if got := search.Query(word); !slices.Equal(got, want) {
				t.Errorf("%q is %q, but %q is %q", words[0], want, word, got)
			}
		}
	}
}

func TestTextsAreCutWhereWordsEnd(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"art. 4:95 Awb":                         "4 95 art awb",
		"€ 4.400,50":                            "4400 50",
		"AOW-uitkering/ANW":                     "anw aow uitker",
		"BWBR0019057":                           "bwbr0019057",
		"“Aanhalingstekens” (en haakjes)":       "aanhalingstek haakjes",
		"wie\u00a0wisselend\tverdient\nbetaalt": "betaalt verdient wissel",
		"Ελλάδα и Россия":                       "ελλαδα и россия",
		"de het een":                            "",
		"!?…":                                   "",
		"":                                      "",
		"niet zonder":                           "niet zonder",
		"twee twee TWEE":                        "twee",
		"e=mc² ½":                               "1 2 e mc2",
		"\x00bel\x07len":                        "bel len",
		"\xff\xfewoord":                         "woord",
	} {
		if got := strings.Join(search.Query(text), " "); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestANumberIsFoundWithAndWithoutDotsBetweenItsThousands(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"4400":                         "4400",
		"4.400":                        "4400",
		"Terug: €4.400.":               "4400 terug",
		"€ 1.234.567,89":               "1234567 89",
		"(12.000/700.000)":             "12000 700000",
		"bedrag 4.400... en meer":      "4400 bedrag mer",
		"art. 3.1.2 en 10.40 en 4.400": "1 10 2 3 40 4400 art",
		"1.23.456":                     "1 23 456",
		"4.400.5":                      "4 400 5",
		"4.4000":                       "4 4000",
		"4.400a":                       "4 400a",
		"1234.567":                     "1234 567",
		"a4.400":                       "400 a4",
		"12.05.2024":                   "05 12 2024",
		"4.400é":                       "4 400e",
	} {
		if got := strings.Join(search.Query(text), " "); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestAWordWithoutEndIsCut(t *testing.T) {
	t.Parallel()
	long, longer := search.Query(strings.Repeat("q", 1_000)), search.Query(strings.Repeat("q", 2_000))
	if len(long) != 1 || len(long[0]) > 40 || !slices.Equal(long, longer) {
		t.Errorf("%q, %q", long, longer)
	}
}

func TestTheTokensOfTextsAreThoseOfEach(t *testing.T) {
	t.Parallel()
	tokenizer := search.NewTokenizer()
	got := tokenizer.Tokens("De uitkering", "wordt teruggevorderd", "uitkeringen")
	if want := []string{"teruggevorderd", "uitker"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if again := tokenizer.Tokens("De uitkering", "wordt teruggevorderd", "uitkeringen"); !slices.Equal(got, again) {
		t.Errorf("%q, and then %q", got, again)
	}
}

func FuzzTokens(f *testing.F) {
	for _, text := range []string{"Wie wisselend verdient, betaalt achteraf terug.", "foto's", "ĲSSEL ß ﬁ Å", "1.000.000, 4.400.5", "\xff", "grenzen huizen mensen"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens := search.Query(text)
		if !slices.IsSorted(tokens) || len(slices.Compact(slices.Clone(tokens))) != len(tokens) {
			t.Errorf("%q is %q: not sorted, or not each once", text, tokens)
		}
		for _, token := range tokens {
			if token == "" || strings.ContainsFunc(token, func(r rune) bool {
				return !unicode.IsLetter(r) && !unicode.IsDigit(r) || r == unicode.ReplacementChar
			}) {
				t.Errorf("%q has the token %q", text, token)
			}
			if again := search.Query(token); len(again) > 1 || len(again) == 1 && again[0] != token {
				t.Errorf("%q is the token of %q, and becomes %q", token, text, again)
			}
		}
		if joined := search.Query(text + " " + text); !slices.Equal(joined, tokens) {
			t.Errorf("twice %q is %q, want %q", text, joined, tokens)
		}
	})
}
