package screen

import "bytes"

// unescape puts what the escapes of URIs (%20) and HTML (&nbsp;) stand for in
// their place in a view, and says whether there were any. It works on the view,
// for what is not seen may stand in an escape too.
func unescape(view []byte) ([]byte, bool) {
	first := bytes.IndexByte(view, '%')
	if n := bytes.IndexByte(view, '&'); n >= 0 && (first < 0 || n < first) {
		first = n
	}
	if first < 0 {
		return view, false
	}
	to, found := first, false
	for i := first; i < len(view); {
		c, n := escape(view[i:])
		if n == 0 {
			c, n = view[i], 1
		}
		found = found || n > 1
		i += n
		if c != unseen {
			view[to] = c
			to++
		}
	}
	return view[:to], found
}

// restore gives findings the places that they have in the view before unescape.
func restore(view []byte, found []span) {
	seen, start := 0, 0
	for i := 0; i < len(view) && len(found) > 0; {
		c, n := escape(view[i:])
		if n == 0 {
			c, n = view[i], 1
		}
		if c == unseen {
			i += n
			continue
		}
		if seen == found[0].start {
			start = i
		}
		i += n
		if seen++; seen == found[0].end {
			found[0].start, found[0].end = start, i
			found = found[1:]
		}
	}
}

// escape reads the escape at the front of a view: the byte that it stands for and
// how long it is, zero when it is none.
func escape(v []byte) (c byte, length int) {
	switch {
	case len(v) < 3:
	case v[0] == '%':
		high, low := hexadecimal(v[1]), hexadecimal(v[2])
		if c := high<<4 | low; high < 16 && low < 16 && c >= ' ' && c <= '~' {
			return c, 3
		}
		if len(v) >= 6 && v[3] == '%' && string(v[1:3]) == "C2" && string(v[4:6]) == "A0" {
			return ' ', 6 // one that does not break
		}
	case v[0] == '&':
		return entity(v)
	}
	return 0, 0
}

// entity reads the character reference of HTML at the front of a view.
func entity(v []byte) (c byte, length int) {
	end := bytes.IndexByte(v[:min(len(v), 10)], ';')
	if end < 3 {
		return 0, 0
	}
	switch name := v[1:end]; string(name) {
	case "nbsp", "ensp", "emsp", "thinsp", "numsp":
		return ' ', end + 1
	case "ndash", "mdash", "hyphen", "dash":
		return '-', end + 1
	case "shy", "zwnj", "zwj":
		return unseen, end + 1
	case "amp":
		return '&', end + 1
	case "period":
		return '.', end + 1
	case "commat":
		return '@', end + 1
	default:
		if name[0] != '#' {
			return 0, 0
		}
		r, base, digits := rune(0), rune(10), name[1:]
		if digits[0]|0x20 == 'x' {
			base, digits = 16, digits[1:]
		}
		for _, each := range digits {
			d := rune(hexadecimal(each))
			if d >= base {
				return 0, 0
			}
			r = r*base + d
		}
		if len(digits) == 0 {
			return 0, 0
		}
		if c := foldRune(r); c < raised {
			return c, end + 1
		}
		return symbol, end + 1
	}
}

// hexadecimal is what a digit counts for; 16 when it is none.
func hexadecimal(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c|0x20-'a' < 6:
		return c | 0x20 - 'a' + 10
	}
	return 16
}
