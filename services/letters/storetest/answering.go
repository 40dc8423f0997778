package storetest

import (
	"fmt"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/letters"
)

// answering are the cases about what a department answers.
var answering = map[string]func(*rig){
	"an answer stands beside its item, and moves what waits for it": func(r *rig) {
		one, two := r.open("K-1", 1), r.open("K-2", 1)
		want := r.send(letter("L-1", one, two))
		one, two = r.dossier(one.ID), r.dossier(two.ID)
		r.pass(time.Hour)
		at := r.Now()
		given := r.answer(want, 1, letters.Adopted)
		expected := response(letters.Adopted)
		expected.ExternalReference = given.ExternalReference
		expected.ID, expected.AnsweredAt, expected.Department = given.ID, at, szw
		r.same("the answer", given, expected)
		want.Items[0].State, want.Items[0].StateAt = letters.ItemAnswered, at
		want.Items[0].Responses = []letters.Response{expected}
		r.same("the letter after one answer", r.get(want.ID), want)
		one.State, one.StateAt = letters.BottleneckAnswered, at
		r.same("its bottleneck", r.dossier(one.ID), one)
		r.same("the other bottleneck", r.dossier(two.ID), two)

		r.pass(time.Hour)
		last := r.answer(want, 2, letters.Rejected)
		want.State = letters.LetterAnswered
		want.Items[1].State, want.Items[1].StateAt = letters.ItemAnswered, r.Now()
		want.Items[1].Responses = []letters.Response{last}
		r.same("the letter after the last answer", r.get(want.ID), want)
	},
	"later answers stand after earlier ones, and replace none": func(r *rig) {
		l := r.send(letter("L-1", r.open("K-1", 1)))
		first := r.Now()
		var want []letters.Response
		for _, choice := range []letters.Choice{letters.Exploring, letters.NotNow, letters.PartlyAdopted, letters.Adopted} {
			want = append(want, r.answer(l, 1, choice))
			if choice == letters.NotNow {
				continue // two answers in one millisecond
			}
			r.pass(time.Hour)
		}
		got := r.get(l.ID)
		r.same("the answers", got.Items[0].Responses, want)
		r.same("answered since", got.Items[0].StateAt, first)
		r.same("the bottleneck since", r.dossier(l.Items[0].Bottleneck).StateAt, first)
		r.same("the letter", got.State, letters.LetterAnswered)
		r.same("what was sent", []any{got.ContentHash, got.Revision, got.SentAt}, []any{l.ContentHash, l.Revision, l.SentAt})
	},
	"the same answer given twice is one, and its reference holds no other": func(r *rig) {
		l := r.send(letter("L-1", r.open("K-1", 1)))
		given := response(letters.Adopted)
		first, before, err := r.AnswerItem(r.Context(), ofSZW, l.ID, 1, given)
		r.must(err)
		r.pass(time.Hour)
		again, after, err := r.AnswerItem(r.Context(), ofSZW, l.ID, 1, given)
		r.must(err)
		if before || !after || first != again {
			r.Errorf("first %v %+v, again %v %+v", before, first, after, again)
		}
		for what, change := range map[string]func(*letters.Response){
			"choice":     func(r *letters.Response) { r.Choice = letters.PartlyAdopted },
			"instrument": func(r *letters.Response) { r.Instrument = "amvb" },
			"ground":     func(r *letters.Response) { r.Ground = 1 },
			"motive":     func(r *letters.Response) { r.Motive = "Bij nader inzien." },
			"owner":      func(r *letters.Response) { r.Owner.Function = "minister" },
			"day":        func(r *letters.Response) { r.Due = "2027-07-02" },
		} {
			other := given
			change(&other)
			err := third(r.AnswerItem(r.Context(), ofSZW, l.ID, 1, other))
			r.refused(err, fault.Conflict, "kenmerk-bezet")
			r.same("what is in the way of another "+what, fault.Of(err).Resource, first.ID)
		}
		if n := len(r.get(l.ID).Items[0].Responses); n != 1 {
			r.Errorf("%d answers, want 1", n)
		}
	},
	"only the department that a letter is addressed to can answer it": func(r *rig) {
		l := r.send(letter("L-1", r.open("K-1", 1)))
		rows := r.rows()
		for _, grant := range strangers() {
			r.refused(third(r.AnswerItem(r.Context(), grant, l.ID, 1, response(letters.Adopted))), fault.NotFound, "onbekende-brief")
		}
		r.refused(third(r.AnswerItem(r.Context(), ofUWV, l.ID, 1, response(letters.Adopted))), fault.Denied, "ander-departement")
		r.same("what is stored", r.rows(), rows)
	},
	"nothing is answered before it is asked": func(r *rig) {
		l := r.draft(letter("L-1", r.open("K-1", 1)))
		for range 2 {
			r.refused(third(r.AnswerItem(r.Context(), ofSZW, l.ID, 1, response(letters.Adopted))), fault.NotFound, "onbekende-brief")
			// One who sees all is told why.
			r.refused(third(r.AnswerItem(r.Context(), overseer, l.ID, 1, response(letters.Adopted))), fault.Precondition, "brief-niet-verzonden")
			_, err := r.AdoptLetter(r.Context(), ofUWV, l.ID, board)
			r.must(err)
		}
	},
	"a number that the letter does not have is not found": func(r *rig) {
		l := r.send(letter("L-1", r.open("K-1", 1)))
		rows := r.rows()
		for _, number := range []int{-1, 0, 2, 1 << 40} {
			r.refused(third(r.AnswerItem(r.Context(), ofSZW, l.ID, number, response(letters.Adopted))), fault.NotFound, "onbekend-nummer")
		}
		r.same("what is stored", r.rows(), rows)
	},
	"what is solved takes no answer": func(r *rig) {
		l := r.send(letter("L-1", r.open("K-1", 1)))
		r.exec("UPDATE letter_item SET state = $1", int(letters.ItemSolved))
		r.refused(third(r.AnswerItem(r.Context(), ofSZW, l.ID, 1, response(letters.Adopted))), fault.Precondition, "knelpunt-opgelost")
	},
	"a letter of which an item was opened again is not answered": func(r *rig) {
		l := r.send(letter("L-1", r.open("K-1", 1), r.open("K-2", 1)))
		r.answer(l, 1, letters.Adopted)
		// There is no use case for it yet.
		r.exec("UPDATE letter_item SET state = $1 WHERE number = 1", int(letters.ItemReopened))
		r.answer(l, 2, letters.Adopted)
		r.same("the letter", r.get(l.ID).State, letters.LetterSent)
		r.answer(l, 1, letters.Adopted)
		r.same("the letter once all is answered", r.get(l.ID).State, letters.LetterAnswered)
	},
	"a bottleneck that is put to a second department waits again": func(r *rig) {
		b := r.open("K-1", 1)
		first := r.send(letter("L-1", b))
		r.answer(first, 1, letters.Rejected)
		r.pass(time.Hour)
		again := letter("L-2", b)
		again.Department = fin
		other := r.send(again)
		r.same("the bottleneck", r.dossier(b.ID).State, letters.BottleneckPresented)
		r.same("since", r.dossier(b.ID).StateAt, r.Now())
		r.same("the first letter", r.get(first.ID).State, letters.LetterAnswered)
		r.same("the second letter", r.get(other.ID).Items[0].Responses, []letters.Response(nil))
		r.refused(third(r.AnswerItem(r.Context(), ofSZW, other.ID, 1, response(letters.Adopted))), fault.NotFound, "onbekende-brief")
	},
	"a letter is answered with the last of its items, in whatever order they come": func(r *rig) {
		var about []letters.Bottleneck
		for i := range 12 {
			about = append(about, r.open(fmt.Sprintf("K-%d", i), 1))
		}
		l := r.send(letter("L-1", about...))
		for i := 12; i > 0; i-- {
			r.same(fmt.Sprintf("before the answer to %d", i), r.get(l.ID).State, letters.LetterSent)
			given := r.answer(l, i, letters.Adopted)
			got := r.get(l.ID)
			r.same(fmt.Sprintf("the answer to %d", i), got.Items[i-1].Responses, []letters.Response{given})
			r.same(fmt.Sprintf("the words of %d", i), got.Items[i-1].Bottleneck, about[i-1].ID)
		}
		r.same("after the last", r.get(l.ID).State, letters.LetterAnswered)
	},
}
