package edition

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/reference"
)

// signalState is where a signal is as of the reference date. What follows from
// letters is reckoned from them, not read. That it was withdrawn or merged goes
// first, so that it is one thing alone.
func (s *state) signalState(id string) signalsv1.SignalState {
	own := s.signals[id].GetState()
	bottleneck, bundled := s.bundledIn[id]
	switch {
	case own == signalsv1.SignalState_SIGNAL_STATE_INGETROKKEN, own == signalsv1.SignalState_SIGNAL_STATE_SAMENGEVOEGD, !bundled:
		return own
	case s.answeredIn[bottleneck]:
		return signalsv1.SignalState_SIGNAL_STATE_BEANTWOORD
	}
	return signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD
}

// counted says whether a signal stands in the exact counts. One that was reported
// under protection does not, or two editions of before and after would tell of it.
// Once its organisation put it to a department, in the bottleneck of a letter, it
// does: then it is one of the signals behind that bottleneck that are not public,
// and nothing tells which of those were reported under protection.
func (s *state) counted(id string) bool {
	return !s.signals[id].GetProtected() || s.presented[s.bundledIn[id]]
}

// hidden says whether a bottleneck is not counted: nobody knows of it, and all that
// is known to be in it was reported under protection.
func (s *state) hidden(b *lettersv1.Bottleneck) bool {
	if s.presented[b.GetId()] {
		return false
	}
	protected := false
	for _, id := range b.GetSignals() {
		if signal := s.signals[id]; signal != nil {
			if !signal.GetProtected() {
				return false
			}
			protected = true
		}
	}
	return protected
}

// counts counts every signal, bottleneck, letter and item once.
func (s *state) counts() *lettersv1.EditionCounts {
	c := &lettersv1.EditionCounts{Letters: int32(len(s.letters))}
	for id := range s.signals {
		if s.counted(id) {
			c.Signals++
			*box(c, s.signalState(id))++
		}
	}
	for _, b := range s.bottlenecks {
		if !s.hidden(b) {
			c.Bottlenecks++
		}
	}
	for id, l := range s.letters {
		for _, item := range l.GetItems() {
			c.Items++
			if len(s.responsesTo(id, item.GetNumber())) > 0 {
				c.Answered++
			}
		}
	}
	c.Silent = c.Items - c.Answered
	return c
}

// box is the one count in which a signal of a state stands.
func box(c *lettersv1.EditionCounts, at signalsv1.SignalState) *int32 {
	switch at {
	case signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD, signalsv1.SignalState_SIGNAL_STATE_BEANTWOORD,
		signalsv1.SignalState_SIGNAL_STATE_AFGESLOTEN:
		return &c.Bundled
	case signalsv1.SignalState_SIGNAL_STATE_SAMENGEVOEGD:
		return &c.Duplicate
	case signalsv1.SignalState_SIGNAL_STATE_INGETROKKEN:
		return &c.Withdrawn
	}
	return &c.InTriage
}

// smallest is the smallest count that is told of what is about persons, and the
// step in which counts of protected reports are told.
const smallest = 5

// firstYear is the first year in which anything could be reported under protection.
const firstYear = 2026

// protectedCounts counts what was reported under protection in one fixed grid: all
// organisations together by year, in steps of smallest. A year is told when it is
// over, so that no later edition tells another count of it, and whether there were
// any or none; what became of them has no say in it.
func (s *state) protectedCounts(date reference.Date) (years []int, told map[int]string) {
	counts := map[int]int{}
	for _, m := range s.signals {
		if m.GetProtected() {
			counts[reference.DutchDate(m.GetReceivedAt().AsTime()).Year()]++
		}
	}
	told = map[int]string{}
	for year := firstYear; year < date.Year(); year++ {
		years = append(years, year)
		from := counts[year] / smallest * smallest
		if told[year] = fmt.Sprintf("%d-%d", from, from+smallest-1); from == 0 {
			told[year] = "<" + strconv.Itoa(smallest)
		}
	}
	return years, told
}

// contactCell is the number of contacts of a department in a year.
type contactCell struct {
	department string
	year       int
}

// contactCounts counts contacts in one fixed grid, department by year, and tells
// a count below smallest as "<5".
func (s *state) contactCounts() (cells []contactCell, told map[contactCell]string) {
	counts := map[contactCell]int{}
	for _, c := range s.contacts {
		counts[contactCell{c.GetDepartment(), reference.DutchDate(c.GetHeldAt().AsTime()).Year()}]++
	}
	told = map[contactCell]string{}
	for cell, n := range counts {
		cells = append(cells, cell)
		if told[cell] = strconv.Itoa(n); n < smallest {
			told[cell] = "<" + strconv.Itoa(smallest)
		}
	}
	slices.SortFunc(cells, func(a, b contactCell) int {
		return cmp.Or(cmp.Compare(a.department, b.department), a.year-b.year)
	})
	return cells, told
}
