package contacts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/contacts"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/reference"
)

func TestMain(m *testing.M) { testenv.Main(m) }

const (
	tooi   = "https://identifier.overheid.nl/tooi/id/"
	bzk    = tooi + "ministerie/mnre1034"
	fin    = tooi + "ministerie/mnre1090"
	aenm   = tooi + "ministerie/mnre1162" // ended on 22 February 2026
	logius = tooi + "oorg/oorg10117"      // an agency
	owi    = tooi + "oorg/oorg12355"      // the inspectorate of education
	zbo    = tooi + "zbo/zb000117"
)

// now is when things are recorded.
var now = at("2026-11-20 12:00")

// at is a time, in UTC.
func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

func load(tb testing.TB) *reference.Data {
	tb.Helper()
	data, err := reference.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// brief is the path and the reason of each fault, and holds that both languages
// are there.
func brief(faults []fault.Field) (all []string) {
	for _, f := range faults {
		line := f.Path + " " + f.Reason
		if f.Text.NL == "" || f.Text.EN == "" {
			line += " (without text)"
		}
		all = append(all, line)
	}
	return all
}

func person() contacts.ContactPerson {
	return contacts.ContactPerson{
		ID: "0198f2f0-5c1e-7a10-8a33-2f6b8a5d1c01", Department: bzk, Function: "parlementair contactpersoon",
		Mailbox: "parlementaire-zaken@example.nl", ValidFrom: "2024-01-01", ValidUntil: "2027-12-31",
	}
}

func contact() contacts.Contact {
	return contacts.Contact{
		Department: bzk, ExternalReference: "C-1", ContactPerson: person().ID,
		Officials: []reference.Office{{Organisation: logius, Function: "directeur"}},
		Members:   []contacts.Member{{Chamber: 1, ID: "6a2f3ef6-8e37-4a3a-9f0a-2d8c5c9b2b11"}},
		Subject:   "Toelichting op de planning", Form: "technische-briefing", Initiative: 1,
		RequestedAt: at("2026-11-02 09:00"),
		Consent: contacts.Consent{
			DecidedBy: reference.Office{Organisation: bzk, Function: "staatssecretaris"},
			DecidedAt: at("2026-11-04 15:00"), Reference: "nota 2026-0000123",
		},
		HeldAt: at("2026-11-12 10:00"),
	}
}

func TestAContactIsChecked(t *testing.T) {
	t.Parallel()
	officials := func(organisations ...string) func(*contacts.Contact) {
		return func(c *contacts.Contact) {
			c.Officials = nil
			for _, o := range organisations {
				c.Officials = append(c.Officials, reference.Office{Organisation: o, Function: "directeur"})
			}
		}
	}
	tests := []struct {
		name   string
		change func(*contacts.Contact)
		want   []string
	}{
		{"as it should be", func(*contacts.Contact) {}, nil},
		{"of a zbo", func(c *contacts.Contact) { c.Department = zbo }, []string{"department verkeerde-soort-organisatie"}},
		{"of a ministry that ended", func(c *contacts.Contact) { c.Department = aenm }, []string{"department vervallen-organisatie"}},
		{
			"with officials of a department, an agency and an inspectorate",
			officials(fin, logius, owi), nil,
		},
		{
			"with officials for whom no consent is needed: each is named",
			officials(zbo, bzk, tooi+"oorg/oorg10008", tooi+"oorg/oorg10212", // Raad van State, Onderwijsraad
				tooi+"gemeente/gm0344", tooi+"provincie/pv26", tooi+"waterschap/ws0655"),
			[]string{
				"officials[0].organisation geen-toestemming-nodig",
				"officials[2].organisation geen-toestemming-nodig",
				"officials[3].organisation geen-toestemming-nodig",
				"officials[4].organisation geen-toestemming-nodig",
				"officials[5].organisation geen-toestemming-nodig",
				"officials[6].organisation geen-toestemming-nodig",
			},
		},
		{
			"with officials of what there is not, or no longer",
			officials(tooi+"zbo/zb999999", aenm),
			[]string{"officials[0].organisation onbekende-organisatie", "officials[1].organisation vervallen-organisatie"},
		},
		{"held while a ministry was there that ended since", func(c *contacts.Contact) {
			c.RequestedAt, c.Consent.DecidedAt, c.HeldAt = at("2026-02-01 09:00"), at("2026-02-04 09:00"), at("2026-02-20 09:00")
			c.Officials[0].Organisation, c.Consent.DecidedBy.Organisation = aenm, aenm
		}, nil},
		{"decided by a minister of a ministry that had ended", func(c *contacts.Contact) {
			c.Consent.DecidedBy.Organisation = aenm
		}, []string{"consent.decided_by.organisation vervallen-organisatie"}},
		{"decided by a zbo", func(c *contacts.Contact) {
			c.Consent.DecidedBy.Organisation = zbo
		}, []string{"consent.decided_by.organisation verkeerde-soort-organisatie"}},
		{"in a form that there is not", func(c *contacts.Contact) { c.Form = "brief" }, []string{"form onbekend-begrip"}},
		{"asked for and decided this very moment, to be held later", func(c *contacts.Contact) {
			c.RequestedAt, c.Consent.DecidedAt, c.HeldAt = now, now, now.AddDate(0, 0, 7)
		}, nil},
		{"asked for and decided in the future", func(c *contacts.Contact) {
			c.RequestedAt, c.Consent.DecidedAt = now.Add(time.Millisecond), now.Add(time.Millisecond)
			c.HeldAt = now.AddDate(0, 0, 7)
		}, []string{"requested_at tijdstip-in-toekomst", "consent.decided_at tijdstip-in-toekomst"}},
		{"out of order", func(c *contacts.Contact) {
			c.RequestedAt, c.HeldAt = c.HeldAt, c.RequestedAt
		}, nil},
		{"at times that the calendar does not know", func(c *contacts.Contact) {
			c.RequestedAt, c.Consent.DecidedAt, c.HeldAt = time.Time{}, at("2010-12-31 22:59"), at("2099-12-31 23:00")
		}, []string{
			"requested_at buiten-kalender", "consent.decided_at buiten-kalender", "held_at buiten-kalender",
		}},
		{"at the edges of the calendar", func(c *contacts.Contact) {
			c.RequestedAt, c.Consent.DecidedAt, c.HeldAt = at("2010-12-31 23:00"), at("2011-01-01 00:00"), at("2099-12-31 22:59")
		}, nil},
		{"with everything wrong at once", func(c *contacts.Contact) {
			c.Department, c.Form, c.Consent.DecidedBy.Organisation = logius, "brief", logius
			c.RequestedAt = now.Add(time.Hour)
			officials(zbo)(c)
		}, []string{
			"department verkeerde-soort-organisatie", "requested_at tijdstip-in-toekomst",
			"officials[0].organisation geen-toestemming-nodig", "form onbekend-begrip",
			"consent.decided_by.organisation verkeerde-soort-organisatie",
		}},
		{"without anything, which the form itself says", func(c *contacts.Contact) {
			*c = contacts.Contact{RequestedAt: c.RequestedAt, HeldAt: c.HeldAt, Consent: contacts.Consent{DecidedAt: c.Consent.DecidedAt}}
		}, nil},
	}
	data := load(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := contact()
			tt.change(&c)
			if diff := cmp.Diff(tt.want, brief(c.Check(data, now))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheRefusalOfAnOfficialOutsideTheInstructionsSaysThatNoConsentIsNeeded(t *testing.T) {
	t.Parallel()
	c := contact()
	c.Officials[0].Organisation = zbo
	faults := c.Check(load(t), now)
	if len(faults) != 1 || !strings.Contains(faults[0].Text.NL, "geen toestemming van een bewindspersoon nodig") {
		t.Errorf("%+v", faults)
	}
}

func TestTheContactPersonOfAContactIsChecked(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*contacts.Contact, *contacts.ContactPerson)
		known  bool
		want   []string
	}{
		{"the department's own", func(*contacts.Contact, *contacts.ContactPerson) {}, true, nil},
		{"one who is not there", func(_ *contacts.Contact, p *contacts.ContactPerson) {
			*p = contacts.ContactPerson{}
		}, false, []string{"contact_person onbekende-contactpersoon"}},
		{"another department's", func(_ *contacts.Contact, p *contacts.ContactPerson) {
			p.Department = fin
		}, true, []string{"contact_person onbekende-contactpersoon"}},
		{"designated from the day of the decision", func(c *contacts.Contact, p *contacts.ContactPerson) {
			p.ValidFrom = "2026-11-04"
		}, true, nil},
		{"designated until the day of the decision, and not when it was held", func(c *contacts.Contact, p *contacts.ContactPerson) {
			p.ValidUntil = "2026-11-04"
		}, true, nil},
		{"designated from the day after the decision", func(c *contacts.Contact, p *contacts.ContactPerson) {
			p.ValidFrom = "2026-11-05"
		}, true, []string{"contact_person niet-aangewezen"}},
		{"designated until the day before the decision", func(c *contacts.Contact, p *contacts.ContactPerson) {
			p.ValidUntil = "2026-11-03"
		}, true, []string{"contact_person niet-aangewezen"}},
		{"designated from the day that it was in the Netherlands at the decision", func(c *contacts.Contact, p *contacts.ContactPerson) {
			c.Consent.DecidedAt, p.ValidFrom = at("2026-11-03 23:00"), "2026-11-04"
		}, true, nil},
		{"none, which the form itself says", func(c *contacts.Contact, p *contacts.ContactPerson) {
			c.ContactPerson = ""
		}, false, nil},
		{"without a time of the decision, which the form itself says", func(c *contacts.Contact, p *contacts.ContactPerson) {
			c.Consent.DecidedAt = time.Time{}
		}, true, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, p := contact(), person()
			tt.change(&c, &p)
			if diff := cmp.Diff(tt.want, brief(c.CheckContactPerson(p, tt.known))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheProofFollowsFromTheStatedOrderAndTheTimeOfRecording(t *testing.T) {
	t.Parallel()
	const early, middle, late = "2026-11-02 09:00", "2026-11-04 15:00", "2026-11-12 10:00"
	tests := []struct {
		name                               string
		requested, decided, held, recorded string
		want                               contacts.Proof
	}{
		{"recorded before it was held", early, middle, late, "2026-11-12 09:59", contacts.Proven},
		{"recorded the moment it was held", early, middle, late, late, contacts.Declared},
		{"recorded afterwards", early, middle, late, "2026-11-20 12:00", contacts.Declared},
		{"recorded a year late is no deviation", early, middle, late, "2027-11-20 12:00", contacts.Declared},
		{"all at one time is in order", early, early, early, late, contacts.Declared},
		{"decided before it was asked for", middle, early, late, "2026-11-20 12:00", contacts.Deviation},
		{"decided before it was asked for, though recorded beforehand", middle, early, late, middle, contacts.Deviation},
		{"held before it was decided", early, late, middle, "2026-11-20 12:00", contacts.Deviation},
		{"held before it was asked for", middle, late, early, "2026-11-20 12:00", contacts.Deviation},
	}
	data := load(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := contact()
			c.RequestedAt, c.Consent.DecidedAt, c.HeldAt = at(tt.requested), at(tt.decided), at(tt.held)
			if got := c.Log(data, "id", at(tt.recorded)).Proof; got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestTheLeadTimeIsInWorkingDays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name               string
		requested, decided string
		want               int
	}{
		{"the same day", "2026-11-16 09:00", "2026-11-16 17:00", 0},
		{"from Monday to the Tuesday after", "2026-11-16 17:00", "2026-11-17 09:00", 1},
		{"from Friday to Monday", "2026-11-13 09:00", "2026-11-16 09:00", 1},
		{"from Friday to Saturday", "2026-11-13 09:00", "2026-11-14 09:00", 0},
		{"from Saturday to Monday", "2026-11-14 09:00", "2026-11-16 09:00", 1},
		{"two weeks", "2026-11-02 09:00", "2026-11-16 09:00", 10},
		{"over Easter", "2026-04-02 09:00", "2026-04-07 09:00", 1}, // Good Friday and Easter Monday
		{"over King's Day", "2026-04-24 09:00", "2026-04-28 09:00", 1},
		{"over the turn of the year", "2026-12-31 09:00", "2027-01-04 09:00", 1},
		{"across midnight in winter", "2026-11-16 22:59", "2026-11-16 23:00", 1},
		{"across midnight in summer", "2026-06-15 21:59", "2026-06-15 22:00", 1},
		{"decided before it was asked for", "2026-11-17 09:00", "2026-11-10 09:00", 0},
	}
	data := load(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := contact()
			c.RequestedAt, c.Consent.DecidedAt = at(tt.requested), at(tt.decided)
			if got := c.Log(data, "id", now).LeadDays; got != tt.want {
				t.Errorf("%d, want %d", got, tt.want)
			}
		})
	}
}

func TestALoggedContactHasItsIdentityAndRegime(t *testing.T) {
	t.Parallel()
	want := contact()
	got := want.Log(load(t), "id", now)
	want.ID, want.Revision, want.RecordedAt = "id", 1, now
	want.Regime, want.Proof, want.LeadDays = contacts.MinisterialResponsibility, contacts.Declared, 2
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
