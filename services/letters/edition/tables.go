package edition

import (
	"cmp"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// table is one CSV file: what it holds, and its rows in a fixed order.
type table struct {
	Name, Title string
	columns     []column
	rows        [][]string
}

// column is described as a field of a Table Schema (Frictionless).
type column struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	Description string `json:"description"`
}

// tables makes every table of the edition. Texts stand as they were submitted;
// several codes in one cell are separated by a space.
func (s *state) tables(date reference.Date) []table {
	return []table{s.signalTable(), s.itemTable(date), s.responseTable(), s.letterTable(), s.countTable(), s.contactTable(), s.protectedTable(date)}
}

func (s *state) signalTable() table {
	t := table{Name: "signalen", Title: "Openbare signalen", columns: []column{
		{"id", "string", "Kenmerk van Schakel (UUID)"},
		{"organisatie", "string", "TOOI-URI van de organisatie"},
		{"kenmerk", "string", "Kenmerk van de organisatie"},
		{"ontvangenOp", "datetime", "Moment van ontvangst (RFC 3339, UTC)"},
		{"status", "string", "Waar het signaal staat op de peildatum"},
		{"titel", "string", "Titel"},
		{"omschrijving", "string", "Wat er misgaat"},
		{"niveau", "string", "Begrip uit de lijst niveaus"},
		{"categorieen", "string", "Begrippen uit de lijst categorieen"},
		{"regelingen", "string", "Regelingen: JCI, CELEX, Kamerstuk of CVDR"},
		{"publiekeWaarden", "string", "Begrippen uit de lijst publieke-waarden"},
		{"ernst", "string", "Ernst"},
		{"aanpak", "string", "Oplossing voor een geval (fix) of van de regel (solve)"},
		{"knelpunt", "string", "Kenmerk van het knelpunt waarin het signaal is gebundeld; leeg als dat in geen brief is voorgelegd"},
	}}
	for _, id := range slices.Sorted(maps.Keys(s.signals)) {
		m := s.signals[id]
		if m.GetConfidentiality() != signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR || m.GetProtected() {
			continue
		}
		bottleneck := s.bundledIn[id]
		if !s.presented[bottleneck] {
			bottleneck = ""
		}
		t.rows = append(t.rows, []string{
			id, m.GetOrganisation(), m.GetExternalReference(), moment(m.GetReceivedAt()), word(s.signalState(id)),
			m.GetTitle(), m.GetDescription(), m.GetLevel(), codes(m.GetCategories()), provisions(m.GetProvisions()),
			codes(m.GetPublicValues()), word(m.GetSeverity()), word(m.GetApproach()), bottleneck,
		})
	}
	return t
}

func (s *state) letterTable() table {
	t := table{Name: "knelpuntenbrieven", Title: "Verzonden knelpuntenbrieven", columns: []column{
		{"id", "string", "Kenmerk van Schakel (UUID)"},
		{"organisatie", "string", "TOOI-URI van de schrijvende organisatie"},
		{"departement", "string", "TOOI-URI van het departement dat moet antwoorden"},
		{"soort", "string", "Knelpuntenbrief of stand"},
		{"editie", "string", "Editie waarvoor de brief is bedoeld"},
		{"titel", "string", "Titel"},
		{"verzondenOp", "datetime", "Moment van verzending (RFC 3339, UTC)"},
		{"antwoordVoorDatum", "date", "Laatste dag van de antwoordtermijn; leeg als er geen is afgesproken"},
		{"knelpunten", "integer", "Aantal knelpunten in de brief"},
		{"inhoudHash", "string", "SHA-256 van wat is verzonden, in base64"},
	}}
	for _, l := range s.sentLetters() {
		t.rows = append(t.rows, []string{
			l.GetId(), l.GetOrganisation(), l.GetDepartment(), word(l.GetKind()), l.GetEdition(), l.GetTitle(),
			moment(l.GetSentAt()), l.GetDeadline().GetEndDate(), strconv.Itoa(len(l.GetItems())), base64.StdEncoding.EncodeToString(l.GetContentHash()),
		})
	}
	return t
}

