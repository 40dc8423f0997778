package form_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
)

func TestAFormIsHeldToEverythingAtOnce(t *testing.T) {
	t.Parallel()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	owner := &referencev1.Office{Organisation: "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073", Function: "directeur"}
	right := func() *lettersv1.Response {
		return &lettersv1.Response{ExternalReference: "R-1", Choice: 5, Motive: "Nee.", Owner: owner, Due: "2027-07-01"}
	}
	for _, tt := range []struct {
		name   string
		change func(*lettersv1.Response)
		found  []string
		want   []string
	}{
		{"nothing is wrong", func(*lettersv1.Response) {}, nil, nil},
		{"rules come first, then what was found", func(m *lettersv1.Response) { m.Motive = "" }, []string{"due"},
			[]string{"answer.motive required", "answer.due gevonden"}},
		{"what was found alone", func(*lettersv1.Response) {}, []string{"owner.organisation"},
			[]string{"answer.owner.organisation gevonden"}},
		{"of a field that breaks a rule only that", func(m *lettersv1.Response) { m.Due = "morgen" }, []string{"due"},
			[]string{"answer.due string-calendar-date"}},
		{"of a message that is not there only that", func(m *lettersv1.Response) { m.Owner = nil }, []string{"owner.organisation"},
			[]string{"answer.owner required"}},
		{"a rule of the whole hides none of its fields", func(m *lettersv1.Response) { m.Choice = 4 }, []string{"instrument"},
			[]string{"answer response-ground", "answer.instrument gevonden"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := right()
			tt.change(m)
			var found []fault.Field
			for _, path := range tt.found {
				found = append(found, fault.Field{Path: path, Reason: "gevonden"})
			}
			err := form.Check(checker, "answer", m, found)
			if tt.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, form.ErrInvalid) {
				t.Fatalf("%v is not the fault of a form", err)
			}
			var got []string
			for _, f := range fault.Of(err).Fields {
				got = append(got, f.Path+" "+f.Reason)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}
