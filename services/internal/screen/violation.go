package screen

import (
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
)

// most is how many findings in one text are told one by one.
const most = 10

// Violations says what was found in a text, for the field that holds it; nil when
// nothing was. They hold kinds and places alone.
func Violations(found []Finding) []*errdetails.BadRequest_FieldViolation {
	if len(found) == 0 {
		return nil
	}
	all := make([]*errdetails.BadRequest_FieldViolation, min(len(found), most))
	for i := range all {
		f := found[i]
		w := f.Kind.words()
		dutch := fmt.Sprintf("bevat op positie %d tot en met %d wat %s lijkt te zijn; laat gegevens weg die naar een persoon leiden", f.Start, f.End, w.dutch)
		english := fmt.Sprintf("holds what looks like %s at positions %d to %d; leave out what leads to a person", w.english, f.Start, f.End)
		if more := len(found) - most; more > 0 && i == most-1 {
			dutch += fmt.Sprintf("; er volgen er nog %d", more)
			english += fmt.Sprintf("; %d more follow", more)
		}
		all[i] = &errdetails.BadRequest_FieldViolation{
			Reason: "persoonsgegeven-" + w.slug, Description: english,
			LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: dutch},
		}
	}
	return all
}

// words are what a kind is called: its slug, and with an article in Dutch and in
// English.
type words struct{ slug, dutch, english string }

// String gives the slug of a kind, which is part of the API: it is never
// reworded.
func (k Kind) String() string { return k.words().slug }

func (k Kind) words() words {
	switch k {
	case BSN:
		return words{"bsn", "een burgerservicenummer", "a citizen service number"}
	case IBAN: // and old account numbers
		return words{"iban", "een rekeningnummer", "an account number"}
	case Email:
		return words{"e-mailadres", "een e-mailadres", "an e-mail address"}
	case Phone:
		return words{"telefoonnummer", "een telefoonnummer", "a telephone number"}
	case Plate:
		return words{"kenteken", "een kenteken", "a licence plate"}
	case Address:
		return words{"postcode-huisnummer", "een postcode met huisnummer", "a postcode with house number"}
	case VNumber: // of the Vreemdelingenketen
		return words{"v-nummer", "een V-nummer", "a V-number"}
	case ANumber: // of the Basisregistratie Personen
		return words{"a-nummer", "een A-nummer", "an A-number"}
	case Client:
		return words{"clientnummer", "een klant- of dossiernummer", "the number of a client or a file"}
	case Document:
		return words{"identiteitsbewijs", "het nummer van een identiteitsbewijs", "the number of an identity document"}
	case BirthDate:
		return words{"geboortedatum", "een geboortedatum", "a date of birth"}
	}
	return words{"onbekend", "een persoonsgegeven", "personal data"}
}
