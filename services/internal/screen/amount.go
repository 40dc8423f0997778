package screen

// counted says whether the number from i to end is an amount of money, a count
// or a measure.
func (s *scanner) counted(i, end int) bool {
	return s.priced(i) || s.unit(end)
}

// priced says whether a currency stands before i.
func (s *scanner) priced(i int) bool {
	for n := 0; n < 3 && i > 0 && contains(" -+", s.v[i-1]); n++ {
		i--
	}
	if c := s.at(i - 1); c == money || c == '$' {
		return true
	}
	var room [longest]byte
	switch string(lower(s.wordBefore(i, " :"), &room)) {
	case "eur", "euro", "usd", "dollar", "gbp", "pond", "chf", "bedrag", "bedragen", "saldo", "totaal", "aantal", "aantallen":
		return true
	}
	return false
}

// about says whether a word before i speaks of how much rather than of which, be
// it with a year: "Aantallen 2019: 302 112 443".
func (s *scanner) about(i int) bool {
	for n := 0; n < 2 && i > 0 && contains(" :", s.v[i-1]); n++ {
		i--
	}
	if i > 4 && isYear(s.v[i-4:i]) && isDigit(s.v[i-1]) && isDigit(s.v[i-2]) {
		i -= 4
	}
	var room [longest]byte
	switch string(lower(s.wordBefore(i, " :"), &room)) {
	case "kosten", "ruim", "circa", "ongeveer", "bijna", "dan", "minstens", "hoogstens", "maximaal", "minimaal", "begroot",
		"aantal", "aantallen", "baten", "bedrag", "bedragen", "begroting", "budget", "lasten", "omvang", "omzet", "opbrengst", "opbrengsten",
		"raming", "schatting", "subsidie", "totaal", "uitgaven":
		return true
	}
	return false
}

// unit says whether what begins at i is a unit, or a word for what is counted.
func (s *scanner) unit(i int) bool {
	if s.at(i) == ',' && (s.at(i+1) == '-' || isDigit(s.at(i+1)) && isDigit(s.at(i+2)) && !isDigit(s.at(i+3))) {
		return true // cents
	}
	i = s.blanks(i)
	if s.at(i) == '(' && s.at(i+1) == 'i' && s.at(i+2) == 'n' && s.at(i+3) == ' ' {
		i += len("(in ")
	}
	if c := s.at(i); c == '%' || c == money || c == '$' {
		return true
	}
	var room [longest]byte
	word := lower(s.v[i:s.letters(i)], &room)
	switch string(word) {
	case "euro", "eur", "dollar", "pond", "gulden", "cent", "centen", "ms", "sec", "seconden", "mln", "mld", "km", "kg", "ton", "kwh", "mwh", "gb", "mb", "tb", "ha", "x",
		"keer", "maal", "stuks", "uur", "uren", "minuten", "dag", "dagen", "week", "weken", "maand", "maanden", "jaar", "jaren",
		"mensen", "burgers", "inwoners", "bezoekers", "werknemers", "werkgevers", "gebruikers", "ouders", "kinderen", "jongeren",
		"studenten", "gemeenten", "bedrijven", "records", "regels", "miljoen", "miljard":
		return true
	}
	// Words for what is counted are most often part of a longer one.
	for _, end := range [...]string{
		"euro", "procent", "personen", "huishoudens", "gezinnen", "klanten", "clienten", "gerechtigden", "aanvragers", "ontvangers",
		"deelnemers", "verzekerden", "aanvragen", "zaken", "dossiers", "besluiten", "beslissingen", "beschikkingen", "uitkeringen",
		"toeslagen", "berichten", "brieven", "boetes", "betalingen", "transacties", "meldingen", "signalen", "voertuigen", "pensioenen",
		"formulieren", "gevallen", "meter", "bytes",
	} {
		if len(word) >= len(end) && string(word[len(word)-len(end):]) == end {
			return true
		}
	}
	return false
}
