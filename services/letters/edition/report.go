package edition

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

//go:embed report.html
var reportText string

// view is what the report shows. Every text in it is escaped by the template.
type view struct {
	ID, Title, Date    string
	Example            bool
	Identity           string
	Counts             *lettersv1.EditionCounts
	Erased             int
	Organisations      []orgView
	Letters            []letterView
	Contacts           []contactView
	Protected          []protectedView
	Tables             []table
	Smallest           int
	Reference, Version string
}

type orgView struct {
	Name                                             string
	Signals, Bundled, InTriage, Duplicate, Withdrawn int32
	Items, Answered, Silent                          int
}

type letterView struct {
	Title, From, To, Sent, AnswerBy string
	Provisional                     bool
	Items                           []itemView
}

type itemView struct {
	Number                                int32
	Title, Description, Request, Category string
	Provisions                            []string
	Signals                               int32
	Waiting                               bool
	Days                                  int
	Responses                             []responseView
}

type responseView struct{ Date, Choice, With, Motive, Owner, Due string }

type contactView struct {
	Department string
	Year       int
	Count      string
}

type protectedView struct {
	Year  int
	Count string
}

// report makes the readable report: one page, without scripts, that can be read
// aloud and printed (EN 301 549, WCAG 2.1 AA).
func (s *state) report(data *reference.Data, e *Edition) ([]byte, error) {
	t, err := template.New("report").Parse(reportText)
	if err != nil {
		return nil, fmt.Errorf("the template of the report: %w", err)
	}
	n := names{data}
	v := view{
		ID: e.Identity.ID(), Title: title(e.Identity), Date: e.Identity.ReferenceDate.Text().NL, Example: e.Identity.Example,
		Identity: e.Identity.Text(), Counts: e.Counts, Erased: s.erased, Tables: s.tables(e.Identity.ReferenceDate),
		Smallest: smallest, Reference: e.Identity.ReferenceVersion, Version: e.Identity.CompilerVersion,
		Organisations: s.orgViews(n), Letters: s.letterViews(n, e.Identity.ReferenceDate),
	}
	cells, told := s.contactCounts()
	for _, c := range cells {
		v.Contacts = append(v.Contacts, contactView{n.organisation(c.department), c.year, told[c]})
	}
	years, protected := s.protectedCounts(e.Identity.ReferenceDate)
	for _, year := range years {
		v.Protected = append(v.Protected, protectedView{year, protected[year]})
	}
	var b bytes.Buffer
	err = t.Execute(&b, v)
	return b.Bytes(), err
}

// orgViews counts per organisation, in the order of their names.
func (s *state) orgViews(n names) []orgView {
	counts := map[string]*lettersv1.EditionCounts{}
	of := func(organisation string) *lettersv1.EditionCounts {
		if counts[organisation] == nil {
			counts[organisation] = &lettersv1.EditionCounts{}
		}
		return counts[organisation]
	}
	for id, m := range s.signals {
		if !s.counted(id) {
			continue
		}
		c := of(m.GetOrganisation())
		c.Signals++
		*box(c, s.signalState(id))++
	}
	for id, l := range s.letters {
		c := of(l.GetOrganisation())
		for _, item := range l.GetItems() {
			c.Items++
			if len(s.responsesTo(id, item.GetNumber())) > 0 {
				c.Answered++
			}
		}
	}
	var all []orgView
	for organisation, c := range counts {
		all = append(all, orgView{
			Name: n.organisation(organisation), Signals: c.Signals, Bundled: c.Bundled, InTriage: c.InTriage,
			Duplicate: c.Duplicate, Withdrawn: c.Withdrawn,
			Items: int(c.Items), Answered: int(c.Answered), Silent: int(c.Items - c.Answered),
		})
	}
	slices.SortFunc(all, func(a, b orgView) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (s *state) letterViews(n names, date reference.Date) []letterView {
	var all []letterView
	for _, l := range s.sentLetters() {
		v := letterView{
			Title: l.GetTitle(), From: n.organisation(l.GetOrganisation()), To: n.organisation(l.GetDepartment()),
			Sent:        reference.DutchDate(l.GetSentAt().AsTime()).Text().NL,
			AnswerBy:    day(l.GetDeadline().GetEndDate()),
			Provisional: l.GetDeadline().GetProvisional(),
		}
		for _, item := range l.GetItems() {
			v.Items = append(v.Items, s.itemView(n, l, item, date))
		}
		all = append(all, v)
	}
	return all
}

func (s *state) itemView(n names, l *lettersv1.Letter, item *lettersv1.LetterItem, date reference.Date) itemView {
	stands := s.verdict(l, item, date)
	v := itemView{
		Number: item.GetNumber(), Title: item.GetTitle(), Description: item.GetDescription(), Request: item.GetRequest(),
		Category: n.term(reference.Categories, item.GetCategory()), Signals: item.GetSignalCount(),
		Waiting: stands.state == lettersv1.ItemState_ITEM_STATE_WACHT_OP_ANTWOORD, Days: stands.days,
	}
	for _, p := range refproto.ProvisionsFrom(item.GetProvisions(), "", nil) {
		v.Provisions = append(v.Provisions, n.data.ProvisionLabel(p))
	}
	for _, r := range s.responsesTo(l.GetId(), item.GetNumber()) {
		v.Responses = append(v.Responses, responseView{
			Date:   reference.DutchDate(r.GetAnsweredAt().AsTime()).Text().NL,
			Choice: strings.ReplaceAll(word(r.GetChoice()), "-", " "),
			With:   strings.ToLower(n.term(reference.Instruments, r.GetInstrument()) + word(r.GetGround())),
			Motive: r.GetMotive(), Owner: r.GetOwner().GetFunction(), Due: day(r.GetDue()),
		})
	}
	return v
}

// day writes a date out; empty stays empty.
func day(date string) string {
	d, err := reference.ParseDate(date)
	if err != nil {
		return ""
	}
	return d.Text().NL
}

// names words codes for people. A code that the reference data no longer know
// is shown as it is.
type names struct{ data *reference.Data }

func (n names) organisation(tooi string) string {
	if o, ok := n.data.Organisation(tooi); ok {
		return o.Title()
	}
	return tooi
}

func (n names) term(vocabulary, slug string) string {
	if t, ok := n.data.Term(vocabulary, slug); ok {
		return t.Label.NL
	}
	return slug
}
