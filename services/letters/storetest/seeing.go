package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/page"
	"schakel.example/services/letters"
)

// seeing are the cases about who sees what.
var seeing = map[string]func(*rig){
	"a department sees a letter and its bottlenecks once it is sent": func(r *rig) {
		b := r.open("K-1", 1)
		other := r.open("K-2", 1)
		l := r.draft(letter("L-1", b))
		for _, step := range []func() error{
			func() error { return second(r.AdoptLetter(r.Context(), ofUWV, l.ID, board)) },
			func() error { return second(r.SendLetter(r.Context(), ofUWV, l.ID)) },
		} {
			r.refused(second(r.GetLetter(r.Context(), ofSZW, l.ID)), fault.NotFound, "onbekende-brief")
			r.refused(second(r.GetBottleneck(r.Context(), ofSZW, b.ID)), fault.NotFound, "onbekend-knelpunt")
			r.same("letters before", r.letters(ofSZW, letters.LetterFilter{}, 9), []string(nil))
			r.same("bottlenecks before", r.bottlenecks(ofSZW, letters.BottleneckFilter{}, 9), []string(nil))
			r.must(step())
		}
		got, err := r.GetLetter(r.Context(), ofSZW, l.ID)
		r.must(err)
		r.same("the letter", got, r.get(l.ID))
		dossier, err := r.GetBottleneck(r.Context(), ofSZW, b.ID)
		r.must(err)
		r.same("the bottleneck", dossier, r.dossier(b.ID))
		r.same("letters after", r.letters(ofSZW, letters.LetterFilter{}, 9), []string{"L-1"})
		r.same("bottlenecks after", r.bottlenecks(ofSZW, letters.BottleneckFilter{}, 9), []string{"K-1"})
		byReference := letters.BottleneckFilter{ExternalReference: "K-1"}
		r.same("bottlenecks by a reference that is not its own", r.bottlenecks(ofSZW, byReference, 9), []string(nil))
		r.same("bottlenecks by its own reference", r.bottlenecks(ofUWV, byReference, 9), []string{"K-1"})
		r.refused(second(r.GetBottleneck(r.Context(), ofSZW, other.ID)), fault.NotFound, "onbekend-knelpunt")
	},
	"what is another's is as if it were not there": func(r *rig) {
		b := r.open("K-1", 1)
		l := r.send(letter("L-1", b))
		for name, grant := range strangers() {
			for what, errs := range map[string][2]error{
				"letter":     {second(r.GetLetter(r.Context(), grant, l.ID)), second(r.GetLetter(r.Context(), grant, uuid.NewString()))},
				"bottleneck": {second(r.GetBottleneck(r.Context(), grant, b.ID)), second(r.GetBottleneck(r.Context(), grant, uuid.NewString()))},
			} {
				if !fault.Is(errs[0], fault.NotFound) {
					r.Errorf("%s sees a %s: %v", name, what, errs[0])
				}
				r.same(name+" looks for a "+what, fmt.Sprintf("%#v", fault.Of(errs[0])), fmt.Sprintf("%#v", fault.Of(errs[1])))
			}
			for _, f := range []letters.LetterFilter{{}, {Organisation: uwv}, {Department: szw}, {ExternalReference: "L-1"}} {
				r.same(name+" lists letters", r.letters(grant, f, 9), []string(nil))
			}
			for _, f := range []letters.BottleneckFilter{{}, {Organisation: uwv}, {ExternalReference: "K-1"}} {
				r.same(name+" lists bottlenecks", r.bottlenecks(grant, f, 9), []string(nil))
			}
		}
		for name, grant := range map[string]access.Grant{"the sender": ofUWV, "the department": ofSZW, "who oversees": overseer} {
			r.same(name+" lists letters", r.letters(grant, letters.LetterFilter{}, 9), []string{"L-1"})
			r.same(name+" lists bottlenecks", r.bottlenecks(grant, letters.BottleneckFilter{}, 9), []string{"K-1"})
		}
	},
	"a filter leaves what all its conditions hold for": func(r *rig) {
		one, two := r.open("K-1", 1), r.open("K-2", 1)
		r.openFor(ofSVB, "K-1", 1)
		r.send(letter("L-1", one))
		r.pass(time.Second)
		other := letter("L-2", two)
		other.Department = fin
		r.draft(other)
		for _, tt := range []struct {
			name string
			f    letters.LetterFilter
			want []string
		}{
			{"none", letters.LetterFilter{}, []string{"L-2", "L-1"}},
			{"organisation", letters.LetterFilter{Organisation: svb}, nil},
			{"department", letters.LetterFilter{Department: fin}, []string{"L-2"}},
			{"reference", letters.LetterFilter{ExternalReference: "L-1"}, []string{"L-1"}},
			{"a state", letters.LetterFilter{States: []letters.LetterState{letters.LetterSent}}, []string{"L-1"}},
			{"all", letters.LetterFilter{
				Organisation: uwv, Department: fin, ExternalReference: "L-2",
				States: []letters.LetterState{letters.LetterDraft, letters.LetterSent},
			}, []string{"L-2"}},
		} {
			r.same("letters by "+tt.name, r.letters(overseer, tt.f, 1), tt.want)
		}
		for _, tt := range []struct {
			name string
			f    letters.BottleneckFilter
			want []string
		}{
			{"organisation", letters.BottleneckFilter{Organisation: svb}, []string{"K-1"}},
			{"reference", letters.BottleneckFilter{ExternalReference: "K-2"}, []string{"K-2"}},
			{"a state", letters.BottleneckFilter{States: []letters.BottleneckState{letters.BottleneckPresented}}, []string{"K-1"}},
			{"all", letters.BottleneckFilter{
				Organisation: uwv, ExternalReference: "K-1", States: []letters.BottleneckState{letters.BottleneckOpen},
			}, nil},
		} {
			r.same("bottlenecks by "+tt.name, r.bottlenecks(overseer, tt.f, 1), tt.want)
		}
	},
	"lists begin with the newest, and pages hold each once while others come": func(r *rig) {
		var about letters.Bottleneck
		var wantLetters, wantBottlenecks []string
		for i := range 5 {
			r.pass(time.Millisecond)
			about = r.open(fmt.Sprintf("K-%d", i), 1)
			wantBottlenecks = append(wantBottlenecks, about.ExternalReference)
			wantLetters = append(wantLetters, r.draft(letter(fmt.Sprintf("L-%d", i), about)).ExternalReference)
		}
		slices.Reverse(wantBottlenecks)
		slices.Reverse(wantLetters)
		for _, size := range []int32{1, 2, 5, 6} {
			r.same(fmt.Sprintf("letters by %d", size), r.letters(ofUWV, letters.LetterFilter{}, size), wantLetters)
			r.same(fmt.Sprintf("bottlenecks by %d", size), r.bottlenecks(ofUWV, letters.BottleneckFilter{}, size), wantBottlenecks)
		}
		n := 0
		come := func() {
			n++
			r.pass(time.Millisecond)
			r.draft(letter(fmt.Sprintf("L-later-%d", n), r.open(fmt.Sprintf("K-later-%d", n), 1)))
		}
		r.same("letters while others come", r.letters(ofUWV, letters.LetterFilter{}, 2, come), wantLetters)
		newest := r.bottlenecks(ofUWV, letters.BottleneckFilter{}, 9)
		r.same("bottlenecks while others come", r.bottlenecks(ofUWV, letters.BottleneckFilter{}, 2, come), newest)
	},
	"what is of one moment is listed each once": func(r *rig) {
		want := map[string]bool{}
		for i := range 7 {
			b := r.open(fmt.Sprintf("K-%d", i), 1)
			want[b.ExternalReference] = true
			want[r.draft(letter(fmt.Sprintf("L-%d", i), b)).ExternalReference] = true
		}
		for _, size := range []int32{1, 3} {
			all := slices.Concat(r.letters(ofUWV, letters.LetterFilter{}, size), r.bottlenecks(ofUWV, letters.BottleneckFilter{}, size))
			got := map[string]bool{}
			for _, one := range all {
				got[one] = true
			}
			r.same("the set", got, want)
			r.same("their number", len(all), len(want))
		}
	},
	"how many signals stand behind a bottleneck is told without those that are hidden, as it was when the letter was sent": func(r *rig) {
		ids := r.signals(uwv, 6)
		tells := func(id string, revision int32, level signalsv1.Confidentiality, protected bool) {
			r.apply(r.event(id, &eventsv1.SignalAmended{Signal: &signalsv1.Signal{
				Id: id, Organisation: uwv, Revision: revision, Confidentiality: level, Protected: protected,
			}}))
		}
		const (
			open         = signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR
			internal     = signalsv1.Confidentiality_CONFIDENTIALITY_INTERN
			confidential = signalsv1.Confidentiality_CONFIDENTIALITY_VERTROUWELIJK
		)
		tells(ids[1], 2, internal, false)
		tells(ids[2], 2, confidential, false)
		tells(ids[3], 2, open, true)
		tells(ids[4], 2, confidential, true)
		tells(ids[5], 2, confidential, false)
		tells(ids[5], 3, open, false)
		tells(ids[5], 2, confidential, false) // late, and again
		b, _, err := r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-1", ids...))
		r.must(err)
		hidden, _, err := r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-2", r.hiddenSignal()))
		r.must(err)
		l := r.send(letter("L-1", b, hidden))
		counts := func() (all []int) {
			for _, grant := range []access.Grant{ofUWV, ofSZW, overseer} {
				got, err := r.GetLetter(r.Context(), grant, l.ID)
				r.must(err)
				all = append(all, got.Items[0].SignalCount, got.Items[1].SignalCount)
			}
			return all
		}
		r.same("how many", counts(), []int{3, 0, 3, 0, 3, 0})
		tells(ids[0], 2, confidential, false)
		r.same("how many, whatever came since", counts(), []int{3, 0, 3, 0, 3, 0})
		r.same("in a later letter", r.send(letter("L-2", b)).Items[0].SignalCount, 2)
		to := r.moved(r.fresh)
		r.must(second(to.Replay(r.Context())))
		r.same("built again", to.get(l.ID), r.get(l.ID))
	},
}

