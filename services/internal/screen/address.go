package screen

// address looks for a postcode in the four digits from i to end, with a house
// number behind or before it, and says where it ends; zero when there is none.
func (s *scanner) address(i, end int) int {
	if end-i != 4 || s.v[i] == '0' || contains("/-.:", s.at(i-1)) && isDigit(s.at(i-2)) {
		return 0 // 20/1234 WW, 18 is a case in court
	}
	postcode := s.postcode(i)
	if postcode == 0 || s.code && !s.postcodeBefore(i) {
		return 0
	}
	if after := s.houseNumber(postcode); after > 0 {
		return s.add(Address, i, after)
	}
	if start := s.houseNumberBefore(i); start >= 0 {
		return s.add(Address, start, postcode)
	}
	if after := s.houseNumberInPlace(postcode); after > 0 {
		return s.add(Address, i, after)
	}
	return 0
}

// postcodeBefore says whether the word postcode stands before i.
func (s *scanner) postcodeBefore(i int) bool {
	var room [longest]byte
	return string(lower(s.wordBefore(i, " :=-_/"), &room)) == "postcode"
}

// postcode is where the postcode at i ends; zero when it is none.
func (s *scanner) postcode(i int) int {
	j := i + 4
	glued := isLetter(s.at(j))
	if !glued {
		if c := s.at(j); c != ' ' && c != '-' && c != '\n' {
			return 0
		}
		j++
		if s.at(j) == ' ' {
			j++
		}
	}
	a, b := s.at(j), s.at(j+1)
	if s.letters(j) != j+2 || a == letter || b == letter || isDigit(s.at(j+2)) && !glued {
		return 0
	}
	labelled := s.postcodeBefore(i)
	if !labelled && (!glued && (!isUpper(a) || !isUpper(b)) || isUpper(a) != isUpper(b)) {
		return 0 // 2019 en 2020, 1200 kg
	}
	switch string([]byte{a &^ 0x20, b &^ 0x20}) {
	case "SA", "SD", "SS":
		return 0 // never given out
	case "AL", "BV", "CM", "EK", "EN", "ER", "EU", "EX", "GB", "GW", "HA", "KB", "KG", "KM", "KV", "KW", "MB", "MW", "MM", "NA", "NL",
		"NR", "NV", "TB", "TE", "TK", "TM", "VS", "WE", "WW", "ZE", "ZW":
		word := isUpper(a) && a == 'E' && b == 'N'
		if !labelled && (!isUpper(a) || !glued && (word || isYear(s.v[i:i+4]))) {
			return 0 // 1200kg, 2024 TK 2, 9001 EN 27001
		}
	}
	return j + 2
}

// houseNumber is where the house number behind a postcode that ends at i ends;
// zero when there is none.
func (s *scanner) houseNumber(i int) int {
	glued := isDigit(s.at(i))
	for range 4 { // at most so many signs and words
		for n := 0; n < 3 && contains(" ,;:/-\n\r\t&=.#(", s.at(i)); n++ {
			i++
		}
		if !isLetter(s.at(i)) {
			break
		}
		var room [longest]byte
		end := s.letters(i)
		switch string(lower(s.v[i:end], &room)) {
		case "nr", "no", "nummer", "huisnummer", "huisnr", "hnr", "en", "met", "housenumber", "number", "huis":
			i = end
		default:
			return 0
		}
	}
	end := s.digits(i)
	if end == i || end-i > 5 || s.v[i] == '0' || !glued && isYear(s.v[i:end]) {
		return 0
	}
	if c := s.at(end); (c == ':' || c == '/') && isDigit(s.at(end+1)) || s.unit(end) {
		return 0
	}
	if s.date(i, lax) > 0 || s.gap(end).gap == ' ' {
		return 0 // a date, or a row of numbers
	}
	if end-i == 4 && s.postcode(i) > 0 {
		return 0 // one more postcode
	}
	return s.suffix(end)
}