func (s *state) itemTable(date reference.Date) table {
	t := table{Name: "knelpunten", Title: "Voorgelegde knelpunten", columns: []column{
		{"knelpuntenbrief", "string", "Kenmerk van de brief"},
		{"nummer", "integer", "Nummer in de brief"},
		{"knelpunt", "string", "Kenmerk van het knelpunt"},
		{"organisatie", "string", "TOOI-URI van de organisatie"},
		{"departement", "string", "TOOI-URI van het departement"},
		{"titel", "string", "Titel, zoals verzonden"},
		{"omschrijving", "string", "Omschrijving, zoals verzonden"},
		{"gevraagdeActie", "string", "Wat het departement is gevraagd"},
		{"categorie", "string", "Begrip uit de lijst categorieen"},
		{"regelingen", "string", "Regelingen: JCI, CELEX, Kamerstuk of CVDR"},
		{"signalen", "integer", "Aantal signalen achter het knelpunt bij verzending, zonder wat toen vertrouwelijk was of onder bescherming is gemeld"},
		{"status", "string", "Beantwoord, of wacht op antwoord"},
		{"keuze", "string", "Keuze in de laatste reactie; leeg zonder reactie"},
		{"wachtdagen", "integer", "Dagen van verzending tot eerste reactie, of tot de peildatum"},
	}}
	for _, l := range s.sentLetters() {
		for _, item := range l.GetItems() {
			v := s.verdict(l, item, date)
			t.rows = append(t.rows, []string{
				l.GetId(), strconv.Itoa(int(item.GetNumber())), item.GetBottleneck(), l.GetOrganisation(), l.GetDepartment(),
				item.GetTitle(), item.GetDescription(), item.GetRequest(), item.GetCategory(), provisions(item.GetProvisions()),
				strconv.Itoa(int(item.GetSignalCount())), word(v.state), word(v.choice), strconv.Itoa(v.days),
			})
		}
	}
	return t
}

func (s *state) responseTable() table {
	t := table{Name: "reacties", Title: "Reacties van departementen", columns: []column{
		{"id", "string", "Kenmerk van Schakel (UUID)"},
		{"knelpuntenbrief", "string", "Kenmerk van de brief"},
		{"nummer", "integer", "Nummer van het knelpunt in de brief"},
		{"departement", "string", "TOOI-URI van het departement"},
		{"beantwoordOp", "datetime", "Moment van de reactie (RFC 3339, UTC)"},
		{"keuze", "string", "Wat het departement kiest"},
		{"instrument", "string", "Begrip uit de lijst instrumenten"},
		{"grondNietNu", "string", "Waarom het nu niet gebeurt"},
		{"motivering", "string", "Waarom deze keuze is gemaakt"},
		{"eigenaarFunctie", "string", "Functie van wie er bij het departement voor zorgt"},
		{"gereedDatum", "date", "Wanneer het gereed is of opnieuw wordt bekeken"},
	}}
	for _, l := range s.sentLetters() {
		for _, item := range l.GetItems() {
			for _, r := range s.responsesTo(l.GetId(), item.GetNumber()) {
				t.rows = append(t.rows, []string{
					r.GetId(), l.GetId(), strconv.Itoa(int(item.GetNumber())), r.GetDepartment(), moment(r.GetAnsweredAt()),
					word(r.GetChoice()), r.GetInstrument(), word(r.GetGround()), r.GetMotive(), r.GetOwner().GetFunction(), r.GetDue(),
				})
			}
		}
	}
	return t
}

