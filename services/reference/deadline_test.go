package reference

import (
	"strings"
	"testing"
)

func TestTermsEndWhereTheLawSays(t *testing.T) {
	d := load(t)
	const statutory, agreed, none = BasisStatutory, BasisAgreed, BasisNone
	for _, tc := range []struct {
		name        string
		event       string
		period      Period
		want        string
		article     string // in the last step that moved or spared the end; "" for none
		provisional bool
	}{
		{"six weeks end on the same day of the week", "2026-11-10", Period{Length: 6, Unit: Weeks, Basis: statutory}, "2026-12-22", "", false},
		{"an end on New Year's Day moves over the weekend", "2026-11-20", Period{Length: 6, Unit: Weeks, Basis: statutory}, "2027-01-04", "art. 1 lid 1", false},
		{"an end on a day of the decree moves on", "2025-11-21", Period{Length: 6, Unit: Weeks, Basis: statutory}, "2026-01-05", "art. 1 lid 1", false},
		{"an end on Good Friday moves over Easter", "2026-03-20", Period{Length: 2, Unit: Weeks, Basis: statutory}, "2026-04-07", "art. 1 lid 1", false},
		{"an end on a Saturday moves to Monday", "2026-11-18", Period{Length: 10, Unit: Days, Basis: statutory}, "2026-11-30", "art. 1 lid 1", false},
		{"an agreed term follows the law by analogy", "2026-11-18", Period{Length: 10, Unit: Days, Basis: agreed}, "2026-11-30", "art. 1 lid 1", false},
		{"a term without basis does not move", "2026-11-18", Period{Length: 10, Unit: Days, Basis: none}, "2026-11-28", "", false},
		{"three days' reflection from a Tuesday before Christmas", "2017-12-19", Period{Length: 3, Unit: Days, Basis: statutory}, "2017-12-22", "", true},
		{"three days' reflection from a Wednesday before Christmas", "2017-12-20", Period{Length: 3, Unit: Days, Basis: statutory}, "2017-12-27", "art. 1 lid 1", true},
		{"three days over a weekend hold two working days", "2026-11-20", Period{Length: 3, Unit: Days, Basis: statutory}, "2026-11-24", "art. 2", false},
		{"three days over Christmas hold two working days", "2026-12-24", Period{Length: 3, Unit: Days, Basis: statutory}, "2026-12-29", "art. 2", false},
		{"two days need not hold two working days", "2026-11-20", Period{Length: 2, Unit: Days, Basis: statutory}, "2026-11-23", "art. 1 lid 1", false},
		{"ninety days are not long", "2026-08-24", Period{Length: 90, Unit: Days, Basis: statutory}, "2026-11-23", "art. 1 lid 1", false},
		{"ninety-one days are long", "2026-08-22", Period{Length: 91, Unit: Days, Basis: statutory}, "2026-11-21", "art. 4", false},
		{"twelve weeks are not long", "2026-08-29", Period{Length: 12, Unit: Weeks, Basis: statutory}, "2026-11-23", "art. 1 lid 1", false},
		{"thirteen weeks are long", "2026-08-22", Period{Length: 13, Unit: Weeks, Basis: statutory}, "2026-11-21", "art. 4", false},
		{"three months are not long", "2026-08-21", Period{Length: 3, Unit: Months, Basis: statutory}, "2026-11-23", "art. 1 lid 1", false},
		{"four months are long", "2026-07-21", Period{Length: 4, Unit: Months, Basis: statutory}, "2026-11-21", "art. 4", false},
		{"a year is long", "2025-11-22", Period{Length: 1, Unit: Years, Basis: agreed}, "2026-11-22", "art. 4", false},
		{"a month ends on its last day where the date lacks", "2026-01-31", Period{Length: 1, Unit: Months, Basis: none}, "2026-02-28", "", false},
		{"a leap year ends on its last day", "2024-02-29", Period{Length: 1, Unit: Years, Basis: none}, "2025-02-28", "", false},
		{"months count on into the next year", "2026-11-30", Period{Length: 3, Unit: Months, Basis: statutory}, "2027-03-01", "art. 1 lid 1", false},
		{"a term counted back stays on its Sunday", "2026-11-24", Period{Length: 9, Unit: Days, Basis: statutory, Backward: true}, "2026-11-15", "art. 1 lid 2", false},
		{"a short term counted back holds two working days", "2026-11-23", Period{Length: 3, Unit: Days, Basis: statutory, Backward: true}, "2026-11-19", "art. 2", false},
		{"months count back to the last day", "2026-03-31", Period{Length: 1, Unit: Months, Basis: none, Backward: true}, "2026-02-28", "", false},
		{"the last covered year is not provisional", "2028-12-20", Period{Length: 9, Unit: Days, Basis: statutory}, "2028-12-29", "", false},
		{"beyond the last decree the end is provisional", "2028-12-27", Period{Length: 2, Unit: Weeks, Basis: statutory}, "2029-01-10", "", true},
		{"an end that moves beyond the last decree is provisional", "2028-12-27", Period{Length: 4, Unit: Days, Basis: statutory}, "2029-01-02", "art. 1 lid 1", true},
		{"a long term beyond the last decree is certain", "2028-12-27", Period{Length: 1, Unit: Years, Basis: statutory}, "2029-12-27", "art. 4", false},
		{"a term without basis beyond the last decree is certain", "2028-12-27", Period{Length: 2, Unit: Weeks, Basis: none}, "2029-01-10", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := d.Deadline(day(t, tc.event), tc.period)
			if err != nil {
				t.Fatal(err)
			}
			if got.End != day(t, tc.want) || got.Provisional != tc.provisional || got.Basis != tc.period.Basis {
				t.Errorf("got %+v, want %s", got, tc.want)
			}
			steps := got.Explanation
			if got.Provisional {
				if last := steps[len(steps)-1]; !strings.HasPrefix(last.NL, "Voorlopig") || !strings.HasPrefix(last.EN, "Provisional") {
					t.Errorf("the last step does not say that the end is provisional: %v", last)
				}
				steps = steps[:len(steps)-1]
			}
			last := steps[len(steps)-1]
			if tc.article != "" && !(strings.Contains(last.NL, tc.article) && strings.Contains(last.EN, tc.article)) || tc.article == "" && len(steps) != 2 {
				t.Errorf("explanation %v does not end with %q", steps, tc.article)
			}
		})
	}
}

