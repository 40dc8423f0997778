package reference

import (
	"errors"
	"strings"
	"testing"
)

func TestProvisionsAreReadIntoOneForm(t *testing.T) {
	d := load(t)
	for _, tc := range []struct {
		name, kind, text, canonical, key, article, label string
	}{
		{
			"an article", "jci", "jci1.3:c:BWBR0019057&artikel=76",
			"jci1.3:c:BWBR0019057&artikel=76", "jci1.3:c:BWBR0019057&artikel=76", "jci1.3:c:BWBR0019057&artikel=76", "art. 76 Wet WIA",
		},
		{
			"a paragraph and an item of an article, behind a site", "jci", "https://wetten.overheid.nl/jci1.3:c:BWBR0019057&artikel=76&lid=1&o=a",
			"jci1.3:c:BWBR0019057&artikel=76&lid=1&o=a", "jci1.3:c:BWBR0019057&artikel=76&lid=1&o=a", "jci1.3:c:BWBR0019057&artikel=76", "art. 76 lid 1 onder a Wet WIA",
		},
		{
			"version 1.3.1 with divisions and dates", "jci", "jci1.3.1:c:BWBR0005537&hoofdstuk=4&titeldeel=4.1&afdeling=4.1.3&artikel=4:17&z=2026-01-01&g=2026-01-01",
			"jci1.3:c:BWBR0005537&hoofdstuk=4&titeldeel=4.1&afdeling=4.1.3&artikel=4:17&z=2026-01-01&g=2026-01-01", "jci1.3:c:BWBR0005537&artikel=4:17", "jci1.3:c:BWBR0005537&artikel=4:17", "art. 4:17 Awb",
		},
		{
			"divisions in the order of another law", "jci", "jci1.3:c:BWBR0005416&titeldeel=IV&hoofdstuk=XV&Paragraaf=2",
			"jci1.3:c:BWBR0005416&titeldeel=IV&hoofdstuk=XV&paragraaf=2", "jci1.3:c:BWBR0005416&titeldeel=IV&hoofdstuk=XV&paragraaf=2", "jci1.3:c:BWBR0005416&titeldeel=IV&hoofdstuk=XV&paragraaf=2", "paragraaf 2 BWBR0005416",
		},
		{
			"a whole regulation as adopted", "jci", " jci1.3:v:BWBR0015703 ",
			"jci1.3:v:BWBR0015703", "jci1.3:c:BWBR0015703", "jci1.3:c:BWBR0015703", "Participatiewet",
		},
		{
			"a space in a number", "jci", "jci1.3:c:BWBR0015703&artikel=P 15",
			"jci1.3:c:BWBR0015703&artikel=P_15", "jci1.3:c:BWBR0015703&artikel=P_15", "jci1.3:c:BWBR0015703&artikel=P_15", "art. P 15 Participatiewet",
		},
		{"a regulation of before 2015", "celex", "32004r0883", "32004R0883", "celex:32004R0883", "celex:32004R0883", "EU-verordening 883/2004"},
		{"a regulation of after 2015", "celex", "celex:32016R0679", "32016R0679", "celex:32016R0679", "celex:32016R0679", "EU-verordening 2016/679"},
		{"a directive", "celex", "32004L0038", "32004L0038", "celex:32004L0038", "celex:32004L0038", "EU-richtlijn 2004/38"},
		{"a consolidated regulation", "celex", "02004R0883-20190731", "02004R0883-20190731", "celex:02004R0883-20190731", "celex:02004R0883-20190731", "CELEX 02004R0883-20190731"},
		{"a proposal", "celex", "52021PC0206", "52021PC0206", "celex:52021PC0206", "celex:52021PC0206", "CELEX 52021PC0206"},
		{"an article of a treaty", "celex", "12012E045", "12012E045", "celex:12012E045", "celex:12012E045", "CELEX 12012E045"},
		{"a document", "kamerstuk", "36617-3", "kst-36617-3", "kst-36617-3", "kst-36617-3", "Kamerstuk 36617, nr. 3"},
		{"a document with its prefix in capitals", "kamerstuk", "KST-29362-338", "kst-29362-338", "kst-29362-338", "kst-29362-338", "Kamerstuk 29362, nr. 338"},
		{"a document as link", "kamerstuk", "https://zoek.officielebekendmakingen.nl/kst-36617-3.html", "kst-36617-3", "kst-36617-3", "kst-36617-3", "Kamerstuk 36617, nr. 3"},
		{"a dossier", "kamerstuk", "36617", "kst-36617", "kst-36617", "kst-36617", "Kamerstuk 36617"},
		{"a chapter of the budget", "kamerstuk", "36600-xv-12", "kst-36600-XV-12", "kst-36600-XV-12", "kst-36600-XV-12", "Kamerstuk 36600 XV, nr. 12"},
		{"the longest chapter of the budget", "kamerstuk", "31200-XVIII", "kst-31200-XVIII", "kst-31200-XVIII", "kst-31200-XVIII", "Kamerstuk 31200 XVIII"},
		{"an act for the whole Kingdom", "kamerstuk", "34567-R2076-3", "kst-34567-R2076-3", "kst-34567-R2076-3", "kst-34567-R2076-3", "Kamerstuk 34567 R2076, nr. 3"},
		{"a local rule", "cvdr", "CVDR123456", "CVDR123456", "CVDR123456", "CVDR123456", "CVDR123456"},
		{"a version of a local rule", "cvdr", "cvdr123456_2", "CVDR123456_2", "CVDR123456", "CVDR123456", "CVDR123456_2"},
		{"a local rule as link", "cvdr", "https://lokaleregelgeving.overheid.nl/CVDR123456/2", "CVDR123456_2", "CVDR123456", "CVDR123456", "CVDR123456_2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, err := ParseProvision(ProvisionKind(tc.kind), tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if p.String() != tc.canonical || p.Key() != tc.key || p.ArticleKey() != tc.article {
				t.Errorf("got %q, key %q, article key %q", p.String(), p.Key(), p.ArticleKey())
			}
			if got := d.ProvisionLabel(p); got != tc.label {
				t.Errorf("label %q, want %q", got, tc.label)
			}
			if p.Kind() != ProvisionKind(tc.kind) {
				t.Errorf("kind %q", p.Kind())
			}
		})
	}
}

