package screen

// group is a run of digits, and what stands between it and the one before.
type group struct {
	start, end int
	// gap is '.', '-', '/', '_', ',', '(' or ')'; ' ' or '\n' when there is nothing
	// else; zero for the first.
	gap byte
	// broken says that a line end or a tab is in the gap.
	broken bool
}

func (g group) len() int { return g.end - g.start }

// groups are those of one number, as far as they may belong together.
type groups struct {
	all [12]group
	n   int
}

// groups reads the groups of digits from i on into g: up to so many digits, and a
// group more.
func (s *scanner) groups(g *groups, i, digits int) {
	next := group{start: i}
	for g.n < len(g.all) {
		next.end = s.digits(next.start)
		g.all[g.n] = next
		g.n++
		if digits -= next.len(); digits < 0 {
			break
		}
		next = s.gap(next.end)
		if next.gap == 0 {
			break
		}
	}
}

// gap reads at most four characters between two groups; a zero gap when no
// group follows.
func (s *scanner) gap(i int) group {
	g := group{start: i}
	for ; g.start-i < 4; g.start++ {
		switch c := s.at(g.start); c {
		case '\n', '\r', '\t':
			if g.broken && c != '\n' || c == '\n' && s.at(g.start-1) == '\n' {
				return group{} // a new paragraph
			}
			g.broken = true
			if g.gap == 0 {
				g.gap = '\n'
			}
		case ' ':
			if g.gap == 0 {
				g.gap = ' '
			}
		case '.', '-', '/', '_', ',', '(', ')':
			if g.gap != 0 && g.gap != ' ' && g.gap != '\n' && g.gap != c {
				return group{}
			}
			g.gap = c
		default:
			if isDigit(c) && g.start > i && g.start < len(s.v) {
				return g
			}
			return group{}
		}
	}
	if isDigit(s.at(g.start)) {
		return g
	}
	return group{}
}

// shape writes the lengths of the first n groups as the digits of a number.
func (g *groups) shape(n int) int {
	shape := 0
	for _, each := range g.all[:n] {
		shape = shape*10 + each.len()
	}
	return shape
}

// gap is what stands between the first n groups: the first gap with more in it
// than a line end.
func (g *groups) gap(n int) byte {
	for _, each := range g.all[1:n] {
		if each.gap != '\n' {
			return each.gap
		}
	}
	return '\n'
}

// upTo is how many groups hold exactly so many digits together; zero when no
// number of groups does.
func (g *groups) upTo(digits int) int {
	for i, each := range g.all[:g.n] {
		if digits -= each.len(); digits <= 0 {
			if digits < 0 {
				return 0
			}
			return i + 1
		}
	}
	return 0
}

// read collects the digits of the first n groups.
func (s *scanner) read(g *groups, n int, room *[16]byte) []byte {
	digits := room[:0]
	for _, each := range g.all[:n] {
		if len(digits)+each.len() > len(room) {
			break
		}
		digits = append(digits, s.v[each.start:each.end]...)
	}
	return digits
}

// value is the number that digits make.
func value(digits []byte) int {
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

func isYear(digits []byte) bool {
	return len(digits) == 4 && (digits[0] == '1' && digits[1] == '9' || digits[0] == '2' && digits[1] == '0')
}
