package letters_test

import (
	"testing"

	"schakel.example/services/letters"
	"schakel.example/services/reference"
)

func TestABottleneckIsHeldToTheReferenceData(t *testing.T) {
	t.Parallel()
	data := load(t)
	provision := func(text string) reference.Provision {
		p, err := reference.ParseProvision(reference.ProvisionJCI, text)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	known, nowhere := provision("jci1.3:c:BWBR0019057&artikel=76"), provision("jci1.3:c:BWBR9999999&artikel=1")
	for _, tt := range []struct {
		name string
		b    letters.Bottleneck
		want []string
	}{
		{"a bottleneck that names what exists is right",
			letters.Bottleneck{Organisation: uwv, Category: "hardheid", Provisions: []reference.Provision{known}}, nil},
		{"what is left out is not looked up", letters.Bottleneck{}, nil},
		{"the organisation must be known", letters.Bottleneck{Organisation: "x"}, []string{"organisation onbekende-organisatie"}},
		{"the category is a term", letters.Bottleneck{Category: "betrouwbaarheid"}, []string{"category onbekend-begrip"}},
		{"all faults are told at once",
			letters.Bottleneck{Organisation: "x", Category: "y", Provisions: []reference.Provision{known, nowhere}},
			[]string{"organisation onbekende-organisatie", "category onbekend-begrip", "provisions[1].jci regeling-onbekend"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			same(t, "faults", found(t, data, tt.b.Check), tt.want)
		})
	}
}

func TestABottleneckBeginsOpen(t *testing.T) {
	t.Parallel()
	got := letters.Bottleneck{Title: "Titel", Signals: []string{"s"}}.Open("id", now)
	same(t, "the bottleneck", got, letters.Bottleneck{
		ID: "id", Title: "Titel", Signals: []string{"s"}, Revision: 1, OpenedAt: now, State: letters.BottleneckOpen, StateAt: now,
	})
}
