package letters

import (
	"fmt"
	"slices"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/reference"
)

// Letter is the bottlenecks that one organisation puts to one department. The
// meaning and bounds of each field stand in schakel.letters.v1.Letter; their
// form was checked before a Letter is made.
type Letter struct {
	ID                string
	Organisation      string // TOOI URI
	ExternalReference string
	Department        string // TOOI URI of a ministry
	Kind              LetterKind
	Edition           string
	Title             string
	Introduction      string
	Items             []Item
	AnswerBy          string // YYYY-MM-DD, or empty
	State             LetterState
	Revision          int
	DraftedAt         time.Time
	AdoptedAt         time.Time
	AdoptedBy         *reference.Office
	SentAt            time.Time
	ContentHash       []byte // SHA-256
	Deadline          *reference.Deadline
}

// Item is one bottleneck in a letter. From Title on it is frozen with the
// bottleneck's words when the letter is sent.
type Item struct {
	Bottleneck  string // id
	Request     string
	Number      int // from 1
	Title       string
	Description string
	Category    string
	Provisions  []reference.Provision
	SignalCount int // without those that the department may not know of
	State       ItemState
	StateAt     time.Time
	Responses   []Response
}

// The enumerations have the numbers of schakel.letters.v1.
type (
	// LetterKind is what an organisation calls its letter.
	LetterKind int
	// LetterState is where a letter is in its life.
	LetterState int
	// ItemState is whether an item waits for an answer.
	ItemState int
)

// The states of a letter.
const (
	LetterDraft LetterState = iota + 1
	LetterAdopted
	LetterSent
	LetterAnswered
	LetterFollowedUp
)

// The states of an item.
const (
	ItemDraft ItemState = iota + 1
	ItemWaiting
	ItemAnswered
	ItemSolved
	ItemReopened
)

var (
	errNotDraft = fault.New(fault.Precondition, "brief-geen-concept", fault.Text{
		NL: "Alleen een brief in concept kan worden vastgesteld.",
		EN: "only a draft can be adopted",
	})
	errNotAdopted = fault.New(fault.Precondition, "brief-niet-vastgesteld", fault.Text{
		NL: "De brief moet eerst zijn vastgesteld voordat zij kan worden verzonden.",
		EN: "a letter must be adopted before it can be sent",
	})
	errNotSent = fault.New(fault.Precondition, "brief-niet-verzonden", fault.Text{
		NL: "De brief is nog niet verzonden en kan dus niet worden beantwoord.",
		EN: "the letter has not been sent, and cannot be answered yet",
	})
	errSolved = fault.New(fault.Precondition, "knelpunt-opgelost", fault.Text{
		NL: "De organisatie heeft dit knelpunt als opgelost gemeld.",
		EN: "the organisation has said that this bottleneck is solved",
	})
	errAdopter = fault.New(fault.Invalid, "vaststeller-elders", fault.Text{
		NL: "De brief kan alleen worden vastgesteld door iemand van de eigen organisatie.",
		EN: "a letter is adopted by an office of its own organisation",
	}).With(fault.Field{Path: "adopted_by.organisation", Reason: "vaststeller-elders", Text: fault.Text{
		NL: "moet de organisatie van de brief zijn", EN: "must be the letter's organisation",
	}})
)

// Check holds the letter to the reference data.
func (l Letter) Check(c *reference.Checklist) {
	c.Organisation("organisation", l.Organisation)
	c.Organisation("department", l.Department, reference.KindMinistry)
	c.Ahead("answer_by", l.AnswerBy)
	seen := map[string]bool{}
	for i, item := range l.Items {
		if seen[item.Bottleneck] && item.Bottleneck != "" {
			c.Add(fmt.Sprintf("items[%d].bottleneck", i), "dubbel-knelpunt", reference.Text{
				NL: "staat al eerder in de brief", EN: "stands in the letter before",
			})
		}
		seen[item.Bottleneck] = true
	}
}

// Draft gives a checked letter its identity, and begins its life.
func (l Letter) Draft(id string, now time.Time) Letter {
	l.ID, l.Revision, l.DraftedAt, l.State = id, 1, now, LetterDraft
	l.Items = slices.Clone(l.Items) // the caller's stay as they are
	for i := range l.Items {
		l.Items[i].Number, l.Items[i].State, l.Items[i].StateAt = i+1, ItemDraft, now
	}
	return l
}

// Adopt is the letter adopted by an office of its organisation.
func (l Letter) Adopt(by reference.Office, now time.Time) (Letter, error) {
	switch {
	case by.Organisation != l.Organisation:
		return l, errAdopter
	case l.State != LetterDraft:
		return l, errNotDraft
	}
	l.State, l.AdoptedAt, l.AdoptedBy = LetterAdopted, now, &by
	l.Revision++
	return l, nil
}

// Send is the letter sent, with each bottleneck's words of this moment frozen
// in it, how many of its signals the department may know of, and its deadline if a
// day was agreed.
func (l Letter) Send(data *reference.Data, frozen map[string]Bottleneck, shown map[string]int, now time.Time) (Letter, error) {
	if l.State != LetterAdopted {
		return l, errNotAdopted
	}
	l.State, l.SentAt = LetterSent, now
	l.Revision++
	items := make([]Item, len(l.Items))
	for i, item := range l.Items {
		b := frozen[item.Bottleneck]
		item.Title, item.Description, item.Category = b.Title, b.Description, b.Category
		item.Provisions, item.SignalCount = b.Provisions, shown[item.Bottleneck]
		item.State, item.StateAt = ItemWaiting, now
		items[i] = item
	}
	l.Items = items
	return l, l.setDeadline(data, now)
}

// setDeadline reckons the term from the day of sending to the day agreed.
func (l *Letter) setDeadline(data *reference.Data, now time.Time) error {
	if l.AnswerBy == "" {
		return nil
	}
	by, err := reference.ParseDate(l.AnswerBy)
	if err != nil {
		return fmt.Errorf("the day agreed for an answer: %w", err)
	}
	sent := reference.DutchDate(now)
	if !by.After(sent) {
		return errPast
	}
	deadline, err := data.Deadline(sent, reference.Period{
		Length: sent.DaysUntil(by), Unit: reference.Days, Basis: reference.BasisAgreed,
	})
	if err != nil {
		return fmt.Errorf("the term for an answer: %w", err)
	}
	l.Deadline = &deadline
	return nil
}

var errPast = fault.New(fault.Precondition, "antwoorddatum-voorbij", fault.Text{
	NL: "De afgesproken datum voor het antwoord ligt niet na vandaag. Stel een nieuwe brief op met een latere datum.",
	EN: "the day agreed for the answer is not after today; draft a new letter with a later day",
})

// response finds the answer to an item under a reference.
func (l Letter) response(number int, reference string) (Response, bool) {
	if number < 1 || number > len(l.Items) {
		return Response{}, false
	}
	for _, r := range l.Items[number-1].Responses {
		if r.ExternalReference == reference {
			return r, true
		}
	}
	return Response{}, false
}

// Answerable says whether the item with the number can take an answer.
func (l Letter) Answerable(number int) (Item, error) {
	switch {
	case l.State < LetterSent:
		return Item{}, errNotSent
	case number < 1 || number > len(l.Items):
		return Item{}, errNoItem
	case l.Items[number-1].State == ItemSolved:
		return Item{}, errSolved
	}
	return l.Items[number-1], nil
}

var errNoItem = fault.New(fault.NotFound, "onbekend-nummer", fault.Text{
	NL: "De brief heeft geen knelpunt met dit nummer.",
	EN: "the letter has no bottleneck with this number",
})
