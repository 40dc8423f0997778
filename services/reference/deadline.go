package reference

import (
	"fmt"
)

// Basis is what a term rests on.
type Basis string

// The bases. Their text is the word on the wire.
const (
	// BasisStatutory: set by law; the Algemene termijnenwet holds.
	BasisStatutory Basis = "wettelijk"
	// BasisAgreed: agreed, with the Algemene termijnenwet by analogy.
	BasisAgreed Basis = "afgesproken"
	// BasisNone: neither; weekends and holidays count as any other day.
	BasisNone Basis = "geen"
)

// Unit is what the length of a term is counted in. A term in hours runs from a
// moment, not from a day, and is not for this calendar.
type Unit string

// The units.
const (
	Days   Unit = "dagen"
	Weeks  Unit = "weken"
	Months Unit = "maanden"
	Years  Unit = "jaren"
)

// Period is a term as a law or an agreement sets it.
type Period struct {
	Length int // at least 1
	Unit   Unit
	Basis  Basis
	// Source is the article of law or the agreement, for the explanation; may be
	// empty.
	Source string
	// Backward counts back from the event, such as "two weeks before the debate".
	Backward bool
}

// Deadline is the end of a term, and why it ends then.
type Deadline struct {
	// End is the last day of the term; for one that is counted back, the last day
	// on which something can still be in time.
	End   Date
	Basis Basis
	// Explanation tells how End was found, a step each.
	Explanation []Text
	// Provisional is set when a decree that is not in the data may still move
	// End.
	Provisional bool
}

// Deadline computes the end of a term that an event of the given day sets going.
// The day of the event does not count. Statutory terms, and agreed ones by
// analogy, follow the Algemene termijnenwet: art. 1 (an end on a Saturday, Sunday
// or holiday moves on; not when counted back), art. 2 (a term of three days or
// more holds two working days) and art. 4 (long terms are exempt). An error is a
// *Problem.
func (d *Data) Deadline(event Date, p Period) (Deadline, error) {
	if err := p.check(event); err != nil {
		return Deadline{}, err
	}
	c := count{data: d, period: p, event: event, step: 1}
	if p.Backward {
		c.step = -1
	}
	c.out = Deadline{End: p.end(event), Basis: p.Basis}
	c.explainStart()
	if c.applies() {
		c.holdTwoWorkingDays()
		c.moveToWorkingDay()
		c.judgeProvisional()
	}
	return c.out, nil
}

// check refuses what cannot be computed.
func (p Period) check(event Date) error {
	longest := map[Unit]int{Days: 3660, Weeks: 522, Months: 120, Years: 10}[p.Unit]
	switch {
	case p.Length < 1 || p.Length > longest:
		return &Problem{Reason: "termijn-lengte", NL: "Een termijn duurt minstens één dag en hoogstens tien jaar, in dagen, weken, maanden of jaren.", EN: "a term takes at least one day and at most ten years, in dagen, weken, maanden or jaren"}
	case p.Basis != BasisStatutory && p.Basis != BasisAgreed && p.Basis != BasisNone:
		return &Problem{Reason: "termijn-grondslag", NL: "De grondslag van een termijn is wettelijk, afgesproken of geen.", EN: "the basis of a term is wettelijk, afgesproken or geen"}
	}
	// An end may move on into the next year, which must be known too.
	for _, day := range []Date{event, p.end(event)} {
		if day.Year() < firstCalendarYear || day.Year() >= lastCalendarYear {
			return &Problem{Reason: "termijn-jaar", NL: "De kalender kent de jaren 2011 tot en met 2098.", EN: "the calendar knows the years 2011 to 2098"}
		}
	}
	return nil
}

// end is the last day by counting alone.
func (p Period) end(event Date) Date {
	n := p.Length
	if p.Backward {
		n = -n
	}
	switch p.Unit {
	case Weeks:
		return event.AddDays(7 * n)
	case Months:
		return event.addMonths(n)
	case Years:
		return event.addMonths(12 * n)
	}
	return event.AddDays(n)
}

// long says whether art. 4 exempts the term.
func (p Period) long() bool {
	return p.Unit == Years || p.Unit == Months && p.Length > 3 || p.Unit == Weeks && p.Length > 12 ||
		p.Unit == Days && p.Length > 90
}

// count is a deadline in the making.
type count struct {
	data   *Data
	period Period
	event  Date
	step   int // +1 onwards, -1 counted back
	out    Deadline
}

func (c *count) explain(nl, en string) {
	c.out.Explanation = append(c.out.Explanation, Text{NL: nl, EN: en})
}

