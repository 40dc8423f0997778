package screen

// label is what a word says of the number behind it.
type label uint8

const (
	noLabel           label = iota
	labelBSN                // a burgerservicenummer
	labelAccount            // an account with a bank
	labelV                  // a V-number
	labelA                  // an A-number
	labelClient             // a client
	labelLoose              // a client, if the number is long
	labelCase               // a case or dossier, which may be public
	labelDocument           // a document that says who somebody is
	labelPassport           // one, if the number is long
	labelBorn               // a date of birth
	labelPlate              // a licence plate
	labelPhone              // a telephone
	labelOrganisation       // an organisation
	labelThing              // an order, a project or the like
)

// labelled looks for what follows the label from i to end, and says where to go
// on; zero when the word is no label, or what follows is looked at anyhow.
func (s *scanner) labelled(i, end int) int {
	word := end
	kind := s.labelOf(i, &end)
	switch kind {
	case noLabel:
		return 0
	case labelBorn:
		return max(s.born(end), end)
	case labelPlate:
		s.plates, s.plated = s.sentence(end), end
		return 0
	}
	p := s.behind(end)
	if p < 0 {
		return 0
	}
	if (kind == labelClient || kind == labelCase) && s.ofOrganisation(i) {
		kind = labelOrganisation
	}
	switch kind {
	case labelBSN:
		return s.labelledBSN(p)
	case labelAccount:
		if isLetter(s.at(p)) {
			return s.iban(p, s.letters(p), true)
		}
		return s.identifier(IBAN, p, 7)
	case labelPhone:
		// Sure is a word for number, behind the label or its end, and a colon.
		return s.labelledPhone(p, end > word || s.v[end-1]|0x20 == 'r' || contains(":.", s.at(end)))
	case labelOrganisation:
		return s.passed(p)
	case labelThing:
		if run := s.digits(p); run-p == 9 {
			return run
		}
		return 0
	case labelV:
		return s.tenDigits(VNumber, p, 7)
	case labelA:
		return s.tenDigits(ANumber, p, 10)
	case labelDocument:
		return s.identifier(Document, p, 4)
	case labelPassport:
		if s.date(p, lax) > 0 {
			return 0
		}
		return s.identifier(Document, p, 6)
	case labelLoose:
		if run := s.digits(p); run-p < 5 || s.unit(run) {
			return 0
		}
	case labelCase:
		if after, _ := s.value(p); isPublicCase(s.v[p:after]) {
			return after
		}
	}
	return s.identifier(Client, p, 4)
}

// labelOf says what the word from i to end is a label of, with the word for
// number that may follow it: then end is behind that.
func (s *scanner) labelOf(i int, end *int) label {
	var room [longest]byte
	word := lower(s.v[i:*end], &room)
	if string(word) == "id" && contains("- ", s.at(*end)) {
		after := s.letters(*end + 1)
		if string(cutNumber(lower(s.v[*end:after], &room)[1:])) == "kaart" {
			*end = after
			return labelPassport
		}
		return noLabel
	}
	if stem := cutNumber(word); len(stem) < len(word) {
		return numbered(stem)
	}
	if kind := alone(word); kind != noLabel {
		// A birth is no label, and Born is a place.
		if (string(word) == "geboorte" || string(word) == "born" && isUpper(s.v[i])) && !s.dateWord(*end) {
			return noLabel
		}
		if after := s.numberWord(*end); after > 0 && numbered(word) != noLabel {
			*end = after
			return numbered(word)
		}
		return kind
	}
	if after := s.numberWord(*end); after > 0 {
		*end = after
		return numbered(word)
	}
	return noLabel
}

// ofOrganisation says whether the word before the label at i is one of an
// organisation: KvK-inschrijfnummer.
func (s *scanner) ofOrganisation(i int) bool {
	var room [longest]byte
	switch string(lower(s.wordBefore(i, " -"), &room)) {
	case "kvk", "handelsregister", "koophandel", "rsin", "btw":
		return true
	}
	return false
}

// cutNumber takes the word for number off the end of a word.
func cutNumber(word []byte) []byte {
	if len(word) == 0 {
		return word
	}
	if c := word[len(word)-1]; c != 'r' && c != 's' {
		return word
	}
	for _, end := range [...]string{"nummer", "nummers", "nr", "nrs"} {
		if n := len(word) - len(end); n > 0 && string(word[n:]) == end {
			return word[:n]
		}
	}
	return word
}

// numberWord is where the word for number behind i ends: -nummer, _nr, id; zero
// when there is none.
func (s *scanner) numberWord(i int) int {
	if contains("-_ .", s.at(i)) {
		i++
	}
	if c := s.at(i) | 0x20; c != 'n' && c != 'i' {
		return 0
	}
	end := s.letters(i)
	var room [longest]byte
	switch string(lower(s.v[i:end], &room)) {
	case "nummer", "nummers", "nr", "nrs", "no", "id", "identificatienummer", "nummertje", "number":
		return end
	}
	return 0
}

// dateWord says whether a word that speaks of a date is behind i:
// geboorte-datum, born on.
func (s *scanner) dateWord(i int) bool {
	if contains("-_ .", s.at(i)) {
		i++
	}
	var room [longest]byte
	word := lower(s.v[i:s.letters(i)], &room)
	return string(word) == "datum" || string(word) == "dag" || string(word) == "on"
}

