package screen

// labelledBSN looks for a BSN at p, behind a label. Whatever has nine digits is
// meant to be one, and so are eight without anything between them; eight in groups
// may be two years, or a date, and need the elfproef.
func (s *scanner) labelledBSN(p int) int {
	if !isDigit(s.at(p)) {
		return 0
	}
	var g groups
	s.groups(&g, p, 9)
	if n := g.upTo(9); n > 0 {
		return s.add(BSN, p, g.all[n-1].end)
	}
	if n := g.upTo(8); n > 0 {
		var room, padded [16]byte
		digits := append(append(padded[:0], '0'), s.read(&g, n, &room)...)
		if end := g.all[0].end; isBSN(digits) || n == 1 && s.date(p, lax) == 0 && !s.unit(end) && !isLetter(s.at(end)) {
			return s.add(BSN, p, g.all[n-1].end)
		}
	}
	return 0
}

// labelledPhone looks for a number at p, behind a label, that without it would be
// none: without its first zero, or without the sign before the country code. When
// it is sure that the label is one, also without its area code.
func (s *scanner) labelledPhone(p int, sure bool) int {
	if !isDigit(s.at(p)) || s.v[p] == '0' {
		if s.at(p) == '0' && isLetter(s.at(p-1)) {
			return s.national(p)
		}
		return 0
	}
	if end := s.dutch(p, p); end > 0 {
		return end
	}
	var g groups
	s.groups(&g, p, 9)
	if n := g.upTo(9); n > 0 && s.v[p] == '6' {
		return s.add(Phone, p, g.all[n-1].end)
	}
	if sure {
		return s.local(p)
	}
	return 0
}

// local looks for a telephone number without its zero or its area code at p, and
// says where it ends; zero when there is none.
func (s *scanner) local(p int) int {
	var g groups
	s.groups(&g, p, 9)
	n := 1
	switch {
	case g.n > 1 && g.shape(2) == 34 && contains(" -", g.all[1].gap):
		n = 2
	case g.n > 2 && g.shape(3) == 322 && contains(" -", g.all[1].gap):
		n = 3
	case g.all[0].len() < 7 || g.all[0].len() > 9:
		return 0
	}
	end := g.all[n-1].end
	if c := s.at(end); isLetter(c) || contains(".,/-", c) && isDigit(s.at(end+1)) || s.unit(end) || s.date(p, lax) > 0 {
		return 0
	}
	switch string(s.v[p : p+3]) {
	case "800", "880", "881", "882", "883", "884", "885", "886", "887", "888", "889", "900", "906", "909":
		return 0 // of organisations
	}
	return s.add(Phone, p, end)
}

// tenDigits notes the ten digits at p, behind a label, however they are grouped,
// or else what has at least so many.
func (s *scanner) tenDigits(kind Kind, p, least int) int {
	if isDigit(s.at(p)) {
		var g groups
		s.groups(&g, p, 10)
		if n := g.upTo(10); n > 0 {
			return s.add(kind, p, g.all[n-1].end)
		}
	}
	return s.identifier(kind, p, least)
}

// identifier notes what is at p, behind a label, if it has so many digits.
func (s *scanner) identifier(kind Kind, p, least int) int {
	end, digits := s.value(p)
	if digits < least && (kind != Document || !isDocument(s.v[p:end])) || s.unit(end) {
		return 0
	}
	if kind == Client && isDigit(s.v[p]) && isBSN(s.v[p:s.digits(p)]) {
		kind = BSN
	}
	return s.add(kind, p, end)
}

// isDocument says whether a number has the form of those on Dutch passports and
// identity cards: two letters, six of either, and a digit.
func isDocument(number []byte) bool {
	if len(number) != 9 || !isUpper(number[0]) || !isUpper(number[1]) || !isDigit(number[8]) {
		return false
	}
	for _, c := range number {
		if !isDigit(c) && !isUpper(c) {
			return false
		}
	}
	return true
}

// value reads the number or code at p, and says where it ends and how many digits
// it has: none when a word stands there.
func (s *scanner) value(p int) (end, digits int) {
	end = p
	for i := p; i-p < 40; i++ {
		start, figures := i, 0
		for ; isAlnum(s.at(i)); i++ {
			if isDigit(s.v[i]) {
				figures++
			}
		}
		switch length := i - start; {
		case length == 0, figures == 0 && start == p && length > 4:
			return end, digits
		case figures == 0 && start > p && (length > 2 || !contains("-./_", s.at(i)) || !isDigit(s.at(i+1))):
			return end, digits // no part of a code but a word
		}
		digits += figures
		end = i
		c := s.at(i)
		switch {
		case contains("-./_", c) && isAlnum(s.at(i+1)):
		case c == ' ' && isDigit(s.v[i-1]) && isDigit(s.at(i+1)) && isDigit(s.at(i+2)):
		default:
			return end, digits
		}
	}
	return end, digits
}

// passed is where the numbers of organisations at p end.
func (s *scanner) passed(p int) int {
	end, digits := s.value(p)
	if digits == 0 {
		return 0
	}
	// A row of them: RSIN 123456789 en 987654321, 123456789 / 987654321.
	for range 20 {
		i := s.blanks(end)
		if c := s.at(i); c == ',' || c == '/' {
			i++
		} else if s.at(i) == 'e' && s.at(i+1) == 'n' {
			i += 2
		}
		i = s.blanks(i)
		run := s.digits(i)
		if i == end || run-i < 8 {
			return end
		}
		end = run
	}
	return end
}

// uuid is where the UUID at i ends (RFC 9562, section 4: 8-4-4-4-12 hexadecimal
// digits); zero when there is none. One in eighty looks like an address, or else
// like an account or a telephone.
func (s *scanner) uuid(i int) int {
	const length = 36
	if isAlnum(s.at(i-1)) || isAlnum(s.at(i+length)) || i+length > len(s.v) {
		return 0
	}
	for n, c := range s.v[i : i+length] {
		switch n {
		case 8, 13, 18, 23:
			if c != '-' {
				return 0
			}
		default:
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
	}
	return i + length
}

// isPublicCase says whether the number of a case or dossier is one of Parliament
// or of a court.
func isPublicCase(number []byte) bool {
	head, slash := 0, false
	for head < len(number) && isAlnum(number[head]) {
		head++
	}
	digits := 0
	for i, c := range number {
		if isDigit(c) {
			digits++
		}
		slash = slash || c == '/' && i > 0
	}
	figures := 0
	for figures < head && isDigit(number[figures]) {
		figures++
	}
	switch {
	case figures == 5 && head == 5 || digits == 5 && figures == 2 && head == 2 && !slash:
		return true // 36617, 36617-3, 36 617
	case figures == 4 && head == 4 && isYear(number[:4]) && digits <= 7 && len(number) == digits+1:
		return true // 2024-123, of an organisation: of people there are more in a year
	case figures == 4 && head == 10 && isLetter(number[4]):
		return true // 2023Z07250, of the Tweede Kamer
	case slash && (figures < head || figures <= 2):
		return true // C/09/123456, 20/1234, C-123/20
	case slash && figures == 3 && number[0] == '2' && number[1] == '0' && number[2] == '0':
		return true // 200.123.456/01, of a court of appeal
	}
	return false
}