func TestADeadlineExplainsItselfInWords(t *testing.T) {
	got, err := load(t).Deadline(day(t, "2026-11-20"), Period{Length: 6, Unit: Weeks, Basis: BasisStatutory, Source: "art. 6:7 Awb"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Text{
		{
			"De termijn van 6 weken begint op de dag na vrijdag 20 november 2026 en loopt tot en met vrijdag 1 januari 2027.",
			"The term of 6 weeks begins the day after Friday 20 November 2026 and runs until Friday 1 January 2027 inclusive.",
		},
		{
			"De termijn is wettelijk (art. 6:7 Awb); de Algemene termijnenwet geldt.",
			"The term is statutory (art. 6:7 Awb); the Algemene termijnenwet holds.",
		},
		{
			"Dat is Nieuwjaarsdag; de termijn loopt daarom tot en met maandag 4 januari 2027 (art. 1 lid 1 Algemene termijnenwet).",
			"That is New Year's Day; the term therefore runs until Monday 4 January 2027 inclusive (art. 1 lid 1 Algemene termijnenwet).",
		},
	}
	if len(got.Explanation) != len(want) {
		t.Fatalf("got %v", got.Explanation)
	}
	for i := range want {
		if got.Explanation[i] != want[i] {
			t.Errorf("step %d:\n got %v\nwant %v", i, got.Explanation[i], want[i])
		}
	}
}

func TestTermsThatCannotBeComputedAreRefused(t *testing.T) {
	d := load(t)
	for _, tc := range []struct {
		name, event string
		period      Period
		want        string
	}{
		{"no length", "2026-11-20", Period{Unit: Days, Basis: BasisNone}, "termijn-lengte"},
		{"a negative length", "2026-11-20", Period{Length: -1, Unit: Days, Basis: BasisNone}, "termijn-lengte"},
		{"more than ten years", "2026-11-20", Period{Length: 11, Unit: Years, Basis: BasisNone}, "termijn-lengte"},
		{"hours", "2026-11-20", Period{Length: 48, Unit: "uren", Basis: BasisNone}, "termijn-lengte"},
		{"no basis", "2026-11-20", Period{Length: 1, Unit: Days}, "termijn-grondslag"},
		{"an event before the calendar", "2010-12-31", Period{Length: 1, Unit: Weeks, Basis: BasisNone}, "termijn-jaar"},
		{"an end before the calendar", "2011-01-10", Period{Length: 1, Unit: Months, Basis: BasisNone, Backward: true}, "termijn-jaar"},
		{"an end after the calendar", "2098-12-31", Period{Length: 1, Unit: Weeks, Basis: BasisNone}, "termijn-jaar"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := d.Deadline(day(t, tc.event), tc.period)
			if r := reason(t, err); r != tc.want {
				t.Errorf("got %+v, reason %q, want %q", got, r, tc.want)
			}
		})
	}
}
