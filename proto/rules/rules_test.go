package rules_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
)

const (
	uwv   = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	input = "NIET-NOEMEN"
)

func checker(tb testing.TB) *rules.Checker {
	tb.Helper()
	c, err := rules.New()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func goodSignal() *signalsv1.Signal {
	return &signalsv1.Signal{
		Organisation: uwv, ExternalReference: "K-1", Title: "Titel", Description: "Omschrijving",
		Level: "professioneel", Categories: []string{"uitvoerbaarheid"},
		Severity: signalsv1.Severity_SEVERITY_HOOG, Approach: signalsv1.Approach_APPROACH_SOLVE,
		Confidentiality: signalsv1.Confidentiality_CONFIDENTIALITY_INTERN,
	}
}

func signal(change func(*signalsv1.Signal)) *signalsv1.Signal {
	s := goodSignal()
	change(s)
	return s
}

func TestViolationsAreWordedInDutchAndEnglish(t *testing.T) {
	t.Parallel()
	type violation struct{ Field, Reason, NL, EN string }
	tests := []struct {
		name string
		m    proto.Message
		want []violation
	}{
		{"a good message has none", goodSignal(), nil},
		{"all violations are listed, in order of the fields", signal(func(s *signalsv1.Signal) {
			s.Title, s.Organisation, s.Since = "", input, input
		}), []violation{
			{"organisation", "string-tooi", "moet de TOOI-URI van een organisatie zijn", "must be the TOOI URI of an organisation"},
			{"title", "required", "is verplicht", "value is required"},
			{"since", "string-calendar-date", "moet een bestaande datum zijn, geschreven als JJJJ-MM-DD", "must be an existing date, written YYYY-MM-DD"},
		}},
		{"too long", signal(func(s *signalsv1.Signal) { s.Title = strings.Repeat("é", 201) }), []violation{
			{"title", "string-max-len", "mag hoogstens 200 tekens hebben", "must be at most 200 characters"},
		}},
		{"one item of a list", signal(func(s *signalsv1.Signal) { s.Categories = []string{"goed", ""} }), []violation{
			{"categories[1]", "string-min-len", "moet minstens 1 teken hebben", "must be at least 1 characters"},
		}},
		{"no slug", signal(func(s *signalsv1.Signal) { s.Level = input }), []violation{
			{"level", "string-slug", "moet de code van een term zijn: kleine letters, cijfers en koppeltekens", "must be the code of a term: lower-case letters, digits and hyphens"},
		}},
		{"no text for people", signal(func(s *signalsv1.Signal) { s.Title = input + "\x00" }), []violation{
			{"title", "string-prose", "moet tekst zijn, zonder besturingstekens", "must be text, without control characters"},
		}},
		{"another form", signal(func(s *signalsv1.Signal) { s.ExternalReference = "!" + input }), []violation{
			{"external_reference", "string-pattern", "mag alleen letters zonder accenten, cijfers en de tekens . _ : / - bevatten, en moet beginnen met een letter of een cijfer", "may only hold letters without accents, digits and the characters . _ : / -, and must begin with a letter or a digit"},
		}},
		{"too few items", signal(func(s *signalsv1.Signal) { s.Categories = nil }), []violation{
			{"categories", "repeated-min-items", "moet minstens 1 waarde bevatten", "must contain at least 1 item(s)"},
		}},
		{"too many items", signal(func(s *signalsv1.Signal) { s.Categories = strings.Split("a b c d e f", " ") }), []violation{
			{"categories", "repeated-max-items", "mag hoogstens 5 waarden bevatten", "must contain no more than 5 item(s)"},
		}},
		{"an item twice", signal(func(s *signalsv1.Signal) { s.Categories = []string{"a", "a"} }), []violation{
			{"categories", "repeated-unique", "mag geen waarde dubbel bevatten", "repeated value must contain unique items"},
		}},
		{"an unknown value of an enum", signal(func(s *signalsv1.Signal) { s.Severity = 99 }), []violation{
			{"severity", "enum-defined-only", "moet een van de bekende waarden zijn", "value must be one of the defined enum values"},
		}},
		{"none of a oneof, at the message that holds it", signal(func(s *signalsv1.Signal) {
			s.Provisions = []*referencev1.Provision{{}}
		}), []violation{
			{"provisions[0]", "oneof-required", "kies precies één van: jci, celex, kamerstuk, cvdr", "exactly one field is required in oneof"},
		}},
		{"a rule over two fields", signal(func(s *signalsv1.Signal) {
			s.Extent = &signalsv1.Extent{Minimum: 2, Maximum: 1, Certainty: signalsv1.Certainty_CERTAINTY_GETELD}
		}), []violation{
			{"extent", "extent-order", "de ondergrens mag niet hoger zijn dan de bovengrens", "the lower bound must not be above the upper bound"},
		}},
		{"no URI", signal(func(s *signalsv1.Signal) {
			s.References = []*signalsv1.Reference{{Description: "d", Uri: "https://" + input + " "}}
		}), []violation{
			{"references[0].uri", "string-uri", "moet een URI zijn", "must be a valid URI"},
		}},
		{"no UUID", &signalsv1.GetSignalRequest{Id: input}, []violation{
			{"id", "string-uuid", "moet een UUID zijn", "must be a valid UUID"},
		}},
		{"an empty UUID", &signalsv1.GetSignalRequest{}, []violation{
			{"id", "string-uuid-empty", "moet een UUID zijn", "value is empty, which is not a valid UUID"},
		}},
		{"a number out of two bounds", &signalsv1.ListSignalsRequest{PageSize: 501}, []violation{
			{"page_size", "int32-gte-lte", "moet van 0 tot en met 500 zijn", "must be greater than or equal to 0 and less than or equal to 500"},
		}},
		{"a number below its bound", &ledgerv1.ListEntriesRequest{From: -1}, []violation{
			{"from", "int32-gte", "moet minstens 0 zijn", "must be greater than or equal to 0"},
		}},
		{"a number at an open bound", &ledgerv1.GetConsistencyProofRequest{From: 1}, []violation{
			{"to", "int32-gt", "moet groter zijn dan 0", "must be greater than 0"},
		}},
		{"a value of an enum that is not allowed", &signalsv1.ListSignalsRequest{States: []signalsv1.SignalState{0}}, []violation{
			{"states[0]", "enum-not-in", "mag deze waarde niet zijn", "must not be in list [0]"},
		}},
		{"an answer without instrument or ground", &lettersv1.Response{
			ExternalReference: "R-1", Choice: 1, Ground: 1, Motive: "m", Due: "2027-01-01",
			Owner: &referencev1.Office{Organisation: uwv, Function: "directeur"},
		}, []violation{
			{"", "response-instrument", "bij een overgenomen knelpunt hoort een instrument", "an adopted bottleneck names the instrument"},
			{"", "response-ground", "bij “nu niet” hoort een grond, en alleen daarbij", "\"not now\" names its ground, and nothing else does"},
		}},
		{"no mail address", &contactsv1.ContactPerson{
			Department: uwv, Function: "contactpersoon", Mailbox: input, ValidFrom: "2027-01-01",
		}, []violation{
			{"mailbox", "string-email", "moet een e-mailadres zijn", "must be a valid email address"},
		}},
	}
	c := checker(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			violations, err := c.Check("", tt.m)
			if err != nil {
				t.Fatal(err)
			}
			var got []violation
			for _, v := range violations {
				got = append(got, violation{v.GetField(), v.GetReason(), v.GetLocalizedMessage().GetMessage(), v.GetDescription()})
				if v.GetLocalizedMessage().GetLocale() != "nl" {
					t.Errorf("locale = %q", v.GetLocalizedMessage().GetLocale())
				}
				if strings.Contains(v.String(), input) {
					t.Errorf("the input is repeated: %v", v)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPathsStandBelowTheGivenPlace(t *testing.T) {
	t.Parallel()
	c := checker(t)
	violations, err := c.Check("signal", signal(func(s *signalsv1.Signal) {
		s.Provisions = []*referencev1.Provision{{Register: &referencev1.Provision_Jci{}}}
		s.Extent = &signalsv1.Extent{Minimum: 2, Certainty: 1}
	}))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range violations {
		got = append(got, v.GetField())
	}
	if diff := cmp.Diff([]string{"signal.provisions[0].jci", "signal.extent"}, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

func TestAMessageThatIsNotThereLacksAllItsRequiredFields(t *testing.T) {
	t.Parallel()
	violations, err := checker(t).Check("signal", (*signalsv1.Signal)(nil))
	if err != nil || len(violations) == 0 || violations[0].GetField() != "signal.organisation" {
		t.Errorf("violations = %v, %v", violations, err)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		checker(b)
	}
}

func BenchmarkCheck(b *testing.B) {
	c, m := checker(b), goodSignal()
	b.ReportAllocs()
	for b.Loop() {
		if v, err := c.Check("", m); err != nil || v != nil {
			b.Fatal(v, err)
		}
	}
}
