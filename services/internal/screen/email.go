package screen

import "bytes"

// addresses finds e-mail addresses by their sign.
func (s *scanner) addresses() {
	for i := 0; ; i++ {
		n := bytes.IndexByte(s.v[i:], '@')
		if n < 0 {
			return
		}
		i += n
		start, end := i, i+1
		// Blanks on both sides hide an address; one in front alone is a nickname.
		if s.at(i-1) == ' ' && s.at(i+1) == ' ' {
			start, end = i-1, s.blanks(end)
		}
		s.mail(start, end)
	}
}

// disguises finds e-mail addresses with words for their signs.
func (s *scanner) disguises() {
	for i := 0; i < len(s.v); {
		switch c := s.v[i]; {
		case contains("[({<", c):
			if end := s.bracketed(i, "at", "apenstaartje", "@"); end > 0 {
				start := i
				if s.at(i-1) == ' ' {
					start--
				}
				s.mail(start, s.blanks(end))
			}
			i++
		case isLetter(c):
			end := s.letters(i)
			var room [longest]byte
			switch string(lower(s.v[i:end], &room)) {
			case "apenstaartje", "apestaartje", "apenstaart", "at":
				// At only with a word for the dot, too: not "de vergadering at example.org".
				if domain := s.blanks(end); s.at(i-1) == ' ' && domain > end && (end-i > 2 || s.dot(s.label(domain)) > s.label(domain)+1) {
					s.mail(i-1, domain)
				}
			}
			i = end
		default:
			i++
		}
	}
}

// looseDot is where the dot with blanks on both sides at i ends, if a word in small
// letters follows; zero when there is none.
func (s *scanner) looseDot(i int) int {
	dot := s.blanks(i)
	next := s.blanks(dot + 1)
	if dot == i || s.at(dot) != '.' || next == dot+1 || !isLetter(s.at(next)) || isUpper(s.at(next)) {
		return 0
	}
	return next
}

// bracketed is where the bracket at i with one of the words in it ends; zero when
// it holds something else.
func (s *scanner) bracketed(i int, words ...string) int {
	i = s.blanks(i + 1)
	for _, word := range words {
		end := i + len(word)
		if end > len(s.v) {
			continue
		}
		var room [longest]byte
		if string(lower(s.v[i:end], &room)) != word {
			continue
		}
		if end = s.blanks(end); contains("])}>", s.at(end)) {
			return end + 1
		}
	}
	return 0
}

// mail looks for an address whose name ends at start, and whose domain begins at
// end.
func (s *scanner) mail(start, end int) {
	name := start
	for name > 0 && start-name < 64 && (isAlnum(s.v[name-1]) || contains("._%+-'", s.v[name-1])) {
		name--
	}
	for name < start && !isAlnum(s.v[name]) {
		name++
	}
	if name == start {
		return
	}
	labels := 0
	for {
		label := s.label(end)
		if label == end {
			return
		}
		labels++
		next := s.dot(label)
		if next == 0 && labels == 1 {
			next = s.looseDot(label)
		}
		if next == 0 || s.label(next) == next {
			if top := s.letters(end); labels > 1 && top == label && top-end >= 2 {
				s.add(Email, name, label)
			}
			return
		}
		end = next
	}
}

// label is where the part of a domain at i ends.
func (s *scanner) label(i int) int {
	for isAlnum(s.at(i)) || s.at(i) == '-' && isAlnum(s.at(i+1)) {
		i++
	}
	return i
}

// dot is where the dot at i ends, or what stands for one; zero when there is
// none.
func (s *scanner) dot(i int) int {
	if s.at(i) == '.' {
		return i + 1
	}
	j := s.blanks(i)
	if contains("[({<", s.at(j)) {
		if end := s.bracketed(j, "punt", "dot", "."); end > 0 {
			return s.blanks(end)
		}
		return 0
	}
	end := s.letters(j)
	switch string(s.v[j:end]) {
	case "punt", "dot", "PUNT", "DOT": // as glance has it
		if j > i && s.at(end) == ' ' {
			return s.blanks(end)
		}
	}
	return 0
}
