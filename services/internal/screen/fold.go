package screen

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The view of a text has one byte for each character that can be seen: ASCII as
// it is, what looks like ASCII as that, and these for the rest.
const (
	unseen byte = 0           // has no width: not in the view
	letter byte = iota + 0x7F // a letter that is none of A to Z without its accent
	symbol                    // anything else
	money                     // a currency sign
	degree                    // ° and º
	// raised is a zero above or below the line; the other digits follow it. They
	// are not in the view when it is done.
	raised byte = 0x90
)

// fold appends the view of a text to room. NUL has no place in a text, and none
// in the view.
func fold(room []byte, text string) []byte {
	if cap(room) < len(text) {
		room = make([]byte, 0, len(text))
	}
	high := false
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && text[j]-1 < utf8.RuneSelf-1 {
			j++
		}
		room = append(room, text[i:j]...)
		if i = j; i == len(text) {
			break
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if c := foldRune(r); c != unseen {
			room = append(room, c)
			high = high || c >= raised
		}
		i += size
	}
	if high {
		settleRaised(room)
	}
	return room
}

// settleRaised makes digits of the raised ones in a view, but not of those that
// are the mark of a note, an exponent or a measure: 2023¹, m².
func settleRaised(view []byte) {
	for i := 0; i < len(view); i++ {
		start := i
		for i < len(view) && view[i] >= raised {
			i++
		}
		mark := i-start < 3 && start > 0 && isAlnum(view[start-1])
		for n, c := range view[start:i] {
			if view[start+n] = symbol; !mark {
				view[start+n] = c - raised + '0'
			}
		}
	}
}

// foldRune gives the byte of one character.
func foldRune(r rune) byte {
	switch {
	case r < utf8.RuneSelf:
		return byte(r)
	case r <= 0xFF:
		return latin1[r-0x80]
	case 0x2000 <= r && r < 0x2070:
		return punctuation[r-0x2000]
	case 0xFF01 <= r && r <= 0xFF5E: // full width
		return byte(r - 0xFF01 + '!')
	case 0x1D400 <= r && r < 0x1D6A4: // mathematical alphabets of 26 capitals and 26 small letters
		return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(r-0x1D400)%52]
	}
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0: // letters that fill room and are not seen
		return unseen
	case 0x2212, 0x2796: // minus signs
		return '-'
	case 0x2215:
		return '/'
	case 0x2219, 0x22C5, 0x3002, 0xFE52, 0xFF61:
		return '.'
	case 0x2070, 0x2074, 0x2075, 0x2076, 0x2077, 0x2078, 0x2079: // above the line
		return raised + byte(r-0x2070)
	case 0x24EA, 0x24FF: // enclosed zeros
		return '0'
	case 0x2800:
		return ' '
	case 0xFE62:
		return '+'
	case 0xFE6B:
		return '@'
	}
	return foldCategory(r)
}

// foldCategory goes by the character's Unicode category.
func foldCategory(r rune) byte {
	switch {
	case 0x2080 <= r && r <= 0x2089: // below the line
		return raised + byte(r-0x2080)
	case 0x2460 <= r && r <= 0x2792:
		return enclosed(r)
	case unicode.IsDigit(r):
		// Digits stand together in tens, from zero up.
		n := rune(0)
		for unicode.IsDigit(r - n - 1) {
			n++
		}
		return '0' + byte(n%10)
	case unicode.IsLetter(r):
		return letter
	case unicode.In(r, unicode.M, unicode.Cf): // accents, variants, direction
		return unseen
	case unicode.Is(unicode.Zs, r):
		return ' '
	case unicode.Is(unicode.Pd, r):
		return '-'
	case unicode.Is(unicode.Sc, r):
		return money
	}
	return symbol
}

// enclosed gives the byte of a digit in a circle or between brackets, or with a
// full stop.
func enclosed(r rune) byte {
	for _, one := range [...]rune{0x2460, 0x2474, 0x2488, 0x24F5, 0x2776, 0x2780, 0x278A} {
		if one <= r && r < one+9 {
			return '1' + byte(r-one)
		}
	}
	return symbol
}

