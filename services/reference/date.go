package reference

import (
	"fmt"
	"time"
)

// Date is a day of the Gregorian calendar, without time or zone. The zero Date
// means unknown or open. Dates are comparable with ==.
type Date struct {
	year  int
	month time.Month
	day   int
}

// NewDate returns the day, counting on over the ends of months and years as
// time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	y, m, d := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD. The error is a *Problem with reason "datum".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, &Problem{
			Reason: "datum",
			NL:     "Dit is geen bestaande datum in de vorm JJJJ-MM-DD.",
			EN:     "not an existing date written YYYY-MM-DD",
		}
	}
	return NewDate(t.Date()), nil
}

// DutchDate returns the day that it is in the Netherlands in Europe at t. Summer
// time runs from the last Sunday of March to the last Sunday of October, both at
// 01:00 UTC (Directive 2000/84/EC); reckoned here, so that no zone database is
// needed.
func DutchDate(t time.Time) Date {
	t = t.UTC()
	offset := time.Hour
	if start, end := lastSunday(t.Year(), time.March), lastSunday(t.Year(), time.October); !t.Before(start) && t.Before(end) {
		offset = 2 * time.Hour
	}
	return NewDate(t.Add(offset).Date())
}

// lastSunday returns 01:00 UTC on the last Sunday of a month of 31 days.
func lastSunday(year int, month time.Month) time.Time {
	t := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, -int(t.Weekday()))
}

// String gives YYYY-MM-DD, and nothing for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// IsZero says whether the date is unknown or open.
func (d Date) IsZero() bool { return d == Date{} }

// Year returns the year.
func (d Date) Year() int { return d.year }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.Time().Weekday() }

// Time returns the start of the day in UTC, for arithmetic and storage.
func (d Date) Time() time.Time { return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC) }

// AddDays returns the date n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return NewDate(d.year, d.month, d.day+n) }

// addMonths returns the same day n months later, or the last day of that month
// where it has no such day (European Convention on the Calculation of
// Time-Limits, art. 4).
func (d Date) addMonths(n int) Date {
	first := NewDate(d.year, d.month+time.Month(n), 1)
	last := NewDate(first.year, first.month+1, 0)
	return Date{first.year, first.month, min(d.day, last.day)}
}

// DaysUntil is how many days from d to other; negative when other is before d.
func (d Date) DaysUntil(other Date) int { return int(other.Time().Sub(d.Time()) / (24 * time.Hour)) }

// Before says whether d comes before other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After says whether d comes after other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// Compare returns -1, 0 or +1 as d comes before, is, or comes after other.
func (d Date) Compare(other Date) int { return d.Time().Compare(other.Time()) }

// Text writes the date out, such as "vrijdag 1 januari 2027".
func (d Date) Text() Text {
	return Text{
		NL: fmt.Sprintf("%s %d %s %d", weekdaysNL[d.Weekday()], d.day, monthsNL[d.month-1], d.year),
		EN: fmt.Sprintf("%s %d %s %d", d.Weekday(), d.day, d.month, d.year),
	}
}

var (
	weekdaysNL = [7]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"}
	monthsNL   = [12]string{
		"januari", "februari", "maart", "april", "mei", "juni",
		"juli", "augustus", "september", "oktober", "november", "december",
	}
)

// validOn says whether day lies within [from, until]; a zero bound is unknown or
// open and excludes nothing.
func validOn(from, until, day Date) bool {
	return (from.IsZero() || !day.Before(from)) && (until.IsZero() || !day.After(until))
}

// endsBeforeItBegins says whether there is no day within [from, until].
func endsBeforeItBegins(from, until Date) bool {
	return !from.IsZero() && !until.IsZero() && until.Before(from)
}
