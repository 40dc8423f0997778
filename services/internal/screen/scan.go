package screen

// scanner looks through the view of one text.
type scanner struct {
	v []byte
	// found has room for so many findings, and n is how many there are. An array,
	// for a slice would move the view to the heap.
	found [bound]span
	n     int
	// plates is how far a word like kenteken reaches: up to there a plate needs
	// no dashes; and plated is where the word ends.
	plates, plated int
	// code says that the text is a code of one word.
	code bool
}

// reach is how far before a number its label may begin.
const reach = 64

// numbers finds what has digits in it. It looks only near digits.
func (s *scanner) numbers() {
	for i := 0; i < len(s.v); {
		digit := i
		for digit < len(s.v) && !isDigit(s.v[digit]) {
			digit++
		}
		if digit == len(s.v) {
			return
		}
		if digit-i > reach {
			i = digit - reach
			for isAlnum(s.at(i)) { // not amid a word
				i++
			}
		}
		for i <= digit {
			switch c := s.v[i]; {
			case isLetter(c):
				i = s.word(i)
			case isDigit(c):
				i = s.number(i)
			case c == '+':
				i = s.international(i)
			case c == degree && !isDigit(s.at(i-1)) && !isDigit(s.at(i-2)):
				i = s.born(i + 1)
			case c == '*' && isDigit(s.at(i+1)):
				i = s.starred(i + 1)
			default:
				i++
			}
		}
	}
}

// word looks at the letters from i on: a code with digits, or a label.
func (s *scanner) word(i int) int {
	end := s.letters(i)
	if isDigit(s.at(i - 1)) {
		return end // the rest of a code
	}
	if after := s.uuid(i); after > 0 {
		return after
	}
	if after := s.iban(i, end, false); after > 0 {
		return after
	}
	if after := s.plate(i); after > 0 {
		return after
	}
	if after := s.labelled(i, end); after > 0 {
		return after
	}
	return end
}

// number looks at the digits from i on, which are no part of a code.
func (s *scanner) number(i int) int {
	end := s.digits(i)
	if isLetter(s.at(i - 1)) {
		return end
	}
	if after := s.uuid(i); after > 0 {
		return after
	}
	if after := s.date(i, strict); after > 0 {
		s.bornAfter(i, after)
		return after
	}
	if after := s.plate(i); after > 0 {
		return after
	}
	if after := s.national(i); after > 0 {
		return after
	}
	if after := s.address(i, end); after > 0 {
		return after
	}
	if after := s.bsn(i, end); after > 0 {
		return after
	}
	return end
}

// add notes a finding, and says where to go on.
func (s *scanner) add(kind Kind, start, end int) int {
	if s.n < len(s.found) {
		s.found[s.n] = span{kind, start, end}
		s.n++
	}
	return end
}

// at is the byte at i, and a line end beyond the text.
func (s *scanner) at(i int) byte {
	if i < 0 || i >= len(s.v) {
		return '\n'
	}
	return s.v[i]
}

// digits is where the digits from i on end.
func (s *scanner) digits(i int) int {
	for i < len(s.v) && isDigit(s.v[i]) {
		i++
	}
	return i
}

// letters is where the letters from i on end.
func (s *scanner) letters(i int) int {
	for i < len(s.v) && isLetter(s.v[i]) {
		i++
	}
	return i
}

// blanks is where the spaces from i on end, after at most three.
func (s *scanner) blanks(i int) int {
	for n := 0; n < 3 && s.at(i) == ' '; n++ {
		i++
	}
	return i
}

// wordBefore is the word that ends at i, behind at most two of the characters
// between; empty when there is none.
func (s *scanner) wordBefore(i int, between string) []byte {
	for n := 0; n < 2 && i > 0 && contains(between, s.v[i-1]); n++ {
		i--
	}
	start := i
	for start > 0 && isLetter(s.v[start-1]) {
		start--
	}
	return s.v[start:i]
}

// inURL says whether i is in a URL.
func (s *scanner) inURL(i int) bool {
	for n := 0; n < 2*reach && i > 2; n++ {
		i--
		switch s.v[i] {
		case ' ', '\n', '\t', '"', '<', '>':
			return false
		case '/':
			if s.v[i-1] == '/' && s.v[i-2] == ':' {
				return true
			}
		}
	}
	return false
}

func contains(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

// longest is how many letters of a word are looked at: the last ones.
const longest = 28

// lower writes a word in small letters into room.
func lower(word []byte, room *[longest]byte) []byte {
	word = word[max(0, len(word)-longest):]
	for i, c := range word {
		if isUpper(c) {
			c |= 0x20
		}
		room[i] = c
	}
	return room[:len(word)]
}
