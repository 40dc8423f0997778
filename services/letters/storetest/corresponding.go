package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters"
	"schakel.example/services/reference"
)

// corresponding are the cases about a letter until it is sent.
var corresponding = map[string]func(*rig){
	"a letter is drafted, adopted and sent": func(r *rig) {
		one, two := r.open("K-1", 3), r.open("K-2", 1)
		given := letter("L-1", one, two)
		want := letter("L-1", one, two)
		got := r.draft(given)
		want.ID, want.Revision, want.State, want.DraftedAt = got.ID, 1, letters.LetterDraft, start
		for i := range want.Items {
			want.Items[i].Number, want.Items[i].State, want.Items[i].StateAt = i+1, letters.ItemDraft, start
		}
		r.same("the draft", got, want)
		r.same("what was handed in", given, letter("L-1", one, two))

		r.pass(time.Hour)
		got, err := r.AdoptLetter(r.Context(), ofUWV, got.ID, board)
		r.must(err)
		want.Revision, want.State, want.AdoptedAt, want.AdoptedBy = 2, letters.LetterAdopted, start.Add(time.Hour), &board
		r.same("the adopted letter", got, want)
		r.same("a bottleneck that is not sent", r.dossier(one.ID), one)

		r.pass(time.Hour)
		sent := start.Add(2 * time.Hour)
		got, err = r.SendLetter(r.Context(), ofUWV, got.ID)
		r.must(err)
		want.Revision, want.State, want.SentAt, want.ContentHash = 3, letters.LetterSent, sent, got.ContentHash
		want.Deadline = r.deadline(78)
		for i, b := range []letters.Bottleneck{one, two} {
			item := &want.Items[i]
			item.Title, item.Description, item.Category = b.Title, b.Description, b.Category
			item.Provisions, item.SignalCount = b.Provisions, len(b.Signals)
			item.State, item.StateAt = letters.ItemWaiting, sent
		}
		r.same("the sent letter", got, want)
		r.same("the length of its hash", len(got.ContentHash), 32)
		r.same("the last day", got.Deadline.End.String(), "2027-02-08")
		one.State, one.StateAt = letters.BottleneckPresented, sent
		r.same("a bottleneck that is sent", r.dossier(one.ID), one)
		r.same("the events", r.types(), []string{
			"knelpunt-geopend", "knelpunt-geopend", "brief-opgesteld", "brief-vastgesteld",
			"brief-verzonden", "knelpunt-voorgelegd", "knelpunt-voorgelegd",
		})
	},
	"the same letter again changes nothing": func(r *rig) {
		given := letter("L-1", r.open("K-1", 1))
		first := r.draft(given)
		rows := r.rows()
		r.pass(time.Hour)
		again, before, err := r.DraftLetter(r.Context(), ofUWV, given)
		r.must(err)
		r.same("the answer", again, first)
		r.same("whether it was there", before, true)
		r.same("what is stored", r.rows(), rows)
	},
	"other content under a taken reference is a conflict with the letter that has it": func(r *rig) {
		one, two := r.open("K-1", 1), r.open("K-2", 1)
		first := r.draft(letter("L-1", one, two))
		rows := r.rows()
		for what, change := range map[string]func(*letters.Letter){
			"department":   func(l *letters.Letter) { l.Department = fin },
			"kind":         func(l *letters.Letter) { l.Kind++ },
			"edition":      func(l *letters.Letter) { l.Edition = "2027" },
			"title":        func(l *letters.Letter) { l.Title = "Anders" },
			"introduction": func(l *letters.Letter) { l.Introduction = "" },
			"day":          func(l *letters.Letter) { l.AnswerBy = "" },
			"request":      func(l *letters.Letter) { l.Items[0].Request = "Iets anders." },
			"order":        func(l *letters.Letter) { slices.Reverse(l.Items) },
			"bottlenecks":  func(l *letters.Letter) { l.Items = l.Items[:1] },
		} {
			other := letter("L-1", one, two)
			change(&other)
			err := third(r.DraftLetter(r.Context(), ofUWV, other))
			r.refused(err, fault.Conflict, "kenmerk-bezet")
			r.same("what is in the way of another "+what, fault.Of(err).Resource, first.ID)
		}
		r.same("what is stored", r.rows(), rows)
	},
	"every bottleneck that a letter cannot hold is named": func(r *rig) {
		mine, foreign := r.open("K-1", 1), r.openFor(ofSVB, "K-1", 1)
		missing := letters.Bottleneck{ID: uuid.NewString()}
		rows := r.rows()
		r.refused(third(r.DraftLetter(r.Context(), ofUWV, letter("L-1", missing, mine, foreign))),
			fault.Invalid, "onbekende-knelpunten",
			"letter.items[0].bottleneck onbekend-knelpunt", "letter.items[2].bottleneck onbekend-knelpunt")
		r.same("what is stored", r.rows(), rows)
	},
	"nobody writes the letters of another organisation": func(r *rig) {
		b := r.open("K-1", 1)
		l := r.draft(letter("L-1", b))
		others := strangers()
		others["the department"] = ofSZW
		for name, grant := range others {
			r.refused(third(r.DraftLetter(r.Context(), grant, letter("L-2", b))), fault.Denied, "andere-organisatie")
			for what, err := range map[string]error{
				"adopts": second(r.AdoptLetter(r.Context(), grant, l.ID, board)),
				"sends":  second(r.SendLetter(r.Context(), grant, l.ID)),
			} {
				if !fault.Is(err, fault.NotFound) {
					r.Errorf("%s %s: %v", name, what, err)
				}
			}
		}
		r.same("the letter", r.get(l.ID), l)
	},
	"the department that has a letter can neither adopt nor send it": func(r *rig) {
		l := r.send(letter("L-1", r.open("K-1", 1)))
		r.refused(second(r.AdoptLetter(r.Context(), ofSZW, l.ID, board)), fault.Denied, "andere-organisatie")
		r.refused(second(r.SendLetter(r.Context(), ofSZW, l.ID)), fault.Denied, "andere-organisatie")
	},
	"a letter that is not there is adopted, sent and answered by nobody": func(r *rig) {
		id := uuid.NewString()
		for _, err := range []error{
			second(r.AdoptLetter(r.Context(), overseer, id, board)), second(r.SendLetter(r.Context(), overseer, id)),
			third(r.AnswerItem(r.Context(), overseer, id, 1, response(letters.Adopted))), second(r.GetLetter(r.Context(), overseer, id)),
		} {
			r.refused(err, fault.NotFound, "onbekende-brief")
		}
	},
	"a letter takes its steps in order, and each once": func(r *rig) {
		l := r.draft(letter("L-1", r.open("K-1", 1)))
		adopt := func(by reference.Office) error { return second(r.AdoptLetter(r.Context(), ofUWV, l.ID, by)) }
		send := func() error { return second(r.SendLetter(r.Context(), ofUWV, l.ID)) }
		unchanged := func(what string, try func()) {
			r.Helper()
			rows := r.rows()
			r.pass(time.Hour)
			try()
			r.same("what is stored after "+what, r.rows(), rows)
		}
		director := reference.Office{Organisation: uwv, Function: "directeur"}
		unchanged("sending a draft", func() { r.refused(send(), fault.Precondition, "brief-niet-vastgesteld") })
		unchanged("adopting by a stranger", func() {
			r.refused(adopt(reference.Office{Organisation: svb, Function: "voorzitter"}), fault.Invalid, "vaststeller-elders",
				"adopted_by.organisation vaststeller-elders")
		})
		r.must(adopt(board))
		unchanged("adopting again", func() { r.must(adopt(board)) })
		unchanged("adopting by another office", func() { r.refused(adopt(director), fault.Precondition, "brief-geen-concept") })
		r.must(send())
		unchanged("sending again", func() { r.must(send()) })
		unchanged("adopting what was sent", func() { r.refused(adopt(board), fault.Precondition, "brief-geen-concept") })
	},
	"a letter whose day for an answer has come cannot be sent": func(r *rig) {
		l := r.draft(letter("L-1", r.open("K-1", 1)))
		_, err := r.AdoptLetter(r.Context(), ofUWV, l.ID, board)
		r.must(err)
		rows := r.rows()
		r.pass(78 * 24 * time.Hour)
		r.refused(second(r.SendLetter(r.Context(), ofUWV, l.ID)), fault.Precondition, "antwoorddatum-voorbij")
		r.same("what is stored", r.rows(), rows)
	},
	"what was sent stays as it was, whatever becomes of its bottlenecks": func(r *rig) {
		b := r.open("K-1", 1)
		sent := r.send(letter("L-1", b))
		r.amend(b, "Een andere titel")
		r.same("the bottleneck now", r.dossier(b.ID).Title, "Een andere titel")
		r.same("the letter", r.get(sent.ID), sent)
		later := r.send(letter("L-2", b))
		r.same("a later letter", later.Items[0].Title, "Een andere titel")
		if bytes.Equal(later.ContentHash, sent.ContentHash) {
			r.Error("two letters with other words have one hash")
		}
	},
	"the largest draft that is taken can be adopted and sent": func(r *rig) {
		var about []letters.Bottleneck
		for i := range 50 {
			about = append(about, r.open(fmt.Sprintf("K-%d", i), 1))
		}
		large := func(n int) letters.Letter {
			l := letter(fmt.Sprintf("L-%d", n), about...)
			l.Introduction = strings.Repeat("x", n)
			for i := range l.Items {
				l.Items[i].Request = strings.Repeat("y", 950)
			}
			return l
		}
		var taken letters.Letter
		// The largest is between 0 and 8000 letters of introduction.
		refused := sort.Search(8000, func(n int) bool {
			l, _, err := r.DraftLetter(r.Context(), ofUWV, large(n))
			if err == nil {
				taken = l
				return false
			}
			if f := fault.Of(err); f.Reason != "brief-te-groot" || f.Fields[0].Path != "letter.items" {
				r.refused(err, fault.Invalid, "gebeurtenis-te-groot")
			}
			return true
		})
		if refused == 0 || refused == 8000 {
			r.Fatalf("the border is at %d", refused)
		}
		by := reference.Office{Organisation: uwv, Function: strings.Repeat("é", 200)}
		r.must(second(r.AdoptLetter(r.Context(), ofUWV, taken.ID, by)))
		r.must(second(r.SendLetter(r.Context(), ofUWV, taken.ID)))
	},
	"a letter may have fifty items of the largest size": func(r *rig) {
		var about []letters.Bottleneck
		for i := range 50 {
			b := r.bottleneck(uwv, fmt.Sprintf("K-%d", i), r.signals(uwv, 1)...)
			b.Title, b.Description = strings.Repeat("t", 200), strings.Repeat("d", 10000)
			b, _, err := r.OpenBottleneck(r.Context(), ofUWV, b)
			r.must(err)
			about = append(about, b)
		}
		l := r.send(letter("L-1", about...))
		r.same("the last words", l.Items[49].Description, about[49].Description)
		too := letter("L-2", about...)
		for i := range too.Items {
			too.Items[i].Request = strings.Repeat("é", 1000)
		}
		r.refused(third(r.DraftLetter(r.Context(), ofUWV, too)), fault.Invalid, "gebeurtenis-te-groot")
	},
}