func TestBrokenProvisionsAreRefusedWithTheirReason(t *testing.T) {
	for _, tc := range []struct{ name, kind, text, want string }{
		{"nothing", "jci", "", "jci-vorm"},
		{"a title instead of a reference", "jci", "artikel 76 Wet WIA", "jci-vorm"},
		{"no form", "jci", "jci1.3:BWBR0019057", "jci-vorm"},
		{"an unknown form", "jci", "jci1.3:x:BWBR0019057", "jci-vorm"},
		{"an older version", "jci", "jci1.0:c:BWBR0019057", "jci-versie"},
		{"a number too short", "jci", "jci1.3:c:BWBR001905&artikel=76", "jci-bwb"},
		{"a register that is not there", "jci", "jci1.3:c:BWBX0019057", "jci-bwb"},
		{"no number", "jci", "jci1.3:c:", "jci-bwb"},
		{"an unknown key", "jci", "jci1.3:c:BWBR0019057&artikle=76", "jci-sleutel"},
		{"a trailing ampersand", "jci", "jci1.3:c:BWBR0019057&", "jci-sleutel"},
		{"a key without value", "jci", "jci1.3:c:BWBR0019057&artikel=", "jci-waarde"},
		{"markup in a value", "jci", "jci1.3:c:BWBR0019057&artikel=<b>", "jci-waarde"},
		{"an article twice", "jci", "jci1.3:c:BWBR0019057&artikel=76&artikel=77", "jci-dubbel"},
		{"a chapter twice", "jci", "jci1.3:c:BWBR0019057&hoofdstuk=1&paragraaf=2&hoofdstuk=2", "jci-dubbel"},
		{"a paragraph before its article", "jci", "jci1.3:c:BWBR0019057&lid=1&artikel=76", "jci-volgorde"},
		{"a chapter after an article", "jci", "jci1.3:c:BWBR0019057&artikel=76&hoofdstuk=8", "jci-volgorde"},
		{"g before z", "jci", "jci1.3:c:BWBR0019057&g=2026-01-01&z=2026-01-01", "jci-volgorde"},
		{"z without g", "jci", "jci1.3:c:BWBR0019057&z=2026-01-01", "jci-datums"},
		{"a day that does not exist", "jci", "jci1.3:c:BWBR0019057&z=2026-02-30&g=2026-02-30", "jci-datums"},
		{"too long", "jci", "jci1.3:c:BWBR0019057" + strings.Repeat("&artikel=76", 40), "regeling-te-lang"},
		{"a sector without rules", "celex", "62004CJ0127", "celex-vorm"},
		{"a year before the first treaty", "celex", "31950R0001", "celex-inhoud"},
		{"an unknown kind of act", "celex", "32004Z0883", "celex-inhoud"},
		{"a number too short", "celex", "32004R883", "celex-inhoud"},
		{"a consolidation without its date", "celex", "02004R0883", "celex-inhoud"},
		{"a consolidation of a day that does not exist", "celex", "02004R0883-20190231", "celex-inhoud"},
		{"too long", "celex", strings.Repeat("3", 400), "regeling-te-lang"},
		{"a document before its dossier", "kamerstuk", "3-36617", "kamerstuk-vorm"},
		{"a dossier of six digits", "kamerstuk", "366171", "kamerstuk-vorm"},
		{"a leading zero", "kamerstuk", "36617-03", "kamerstuk-vorm"},
		{"a chapter that is no numeral", "kamerstuk", "36600-IIII-12", "kamerstuk-vorm"},
		{"too long", "kamerstuk", strings.Repeat("3", 400), "regeling-te-lang"},
		{"no digits", "cvdr", "CVDR", "cvdr-vorm"},
		{"a version of nothing", "cvdr", "CVDR123456_", "cvdr-vorm"},
		{"too long", "cvdr", strings.Repeat("3", 400), "regeling-te-lang"},
		{"an unknown kind", "eli", "eli/reg/2004/883", "regeling-soort"},
	} {
		t.Run(tc.kind+": "+tc.name, func(t *testing.T) {
			p, err := ParseProvision(ProvisionKind(tc.kind), tc.text)
			if got := reason(t, err); got != tc.want {
				t.Errorf("reason %q, want %q", got, tc.want)
			}
			if p != (Provision{}) {
				t.Errorf("got %+v beside the problem", p)
			}
		})
	}
}

