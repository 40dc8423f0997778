package contacts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/contacts"
	"schakel.example/services/reference"
)

func TestAContactPersonIsChecked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*contacts.ContactPerson)
		want   []string
	}{
		{"as it should be", func(*contacts.ContactPerson) {}, nil},
		{"without a last day", func(p *contacts.ContactPerson) { p.ValidUntil = "" }, nil},
		{"for one day", func(p *contacts.ContactPerson) { p.ValidUntil = p.ValidFrom }, nil},
		{"in the future", func(p *contacts.ContactPerson) { p.ValidFrom, p.ValidUntil = "2031-01-01", "2031-12-31" }, nil},
		{
			"with a last day before the first",
			func(p *contacts.ContactPerson) { p.ValidUntil = "2023-12-31" },
			[]string{"valid_until einde-voor-begin"},
		},
		{
			"of no organisation, and with its days out of order",
			func(p *contacts.ContactPerson) { p.Department, p.ValidUntil = zbo+"9", "2023-12-31" },
			[]string{"department onbekende-organisatie", "valid_until einde-voor-begin"},
		},
		{"of a zbo", func(p *contacts.ContactPerson) { p.Department = zbo }, []string{"department verkeerde-soort-organisatie"}},
		{"of an agency", func(p *contacts.ContactPerson) { p.Department = logius }, []string{"department verkeerde-soort-organisatie"}},
		{"of a ministry that ended", func(p *contacts.ContactPerson) { p.Department = aenm }, []string{"department vervallen-organisatie"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := person()
			tt.change(&p)
			c := load(t).Checklist(reference.DutchDate(now))
			p.Check(c)
			if diff := cmp.Diff(tt.want, brief(c.Faults())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADesignationHoldsFromItsFirstDayToItsLast(t *testing.T) {
	t.Parallel()
	ends, open := person(), person()
	open.ValidUntil = ""
	for day, want := range map[reference.Date][2]bool{
		reference.NewDate(2023, time.December, 31): {false, false},
		reference.NewDate(2024, time.January, 1):   {true, true},
		reference.NewDate(2027, time.December, 31): {true, true},
		reference.NewDate(2028, time.January, 1):   {false, true},
	} {
		if got := [2]bool{ends.DesignatedOn(day), open.DesignatedOn(day)}; got != want {
			t.Errorf("on %s: %v, want %v", day, got, want)
		}
	}
}