// hiddenSignal makes a signal known that does not say who may read it.
func (r *rig) hiddenSignal() string {
	id := r.NewID()
	r.apply(r.event(id, &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{Id: id, Organisation: uwv, Revision: 1}}))
	return id
}

// letters lists the references of what a grant sees, a page at a time; between
// runs between two pages.
func (r *rig) letters(grant access.Grant, f letters.LetterFilter, size int32, between ...func()) []string {
	r.Helper()
	return pages(r, size, func(p page.Page) (some []string, next string, err error) {
		f.Page = p
		all, next, err := r.ListLetters(r.Context(), grant, f)
		for _, l := range all {
			some = append(some, l.ExternalReference)
		}
		return some, next, err
	}, between...)
}

// bottlenecks lists as letters does.
func (r *rig) bottlenecks(grant access.Grant, f letters.BottleneckFilter, size int32, between ...func()) []string {
	r.Helper()
	return pages(r, size, func(p page.Page) (some []string, next string, err error) {
		f.Page = p
		all, next, err := r.ListBottlenecks(r.Context(), grant, f)
		for _, b := range all {
			some = append(some, b.ExternalReference)
		}
		return some, next, err
	}, between...)
}

func pages(r *rig, size int32, list func(page.Page) ([]string, string, error), between ...func()) (all []string) {
	r.Helper()
	for token := ""; ; {
		p, err := page.Parse(size, token)
		r.must(err)
		some, next, err := list(p)
		r.must(err)
		all = append(all, some...)
		if token = next; token == "" {
			return all
		}
		if len(all) > 1000 {
			r.Fatal("the pages have no end")
		}
		for _, run := range between {
			run()
		}
	}
}
