package screen

// national looks for a telephone number that begins with the zero at i, and says
// where it ends; zero when there is none.
func (s *scanner) national(i int) int {
	if s.v[i] != '0' || isDigit(s.at(i-2)) && contains(".,", s.at(i-1)) {
		return 0
	}
	if s.at(i+1) == '0' {
		return s.abroad(i)
	}
	var g groups
	s.groups(&g, i, 10)
	n := g.upTo(10)
	if n == 0 || !s.closes(&g, n) {
		return 0
	}
	var room [16]byte
	digits := s.read(&g, n, &room)
	area := areaCode(digits[1:]) + 1
	if area == 1 || !dialled(&g, n, area) || area == 2 && g.shape(min(n, 3)) == 224 && isYear(digits[4:8]) {
		return 0
	}
	second := g.all[1]
	if n == 3 && s.numbering(&g) || g.shape(n) == 325 && contains("-/._", second.gap) {
		return 0
	}
	if s.code && area > 2 && n > 1 && second.len() >= 4 && isYear(s.v[second.start:second.start+4]) {
		return 0 // 013-2024001
	}
	return s.add(Phone, i, g.all[n-1].end)
}

// closes says whether a number may end after the first n groups.
func (s *scanner) closes(g *groups, n int) bool {
	end := g.all[n-1].end
	if isLetter(s.at(end)) {
		return false
	}
	if c := s.at(end); c == '-' || c == '.' || c == '_' {
		return !isDigit(s.at(end + 1))
	}
	return true
}

// dialled says whether the first n groups are those in which people write a
// number: the area code by itself or with more behind it, and then no single
// digits, or nothing but single digits.
func dialled(g *groups, n, area int) bool {
	if n == 10 {
		return true
	}
	for k, each := range g.all[:n] {
		switch {
		case each.gap == ',' || each.gap == '(' && k > 0 || each.gap == ')' && k > 1:
			return false
		case k == 0 && each.len() < area || k > 0 && each.len() < 2:
			return false
		}
	}
	return true
}

// numbering says whether groups are the number of a thing, with a year between the
// same signs: 010-2024-001, 06-2024-1234, 0098-2015-5065.
func (s *scanner) numbering(g *groups) bool {
	second, third := g.all[1], g.all[2]
	return g.n > 2 && contains("-/._", second.gap) && second.gap == third.gap && isYear(s.v[second.start:second.end])
}

// areaCode is how many of the nine digits behind the trunk zero are the area
// code or its like, zero when they are no number that a citizen can have
// (Nummerplan telefoon- en ISDN-diensten). 088 is for organisations.
func areaCode(digits []byte) int {
	if digits[0] == '6' {
		return 1
	}
	switch string(digits[:2]) {
	case "10", "13", "15", "20", "23", "24", "26", "30", "33", "35", "36", "38", "40", "43", "45", "46", "50", "53", "55", "58",
		"70", "71", "72", "73", "74", "75", "76", "77", "78", "79", "84", "85", "87":
		return 2
	}
	switch string(digits[:3]) {
	case "111", "113", "114", "115", "117", "118", "161", "162", "164", "165", "166", "167", "168", "172", "174", "180", "181", "182",
		"183", "184", "186", "187", "222", "223", "224", "226", "227", "228", "229", "251", "252", "255", "294", "297", "299", "313",
		"314", "315", "316", "317", "318", "320", "321", "341", "342", "343", "344", "345", "346", "347", "348", "411", "412", "413",
		"416", "418", "475", "478", "481", "485", "486", "487", "488", "492", "493", "495", "497", "499", "511", "512", "513", "514",
		"515", "516", "517", "518", "519", "521", "522", "523", "524", "525", "527", "528", "529", "541", "543", "544", "545", "546",
		"547", "548", "561", "562", "566", "570", "571", "572", "573", "575", "577", "578", "591", "592", "593", "594", "595", "596",
		"597", "598", "599":
		return 3
	}
	return 0
}

// abroad looks for an international number that begins with the 00 at i.
func (s *scanner) abroad(i int) int {
	var g groups
	if s.groups(&g, i, 15); s.numbering(&g) {
		return 0
	}
	run, next := s.digits(i), i+2
	if run == next {
		g := s.gap(next)
		if g.gap != ' ' && g.gap != '-' && g.gap != '/' {
			return 0
		}
		next = g.start
	}
	if end := s.dutch(i, next); end > 0 {
		return end
	}
	// A row of digits that begins with zeros is padded; with a gap it is dialled.
	if run-i > 5 {
		return 0
	}
	return s.foreign(i, next)
}

