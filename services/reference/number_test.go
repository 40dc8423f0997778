package reference

import "testing"

func TestAPlaceInARegulationIsANumberAsLegislationHasThem(t *testing.T) {
	d := load(t)
	const law = "jci1.3:c:BWBR0019057&"
	check := func(place string) string {
		p, err := ParseProvision(ProvisionJCI, law+place)
		if err == nil {
			err = d.CheckProvision(p, day(t, "2026-11-21"))
		}
		return reason(t, err)
	}
	for _, place := range []string{
		"artikel=76", "artikel=76a", "artikel=27ba", "artikel=138ab", "artikel=4:95", "artikel=1:1", "artikel=10:3a", "artikel=7:610b",
		"artikel=3.1.2", "artikel=6.2a", "artikel=10.40", "artikel=2.1.3.4a", "artikel=I", "artikel=IV", "artikel=XIIIa", "artikel=XXIII",
		"artikel=14bis", "artikel=36_bis", "artikel=12quater", "artikel=P_15", "artikel=Y 4a", "artikel=A1", "artikel=D12a", "artikel=A",
		"artikel=enig", "artikel=Enig", "artikel=bijlage", "artikel=bijlage_2", "artikel=Bijlage IIa", "artikel=1-2", "artikel=2a:3",
		"artikel=1&lid=1", "artikel=1&lid=12a", "artikel=1&lid=2bis", "artikel=1&lid=1&o=a", "artikel=1&lid=1&o=ah", "artikel=1&o=xviii",
		"artikel=1&o=aaa", "artikel=1&o=a.1", "artikel=1&o=3", "artikel=1&o=1_i",
		"hoofdstuk=4a", "hoofdstuk=XV", "titeldeel=4.1", "afdeling=4.1.3", "paragraaf=4.4.1.2", "boek=7A", "boek=Tweede", "boek=derde",
		"titeldeel=Vijfentwintigste", "titeldeel=Twaalfde_A", "afdeling=eerste", "titel=achttiende", "hoofdstuk=Enig", "hoofdstuk=I_bis",
	} {
		if got := check(place); got != "" {
			t.Errorf("%s is refused: %s", place, got)
		}
	}
	for _, place := range []string{
		"artikel=Jan-Jansen", "artikel=Jan", "artikel=Jan_Jansen", "artikel=76.Jansen", "artikel=jansen", "artikel=111222333", "artikel=AB-123-C",
		"artikel=a-b", "artikel=zie_brief", "artikel=76_van_de_wet", "artikel=bijlage_Jansen", "artikel=Tweede", "artikel=1.2.3.4.5.6.7",
		"artikel=1&lid=Jansen", "artikel=1&lid=aaa", "artikel=1&lid=eerste", "artikel=1&o=jan", "artikel=1&o=mevrouw",
		"hoofdstuk=Jansen", "hoofdstuk=06-12345678", "boek=Tweedehands", "paragraaf=de_heer_x", "afdeling=bezwaar",
	} {
		if got := check(place); got != "jci-nummer" {
			t.Errorf("%s: %q, want jci-nummer", place, got)
		}
		if _, err := ParseProvisionKey(law + place); err != nil {
			t.Errorf("%s was once stored, and can no longer be read: %v", place, err)
		}
	}
}
