package signals

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"schakel.example/services/internal/fault"
)

// Place is a part of a text of a signal, or of a message in its case.
type Place struct {
	// Field is a JSON pointer with the names on the wire, such as
	// "/oplossingsrichtingen/0/omschrijving" or "/berichten/<id>/tekst".
	Field string
	// First and Last are characters, counted from 1, both included; both 0 is
	// the whole text.
	First, Last int
}

const (
	// blackened stands where something was removed.
	blackened = "[verwijderd]"
	// blackenedURI stands for a whole URI (RFC 2606 §2: it leads nowhere).
	blackenedURI = "https://verwijderd.invalid/"
)

// message is the id of the message that a place is in; none for a place in the
// signal itself.
func (p Place) message() string {
	rest, among := strings.CutPrefix(p.Field, "/berichten/")
	id, text := strings.CutSuffix(rest, "/tekst")
	if !among || !text {
		return ""
	}
	return id
}

// Blacken removes places from the texts of a signal, and of what was said in its
// case. Of the reference and of a URI the whole is replaced; the reference by the
// given one. Nothing is changed when a fault is found; all are returned, by the
// path of the place.
func (s *Signal) Blacken(places []Place, said []Message, reference string) (faults []fault.Field) {
	byField := map[string][]Place{}
	texts := map[string]*string{}
	for i, p := range places {
		text := s.text(p.Field)
		if id := p.message(); id != "" {
			text = textOfMessage(said, id)
		}
		texts[p.Field] = text
		at := fmt.Sprintf("places[%d]", i)
		length := 0
		if text != nil {
			length = len([]rune(*text))
		}
		whole := p.First == 0 && p.Last == 0
		switch {
		case text == nil:
			faults = append(faults, fault.Field{Path: at + ".field", Reason: "geen-tekst", Text: fault.Text{
				NL: "is geen tekst van dit signaal", EN: "is not a text of this signal",
			}})
		case !whole && (p.First < 1 || p.Last < p.First || p.Last > length):
			faults = append(faults, fault.Field{Path: at, Reason: "buiten-tekst", Text: fault.Text{
				NL: fmt.Sprintf("ligt niet binnen de tekst van %d tekens", length),
				EN: fmt.Sprintf("does not lie within the text of %d characters", length),
			}})
		default:
			byField[p.Field] = append(byField[p.Field], p)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	for field, places := range byField {
		text := texts[field]
		switch {
		case field == "/kenmerk":
			*text = reference
		case strings.HasSuffix(field, "/uri"):
			*text = blackenedURI
		default:
			*text = blacken(*text, places)
		}
	}
	return nil
}

// blacken removes places from a text, those that touch as one.
func blacken(text string, places []Place) string {
	runes := []rune(text)
	slices.SortFunc(places, func(a, b Place) int { return cmp.Compare(a.First, b.First) })
	if places[0].First == 0 {
		return blackened
	}
	var out strings.Builder
	next := 0 // the first rune that was not looked at
	for i, p := range places {
		if p.First-1 > next || i == 0 {
			out.WriteString(string(runes[next:p.First-1]) + blackened)
		}
		next = max(next, p.Last)
	}
	out.WriteString(string(runes[next:]))
	return out.String()
}

// textOfMessage finds the text of a message by its id; nil when there is none.
func textOfMessage(said []Message, id string) *string {
	for i := range said {
		if said[i].ID == id {
			return &said[i].Text
		}
	}
	return nil
}

// text finds a text of a signal by its pointer; nil when there is none.
func (s *Signal) text(pointer string) *string {
	parts := strings.Split(pointer, "/")
	if parts[0] != "" {
		return nil
	}
	switch len(parts) {
	case 2:
		return map[string]*string{
			"kenmerk": &s.ExternalReference, "titel": &s.Title, "omschrijving": &s.Description,
			"toegepastMaatwerk": &s.Customisation, "maatschappelijkeOpgave": &s.SocietalTask,
			"redenWijziging": &s.AmendmentReason, "redenIntrekking": &s.WithdrawalReason, "toelichtingTriage": &s.TriageNote,
		}[parts[1]]
	case 3:
		if s.Extent != nil && parts[1] == "omvang" && parts[2] == "bron" {
			return &s.Extent.Source
		}
	case 4:
		return s.textOf(parts[1], parts[2], parts[3])
	}
	return nil
}

// textOf finds a text of one of a list.
func (s *Signal) textOf(list, index, name string) *string {
	i, err := strconv.Atoi(index)
	if err != nil || strconv.Itoa(i) != index || i < 0 {
		return nil
	}
	switch {
	case list == "oplossingsrichtingen" && i < len(s.ProposedSolutions):
		p := &s.ProposedSolutions[i]
		return map[string]*string{"omschrijving": &p.Description, "kosten": &p.Cost}[name]
	case list == "verwijzingen" && i < len(s.References):
		r := &s.References[i]
		return map[string]*string{"omschrijving": &r.Description, "uri": &r.URI}[name]
	}
	return nil
}