// international looks for a number that begins with the plus sign at i, and says
// where to go on.
func (s *scanner) international(i int) int {
	next := i + 1
	if s.at(next) == ' ' || s.at(next) == '(' {
		next++
	}
	if !isDigit(s.at(next)) {
		return i + 1
	}
	if end := s.dutch(i, next); end > 0 {
		return end
	}
	if end := s.foreign(i, next); end > 0 {
		return end
	}
	return i + 1
}

// dutch looks for a number of the Netherlands whose country code is at i, with
// or without the trunk zero, and notes it from start on.
func (s *scanner) dutch(start, i int) int {
	if s.at(i) != '3' || s.at(i+1) != '1' {
		return 0
	}
	d := s.dial(i, 12)
	for _, each := range [...]struct{ skip, length int }{{2, 11}, {3, 12}} {
		if each.skip == 3 && d.digits[2] != '0' || d.ends[each.length] == 0 {
			continue
		}
		if areaCode(d.digits[each.skip:each.length]) == 0 {
			continue
		}
		return s.add(Phone, start, d.ends[each.length])
	}
	return 0
}

// foreign looks for a number of another country whose country code is at i, and
// notes it from start on.
func (s *scanner) foreign(start, i int) int {
	d := s.dial(i, 15)
	code := countryCode(d.digits[:])
	if code == 0 || code == 2 && d.digits[0] == '3' && d.digits[1] == '1' {
		return 0
	}
	least, most := plausible(d.digits[:code])
	for n := min(code+most, 15); n >= code+least; n-- {
		end := d.ends[n]
		if end == 0 {
			continue
		}
		if d.gap != 0 && d.thousands && (d.digits[n-1] == '0' && d.digits[n-2] == '0' && d.digits[n-3] == '0' || d.gap != ' ' || s.unit(end)) {
			return 0 // an amount with its sign
		}
		return s.add(Phone, start, end)
	}
	return 0
}

// dialling is a row of digits as one dials them.
type dialling struct {
	digits [16]byte
	// ends is where the number ends when it has so many digits; zero where a group
	// goes on.
	ends [16]int
	// gap is the first one, and thousands says that all groups but the first have
	// three digits.
	gap       byte
	thousands bool
}

// dial reads at most so many digits from i on, and leaves out "(0)".
func (s *scanner) dial(i, most int) dialling {
	d := dialling{thousands: true}
	for n, groups := 0, 0; ; groups++ {
		end := s.digits(i)
		if groups > 0 && end-i != 3 {
			d.thousands = false
		}
		if trunk := s.at(i-1) == '(' && end == i+1 && s.v[i] == '0' && s.at(end) == ')'; !trunk {
			if n+end-i > most {
				return d
			}
			n += copy(d.digits[n:], s.v[i:end])
			if !isLetter(s.at(end)) {
				d.ends[n] = end
			}
		}
		next := s.gap(end)
		if s.at(end) == ')' && next.gap == 0 {
			next = s.gap(end + 1)
		}
		if next.gap == 0 && (s.at(end) == '(' || s.at(end) == ' ' && s.at(end+1) == '(') {
			next = s.gap(end + 1)
		}
		if next.gap == 0 || next.gap == ',' {
			return d
		}
		if d.gap == 0 {
			d.gap = next.gap
		}
		i = next.start
	}
}

// countryCode is how many digits the country code at the front has; zero when it
// is none of a country (ITU-T E.164).
func countryCode(digits []byte) int {
	switch digits[0] {
	case '1', '7':
		return 1
	}
	switch string(digits[:2]) {
	case "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53",
		"54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94",
		"95", "98":
		return 2
	}
	switch digits[0] {
	case '2', '3', '4', '5', '6':
		return 3
	case '8':
		switch string(digits[:3]) {
		case "850", "852", "853", "855", "856", "880", "886":
			return 3
		}
	case '9':
		switch string(digits[:3]) {
		case "960", "961", "962", "963", "964", "965", "966", "967", "968", "970", "971", "972", "973", "974", "975", "976", "977",
			"992", "993", "994", "995", "996", "998":
			return 3
		}
	}
	return 0
}

// plausible is how many digits follow a country code.
func plausible(code []byte) (least, most int) {
	switch string(code) {
	case "1", "7", "90", "91":
		return 10, 10
	case "32", "48", "33", "34", "212", "213", "351":
		return 8, 9
	case "297", "597", "599", "45", "47", "352":
		return 6, 9
	}
	return 7, 11
}
