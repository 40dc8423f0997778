package screen

// bsn looks for a burgerservicenummer in the digits from i to end and the groups
// behind them, and says where it ends; zero when there is none.
func (s *scanner) bsn(i, end int) int {
	switch length := end - i; {
	case length > 9:
		return 0
	case length == 9:
		return s.wholeBSN(i, end)
	}
	if next := s.gap(end); next.gap == 0 || end-i > 4 && !next.broken {
		return 0
	}
	var g groups
	s.groups(&g, i, 9)
	n := g.upTo(9)
	if n < 2 || !s.grouped(&g, n) || !s.alone(&g, n) || s.otherwise(&g, n) {
		return 0
	}
	var room [16]byte
	if digits := s.read(&g, n, &room); !isBSN(digits) {
		return 0
	}
	return s.add(BSN, i, g.all[n-1].end)
}

// wholeBSN is bsn for nine digits without anything between them.
func (s *scanner) wholeBSN(i, end int) int {
	digits := s.v[i:end]
	if !isBSN(digits) || s.counted(i, end) {
		return 0
	}
	if before := s.at(i - 1); (before == '.' || before == ',') && isDigit(s.at(i-2)) {
		return 0 // decimals
	}
	switch after := s.at(end); {
	case isLetter(after):
		// The number of a tax assessment or benefit is a BSN with a letter and
		// digits; that of an organisation has other letters.
		if c := after | 0x20; (c != 'h' && c != 't' && c != 'w') || !isDigit(s.at(end+1)) {
			return 0
		}
	case after == '.' && isDigit(s.at(end+1)):
		return 0
	case after == '-' && isLetter(s.at(end+1)) && s.inURL(i):
		return 0 // the id in front of a title, as newspapers have
	case isYear(digits[:4]) && digits[4] == '0':
		return 0 // a number of a year, such as 202600123
	}
	return s.add(BSN, i, end)
}

// isBSN holds nine digits to the elfproef (Regeling BSN): the sum of 9 times the
// first down to 2 times the eighth, minus the last, is a multiple of eleven. A
// number begins with at most one zero, and is not a round one.
func isBSN(digits []byte) bool {
	if len(digits) != 9 || digits[0] == '0' && digits[1] == '0' || value(digits[5:]) == 0 {
		return false
	}
	sum := -int(digits[8] - '0')
	for i, c := range digits[:8] {
		sum += (9 - i) * int(c-'0')
	}
	return sum%11 == 0
}

// grouped says whether people write a BSN in the first n groups of g.
func (s *scanner) grouped(g *groups, n int) bool {
	gap, same, broken := g.gap(n), true, 0
	for _, each := range g.all[1:n] {
		switch each.gap {
		case ',', '(', ')':
			return false
		}
		same = same && (each.gap == gap || each.gap == '\n')
		if each.broken {
			broken++
		}
	}
	if n == 2 {
		// Otherwise two groups are as in 36617-1234, 2024/12345 or 68088, 2020.
		return gap == '-' && broken == 1
	}
	// More than one break is a column of numbers.
	if broken > 1 || broken == n-1 {
		return false
	}
	switch g.shape(n) {
	case 333, 423:
		return true
	case 3222, 2223, 22221, 324, 234, 111111111:
		return same
	}
	return false
}

// alone says whether the first n groups of g are not part of a longer row.
func (s *scanner) alone(g *groups, n int) bool {
	first, gap := g.all[0], g.gap(n)
	if before := s.at(first.start - 1); isDigit(s.at(first.start - 2)) {
		switch before {
		case '.', ',', '-', '/', '_':
			return false
		case ' ':
			// 12 345 678 901 is one number; 2024 345 678 901 is not.
			run := first.start - 1
			for run > 0 && isDigit(s.v[run-1]) {
				run--
			}
			if gap == ' ' && first.start-1-run < 4 {
				return false
			}
		}
	}
	next := g.all[n-1]
	after := s.gap(next.end)
	if c := s.at(next.end); isLetter(c) || c == ',' && isDigit(s.at(next.end+1)) {
		return false
	}
	switch {
	case after.gap == 0 || after.broken:
		return true
	case after.gap == ' ':
		length := s.digits(after.start) - after.start
		return gap != ' ' || length != next.len()
	case after.gap == '/' && gap == '.':
		return false // 200.123.456/01, a case of a court of appeal
	}
	return after.gap != gap
}

// otherwise says whether the first n groups of g are something else: an amount, a
// date with more, an IP address.
func (s *scanner) otherwise(g *groups, n int) bool {
	first, second, last, gap := g.all[0], g.all[1], g.all[n-1], g.gap(n)
	a, b := s.v[first.start:first.end], s.v[second.start:second.end]
	switch shape := g.shape(n); {
	case shape == 333 && gap != '-' && gap != '/':
		round := value(s.v[last.start:last.end]) == 0
		return round || s.counted(first.start, last.end) || s.about(first.start)
	case shape == 423 && isYear(a):
		return gap != '.' || value(b) <= 12
	case shape == 2223 && isDay(value(a), value(b), a):
		return true
	case n == 4 && gap == '.':
		for _, each := range g.all[:n] {
			if value(s.v[each.start:each.end]) > 255 {
				return false
			}
		}
		return true
	}
	return false
}
