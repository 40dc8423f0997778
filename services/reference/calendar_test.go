package reference

import (
	"strings"
	"testing"
	"time"
)

func TestEasterFallsOnItsKnownDays(t *testing.T) {
	for year, want := range map[int]string{
		2011: "2011-04-24", 2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05",
		2027: "2027-03-28", 2035: "2035-03-25", 2038: "2038-04-25", 2049: "2049-04-18",
	} {
		if got := Easter(year).String(); got != want {
			t.Errorf("Easter %d is %s, want %s", year, got, want)
		}
	}
	for year := firstCalendarYear; year <= lastCalendarYear; year++ {
		e := Easter(year)
		if e.Weekday() != time.Sunday || e.Before(NewDate(year, 3, 22)) || e.After(NewDate(year, 4, 25)) {
			t.Errorf("Easter %d is %v", year, e.Text())
		}
	}
}

func TestTheHolidaysOfAYearAreThoseOfArticleThreeAndTheDecree(t *testing.T) {
	d := load(t)
	for year, want := range map[int]string{
		2026: "2026-01-01 2026-01-02 2026-04-03 2026-04-06 2026-04-27 2026-05-05 2026-05-14 2026-05-15 2026-05-25 2026-12-25 2026-12-26",
		2025: "2025-01-01 2025-04-18 2025-04-21 2025-04-26 2025-05-05 2025-05-29 2025-05-30 2025-06-09 2025-12-25 2025-12-26",
		2013: "2013-01-01 2013-03-29 2013-04-01 2013-04-30 2013-05-05 2013-05-09 2013-05-20 2013-12-25 2013-12-26",
		2010: "",
		2100: "",
	} {
		var days []string
		for _, h := range d.Holidays(year) {
			days = append(days, h.Date.String())
			if h.Name.NL == "" || h.Name.EN == "" || h.Source == "" {
				t.Errorf("%d: %+v lacks a name or a source", year, h)
			}
		}
		if got := strings.Join(days, " "); got != want {
			t.Errorf("%d:\n got %s\nwant %s", year, got, want)
		}
	}
}

func TestKingsDayGivesWayToASunday(t *testing.T) {
	for year, want := range map[int]string{2013: "2013-04-30", 2014: "2014-04-26", 2024: "2024-04-27", 2025: "2025-04-26", 2031: "2031-04-26"} {
		if got := kingsDay(year).String(); got != want {
			t.Errorf("King's Day %d is %s, want %s", year, got, want)
		}
	}
}

func TestWorkingDaysAreNoSaturdaysSundaysOrHolidays(t *testing.T) {
	d := load(t)
	for s, want := range map[string]bool{
		"2026-11-20": true, "2026-11-21": false, "2026-11-22": false, "2026-05-05": false,
		"2026-04-03": false, "2026-05-15": false, "2026-04-26": false, "2026-04-28": true,
	} {
		if got := d.IsWorkingDay(day(t, s)); got != want {
			t.Errorf("%s is a working day: %v", s, got)
		}
	}
}

func TestDatesAreReadWrittenAndCompared(t *testing.T) {
	for _, s := range []string{"", "2026-02-30", "2026-2-3", "26-02-03", "2026-02-03T00:00:00Z", "03-02-2026"} {
		if _, err := ParseDate(s); reason(t, err) != "datum" {
			t.Errorf("%q is read as a date", s)
		}
	}
	a, b := day(t, "2024-02-29"), day(t, "2024-03-01")
	if !a.Before(b) || !b.After(a) || a.AddDays(1) != b || a.Compare(a) != 0 || a.String() != "2024-02-29" || a.Year() != 2024 {
		t.Errorf("%v and %v are out of order", a, b)
	}
	if (Date{}).String() != "" || !(Date{}).IsZero() || a.IsZero() {
		t.Error("the zero date is not empty")
	}
	if got := a.Text(); got != (Text{"donderdag 29 februari 2024", "Thursday 29 February 2024"}) {
		t.Errorf("written out: %v", got)
	}
}

func TestTheDutchDateFollowsSummerTime(t *testing.T) {
	for at, want := range map[string]string{
		"2026-01-31T22:59:59Z": "2026-01-31", "2026-01-31T23:00:00Z": "2026-02-01",
		"2026-06-30T21:59:59Z": "2026-06-30", "2026-06-30T22:00:00Z": "2026-07-01",
		"2026-03-28T23:30:00Z": "2026-03-29", "2026-03-29T22:30:00Z": "2026-03-30",
		"2026-10-24T22:30:00Z": "2026-10-25", "2026-10-25T22:30:00Z": "2026-10-25",
		"2026-07-01T01:30:00+05:00": "2026-06-30",
	} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DutchDate(when).String(); got != want {
			t.Errorf("at %s it is %s, want %s", at, got, want)
		}
	}
}