// behind is where the number behind a label that ends at i begins; -1 when there
// is none close by.
func (s *scanner) behind(i int) int {
	for range 5 {
		for n := 0; n < 5 && contains(" :=#.-_()[]\"'*>/\n\r\t", s.at(i)) && i < len(s.v); n++ {
			i++
		}
		if isDigit(s.at(i)) {
			return i
		}
		end := s.letters(i)
		var room [longest]byte
		switch string(lower(s.v[i:end], &room)) {
		case "":
			return -1
		case "s":
			if s.at(i-1) != '\'' && s.at(i-1) != '(' { // RSIN's, klantnummer(s)
				return i
			}
			i = end
		case "is", "was", "luidt", "nr", "nrs", "no", "nummer", "nummers", "met", "van", "de", "het", "mijn", "zijn", "haar", "klant",
			"client", "betrokkene", "aanvrager", "mevrouw", "meneer", "burger":
			i = end
		default:
			return i
		}
	}
	return -1
}

// sentence is where the sentence at i ends, or the reach of a word in it.
func (s *scanner) sentence(i int) int {
	for n := 0; n < 40 && i < len(s.v); n++ {
		if c := s.v[i]; contains("!?;", c) || c == '.' && !isAlnum(s.at(i+1)) && len(s.wordBefore(i, "")) > 2 {
			break
		}
		i++
	}
	return i
}

// alone says what a word is a label of by itself.
func alone(word []byte) label {
	switch string(word) {
	case "bsn", "bsns":
		return labelBSN
	case "iban", "giro":
		return labelAccount
	case "klant", "client", "clienten", "patient", "debiteur":
		return labelLoose
	case "paspoort", "rijbewijs", "identiteitskaart", "idkaart", "identiteitsbewijs", "verblijfsdocument", "verblijfsvergunning", "reisdocument":
		return labelPassport
	case "geboren", "geb", "gebdatum", "gebdat", "geboortedatum", "geboortedag", "geboorte", "dob", "born", "birth", "birthdate", "jarig":
		return labelBorn
	case "kenteken", "kentekens", "kentekenplaat", "kentekenplaten", "nummerplaat", "nummerbord":
		return labelPlate
	case "tel", "telefoon", "mobiel", "gsm", "whatsapp":
		return labelPhone
	case "rsin", "rsins", "kvk", "oin", "oins", "btw", "vat", "anbi", "isbn", "issn", "ean", "gtin", "agb", "brin", "eori":
		return labelOrganisation
	}
	return noLabel
}

// numbered says what a word is a label of with the word for number behind it.
func numbered(stem []byte) label {
	switch string(stem) {
	case "bsn", "burgerservice", "sofi", "sociaalfiscaal", "pgn", "persoonsgebonden":
		return labelBSN
	case "iban", "rekening", "bankrekening", "giro":
		return labelAccount
	case "v", "vreemdelingen", "vreemdeling":
		return labelV
	case "a", "administratie", "brp", "gba":
		return labelA
	case "paspoort", "rijbewijs", "identiteitskaart", "idkaart", "verblijfsdocument", "reisdocument", "identiteitsbewijs":
		return labelDocument
	case "kenteken":
		return labelPlate
	case "telefoon", "tel", "mobiel", "gsm", "fax":
		return labelPhone
	case "rsin", "kvk", "oin", "btw", "handelsregister", "vestigings", "loonheffingen", "loonheffings", "lh", "omzetbelasting", "agb",
		"brin", "eori", "isbn", "issn", "aansluit", "aansluitings", "becon":
		return labelOrganisation
	case "artikel", "bestel", "inkoop", "inkooporder", "offerte", "order", "product", "project", "serie", "verplichtingen":
		return labelThing
	case "akw", "anw", "aow", "aanslag", "aanvraag", "beslag", "burger", "cjib", "correspondentie", "declaratie", "deelnemer", "deelnemers", "gedetineerden", "inschrijf", "inschrijvings", "lid", "lidmaatschaps",
		"onderwijs", "parket", "pensioen", "persoons", "schade", "skn", "strafrechtsketen", "verzekerings", "vordering",
		"vorderings", "werknemer", "werknemers":
		return labelClient
	}
	for _, each := range [...]struct {
		end  string
		kind label
	}{
		{"klant", labelClient}, {"client", labelClient}, {"clienten", labelClient}, {"relatie", labelClient}, {"polis", labelClient},
		{"debiteur", labelClient}, {"debiteuren", labelClient}, {"patient", labelClient}, {"patienten", labelClient},
		{"personeels", labelClient}, {"student", labelClient}, {"studenten", labelClient}, {"leerling", labelClient},
		{"leerlingen", labelClient}, {"verzekerde", labelClient}, {"verzekerden", labelClient}, {"uitkerings", labelClient},
		{"zaak", labelCase}, {"zaaks", labelCase}, {"dossier", labelCase},
	} {
		if n := len(stem) - len(each.end); n >= 0 && string(stem[n:]) == each.end {
			return each.kind
		}
	}
	return noLabel
}
