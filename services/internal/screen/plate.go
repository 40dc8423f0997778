package screen

// plate looks for a licence plate at i, and says where it ends; zero when there
// is none.
func (s *scanner) plate(i int) int {
	loose := i < s.plates
	if s.code && !loose {
		return 0
	}
	if !loose && s.at(i+1) != '-' && s.at(i+2) != '-' && s.at(i+3) != '-' {
		return 0
	}
	if before := s.at(i - 1); isAlnum(before) || contains("-_./", before) && isAlnum(s.at(i-2)) && (!loose || i != s.plated+1) {
		return 0
	}
	var p plate
	end := s.readPlate(i, &p)
	if c := s.at(end); end == 0 || isAlnum(c) || contains("-_/", c) && isAlnum(s.at(end+1)) {
		return 0
	}
	series, dashes := p.series()
	if series == 0 {
		return 0
	}
	if loose && (p.upper() || p.plain() || p.small() && p.other == 0 && (p.dashes == 0 || p.dashes == dashes)) || p.dashes == dashes && p.other == 0 && p.issued(series) {
		return s.add(Plate, i, end)
	}
	return 0
}

// plate is what looks like one: six letters and digits.
type plate struct {
	signs [6]byte
	// dashes and other have a bit for each place with a dash or another sign
	// before it, from 1 for the second.
	dashes, other uint8
}

// readPlate reads six letters and digits with at most one sign between two of
// them, and says where they end; zero when they are not there.
func (s *scanner) readPlate(i int, p *plate) int {
	for n := range len(p.signs) {
		if c := s.at(i); n > 0 && !isAlnum(c) {
			switch c {
			case '-':
				p.dashes |= 1 << n
			case ' ', '.', '_', '/':
				p.other |= 1 << n
			default:
				return 0
			}
			i++
		}
		if !isAlnum(s.at(i)) || s.at(i) == letter {
			return 0
		}
		p.signs[n] = s.at(i)
		i++
	}
	return i
}

// series is the series (sidecode) of the RDW, and where its dashes stand; zero
// when it is none. Without dashes, too, no two series look alike.
func (p *plate) series() (series int, dashes uint8) {
	var form [6]byte
	for i, c := range p.signs {
		if form[i] = 'X'; isDigit(c) {
			form[i] = '9'
		}
	}
	const after1, after2, after3, after4, after5 = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5
	switch string(form[:]) {
	case "XX9999":
		return 1, after2 | after4
	case "9999XX":
		return 2, after2 | after4
	case "99XX99":
		return 3, after2 | after4
	case "XX99XX":
		return 4, after2 | after4
	case "XXXX99":
		return 5, after2 | after4
	case "99XXXX":
		return 6, after2 | after4
	case "99XXX9":
		return 7, after2 | after5
	case "9XXX99":
		return 8, after1 | after4
	case "XX999X":
		return 9, after2 | after5
	case "X999XX":
		return 10, after1 | after4
	case "XXX99X":
		return 11, after3 | after5
	case "X99XXX":
		return 12, after1 | after3
	case "9XX999":
		return 13, after1 | after3
	case "999XX9":
		return 14, after3 | after5
	}
	return 0, 0
}

// issued says whether the letters are such that the plate is one. From the
// fourth series on there are no vowels, no C and no Q; those are let through
// where hardly anything else looks like a plate, for who makes up an example
// does not know that.
func (p *plate) issued(series int) bool {
	switch {
	case series <= 3:
		return p.upper() && !p.has("CIOQ")
	case series <= 6:
		return p.upper() || p.plain()
	case series <= 8:
		return p.upper() && !p.abbreviates() || p.plain() && !p.abbreviates()
	case series <= 10:
		return p.plain() || p.upper() && !p.abbreviatesTwo()
	}
	return p.upper() && p.plain() && !p.abbreviates()
}

// upper says whether all letters are capitals.
func (p *plate) upper() bool {
	for _, c := range p.signs {
		if !isDigit(c) && !isUpper(c) {
			return false
		}
	}
	return true
}

// small says whether no letter is a capital.
func (p *plate) small() bool {
	for _, c := range p.signs {
		if isUpper(c) {
			return false
		}
	}
	return true
}

// plain says whether there is nothing but consonants without C and Q, all in
// capitals or all in small letters.
func (p *plate) plain() bool {
	cases := 0
	for _, c := range p.signs {
		if !isDigit(c) {
			cases |= 1 << (c >> 5 & 1)
		}
	}
	return cases != 3 && !p.has("AEIOUYCQ")
}

// has says whether one of the letters is among those of the set.
func (p *plate) has(set string) bool {
	for _, c := range p.signs {
		if !isDigit(c) && contains(set, c&^0x20) {
			return true
		}
	}
	return false
}

// abbreviatesTwo says whether the two letters next to each other stand for
// something else.
func (p *plate) abbreviatesTwo() bool {
	pair := p.signs[:2]
	if isDigit(pair[1]) {
		pair = p.signs[4:]
	}
	switch string(pair) {
	case "BV", "BW", "BZ", "EG", "EK", "EU", "EZ", "IB", "KB", "MB", "NL", "NV", "OB", "PB", "PD", "TK", "VN", "VS", "WA", "WW", "ZW":
		return true
	}
	return false
}

// abbreviates says whether the three letters stand for something else: a law, an
// organisation, a month. What the RDW leaves out is among them.
func (p *plate) abbreviates() bool {
	var word [3]byte
	for i, n := 0, 0; i < len(p.signs) && n < len(word); i++ {
		if n++; isDigit(p.signs[i]) {
			n = 0
		} else {
			word[n-1] = p.signs[i] &^ 0x20
		}
	}
	switch string(word[:]) {
	case "AIO", "AKW", "ANW", "AOW", "AWB", "AVG", "BBZ", "IOW", "TOG", "TVL", "WAO", "WAZ", "WFT", "WGA", "WHT", "WHW", "WIA",
		"WIJ", "WKB", "WKO", "WLZ", "WMG", "WMO", "WOO", "WOB", "WPG", "WSF", "WSW", "WTS", "WVG", "WVW", "WWB", "WWZ", "ZFW", "ZVW",
		"ACM", "AFM", "BKR", "BRP", "BSN", "BTW", "BVV", "BZK", "CAK", "CAO", "CBR", "CBS", "CIZ", "COA", "CPB", "DGU", "DJI", "DNB",
		"DUO", "EZK", "FIN", "FSV", "GBA", "GGD", "GGZ", "ICT", "IGJ", "IND", "ILT", "KDW", "KST", "KVK", "LNV", "NZA", "OCW", "PGB",
		"RDW", "RVB", "RVO", "SCP", "SGP", "SVB", "SZW", "TBS", "UHT", "UWV", "VNG", "VOG", "VVD", "PVV", "VWS", "WOZ", "WRR", "ZBO",
		"ZZP", "GVD", "KKK", "NSB", "PKK", "PSV", "NLD", "EUR", "USD",
		"JAN", "FEB", "MRT", "MAR", "APR", "MEI", "MAY", "JUN", "JUL", "AUG", "SEP", "OKT", "OCT", "NOV", "DEC":
		return true
	}
	return false
}