func TestProblemsDoNotRepeatTheInput(t *testing.T) {
	const bsn = "123456782"
	for _, text := range []string{bsn, "jci1.3:c:" + bsn, "jci1.3:c:BWBR0019057&" + bsn + "=1", "jci1.3:c:BWBR0019057&artikel=" + bsn + "!", "3" + bsn, "CVDR" + bsn, bsn + "-1"} {
		for _, kind := range []ProvisionKind{ProvisionJCI, ProvisionCELEX, ProvisionKamerstuk, ProvisionCVDR, ProvisionKind(bsn)} {
			_, err := ParseProvision(kind, text)
			var p *Problem
			if !errors.As(err, &p) {
				t.Errorf("%s %q is accepted", kind, text)
			} else if strings.Contains(p.NL+p.EN+p.Reason, bsn) {
				t.Errorf("%s: the problem repeats the input: %v", kind, p)
			}
		}
	}
	if _, err := ParseDate(bsn); strings.Contains(err.Error(), bsn) {
		t.Errorf("the problem repeats the input: %v", err)
	}
}

func TestAProvisionToNowhereIsRefusedWithSuggestions(t *testing.T) {
	d := load(t)
	check := func(kind ProvisionKind, text string) error {
		p, err := ParseProvision(kind, text)
		if err != nil {
			t.Fatal(err)
		}
		return d.CheckProvision(p, day(t, "2026-11-20"))
	}
	if err := check(ProvisionJCI, "jci1.3:c:BWBR0019057&artikel=76"); err != nil {
		t.Errorf("a known regulation: %v", err)
	}
	for kind, text := range map[ProvisionKind]string{ProvisionCELEX: "32004R0883", ProvisionKamerstuk: "36617-3", ProvisionCVDR: "CVDR123456"} {
		if err := check(kind, text); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	err := check(ProvisionJCI, "jci1.3:c:BWBR0019058&artikel=76")
	if got := reason(t, err); got != "regeling-onbekend" {
		t.Fatalf("reason %q", got)
	}
	var p *Problem
	if errors.As(err, &p); !strings.Contains(p.NL, "jci1.3:c:BWBR0019057 (Wet WIA)") || !strings.Contains(p.EN, "jci1.3:c:BWBR0019057 (Wet WIA)") {
		t.Errorf("no suggestion in %q, %q", p.NL, p.EN)
	}
	if got := reason(t, check(ProvisionJCI, "jci1.3:c:BWBV9999999")); got != "regeling-onbekend" {
		t.Errorf("reason %q", got)
	}
	if got := reason(t, d.CheckProvision(Provision{}, Date{})); got != "regeling-leeg" {
		t.Errorf("reason %q", got)
	}
}

func TestOneArticleHasOneKeyHoweverItIsWritten(t *testing.T) {
	var keys []string
	for _, text := range []string{
		"jci1.3:c:BWBR0005537&artikel=4:17",
		"jci1.3:v:BWBR0005537&artikel=4:17",
		"jci1.3.1:c:BWBR0005537&hoofdstuk=4&artikel=4:17",
		"http://wetten.overheid.nl/jci1.3:c:BWBR0005537&hoofdstuk=4&artikel=4:17&lid=2&z=2026-01-01&g=2026-01-01",
	} {
		p, err := ParseProvision(ProvisionJCI, text)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, p.ArticleKey())
	}
	for _, key := range keys {
		if key != keys[0] {
			t.Errorf("keys differ: %q", keys)
		}
	}
}

func TestPartsOfAReferenceCanBeAsked(t *testing.T) {
	j, err := ParseJCI("jci1.3:c:BWBR0019057&artikel=76&lid=1")
	if err != nil || j.BWB() != "BWBR0019057" || j.Article() != "76" {
		t.Errorf("got %q, %q, %v", j.BWB(), j.Article(), err)
	}
	k, err := ParseKamerstuk("36600-XV-12")
	if err != nil || k.Dossier() != "36600-XV" {
		t.Errorf("got %q, %v", k.Dossier(), err)
	}
}