// deadline is that of a term of so many days from now, as it is kept: explained
// in Dutch.
func (r *rig) deadline(days int) *reference.Deadline {
	r.Helper()
	d, err := r.data.Deadline(reference.DutchDate(r.Now()), reference.Period{Length: days, Unit: reference.Days, Basis: reference.BasisAgreed})
	r.must(err)
	for i := range d.Explanation {
		d.Explanation[i].EN = ""
	}
	return &d
}

// types is what happened, in order.
func (r *rig) types() (all []string) {
	r.Helper()
	_, err := r.Service.Log.Sequence(r.Context())
	r.must(err)
	entries, err := r.Service.Log.Entries(r.Context(), 0, 1000)
	r.must(err)
	for _, e := range entries {
		event, err := ledger.Parse(e.Payload)
		r.must(err)
		all = append(all, strings.TrimSuffix(strings.TrimPrefix(event.Type, "nl.knelpunten."), ".v1"))
	}
	return all
}

// amend gives a bottleneck another title. There is no use case for it yet; a
// later one will write such an entry.
func (r *rig) amend(b letters.Bottleneck, title string) {
	r.Helper()
	entries, err := r.Service.Log.History(r.Context(), b.ID)
	r.must(err)
	event, err := ledger.Parse(entries[0].Payload)
	r.must(err)
	event.Data.(*eventsv1.BottleneckOpened).GetBottleneck().Title = title
	event.ID = r.NewID()
	entry, err := ledger.Seal(event, 2)
	r.must(err)
	r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(r.Context(), "UPDATE bottleneck SET revision = 2 WHERE id = $1", b.ID); err != nil {
			return err
		}
		return ledger.Append(r.Context(), tx, []ledger.Entry{entry})
	}))
}