// latin1 is the view of U+0080 to U+00FF, and punctuation that of U+2000 to
// U+206F.
const (
	latin1 = "\x81\x81\x81\x81\x81\n\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81" +
		" \x81\x82\x82\x82\x82\x81\x81\x81\x81\x81\"\x81\x00\x81\x81\x83\x81\x92\x93'\x80\x81.\x81\x91\x83\"\x81\x81\x81\x81" +
		"AAAAAA\x80CEEEEIIII\x80NOOOOO\x81OUUUUY\x80\x80aaaaaa\x80ceeeeiiii\x80nooooo\x81ouuuuy\x80y"
	punctuation = "           \x00\x00\x00\x00\x00------\x81_''''\"\"\"\"\x81\x81.\x81.\x81\x81.\n\n\x00\x00\x00\x00\x00 " +
		"\x81\x81\x81\x81\x81\x81\x81\x81\x81''\x81\x81\x81\x81\x81\x81\x81\x81-/\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81 " +
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)

// looks says what there is to look at in a text.
type looks uint8

const (
	lookDigits looks = 1 << iota // two digits or more
	lookAt                       // an at sign
	lookOdd                      // characters that may be something else in disguise
	lookWords                    // an at sign in words
	lookCode                     // nothing: the text is a reference
)

// notable are the bytes that glance has to think about. It is never written to.
var notable = func() (table [256]bool) {
	for c := range table {
		table[c] = isDigit(byte(c)) || c >= utf8.RuneSelf || contains("\x00@[({<&%.", byte(c))
	}
	return table
}()

// glance looks once over a text. Zero means that nothing can be in it.
func glance(text string) looks {
	var look looks
	digits, words := 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !notable[c] {
			continue
		}
		switch {
		case isDigit(c):
			digits++
		case c == '@':
			look |= lookAt
		case c == '.':
			words = words || i+1 < len(text) && (isLetter(text[i+1]) || text[i+1] >= utf8.RuneSelf) && behindTail(text[:i])
		case c == '&' || c == '%': // an escape
			if i+1 < len(text) && (isAlnum(text[i+1]) || text[i+1] == '#') {
				look |= lookOdd
			}
		case c-1 < utf8.RuneSelf-1: // a bracket; NUL is odd
			words = words || mayBeAt(text[i+1:])
		case c == 0xC3 && i+1 < len(text): // an accented letter
			i++
		case c == 0xE2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2]-0x90 < 0x17, // a dash, quote or ellipsis
			c == 0xE2 && i+2 < len(text) && text[i+1] == 0x82 && text[i+2] == 0xAC: // €
			i += 2
		default:
			look |= lookOdd
		}
	}
	if digits > 1 {
		look |= lookDigits
	}
	if words || inWords(text) {
		look |= lookWords
	}
	return look
}

// behindTail says whether the last word of a text, the front of a domain, stands
// behind the word for an at sign.
func behindTail(text string) bool {
	const name = 253 // is the longest
	i := len(text)
	for i > 0 && len(text)-i < name && text[i-1] != ' ' {
		i--
	}
	for i > 0 && text[i-1] == ' ' {
		i--
	}
	const tail, short = "staartje", "staart"
	return i > len(tail) && (strings.EqualFold(text[i-len(tail):i], tail) || strings.EqualFold(text[i-len(short):i], short))
}

// mayBeAt says whether what stands behind a bracket may be an at sign.
func mayBeAt(text string) bool {
	if len(text) < 2 {
		return false
	}
	switch c := text[0]; {
	case c|0x20 == 'a':
		next := text[1] | 0x20
		return next == 't' || next == 'p' || next >= utf8.RuneSelf
	default:
		return c == ' ' || c == '@' || c >= utf8.RuneSelf
	}
}

// inWords says whether the signs of an e-mail address may be there in words. What
// begins with a rare letter is found soonest.
func inWords(text string) bool {
	return strings.Contains(text, " punt ") || strings.Contains(text, " dot ") || strings.Contains(text, "PUNT ") || strings.Contains(text, "DOT ")
}

func isDigit(c byte) bool { return c-'0' < 10 }

func isLetter(c byte) bool { return c|0x20-'a' < 26 || c == letter }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isUpper(c byte) bool { return c-'A' < 26 }
