package storetest

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/letters"
)

// opening are the cases about bundling signals into bottlenecks.
var opening = map[string]func(*rig){
	"a bottleneck is opened out of known signals": func(r *rig) {
		given := r.bottleneck(uwv, "K-1", r.signals(uwv, 3)...)
		got, before, err := r.OpenBottleneck(r.Context(), ofUWV, given)
		r.must(err)
		want := given
		want.ID, want.Revision, want.OpenedAt = got.ID, 1, start
		want.State, want.StateAt = letters.BottleneckOpen, start
		r.same("the answer", got, want)
		r.same("whether it was there", before, false)
		r.same("what is stored", r.dossier(got.ID), want)

		entries, err := r.Service.Log.History(r.Context(), got.ID)
		r.must(err)
		r.same("the number of entries", len(entries), 1)
		event, err := ledger.Parse(entries[0].Payload)
		r.must(err)
		r.same("the event", []string{event.Type, event.Subject, event.Organisation, event.Source},
			[]string{"nl.knelpunten.knelpunt-geopend.v1", got.ID, uwv, r.Source})
		decoded, err := letters.DecodeBottleneck(entries[0].Payload)
		r.must(err)
		r.same("the bottleneck in its entry", decoded, want)
	},
	"the same bottleneck again changes nothing": func(r *rig) {
		given := r.bottleneck(uwv, "K-1", r.signals(uwv, 2)...)
		first, _, err := r.OpenBottleneck(r.Context(), ofUWV, given)
		r.must(err)
		rows := r.rows()
		r.pass(time.Hour)
		again, before, err := r.OpenBottleneck(r.Context(), ofUWV, given)
		r.must(err)
		r.same("the answer", again, first)
		r.same("whether it was there", before, true)
		r.same("what is stored", r.rows(), rows)
	},
	"other content under a taken reference is a conflict with the bottleneck that has it": func(r *rig) {
		first, more := r.open("K-1", 1), r.signals(uwv, 1)
		rows := r.rows()
		for what, change := range map[string]func(*letters.Bottleneck){
			"title":       func(b *letters.Bottleneck) { b.Title = "Anders" },
			"description": func(b *letters.Bottleneck) { b.Description = "Anders" },
			"category":    func(b *letters.Bottleneck) { b.Category = "samenloop" },
			"provisions":  func(b *letters.Bottleneck) { b.Provisions = nil },
			"signals":     func(b *letters.Bottleneck) { b.Signals = append(b.Signals, more...) },
		} {
			other := r.bottleneck(uwv, "K-1", first.Signals...)
			change(&other)
			err := third(r.OpenBottleneck(r.Context(), ofUWV, other))
			r.refused(err, fault.Conflict, "kenmerk-bezet")
			r.same("what is in the way of another "+what, fault.Of(err).Resource, first.ID)
		}
		r.same("what is stored", r.rows(), rows)
	},
	"nobody opens a bottleneck for another organisation": func(r *rig) {
		given := r.bottleneck(uwv, "K-1", r.signals(uwv, 1)...)
		for _, grant := range strangers() {
			r.refused(third(r.OpenBottleneck(r.Context(), grant, given)), fault.Denied, "andere-organisatie")
		}
	},
	"every signal that cannot be bundled is named": func(r *rig) {
		free, bundled, foreign := r.signals(uwv, 2), r.open("K-0", 2).Signals, r.openFor(ofSVB, "K-0", 1).Signals
		rows := r.rows()
		given := r.bottleneck(uwv, "K-1", uuid.NewString(), free[0], bundled[0], foreign[0], free[1], bundled[1])
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, given)), fault.Invalid, "onbekende-signalen",
			"bottleneck.signals[0] onbekend-signaal", "bottleneck.signals[2] al-gebundeld",
			"bottleneck.signals[3] onbekend-signaal", "bottleneck.signals[5] al-gebundeld")
		given.Signals = []string{free[0], bundled[1], bundled[0]}
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, given)), fault.Precondition, "signalen-al-gebundeld",
			"bottleneck.signals[1] al-gebundeld", "bottleneck.signals[2] al-gebundeld")
		r.same("what is stored", r.rows(), rows)
	},
	"a bottleneck may have a thousand signals": func(r *rig) {
		b := r.open("K-1", 1000)
		r.same("how many are stored", len(r.dossier(b.ID).Signals), 1000)
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-2", b.Signals[999]))),
			fault.Precondition, "signalen-al-gebundeld", "bottleneck.signals[0] al-gebundeld")
	},
	"nothing is stored when its entry cannot be": func(r *rig) {
		b := r.open("K-0", 1)
		l := r.draft(letter("L-0", b))
		rows, free := r.rows(), r.signals(uwv, 1)
		all := map[string]func() error{
			"OpenBottleneck": func() error {
				return third(r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-1", free...)))
			},
			"DraftLetter": func() error { return third(r.DraftLetter(r.Context(), ofUWV, letter("L-1", b))) },
			"AdoptLetter": func() error { return second(r.AdoptLetter(r.Context(), ofUWV, l.ID, board)) },
		}
		for what, try := range all {
			r.exec("ALTER TABLE ledger_pending RENAME TO gone")
			err := try()
			r.exec("ALTER TABLE gone RENAME TO ledger_pending")
			if !fault.Is(err, fault.Internal) {
				r.Errorf("%s: %v", what, err)
			}
		}
		r.exec("DELETE FROM known_signal WHERE id = $1", free[0])
		r.same("what is stored", r.rows(), rows)
	},
	"what has no room in an entry is refused": func(r *rig) {
		given := r.bottleneck(uwv, "K-1", r.signals(uwv, 1)...)
		rows := r.rows()
		given.Description = strings.Repeat("x", ledger.MaxPayload)
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, given)), fault.Invalid, "gebeurtenis-te-groot")
		r.same("what is stored", r.rows(), rows)
	},
	"a closed database is unavailable": func(r *rig) {
		b := r.open("K-1", 1)
		l := r.draft(letter("L-1", b))
		r.must(r.db.Close())
		for what, err := range map[string]error{
			"OpenBottleneck":  third(r.OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, "K-2", b.Signals...))),
			"GetBottleneck":   second(r.GetBottleneck(r.Context(), ofUWV, b.ID)),
			"ListBottlenecks": third(r.ListBottlenecks(r.Context(), ofUWV, letters.BottleneckFilter{})),
			"DraftLetter":     third(r.DraftLetter(r.Context(), ofUWV, letter("L-2", b))),
			"AdoptLetter":     second(r.AdoptLetter(r.Context(), ofUWV, l.ID, board)),
			"SendLetter":      second(r.SendLetter(r.Context(), ofUWV, l.ID)),
			"AnswerItem":      third(r.AnswerItem(r.Context(), ofSZW, l.ID, 1, response(letters.Adopted))),
			"GetLetter":       second(r.GetLetter(r.Context(), ofUWV, l.ID)),
			"ListLetters":     third(r.ListLetters(r.Context(), ofUWV, letters.LetterFilter{})),
			"Replay":          second(r.Replay(r.Context())),
		} {
			if !fault.Is(err, fault.Unavailable) {
				r.Errorf("%s: %v", what, err)
			}
		}
	},
	"a call that was given up leaves nothing": func(r *rig) {
		b := r.open("K-1", 1)
		l := r.draft(letter("L-1", b))
		rows := r.rows()
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		for what, err := range map[string]error{
			"OpenBottleneck":  third(r.OpenBottleneck(ctx, ofUWV, r.bottleneck(uwv, "K-2", b.Signals...))),
			"DraftLetter":     third(r.DraftLetter(ctx, ofUWV, letter("L-2", b))),
			"AdoptLetter":     second(r.AdoptLetter(ctx, ofUWV, l.ID, board)),
			"ListBottlenecks": third(r.ListBottlenecks(ctx, ofUWV, letters.BottleneckFilter{})),
			"GetLetter":       second(r.GetLetter(ctx, ofUWV, l.ID)),
			"Replay":          second(r.Replay(ctx)),
		} {
			if !errors.Is(err, ctx.Err()) {
				r.Errorf("%s: %v", what, err)
			}
		}
		r.same("what is stored", r.rows(), rows)
	},
}
