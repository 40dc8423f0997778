package contacts_test

import (
	"testing"

	"schakel.example/services/contacts"
	"schakel.example/services/reference"
)

func TestEveryKindOfOrganisationStandsUnderARegime(t *testing.T) {
	t.Parallel()
	day := reference.NewDate(2026, 11, 20)
	for kind, want := range map[reference.Kind]string{
		reference.KindMinistry:     contacts.MinisterialResponsibility,
		reference.KindAgency:       contacts.MinisterialResponsibility,
		reference.KindInspectorate: contacts.MinisterialResponsibility, // until there is a law
		reference.KindZBO:          contacts.SimultaneousNotice,
		reference.KindHighCouncil:  contacts.SimultaneousNotice,
		reference.KindAdvisory:     contacts.SimultaneousNotice,
		reference.KindProvince:     contacts.SimultaneousNotice,
		reference.KindWaterBoard:   contacts.SimultaneousNotice,
		reference.KindMunicipality: contacts.SimultaneousNotice,
	} {
		got, _ := contacts.Known().On(reference.Organisation{Kind: kind}, day)
		if got.Code != want {
			t.Errorf("%s: %q, want %q", kind, got.Code, want)
		}
		if consent := want == contacts.MinisterialResponsibility; got.Consent != consent {
			t.Errorf("%s: consent %v, want %v", kind, got.Consent, consent)
		}
	}
	for _, o := range load(t).Organisations() {
		// A sandbox has no officials.
		if _, ok := contacts.Known().On(o, day); ok == o.Sandbox() {
			t.Errorf("%s, of kind %s: stands under one is %v", o.Title(), o.Kind, ok)
		}
	}
}

func TestEveryRegimeNamesItsSourceAndStatus(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range contacts.Known() {
		if r.Source == "" || r.Status != contacts.InForce && r.Status != contacts.Proposed || seen[r.Code] {
			t.Errorf("%+v", r)
		}
		seen[r.Code] = true
	}
}

func TestAProposedRegimeAppliesOnceItIsInForce(t *testing.T) {
	t.Parallel()
	inspectorate := reference.Organisation{Kind: reference.KindInspectorate}
	law := contacts.Known()
	law[0].From = reference.NewDate(2028, 1, 1)
	law[0].Until = reference.NewDate(2029, 12, 31)
	tests := []struct {
		name   string
		status contacts.RegimeStatus
		day    reference.Date
		want   string
	}{
		{"a proposal does not apply, whatever its first day", contacts.Proposed, reference.NewDate(2028, 1, 1), contacts.MinisterialResponsibility},
		{"nor does a law before its first day", contacts.InForce, reference.NewDate(2027, 12, 31), contacts.MinisterialResponsibility},
		{"it applies from its first day", contacts.InForce, reference.NewDate(2028, 1, 1), contacts.Inspectorate},
		{"and on its last", contacts.InForce, reference.NewDate(2029, 12, 31), contacts.Inspectorate},
		{"but not after it", contacts.InForce, reference.NewDate(2030, 1, 1), contacts.MinisterialResponsibility},
	}
	for _, tt := range tests {
		law[0].Status = tt.status
		if got, _ := law.On(inspectorate, tt.day); got.Code != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got.Code, tt.want)
		}
	}
	if contacts.Known()[0].Status != contacts.Proposed {
		t.Error("the configuration itself was changed")
	}
}

func TestWithoutARegimeThereIsNone(t *testing.T) {
	t.Parallel()
	if r, ok := (contacts.Regimes{}).On(reference.Organisation{Kind: reference.KindZBO}, reference.NewDate(2026, 1, 1)); ok || r.Code != "" {
		t.Errorf("%+v", r)
	}
}