func (c *count) explainStart() {
	length, event, end := c.period.length(), c.event.Text(), c.out.End.Text()
	if c.period.Backward {
		c.explain(fmt.Sprintf("De termijn van %s wordt teruggerekend vanaf %s en komt uit op %s.", length.NL, event.NL, end.NL),
			fmt.Sprintf("The term of %s is counted back from %s and arrives at %s.", length.EN, event.EN, end.EN))
		return
	}
	c.explain(fmt.Sprintf("De termijn van %s begint op de dag na %s en loopt tot en met %s.", length.NL, event.NL, end.NL),
		fmt.Sprintf("The term of %s begins the day after %s and runs until %s inclusive.", length.EN, event.EN, end.EN))
}

// applies says whether the Algemene termijnenwet is followed, and explains it.
func (c *count) applies() bool {
	source := ""
	if c.period.Source != "" {
		source = " (" + c.period.Source + ")"
	}
	switch c.period.Basis {
	case BasisNone:
		c.explain("De termijn heeft geen wettelijke grondslag"+source+"; weekeinden en feestdagen tellen gewoon mee.",
			"The term has no statutory basis"+source+"; weekends and holidays count as any other day.")
		return false
	case BasisAgreed:
		c.explain("De termijn is afgesproken"+source+"; de Algemene termijnenwet wordt naar analogie gevolgd.",
			"The term was agreed"+source+"; the Algemene termijnenwet is followed by analogy.")
	default:
		c.explain("De termijn is wettelijk"+source+"; de Algemene termijnenwet geldt.",
			"The term is statutory"+source+"; the Algemene termijnenwet holds.")
	}
	if c.period.long() {
		c.explain("Een termijn van meer dan 90 dagen, twaalf weken of drie maanden, of in jaren, wordt niet verlengd (art. 4 Algemene termijnenwet).",
			"A term of more than 90 days, twelve weeks or three months, or in years, is not extended (art. 4 Algemene termijnenwet).")
		return false
	}
	return true
}

// holdTwoWorkingDays applies art. 2. It makes no exception for counting back.
func (c *count) holdTwoWorkingDays() {
	if c.period.Unit == Days && c.period.Length < 3 {
		return
	}
	second := c.data.nextWorkingDay(c.data.nextWorkingDay(c.event, c.step), c.step)
	if second.Compare(c.out.End)*c.step <= 0 {
		return
	}
	c.out.End = second
	c.explain(fmt.Sprintf("Daarin vallen geen twee werkdagen; de termijn loopt daarom tot en met %s (art. 2 Algemene termijnenwet).", second.Text().NL),
		fmt.Sprintf("It does not hold two working days, and therefore runs until %s inclusive (art. 2 Algemene termijnenwet).", second.Text().EN))
}

// moveToWorkingDay applies art. 1.
func (c *count) moveToWorkingDay() {
	off := c.data.dayOff(c.out.End)
	if off == (Text{}) {
		return
	}
	if c.period.Backward {
		c.explain(fmt.Sprintf("Dat is %s, maar een teruggerekende termijn wordt niet verlengd (art. 1 lid 2 Algemene termijnenwet).", off.NL),
			fmt.Sprintf("That is %s, but a term that is counted back is not extended (art. 1 lid 2 Algemene termijnenwet).", off.EN))
		return
	}
	c.out.End = c.data.nextWorkingDay(c.out.End, 1)
	c.explain(fmt.Sprintf("Dat is %s; de termijn loopt daarom tot en met %s (art. 1 lid 1 Algemene termijnenwet).", off.NL, c.out.End.Text().NL),
		fmt.Sprintf("That is %s; the term therefore runs until %s inclusive (art. 1 lid 1 Algemene termijnenwet).", off.EN, c.out.End.Text().EN))
}

func (c *count) judgeProvisional() {
	if c.data.decreed(c.out.End) {
		return
	}
	c.out.Provisional = true
	c.explain("Voorlopig: het besluit over met feestdagen gelijkgestelde dagen van dat jaar is nog niet opgenomen (art. 3 lid 3 Algemene termijnenwet).",
		"Provisional: the decree on days put on a par with holidays of that year is not in the data yet (art. 3 lid 3 Algemene termijnenwet).")
}

// length writes the length out, such as "6 weken".
func (p Period) length() Text {
	one := map[Unit]Text{Days: {"dag", "day"}, Weeks: {"week", "week"}, Months: {"maand", "month"}, Years: {"jaar", "year"}}[p.Unit]
	if p.Length != 1 {
		one = map[Unit]Text{Days: {"dagen", "days"}, Weeks: {"weken", "weeks"}, Months: {"maanden", "months"}, Years: {"jaar", "years"}}[p.Unit]
	}
	return Text{NL: fmt.Sprintf("%d %s", p.Length, one.NL), EN: fmt.Sprintf("%d %s", p.Length, one.EN)}
}
