package edition

import (
	"cmp"
	"slices"
	"strconv"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/reference"
)

// signalState is where a signal is as of the reference date. What follows from
// letters is reckoned from them, not read.
func (s *state) signalState(id string) signalsv1.SignalState {
	bottleneck, bundled := s.bundledIn[id]
	switch {
	case !bundled:
		return s.signals[id].GetState()
	case s.answeredIn[bottleneck]:
		return signalsv1.SignalState_SIGNAL_STATE_BEANTWOORD
	}
	return signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD
}

// counts counts every signal, bottleneck, letter and item once.
func (s *state) counts() *lettersv1.EditionCounts {
	c := &lettersv1.EditionCounts{
		Signals: int32(len(s.signals)), Bottlenecks: int32(len(s.bottlenecks)), Letters: int32(len(s.letters)),
	}
	for id := range s.signals {
		*box(c, s.signalState(id))++
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

// smallest is the smallest count of contacts that is told. Fewer would tell of
// persons.
const smallest = 5

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
