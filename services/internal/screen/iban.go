package screen

// maxIBAN is the greatest length of an IBAN (ISO 13616).
const maxIBAN = 34

// iban looks for an account number whose country is the word from i to end, and
// says where it ends; zero when there is none. After a label a Dutch one with a
// slip of the pen counts too.
func (s *scanner) iban(i, end int, labelled bool) int {
	if end-i == 6 && s.v[i]|0x20 == 'i' && s.v[i+1]|0x20 == 'b' && s.v[i+2]|0x20 == 'a' && s.v[i+3]|0x20 == 'n' {
		i += 4 // IBANNL...
	}
	if end-i != 2 || s.v[i] == letter || s.v[i+1] == letter {
		return 0
	}
	if s.at(end) == ' ' && isUpper(s.v[i]) {
		end++
	}
	if !isDigit(s.at(end)) || !isDigit(s.at(end+1)) {
		return 0
	}
	length := ibanLength(s.v[i]&^0x20, s.v[i+1]&^0x20)
	if length == 0 {
		return 0
	}
	var number [maxIBAN]byte
	j, figures := i, 0
	for n := 0; n < length; j++ {
		c := s.at(j)
		if !isAlnum(c) || c == letter {
			// One sign between two characters, and a blank or line end with it.
			next := s.at(j + 1)
			if !contains(" -._/\n\r\t", c) || !isAlnum(next) && (!contains(" -.\n", next) || c == '\n') || j >= len(s.v) || j-i > 2*maxIBAN {
				return 0
			}
			continue
		}
		if isDigit(c) {
			figures++
		} else {
			c &^= 0x20
		}
		number[n] = c
		n++
	}
	if c := s.at(j); isAlnum(c) || c == '-' && isAlnum(s.at(j+1)) || figures < 7 {
		return 0
	}
	dutch := number[0] == 'N' && number[1] == 'L'
	if dutch && !isDutchAccount(number[4:length]) || !(dutch && labelled) && mod97(number[:length]) != 1 {
		return 0
	}
	return s.add(IBAN, i, j)
}

// isDutchAccount says whether a Dutch account number has its form: the bank and
// ten digits.
func isDutchAccount(account []byte) bool {
	for i, c := range account {
		if isDigit(c) != (i >= 4) {
			return false
		}
	}
	return true
}

// mod97 is the rest by 97 of the number that an IBAN is when its first four
// characters come last and letters count from 10 for A (ISO 7064).
func mod97(number []byte) int {
	rest := 0
	for i := range number {
		c := number[(i+4)%len(number)]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest
}

// ibanLength is how long an IBAN of a country is; zero when it has none. The
// list is that of the registry (SWIFT), and of countries that write their numbers
// so without being in it.
func ibanLength(a, b byte) int {
	switch string([]byte{a, b}) {
	case "NO":
		return 15
	case "BE":
		return 16
	case "DK", "FI", "FK", "FO", "GL", "NL", "SD":
		return 18
	case "MK", "SI":
		return 19
	case "AT", "BA", "EE", "KZ", "LT", "LU", "MN", "XK":
		return 20
	case "CH", "HR", "LI", "LV":
		return 21
	case "BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS", "VA":
		return 22
	case "AE", "GI", "IL", "IQ", "OM", "SO", "TL":
		return 23
	case "AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG":
		return 24
	case "AO", "CV", "GW", "LY", "MZ", "PT", "ST":
		return 25
	case "DZ", "IR", "IS", "TR":
		return 26
	case "BI", "CF", "CG", "CM", "DJ", "FR", "GA", "GQ", "GR", "IT", "KM", "MC", "MG", "MR", "SM", "TD":
		return 27
	case "AL", "AZ", "BF", "BJ", "BY", "CI", "CY", "DO", "GT", "HN", "HU", "LB", "MA", "ML", "NE", "NI", "PL", "SN", "SV", "TG":
		return 28
	case "BR", "EG", "PS", "QA", "UA":
		return 29
	case "JO", "KW", "MU", "YE":
		return 30
	case "MT", "SC":
		return 31
	case "LC":
		return 32
	case "RU":
		return 33
	}
	return 0
}
