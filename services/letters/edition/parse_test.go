package edition_test

import (
	"strings"
	"testing"

	"schakel.example/services/letters/edition"
)

const anIdentity = `staat van de uitvoering v1
naam 2026
peildatum 2026-10-01
voorbeeld true
referentiegegevens 1
samensteller 2
logboek proef/brieven 5 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
logboek proef/signalen 6 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
`

func TestAnIdentityIsReadInItsOneForm(t *testing.T) {
	t.Parallel()
	if id, err := edition.ParseIdentity(anIdentity); err != nil || id.Text() != anIdentity || len(id.Checkpoints) != 2 {
		t.Fatalf("parsed: %v, %v", id, err)
	}
	for name, change := range map[string][2]string{
		"another version":      {"v1", "v2"},
		"no date":              {"2026-10-01", "morgen"},
		"a word for a boolean": {"voorbeeld true", "voorbeeld ja"},
		"two spaces":           {"logboek proef/brieven", "logboek  proef/brieven"},
		"a size below zero":    {" 5 ", " -5 "},
		"a size with a sign":   {" 5 ", " +5 "},
		"a short hash":         {"hSuFU=", "hSu"},
		"out of order":         {"proef/brieven", "zzz"},
		"the same ledger":      {"proef/brieven", "proef/signalen"},
		"a line more":          {"samensteller 2\n", "samensteller 2\nnog iets\n"},
		"a line less":          {"samensteller 2\n", ""},
		"no end of line":       {"Hh8=\n", "Hh8="},
		"a carriage return":    {"naam 2026\n", "naam 2026\r\nx"},
	} {
		text := strings.Replace(anIdentity, change[0], change[1], 1)
		if _, err := edition.ParseIdentity(text); err == nil || text == anIdentity {
			t.Errorf("%s is accepted", name)
		}
	}
}

func FuzzParseIdentity(f *testing.F) {
	f.Add(anIdentity)
	f.Add("")
	f.Add(strings.Replace(anIdentity, "true", "false", 1))
	f.Fuzz(func(t *testing.T, text string) {
		id, err := edition.ParseIdentity(text)
		if err == nil && id.Text() != text {
			t.Errorf("%q is read as %q", text, id.Text())
		}
	})
}