// suffix is where the addition to a house number that ends at i ends: 12a, 12-3,
// 12 bis.
func (s *scanner) suffix(i int) int {
	j := i
	if contains("-/ ", s.at(j)) {
		j++
	}
	end := j
	for isAlnum(s.at(end)) {
		end++
	}
	switch length := end - j; {
	case isLetter(s.at(j)) && j == i && length > 4:
		return 0 // no addition but a word
	case length == 0 || length > 4 || s.at(i) == ' ' && !(length == 1 && isUpper(s.at(j))):
		return i
	}
	return end
}

// houseNumberBefore is where the house number before the postcode at i begins,
// behind the name of a street; -1 when there is none.
func (s *scanner) houseNumberBefore(i int) int {
	end, tied := s.tieBefore(i)
	// An addition: 12a, 12-3.
	start := end
	for n := 0; n < 5 && start > 0 && (isAlnum(s.v[start-1]) || s.v[start-1] == '-' && n > 0); n++ {
		start--
	}
	if start == end || start == 0 || !isDigit(s.v[start]) || s.v[start] == '0' || s.digits(start)-start > 5 {
		return -1
	}
	if s.v[start-1] != ' ' || isYear(s.v[start:end]) {
		return -1
	}
	// Behind a comma or on the next line a postcode ends an address.
	street, closed := s.wordBefore(start, " ."), s.at(end) != ' '
	if len(street) < 3 || !closed && !isUpper(street[0]) && !isStreet(street) || tied && isUpper(street[1]) {
		return -1
	}
	var room [longest]byte
	switch string(lower(street, &room)) {
	case "postbus", "antwoordnummer", "artikel", "kamerstuk", "nummer", "boete", "brief", "bijlage", "van", "voor", "met", "tot", "tabel",
		"besluit", "bureau", "dossier", "groep", "hoofdstuk", "lid", "model", "paragraaf", "project", "versie", "week", "wet", "zaak":
		return -1
	}
	return start
}

// tieBefore is where what stands before the postcode at i begins: blanks and
// signs, or a word that ties it to a house number. Tied says that there is more
// than people write between the two parts of an address alone.
func (s *scanner) tieBefore(i int) (end int, tied bool) {
	end = i
	for range 2 {
		for n := 0; n < 3 && end > 0 && contains(" ,;\n\r(|-", s.v[end-1]); n++ {
			end--
			tied = tied || contains("(|-", s.v[end])
		}
		var room [longest]byte
		word := s.wordBefore(end, "")
		switch string(lower(word, &room)) {
		case "te", "in":
			tied = true
		case "postcode":
		default:
			return end, tied
		}
		end -= len(word)
	}
	for end > 0 && contains(" ,;", s.v[end-1]) {
		end--
	}
	return end, tied
}

// houseNumberInPlace is where the house number ends that stands behind the name of
// a place and a street: 1234 AB Voorbeeld, Dorpsstraat 12; zero when there is none.
func (s *scanner) houseNumberInPlace(i int) int {
	closed, street := false, false // a comma is behind the place, and a street behind that
	for range 8 {
		for n := 0; n < 3 && contains(" ,\n\r-'", s.at(i)) && i < len(s.v); n++ {
			closed = closed || contains(",\n", s.v[i])
			i++
		}
		if isDigit(s.at(i)) {
			break
		}
		end := s.letters(i)
		if end == i {
			return 0
		}
		var room [longest]byte
		switch word := lower(s.v[i:end], &room); string(word) {
		case "nummer", "huisnummer", "nr", "huisnr":
			street = closed
		default:
			street = closed && isStreet(word)
		}
		if i = end; street && s.at(i) == '.' {
			i++
		}
	}
	end := s.digits(i)
	if !street || end == i || end-i > 5 || s.v[i] == '0' || s.unit(end) || s.date(i, lax) > 0 {
		return 0
	}
	return s.suffix(end)
}

// isStreet says whether a word ends as names of streets do.
func isStreet(word []byte) bool {
	for _, end := range [...]string{"straat", "laan", "weg", "plein", "kade", "gracht", "singel", "hof", "dreef", "dijk", "pad",
		"steeg", "markt", "plantsoen", "boulevard", "baan"} {
		if len(word) >= len(end) && string(word[len(word)-len(end):]) == end {
			return true
		}
	}
	return false
}
