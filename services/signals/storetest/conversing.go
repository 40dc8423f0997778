package storetest

import (
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// conversing are the cases about what protected reporters and organisations say to
// each other.
var conversing = map[string]func(*rig){
	"reporter and organisation speak in turn, each message once": func(r *rig) {
		_, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		r.overnight()
		found, err := r.Case(r.Context(), secret(1))
		r.must(err)
		ids := []string{uuid.NewString(), uuid.NewString()}
		for range 2 {
			_, err = r.Say(r.Context(), secret(1), ids[0], "Is er al iets bekend?")
			r.must(err)
			_, err = r.Answer(r.Context(), editor, found.Signal.ID, ids[1], "Wij kijken ernaar.")
			r.must(err)
		}
		_, err = r.Say(r.Context(), secret(1), ids[0], "Iets anders")
		r.refused(err, fault.Conflict, "bericht-bezet")
		_, err = r.Say(r.Context(), secret(1), ids[1], "Wij kijken ernaar.")
		r.refused(err, fault.Conflict, "bericht-bezet")
		_, err = r.Answer(r.Context(), editor, found.Signal.ID, ids[0], "Is er al iets bekend?")
		r.refused(err, fault.Conflict, "bericht-bezet")
		found, err = r.Case(r.Context(), secret(1))
		r.must(err)
		mine, err := r.Messages(r.Context(), editor, found.Signal.ID)
		r.must(err)
		const day = "2026-11-21"
		said := []signals.Message{
			{ID: ids[1], Text: "Wij kijken ernaar.", Day: day},
			{ID: ids[0], ByReporter: true, Text: "Is er al iets bekend?", Day: day},
		}
		r.same("what the reporter sees", found.Messages, said)
		r.same("what the organisation sees", mine, said[:1])
		r.pass(11*time.Hour + 30*time.Minute) // past midnight
		later := uuid.NewString()
		_, err = r.Answer(r.Context(), editor, found.Signal.ID, later, "Er is nieuws.")
		r.must(err)
		r.overnight()
		said = append(said, signals.Message{ID: later, Text: "Er is nieuws.", Day: "2026-11-22"})
		found, err = r.Case(r.Context(), secret(1))
		r.must(err)
		mine, err = r.Messages(r.Context(), editor, found.Signal.ID)
		r.must(err)
		r.same("what the reporter sees later", found.Messages, said)
		r.same("what the organisation sees later", mine, said)
	},
	"what was said in a case can be removed, and both see that": func(r *rig) {
		_, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		r.overnight()
		found, err := r.Case(r.Context(), secret(1))
		r.must(err)
		id := found.Signal.ID
		ids := []string{uuid.NewString(), uuid.NewString(), uuid.NewString()}
		leak := "Het nummer is " + slipped + "."
		_, err = r.Say(r.Context(), secret(1), ids[0], leak)
		r.must(err)
		_, err = r.Answer(r.Context(), editor, id, ids[1], "Bedankt, ook voor "+slipped+".")
		r.must(err)
		_, err = r.Say(r.Context(), secret(1), ids[2], "Graag gedaan.")
		r.must(err)
		r.overnight()
		places := []signals.Place{{Field: "/berichten/" + ids[0] + "/tekst", First: 15, Last: 23}, {Field: "/berichten/" + ids[1] + "/tekst"}}
		_, err = r.Redact(r.Context(), svbEditor, id, 1, places, "Burgerservicenummer.")
		r.refused(err, fault.NotFound, "onbekend-signaal")
		done, err := r.Redact(r.Context(), editor, id, 1, places, "Burgerservicenummer.")
		r.must(err)
		r.same("of what was erased", []string{done.Erased[1].Message, done.Erased[0].Message}, ids[:2])
		r.nowhere(slipped)
		now, err := r.Case(r.Context(), secret(1))
		r.must(err)
		said := func(all []signals.Message) (texts []string) {
			for _, m := range all {
				texts = append(texts, m.Text)
			}
			return texts
		}
		r.same("what is left", said(now.Messages), []string{"[verwijderd]", "Het nummer is [verwijderd].", "Graag gedaan."})
		r.same("the receipt of the report", now.First, found.First)
		mine, err := r.Messages(r.Context(), editor, id)
		r.must(err)
		r.same("what both see", now.Messages, mine)
		r.foldsTheSame()
		// The answer was lost, say: of the text that there is now, nothing goes.
		_, err = r.Redact(r.Context(), editor, id, 1, places, "Burgerservicenummer.")
		r.refused(err, fault.Conflict, "revisie-ingehaald")
		again, err := r.Say(r.Context(), secret(1), ids[0], leak)
		r.must(err)
		r.same("what was said before", again, now.Messages[1])
		_, err = r.Redact(r.Context(), editor, id, 2, []signals.Place{{Field: places[0].Field, First: 15, Last: 99}}, "Te veel.")
		r.refused(err, fault.Invalid, "ongeldige-invoer")
		_, err = r.Redact(r.Context(), editor, id, 2, []signals.Place{{Field: "/berichten/" + ids[2] + "/tekst"}, {Field: "/titel", First: 1, Last: 3}}, "Ook dat.")
		r.must(err)
		r.foldsTheSame()
	},
	"messages of another case are not reached": func(r *rig) {
		var cases [2]signals.Case
		codes := r.codes(2)
		for i := range cases {
			_, err := r.Report(r.Context(), codes[i], secret(i), report())
			r.must(err)
			_, err = r.Say(r.Context(), secret(i), uuid.NewString(), "Hallo?")
			r.must(err)
			cases[i], err = r.Case(r.Context(), secret(i))
			r.must(err)
		}
		r.overnight()
		places := []signals.Place{{Field: "/berichten/" + cases[1].Messages[0].ID + "/tekst"}}
		_, err := r.Redact(r.Context(), editor, cases[0].Signal.ID, 1, places, "Vergissing.")
		r.refused(err, fault.Invalid, "ongeldige-invoer")
	},
	"a case is not filled without end": func(r *rig) {
		_, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		const most = 500
		var first string
		for i := range most {
			id := uuid.NewString()
			if i == 0 {
				first = id
			}
			if i == most-2 { // the rest wait when the last are said
				r.overnight()
			}
			_, err := r.Say(r.Context(), secret(1), id, "Hallo?")
			r.must(err)
		}
		_, err = r.Say(r.Context(), secret(1), uuid.NewString(), "Hallo?")
		r.refused(err, fault.Precondition, "dossier-vol")
		_, err = r.Say(r.Context(), secret(1), first, "Hallo?") // is there
		r.must(err)
	},
	"a case is there for whoever has the secret, and for the organisation alone": func(r *rig) {
		r.run(r.Service)
		_, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		found, err := r.Case(r.Context(), secret(1))
		r.must(err)
		_, err = r.Case(r.Context(), secret(2))
		r.refused(err, fault.NotFound, "onbekend-dossier")
		_, err = r.Say(r.Context(), secret(2), uuid.NewString(), "Hallo?")
		r.refused(err, fault.NotFound, "onbekend-dossier")
		r.overnight()
		plain := r.accept(signal(uwv, "S-1")).Signal.ID
		for grant, id := range map[access.Grant]string{svbEditor: found.Signal.ID, editor: plain} {
			_, err = r.Messages(r.Context(), grant, id)
			r.refused(err, fault.NotFound, "onbekend-signaal")
			_, err = r.Answer(r.Context(), grant, id, uuid.NewString(), "Hallo?")
			r.refused(err, fault.NotFound, "onbekend-signaal")
		}
	},
}

// foldsTheSame folds the ledger anew, and compares the tables and the first case.
func (r *rig) foldsTheSame() {
	r.Helper()
	r.sequence()
	to := r.moved(r.fresh)
	_, err := to.Replay(r.Context())
	r.must(err)
	was, err := r.Case(r.Context(), secret(1))
	r.must(err)
	is, err := to.Case(r.Context(), secret(1))
	r.must(err)
	r.same("the case, folded anew", is, was)
	tables := []string{"signal", "protected_case", "case_message"}
	r.same("the tables, folded anew", testenv.Rows(r.T, to.db, tables...), testenv.Rows(r.T, r.db, tables...))
}
