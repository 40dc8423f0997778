package storetest

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// slipped is a test number that has the form of a citizen service number.
const slipped = "999990019"

// leaky is a signal into which a number slipped, and the places where.
func leaky(reference string) (signals.Signal, []signals.Place) {
	s := signal(uwv, reference+"-"+slipped)
	s.Title = "Brief aan " + slipped
	s.Description = "Het gaat om " + slipped + ", en om " + slipped + "."
	return s, []signals.Place{
		{Field: "/kenmerk"}, {Field: "/titel", First: 11, Last: 19},
		{Field: "/omschrijving", First: 13, Last: 21}, {Field: "/omschrijving", First: 30, Last: 38},
	}
}

// redacting are the cases about removing what slipped through.
var redacting = map[string]func(*rig){
	"what is removed is nowhere any more, and that it was there is proven": func(r *rig) {
		r.run(r.Service)
		s, places := leaky("S-1")
		first := r.accept(s)
		s.Severity, s.AmendmentReason = 4, "Ernst bijgesteld."
		_, err := r.Amend(r.Context(), ofUWV, first.Signal.ID, 1, s)
		r.must(err)
		r.index()
		entries, err := r.Service.Log.History(r.Context(), first.Signal.ID)
		r.must(err)
		r.pass(time.Hour)
		done, err := r.Redact(r.Context(), ofUWV, first.Signal.ID, 2, places, "Burgerservicenummer in de tekst.")
		r.must(err)
		r.same("the text", []string{done.Signal.Title, done.Signal.Description}, []string{
			"Brief aan [verwijderd]", "Het gaat om [verwijderd], en om [verwijderd].",
		})
		r.same("the revision", done.Signal.Revision, 3)
		r.same("since when", done.Signal.RedactedAt, start.Add(time.Hour))
		r.same("what is stored", r.get(first.Signal.ID).Signal, done.Signal)
		for i, e := range done.Erased {
			r.same("the leaf", string(e.Leaf), string(entries[i].LeafHash[:]))
		}
		r.same("how many were erased", len(done.Erased), 2)
		r.nowhere(slipped)
		_, err = ledger.VerifyReceipt(done.Receipt, r.get(first.Signal.ID).Payload, r.keys)
		r.must(err)
		history, err := r.History(r.Context(), ofUWV, first.Signal.ID)
		r.must(err)
		for i, p := range history {
			r.same("whether a revision is empty", p.Payload == nil, i > 0)
			r.same("whether it says so", p.Signal.Title == "", i > 0)
		}
		_, err = r.Receipt(r.Context(), ofUWV, first.Signal.ID, 2)
		r.refused(err, fault.NotFound, "revisie-gewist")
		r.sequence()
		_, _, err = r.Service.Log.Inclusion(r.Context(), 0, 3)
		r.must(err)
	},
	"a ledger from which something was removed folds to the same tables": func(r *rig) {
		r.run(r.Service)
		s, places := leaky("S-1")
		id := r.accept(s).Signal.ID
		done, err := r.Redact(r.Context(), ofUWV, id, 1, places, "Burgerservicenummer.")
		r.must(err)
		_, err = r.Withdraw(r.Context(), ofUWV, id, 0, "Vergissing.")
		r.must(err)
		r.sequence()
		to := r.moved(r.fresh)
		_, err = to.Replay(r.Context())
		r.must(err)
		r.same("what is stored", to.get(id), r.get(id))
		r.same("its reference", to.get(id).Signal.ExternalReference, done.Signal.ExternalReference)
	},
	"places are of one revision, and within its texts": func(r *rig) {
		r.run(r.Service)
		s, places := leaky("S-1")
		id := r.accept(s).Signal.ID
		before := r.rows()
		_, err := r.Redact(r.Context(), ofUWV, id, 2, places, "Burgerservicenummer.")
		r.refused(err, fault.Conflict, "revisie-ingehaald")
		_, err = r.Redact(r.Context(), ofUWV, id, 1, nil, "Er is niets ouders.")
		r.refused(err, fault.Invalid, "ongeldige-invoer")
		_, err = r.Redact(r.Context(), ofUWV, id, 1, []signals.Place{{Field: "/titel", First: 11, Last: 20}}, "Te ver.")
		r.refused(err, fault.Invalid, "ongeldige-invoer")
		r.same("what is stored", r.rows(), before)
	},
	"what an amendment took out goes without any place": func(r *rig) {
		r.run(r.Service)
		s := signal(uwv, "S-1")
		s.Title = "Brief aan " + slipped
		first := r.accept(s)
		clean := signal(uwv, "S-1")
		_, err := r.Amend(r.Context(), ofUWV, first.Signal.ID, 1, clean)
		r.must(err)
		r.index()
		done, err := r.Redact(r.Context(), ofUWV, first.Signal.ID, 2, nil, "Burgerservicenummer in de eerste versie.")
		r.must(err)
		r.same("what it says", done.Signal.Title, clean.Title)
		r.same("how many were erased", len(done.Erased), 2)
		r.nowhere(slipped)
		again, err := submit(r.Context(), r.Service, clean)
		r.must(err)
		r.same("whether what it says is known", again.Repeated, true)
		_, err = submit(r.Context(), r.Service, s)
		r.refused(err, fault.Conflict, "kenmerk-bezet")
	},
	"a large signal that was amended for a year is removed from, too": func(r *rig) {
		r.run(r.Service)
		s := signal(uwv, "S-1")
		s.Description, s.Customisation = strings.Repeat("€", 10_000), strings.Repeat("€", 4_000)
		id := r.accept(s).Signal.ID
		const revisions = 200
		for i := 1; i < revisions; i++ {
			s.Title = "Titel " + strconv.Itoa(i)
			_, err := r.Amend(r.Context(), ofUWV, id, i, s)
			r.must(err)
		}
		done, err := r.Redact(r.Context(), ofUWV, id, revisions, []signals.Place{{Field: "/titel"}}, "Naam van een burger.")
		r.must(err)
		r.same("how many were erased", len(done.Erased), revisions)
		r.sequence()
		to := r.moved(r.fresh)
		_, err = to.Replay(r.Context())
		r.must(err)
		r.same("what is stored", to.get(id), r.get(id))
	},
	"what was erased altogether cannot be changed": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		r.exec(`UPDATE ledger_entry SET payload = NULL, salt = NULL, receipt = NULL WHERE subject = $1`, id)
		before := r.rows()
		_, err := r.Amend(r.Context(), ofUWV, id, 0, signal(uwv, "S-1"))
		r.refused(err, fault.NotFound, "onbekend-signaal")
		_, err = r.Withdraw(r.Context(), ofUWV, id, 0, "Vergissing.")
		r.refused(err, fault.NotFound, "onbekend-signaal")
		_, err = r.Redact(r.Context(), ofUWV, id, 1, nil, "Burgerservicenummer.")
		r.refused(err, fault.NotFound, "onbekend-signaal")
		_, err = r.Receipt(r.Context(), ofUWV, id, 0)
		r.refused(err, fault.NotFound, "revisie-gewist")
		r.same("what is stored", r.rows(), before)
	},
	"an administrator removes from any signal, another organisation from none": func(r *rig) {
		r.run(r.Service)
		s, places := leaky("S-1")
		id := r.accept(s).Signal.ID
		_, err := r.Redact(r.Context(), ofSVB, id, 1, places, "Burgerservicenummer.")
		r.refused(err, fault.NotFound, "onbekend-signaal")
		administrator := access.Grant{Role: access.Beheerder, Reach: access.Alle}
		_, err = r.Redact(r.Context(), administrator, id, 1, places, "Burgerservicenummer.")
		r.must(err)
	},
}

// nowhere fails the case when a text is in anything that is stored of signals.
func (r *rig) nowhere(text string) {
	r.Helper()
	for _, row := range slices.Concat(r.rows(), r.indexRows(), testenv.Rows(r.T, r.db, "protected_waiting")) {
		if strings.Contains(row, text) || strings.Contains(row, bytesOf(text)) {
			r.Errorf("it is still in %s", row)
		}
	}
}

// bytesOf is how a text reads as a column of bytes.
func bytesOf(text string) string {
	out := strings.Builder{}
	for i, b := range []byte(text) {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(strconv.Itoa(int(b)))
	}
	return out.String()
}
