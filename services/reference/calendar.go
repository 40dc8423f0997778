package reference

import (
	"slices"
	"strings"
	"time"
)

// The calendar is reckoned for these years: article 3 of the Algemene
// termijnenwet has its present text since October 2010; the last year is a bound
// on nonsense.
const (
	firstCalendarYear = 2011
	lastCalendarYear  = 2099
)

// Holiday is a day on which a term does not end.
type Holiday struct {
	Date Date
	Name Text
	// Source is the article of law, or the decree.
	Source string
}

// decree puts days on a par with holidays (art. 3 lid 3 Algemene termijnenwet).
// For the years that it covers no other days are to be expected.
type decree struct {
	from, until  Date
	days         []Date
	name, source string
}

// Easter returns Easter Sunday, by the anonymous Gregorian computus.
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (b - (b+8)/25 + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return NewDate(year, time.Month(n/31), n%31+1)
}

// kingsDay is the day on which the King's birthday is celebrated: 27 April since
// 2014, 30 April before, and the day before when that is a Sunday.
func kingsDay(year int) Date {
	day := NewDate(year, time.April, 27)
	if year < 2014 {
		day = NewDate(year, time.April, 30)
	}
	if day.Weekday() == time.Sunday {
		return day.AddDays(-1)
	}
	return day
}

// Holidays returns the recognised holidays of a year and the days put on a par
// with them (art. 3 Algemene termijnenwet), in order. A year outside 2011-2099
// has none that are known.
func (d *Data) Holidays(year int) []Holiday {
	if year < firstCalendarYear || year > lastCalendarYear {
		return nil
	}
	const first, second = "art. 3 lid 1 Algemene termijnenwet", "art. 3 lid 2 Algemene termijnenwet"
	easter := Easter(year)
	out := []Holiday{
		{NewDate(year, time.January, 1), Text{"Nieuwjaarsdag", "New Year's Day"}, first},
		{easter.AddDays(-2), Text{"Goede Vrijdag", "Good Friday"}, second},
		{easter.AddDays(1), Text{"Tweede Paasdag", "Easter Monday"}, first},
		{kingsDay(year), Text{"Koningsdag", "King's Day"}, first},
		{NewDate(year, time.May, 5), Text{"Bevrijdingsdag", "Liberation Day"}, first},
		{easter.AddDays(39), Text{"Hemelvaartsdag", "Ascension Day"}, first},
		{easter.AddDays(50), Text{"Tweede Pinksterdag", "Whit Monday"}, first},
		{NewDate(year, time.December, 25), Text{"Eerste Kerstdag", "Christmas Day"}, first},
		{NewDate(year, time.December, 26), Text{"Tweede Kerstdag", "Boxing Day"}, first},
	}
	for _, dec := range d.decrees {
		for _, day := range dec.days {
			if day.Year() == year {
				name := Text{"een dag die met een feestdag is gelijkgesteld", "a day put on a par with a holiday"}
				out = append(out, Holiday{day, name, dec.name + "; " + dec.source})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Holiday) int { return a.Date.Compare(b.Date) })
	return out
}

// IsWorkingDay says whether the day is not a Saturday, Sunday or holiday.
func (d *Data) IsWorkingDay(day Date) bool { return d.dayOff(day) == Text{} }

// dayOff names the day when it is a Saturday, Sunday or holiday; the name is
// empty for a working day.
func (d *Data) dayOff(day Date) Text {
	for _, h := range d.Holidays(day.Year()) {
		if h.Date == day {
			return h.Name
		}
	}
	switch day.Weekday() {
	case time.Saturday:
		return Text{"een zaterdag", "a Saturday"}
	case time.Sunday:
		return Text{"een zondag", "a Sunday"}
	}
	return Text{}
}

// nextWorkingDay returns the first working day after the day; before it, when
// step is -1.
func (d *Data) nextWorkingDay(day Date, step int) Date {
	for {
		if day = day.AddDays(step); d.IsWorkingDay(day) {
			return day
		}
	}
}

// decreed says whether the decrees for the year of this day are in the data.
func (d *Data) decreed(day Date) bool {
	return slices.ContainsFunc(d.decrees, func(dec decree) bool { return validOn(dec.from, dec.until, day) })
}

func (d *Data) loadDecrees(l layers) error {
	return l.read(decreeTable, func(r *row) error {
		dec := decree{from: r.date(0), until: r.date(1), name: r.fields[3], source: r.fields[4]}
		for _, s := range strings.Fields(r.fields[2]) {
			day, err := ParseDate(s)
			if err != nil {
				return err
			}
			dec.days = append(dec.days, day)
		}
		d.decrees = append(d.decrees, dec)
		return nil
	})
}