// countTable counts every signal, public or not, once: by organisation and
// state. Those reported under protection have a table of their own.
func (s *state) countTable() table {
	t := table{Name: "aantallen", Title: "Aantal signalen per organisatie en status", columns: []column{
		{"organisatie", "string", "TOOI-URI van de organisatie"},
		{"status", "string", "Waar de signalen staan op de peildatum"},
		{"aantal", "integer", "Aantal signalen, ook die niet openbaar zijn"},
	}}
	type cell struct {
		organisation string
		state        signalsv1.SignalState
	}
	counts := map[cell]int{}
	for id, m := range s.signals {
		if s.counted(id) {
			counts[cell{m.GetOrganisation(), s.signalState(id)}]++
		}
	}
	cells := slices.SortedFunc(maps.Keys(counts), func(a, b cell) int {
		return cmp.Or(cmp.Compare(a.organisation, b.organisation), cmp.Compare(a.state, b.state))
	})
	for _, c := range cells {
		t.rows = append(t.rows, []string{c.organisation, word(c.state), strconv.Itoa(counts[c])})
	}
	return t
}

func (s *state) contactTable() table {
	t := table{Name: "contacten", Title: "Contacten met de Kamer per departement en jaar", columns: []column{
		{"departement", "string", "TOOI-URI van het departement"},
		{"jaar", "integer", "Jaar waarin het contact plaatsvond"},
		{"aantal", "string", "Aantal contacten; onder vijf staat er <5"},
	}}
	cells, told := s.contactCounts()
	for _, c := range cells {
		t.rows = append(t.rows, []string{c.department, strconv.Itoa(c.year), told[c]})
	}
	return t
}

func (s *state) protectedTable(date reference.Date) table {
	t := table{Name: "beschermde-meldingen", Title: "Meldingen onder bescherming per afgelopen jaar", columns: []column{
		{"jaar", "integer", "Jaar waarin is gemeld; het lopende jaar wordt niet verteld"},
		{"aantal", "string", "Aantal meldingen bij alle organisaties samen, in stappen van vijf; onder vijf, ook als er geen waren, staat er <5"},
	}}
	years, told := s.protectedCounts(date)
	for _, year := range years {
		t.rows = append(t.rows, []string{strconv.Itoa(year), told[year]})
	}
	return t
}

// sentLetters gives the letters in a fixed order: as they were sent.
func (s *state) sentLetters() []*lettersv1.Letter {
	return slices.SortedFunc(maps.Values(s.letters), func(a, b *lettersv1.Letter) int {
		return cmp.Or(a.GetSentAt().AsTime().Compare(b.GetSentAt().AsTime()), strings.Compare(a.GetId(), b.GetId()))
	})
}

// verdict is how an item stands: waiting or answered, how, and for how long it
// waited.
type verdict struct {
	state  lettersv1.ItemState
	choice lettersv1.ResponseChoice
	days   int
}

func (s *state) verdict(l *lettersv1.Letter, item *lettersv1.LetterItem, date reference.Date) verdict {
	sent := reference.DutchDate(l.GetSentAt().AsTime())
	responses := s.responsesTo(l.GetId(), item.GetNumber())
	if len(responses) == 0 {
		return verdict{state: lettersv1.ItemState_ITEM_STATE_WACHT_OP_ANTWOORD, days: sent.DaysUntil(date)}
	}
	return verdict{
		state:  lettersv1.ItemState_ITEM_STATE_BEANTWOORD,
		choice: responses[len(responses)-1].GetChoice(),
		days:   sent.DaysUntil(reference.DutchDate(responses[0].GetAnsweredAt().AsTime())),
	}
}

// word is the value of an enum as on the wire; empty when not set.
func word(e protoreflect.Enum) string { return wire.Word(e) }

func moment(ts *timestamppb.Timestamp) string {
	return refproto.Time(ts).Format("2006-01-02T15:04:05.000Z07:00")
}

func codes(all []string) string { return strings.Join(all, " ") }

func provisions(all []*referencev1.Provision) string {
	var keys []string
	for _, p := range refproto.ProvisionsFrom(all, "", nil) {
		keys = append(keys, p.Key())
	}
	return codes(keys)
}
