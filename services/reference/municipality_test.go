package reference

import (
	"strings"
	"testing"
)

// The CBS counts so many since the large round of 2019, of which none is missing
// here.
func TestThereAreAsManyMunicipalitiesAsTheCBSCounts(t *testing.T) {
	d := load(t)
	for on, want := range map[string]int{
		"2019-01-01": 355, "2020-12-31": 355, "2021-01-01": 352, "2022-01-01": 345, "2022-12-31": 344, "2023-01-01": 342, "2026-11-21": 342,
	} {
		got := 0
		for _, o := range d.Organisations(KindMunicipality) {
			if o.ValidOn(day(t, on)) {
				got++
			}
		}
		if got != want {
			t.Errorf("on %s there are %d, want %d", on, got, want)
		}
	}
}

func TestEveryMunicipalityThatEndedLeadsToOneOfToday(t *testing.T) {
	d := load(t)
	today := day(t, "2026-11-21")
	for _, o := range d.Organisations(KindMunicipality) {
		divided := strings.HasSuffix(o.TOOI, "gm0788") // Haaren, over four
		now, ok := d.OrganisationOn(o.TOOI, today)
		if ok == divided || ok && !now.ValidUntil.IsZero() {
			t.Errorf("%s (%s): line of successors ends in %q", o.TOOI, o.Name, now.Name)
		}
		if o.ValidUntil.IsZero() {
			continue
		}
		if _, ok := d.OrganisationOn(o.TOOI, o.ValidUntil); !ok {
			t.Errorf("%s (%s) was not there on its last day", o.TOOI, o.Name)
		}
	}
}

func TestAMunicipalityThatEndedIsRefusedWithItsSuccessor(t *testing.T) {
	d := load(t)
	for _, tc := range []struct{ name, code, last, successor string }{
		{"Appingedam", "gm0003", "2020-12-31", "Gemeente Eemsdelta"},
		{"Delfzijl", "gm0010", "2020-12-31", "Gemeente Eemsdelta"},
		{"Weesp", "gm0457", "2022-03-23", "Gemeente Amsterdam"},
		{"Brielle", "gm0501", "2022-12-31", "Gemeente Voorne aan Zee"},
		{"Heerhugowaard", "gm0398", "2021-12-31", "Gemeente Dijk en Waard"},
		{"Uden", "gm0856", "2021-12-31", "Gemeente Maashorst"},
		{"Bergh", "gm0207", "2004-12-31", "Gemeente Montferland"},
		{"one by way of others", "gm0265", "2014-12-31", "Gemeente Berg en Dal"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			uri := tooi("gemeente/" + tc.code)
			check := func(on Date) []string {
				c := d.Checklist(on)
				c.Organisation("o", uri)
				var texts []string
				for _, f := range c.Faults() {
					texts = append(texts, f.Reason+": "+f.Text.NL)
				}
				return texts
			}
			if got := check(day(t, tc.last)); len(got) > 0 {
				t.Errorf("on its last day: %q", got)
			}
			got := check(day(t, "2026-11-21"))
			want := "vervallen-organisatie: deze organisatie bestaat niet meer of nog niet; zij is opgevolgd door " + tc.successor + " ("
			if len(got) != 1 || !strings.HasPrefix(got[0], want) {
				t.Errorf("today: %q, want %q", got, want)
			}
		})
	}
	c := d.Checklist(day(t, "2026-11-21"))
	c.Organisation("o", tooi("gemeente/gm0501x"))
	if got := c.Faults(); len(got) != 1 || strings.Contains(got[0].Text.NL, "Brielle") {
		t.Errorf("what has ended is suggested: %+v", got)
	}
}
