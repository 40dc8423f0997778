package signals_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/reference"
	"schakel.example/services/signals"
)

const tooi = "https://identifier.overheid.nl/tooi/id/"

// now is a Friday.
var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func load(t testing.TB) *reference.Data {
	t.Helper()
	data, err := reference.Load()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func provision(t testing.TB, kind reference.ProvisionKind, text string) reference.Provision {
	t.Helper()
	p, err := reference.ParseProvision(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestASignalIsHeldToTheReferenceData(t *testing.T) {
	t.Parallel()
	data := load(t)
	nowhere := provision(t, reference.ProvisionJCI, "jci1.3:c:BWBR9999999&artikel=1")
	for _, tt := range []struct {
		name   string
		change func(*signals.Signal)
		want   []string // path and reason
	}{
		{"a signal that names what exists is right", func(*signals.Signal) {}, nil},
		{"what is left out is not looked up", func(s *signals.Signal) { *s = signals.Signal{} }, nil},
		{"an organisation must be known", func(s *signals.Signal) { s.Organisation = tooi + "zbo/zb999999" },
			[]string{"organisation onbekende-organisatie"}},
		{"an organisation must still exist", func(s *signals.Signal) { s.Organisation = tooi + "ministerie/mnre1171" },
			[]string{"organisation vervallen-organisatie"}},
		{"a level is a term", func(s *signals.Signal) { s.Level = "landelijk" }, []string{"level onbekend-begrip"}},
		{"a category is a term, each of them", func(s *signals.Signal) { s.Categories = []string{"hardheid", "hard", "zacht"} },
			[]string{"categories[1] onbekend-begrip", "categories[2] onbekend-begrip"}},
		{"a public value is a term of its own list", func(s *signals.Signal) { s.PublicValues = []string{"hardheid"} },
			[]string{"public_values[0] onbekend-begrip"}},
		{"a principle is a term of its own list", func(s *signals.Signal) { s.Principles = []string{"hardheid"} },
			[]string{"principles[0] onbekend-begrip"}},
		{"a target group is a term of its own list", func(s *signals.Signal) { s.TargetGroups = []string{"hardheid"} },
			[]string{"target_groups[0] onbekend-begrip"}},
		{"a policy stage is a term of its own list", func(s *signals.Signal) { s.PolicyStage = "hardheid" },
			[]string{"policy_stage onbekend-begrip"}},
		{"it may be known since today", func(s *signals.Signal) { s.Since = "2026-11-20" }, nil},
		{"it cannot be known since tomorrow", func(s *signals.Signal) { s.Since = "2026-11-21" },
			[]string{"since datum-in-toekomst"}},
		{"what is no day is for the form to say", func(s *signals.Signal) { s.Since = "gisteren" }, nil},
		{"a provision points at a known regulation, each of them", func(s *signals.Signal) {
			s.Provisions = append([]reference.Provision{nowhere}, append(s.Provisions, nowhere)...)
		}, []string{"provisions[0].jci regeling-onbekend", "provisions[2].jci regeling-onbekend"}},
		{"a provision that could not be read is for its reader to say", func(s *signals.Signal) {
			s.Provisions = []reference.Provision{{}}
		}, nil},
		{"of other registers only the form is known", func(s *signals.Signal) {
			s.Provisions = []reference.Provision{provision(t, reference.ProvisionCELEX, "32004R0883")}
		}, nil},
		{"who can solve it must be known, and with what", func(s *signals.Signal) {
			s.ProposedSolutions = []signals.ProposedSolution{{}, {Actor: tooi + "zbo/zb999999", Instrument: "hamer"}}
		}, []string{"proposed_solutions[1].actor onbekende-organisatie", "proposed_solutions[1].instrument onbekend-begrip"}},
		{"other organisations must be known", func(s *signals.Signal) { s.OtherOrganisations[0] = "x" },
			[]string{"other_organisations[0] onbekende-organisatie"}},
		{"causing organisations must be known", func(s *signals.Signal) { s.CausingOrganisations[0] = "x" },
			[]string{"causing_organisations[0] onbekende-organisatie"}},
		{"all faults are told at once", func(s *signals.Signal) {
			s.Organisation, s.Level, s.Since, s.Provisions = "x", "y", "2027-01-01", []reference.Provision{nowhere}
		}, []string{
			"organisation onbekende-organisatie", "level onbekend-begrip", "since datum-in-toekomst", "provisions[0].jci regeling-onbekend",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := signals.Signal{
				Organisation: tooi + "zbo/zb000117", Level: "organisatie", Categories: []string{"hardheid"},
				Provisions:   []reference.Provision{provision(t, reference.ProvisionJCI, "jci1.3:c:BWBR0019057&artikel=76")},
				PublicValues: []string{"betrouwbaarheid"}, Principles: []string{"legaliteit"},
				TargetGroups: []string{"gezinnen"}, Since: "2024-02-29", PolicyStage: "uitvoering",
				ProposedSolutions:    []signals.ProposedSolution{{Actor: tooi + "ministerie/mnre1073", Instrument: "wet"}},
				OtherOrganisations:   []string{tooi + "zbo/zb000143"},
				CausingOrganisations: []string{tooi + "ministerie/mnre1073"},
			}
			tt.change(&s)
			c := data.Checklist(reference.DutchDate(now))
			s.Check(c)
			var got []string
			for _, f := range c.Faults() {
				got = append(got, f.Path+" "+f.Reason)
				if f.Text.NL == "" || f.Text.EN == "" {
					t.Errorf("%s has no words: %+v", f.Path, f.Text)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
