package search_test

import (
	"slices"
	"testing"

	"schakel.example/services/reference"
	"schakel.example/services/signals/search"
)

const wia = "jci1.3:c:BWBR0019057"

func TestARuleIsFoundByAllThatItIsPartOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind reference.ProvisionKind
		text string
		want []string
	}{
		{reference.ProvisionJCI, wia, []string{wia}},
		{reference.ProvisionJCI, wia + "&artikel=76", []string{wia, wia + "&artikel=76"}},
		{reference.ProvisionJCI, "jci1.3:v:BWBR0019057&artikel=76&lid=1&o=a&z=2026-01-01&g=2026-01-01", []string{
			wia, wia + "&artikel=76", wia + "&artikel=76&lid=1", wia + "&artikel=76&lid=1&o=a",
		}},
		{reference.ProvisionJCI, wia + "&hoofdstuk=8&afdeling=1&artikel=76", []string{
			wia, wia + "&afdeling=1", wia + "&artikel=76", wia + "&hoofdstuk=8", wia + "&hoofdstuk=8&afdeling=1",
		}},
		{reference.ProvisionCELEX, "32004R0883", []string{"celex:32004R0883"}},
		{reference.ProvisionCELEX, "02004R0883-20190731", []string{"celex:02004R0883-20190731", "celex:32004R0883"}},
		{reference.ProvisionCELEX, "32004R0883R(01)", []string{"celex:32004R0883", "celex:32004R0883R(01)"}},
		{reference.ProvisionKamerstuk, "36617-3", []string{"kst-36617", "kst-36617-3"}},
		{reference.ProvisionKamerstuk, "36600-XV-12", []string{"kst-36600-XV", "kst-36600-XV-12"}},
		{reference.ProvisionKamerstuk, "36617", []string{"kst-36617"}},
		{reference.ProvisionCVDR, "CVDR123456_2", []string{"CVDR123456"}},
	} {
		p, err := reference.ParseProvision(tt.kind, tt.text)
		if err != nil {
			t.Fatal(err)
		}
		got := search.Provisions(p)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s is found by %q, want %q", tt.text, got, tt.want)
		}
		if !slices.Contains(got, p.Key()) || !slices.Contains(got, search.Regulation(p)) {
			t.Errorf("%s is not found by itself or by %s", tt.text, search.Regulation(p))
		}
	}
	if got := search.Provisions(reference.Provision{}); got != nil {
		t.Errorf("nothing is found by %q", got)
	}
}

func TestTheWholeThatARuleIsPartOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		wia + "&hoofdstuk=8":  wia,
		wia + "&artikel=76":   wia,
		"02004R0883-20190731": "celex:32004R0883",
		"36617-3":             "kst-36617",
		"36600-XV-12":         "kst-36600-XV",
		"CVDR123456_2":        "CVDR123456",
	} {
		p, err := search.ParseProvision(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := search.Regulation(p); got != want {
			t.Errorf("%s is part of %s, want %s", text, got, want)
		}
	}
}

func TestARuleIsReadWithoutSayingOfWhichRegisterItIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		wia + "&artikel=76&z=2026-01-01&g=2026-01-01": wia + "&artikel=76",
		"https://wetten.overheid.nl/" + wia:           wia,
		"BWBR0019057":                                 wia,
		"bwbr0019057&artikel=76":                      wia + "&artikel=76",
		"32004R0883":                                  "celex:32004R0883",
		"celex:32004R0883":                            "celex:32004R0883",
		"36617-3":                                     "kst-36617-3",
		"kst-36617":                                   "kst-36617",
		"https://zoek.officielebekendmakingen.nl/kst-36617-3.html": "kst-36617-3",
		"cvdr123456": "CVDR123456",
		"https://lokaleregelgeving.overheid.nl/CVDR123456/2": "CVDR123456",
		" 36617 ": "kst-36617",
	} {
		p, err := search.ParseProvision(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got := p.Key(); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"", "Wet WIA", "jci1.3:c:BWBR1", "99999R9999", "CVDR", wia + "&lid=1"} {
		if p, err := search.ParseProvision(text); err == nil {
			t.Errorf("%q is %s", text, p)
		}
	}
}
