package screen

// A date is read strictly when it only serves to tell it from something else, and
// laxly where a date is expected.
const (
	strict = false
	lax    = true
)

// date is where the date that begins with the digits at i ends; zero when there
// is none.
func (s *scanner) date(i int, lax bool) int {
	end := s.digits(i)
	var after int
	switch end - i {
	case 1, 2:
		if after = s.dayMonthYear(i, end, lax); after == 0 {
			after = s.dayMonthName(i, end)
		}
	case 4:
		after = s.yearMonthDay(i, end, lax)
	case 8:
		d := s.v[i:end]
		if lax && (isDay(value(d[:2]), value(d[2:4]), d[4:]) || isDay(value(d[6:]), value(d[4:6]), d[:4])) {
			after = end
		}
	}
	if after == 0 {
		return 0
	}
	if c := s.at(after); isDigit(c) || isLetter(c) && c != 'T' || contains("-/.", c) && isDigit(s.at(after+1)) {
		return 0
	}
	return after
}

// next is where the digits of the next part of a date stand, behind the sign at
// i; nowhere when there is no sign.
func (s *scanner) next(i int, lax bool) (start, end int) {
	j := i
	if lax {
		j = s.blanks(i)
	}
	if contains("-/.", s.at(j)) {
		j++
	} else if j == i {
		return 0, 0
	}
	if lax {
		j = s.blanks(j)
	}
	return j, s.digits(j)
}

// dayMonthYear reads 1-12-1980, 01/12/80 and the like.
func (s *scanner) dayMonthYear(i, end int, lax bool) int {
	month, monthEnd := s.next(end, lax)
	if monthEnd-month < 1 || monthEnd-month > 2 {
		return 0
	}
	year, yearEnd := s.next(monthEnd, lax)
	if !isDay(value(s.v[i:end]), value(s.v[month:monthEnd]), s.v[year:yearEnd]) {
		return 0
	}
	return yearEnd
}

// yearMonthDay reads 1980-12-01 and the like.
func (s *scanner) yearMonthDay(i, end int, lax bool) int {
	month, monthEnd := s.next(end, lax)
	if monthEnd-month < 1 || monthEnd-month > 2 {
		return 0
	}
	day, dayEnd := s.next(monthEnd, lax)
	if dayEnd-day < 1 || dayEnd-day > 2 {
		return 0
	}
	if !isDay(value(s.v[day:dayEnd]), value(s.v[month:monthEnd]), s.v[i:end]) {
		return 0
	}
	return dayEnd
}

// dayMonthName reads 1 december 1980, 1-dec-80, 1e dec. '80 and the like.
func (s *scanner) dayMonthName(i, end int) int {
	if s.at(end) == 'e' && !isLetter(s.at(end+1)) {
		end++
	}
	for n := 0; n < 2 && contains(" -./\n", s.at(end)); n++ {
		end++
	}
	name := s.letters(end)
	if name-end < 3 || !isMonth(s.v[end:name]) {
		return 0
	}
	for n := 0; n < 3 && contains(" -./'\n,", s.at(name)); n++ {
		name++
	}
	year := s.digits(name)
	if !isDay(value(s.v[i:s.digits(i)]), 1, s.v[name:year]) {
		return 0
	}
	return year
}

// isDay says whether a day may exist. A year has two digits or four.
func isDay(day, month int, year []byte) bool {
	if len(year) != 2 && (len(year) != 4 || value(year) < 1850 || value(year) > 2099) {
		return false
	}
	return 1 <= day && day <= 31 && 1 <= month && month <= 12
}

func isMonth(word []byte) bool {
	var room [longest]byte
	switch string(lower(word, &room)) {
	case "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december",
		"jan", "feb", "febr", "mrt", "apr", "jun", "jul", "aug", "sep", "sept", "okt", "nov", "dec",
		"january", "february", "march", "may", "june", "july", "august", "october", "mar", "oct":
		return true
	}
	return false
}

// born looks for a date of birth behind a label that ends at i, and says where to
// go on.
func (s *scanner) born(i int) int {
	place := false // "geboren te Ede op"
	for j, words := i, 0; words < 6; words++ {
		if s.at(j) == '.' && len(s.wordBefore(j, "")) <= 6 {
			j++ // an abbreviation, not the end of a sentence
		}
		for n := 0; n < 4 && contains(" :=,-\n\r\t()[]\"'*/", s.at(j)) && j < len(s.v); n++ {
			j++
		}
		if isDigit(s.at(j)) {
			end := s.date(j, lax)
			if end > 0 && !s.cohort(end) {
				return s.add(BirthDate, j, end)
			}
			return i
		}
		var room [longest]byte
		end := s.letters(j)
		switch string(lower(s.v[j:end], &room)) {
		case "op", "is", "was", "on", "d", "dd", "zijnde", "datum", "dat", "dag",
			"maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag":
		case "te", "in", "at":
			place = true
		case "", "na", "voor", "tussen", "vanaf", "tot", "of", "sinds", "before", "after":
			return i // a cohort
		default:
			if !place {
				return i
			}
		}
		j = end
	}
	return i
}

// starred looks for a date of birth at i, behind the star that people write for
// born. The date of something that happened lately may have the star of a note, and
// one between stars stands out.
func (s *scanner) starred(i int) int {
	end := s.date(i, strict)
	if end < 5 || isAlnum(s.at(i-2)) || contains("*/", s.at(i-2)) || s.at(end) == '*' {
		return i
	}
	if year := s.v[end-4 : end]; s.digits(end-4) != end || !isYear(year) || value(year) > 2009 {
		return i
	}
	return s.add(BirthDate, i, end)
}

// cohort says whether the date that ends at i is one end of a range: geboren op 1
// januari 1955 of later.
func (s *scanner) cohort(i int) bool {
	var room [longest]byte
	i = s.blanks(i)
	end := s.letters(i)
	switch string(lower(s.v[i:end], &room)) {
	case "tot", "t":
		return true
	case "of", "en", "or", "and":
		i = s.blanks(end)
		switch string(lower(s.v[i:s.letters(i)], &room)) {
		case "later", "eerder", "daarna", "daarvoor", "jonger", "ouder", "before", "after":
			return true
		}
	}
	return false
}

// bornAfter looks for the word geboren behind the date from i to end: "de op 1
// december 1980 te Ede geboren heer".
func (s *scanner) bornAfter(i, end int) {
	var room [longest]byte
	before := s.wordBefore(i, " ")
	if string(lower(before, &room)) != "op" || string(lower(s.wordBefore(i-1-len(before), " "), &room)) == "of" {
		return
	}
	j := end
	for range 4 {
		j = s.blanks(j)
		word := s.v[j:s.letters(j)]
		switch string(lower(word, &room)) {
		case "geboren":
			s.add(BirthDate, i, end)
			return
		case "", "of", "en", "is", "zijn", "werd":
			return
		}
		j += len(word)
	}
}
