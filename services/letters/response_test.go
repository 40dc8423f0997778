package letters_test

import (
	"testing"

	"schakel.example/services/letters"
	"schakel.example/services/reference"
)

func TestAResponseIsHeldToTheReferenceDataAndToItsDepartment(t *testing.T) {
	t.Parallel()
	data := load(t)
	office := func(organisation string) reference.Office {
		return reference.Office{Organisation: organisation, Function: "directeur"}
	}
	for _, tt := range []struct {
		name string
		r    letters.Response
		want []string
	}{
		{"a response that names what exists is right", letters.Response{Instrument: "wet", Owner: office(szw)}, nil},
		{"without an instrument there is none to look up", letters.Response{Owner: office(szw)}, nil},
		{"the instrument is a term", letters.Response{Instrument: "hamer", Owner: office(szw)}, []string{"instrument onbekend-begrip"}},
		{"it can be done by tomorrow", letters.Response{Due: "2026-11-21", Owner: office(szw)}, nil},
		{"it cannot be done by a day that is past", letters.Response{Due: "2026-11-19", Owner: office(szw)}, []string{"due datum-voorbij"}},
		{"the owner is at the department that answers", letters.Response{Owner: office(uwv)},
			[]string{"owner.organisation eigenaar-elders"}},
		{"an owner must be named", letters.Response{}, []string{"owner.organisation eigenaar-elders"}},
		{"all faults are told at once", letters.Response{Instrument: "hamer", Due: "2000-01-01", Owner: office("x")},
			[]string{"instrument onbekend-begrip", "due datum-voorbij", "owner.organisation onbekende-organisatie", "owner.organisation eigenaar-elders"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			same(t, "faults", found(t, data, func(c *reference.Checklist) { tt.r.Check(c, szw) }), tt.want)
		})
	}
}
