package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
	"schakel.example/services/signals/search"
)

// searching are the cases about finding signals by what the index has of them.
var searching = map[string]func(*rig){
	"a text is found by each of its words, in whatever form": func(r *rig) {
		r.run(r.Service)
		for reference, text := range map[string]string{
			"S-1": "De uitkering wordt teruggevorderd bij gezinnen.", "S-2": "Uitkeringen en toeslagen: coördinatie ontbreekt.",
			"S-3": "Foto's van het huis zijn niet nodig.", "S-4": "Huizen worden niet getaxeerd; art. 4:95 Awb, € 4.400.",
		} {
			s := signal(uwv, reference)
			s.Description = text
			r.accept(s)
		}
		r.index()
		for question, want := range map[string][]string{
			"uitkering": {"S-1", "S-2"}, "UITKERINGEN": {"S-1", "S-2"}, "uitkering toeslag": {"S-2"}, "toeslag gezin": nil,
			"coordinatie": {"S-2"}, "foto": {"S-3"}, "\"huizen\"": {"S-3", "S-4"}, "huis & niet": {"S-3", "S-4"}, "95 4": {"S-4"},
			"4:95": {"S-4"}, "awb": {"S-4"}, "de uitkering van het gezin": {"S-1"}, "inkomensgrens": {"S-1", "S-2", "S-3", "S-4"},
			"uitker": {"S-1", "S-2"}, "xyz": nil, "4400": {"S-4"}, "€ 4.400": {"S-4"}, "400": nil, "NOT uitkering": nil, "uitkering OR foto": nil, "uitk*": nil, "' | ! ( uitkering": {"S-1", "S-2"},
		} {
			got := r.list(overseer, signals.Filter{Tokens: search.Query(question)}, 3)
			slices.Sort(got)
			r.same(question, got, want)
		}
	},
	"of hundreds of texts those are found that hold all words": func(r *rig) {
		random := rand.New(rand.NewPCG(7, 7))
		words := strings.Fields(`uitkering uitkeringen toeslag toeslagen wet wetten gemeente gemeenten inkomen inkomens schuld schulden
			beslag beslagvrije voet kind kinderen partner partners huis huizen grens grenzen terugvordering bezwaar beroep termijn termijnen
			niet zonder geen arts artsen keuring keuringen AOW WIA Wajong 2024 2025 76 4:95 e-mail coördinatie café ĳs straße Ελλάδα
			regeling regelingen burger burgers professional maatwerk hardheid samenloop stapeling gegevens bron bronnen loket loketten`)
		var given []signals.Signal
		texts := map[string]string{}
		for i := range 400 {
			s := signal(uwv, fmt.Sprintf("S-%03d", i))
			s.Title, s.Description = words[random.IntN(len(words))], ""
			for range 3 + random.IntN(12) {
				s.Description += words[random.IntN(len(words))] + []string{" ", ", ", ". ", "-"}[random.IntN(4)]
			}
			texts[s.ExternalReference] = s.Title + " " + s.Description
			given = append(given, s)
		}
		for _, a := range r.together(given...) {
			r.must(a.err)
		}
		r.index()
		hits := 0
		for range 150 {
			var question string
			for range 1 + random.IntN(3) {
				question += words[random.IntN(len(words))] + " "
			}
			tokens := search.Query(question)
			var want []string
			for reference, text := range texts {
				if has := search.Query(text); !slices.ContainsFunc(tokens, func(t string) bool { return !slices.Contains(has, t) }) {
					want = append(want, reference)
				}
			}
			got := r.list(overseer, signals.Filter{Tokens: tokens}, 100)
			hits += len(got)
			slices.Sort(got)
			slices.Sort(want)
			r.same(question, got, want)
		}
		if hits < 500 {
			r.Errorf("only %d hits: the questions prove little", hits)
		}
	},
	"a rule finds what points at it or at a part of it": func(r *rig) {
		r.run(r.Service)
		const wia, awb = "jci1.3:c:BWBR0019057", "jci1.3:c:BWBR0005537"
		for reference, rules := range map[string][]string{
			"S-article": {wia + "&artikel=76"}, "S-member": {wia + "&hoofdstuk=8&artikel=76&lid=1&o=a&z=2026-01-01&g=2026-01-01"},
			"S-chapter": {wia + "&hoofdstuk=8"}, "S-other": {wia + "&artikel=7", awb + "&artikel=3:4"}, "S-bill": {"36617-3", "02004R0883-20190731"},
			"S-local": {"CVDR123456_2"}, "S-none": nil,
		} {
			s := signal(uwv, reference)
			for _, rule := range rules {
				p, err := search.ParseProvision(rule)
				r.must(err)
				s.Provisions = append(s.Provisions, p)
			}
			r.accept(s)
		}
		r.index()
		for rule, want := range map[string][]string{
			wia:                            {"S-article", "S-chapter", "S-member", "S-other"},
			wia + "&artikel=76":            {"S-article", "S-member"},
			wia + "&artikel=76&lid=1":      {"S-member"},
			wia + "&artikel=76&lid=2":      nil,
			wia + "&hoofdstuk=8":           {"S-chapter", "S-member"},
			wia + "&hoofdstuk=8&artikel=7": {"S-other"}, // the number of an article says it all
			"BWBR0005537":                  {"S-other"},
			"36617":                        {"S-bill"},
			"36617-3":                      {"S-bill"},
			"36617-4":                      nil,
			"32004R0883":                   {"S-bill"},
			"CVDR123456":                   {"S-local"},
			"CVDR123456_7":                 {"S-local"}, // whichever version
		} {
			p, err := search.ParseProvision(rule)
			r.must(err)
			got := r.list(overseer, signals.Filter{Provision: p.Key()}, 3)
			slices.Sort(got)
			r.same(rule, got, want)
		}
	},
	"what happens to a signal shows in the index": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		other := r.accept(signal(uwv, "S-2")).Signal.ID
		r.index()
		finds := func(what, question, category string, want ...string) {
			r.Helper()
			got := r.list(ofUWV, signals.Filter{Tokens: search.Query(question)}, 9)
			slices.Sort(got)
			r.same(what+": "+question, got, want)
			got = r.list(ofUWV, signals.Filter{Categories: []string{category}}, 9)
			slices.Sort(got)
			r.same(what+": "+category, got, want)
		}
		finds("submitted", "inkomensgrens", "hardheid", "S-1", "S-2")
		content := signal(uwv, "S-1")
		content.Title, content.Categories = "Xylofoon", []string{"samenloop"}
		r.must(second(r.Amend(r.Context(), ofUWV, id, 0, content)))
		finds("not applied yet", "inkomensgrens", "hardheid", "S-1", "S-2")
		r.index()
		finds("amended", "inkomensgrens", "hardheid", "S-2")
		finds("amended", "xylofoons", "samenloop", "S-1")
		r.triage(id, signals.Finding{Approach: signals.Fix, Categories: []string{"stapeling", "gegevens"}})
		r.index()
		finds("triaged", "xylofoon", "stapeling", "S-1")
		r.must(second(r.Merge(r.Context(), ofUWV, id, other, 0, "Zelfde.")))
		r.index()
		finds("merged", "xylofoon", "gegevens", "S-1")
		r.must(second(r.Unmerge(r.Context(), ofUWV, id, 0, "Toch niet.")))
		r.must(second(r.Withdraw(r.Context(), ofUWV, id, 0, "Vergissing.")))
		r.index()
		finds("withdrawn", "xylofoon", "gegevens", "S-1")
		finds("another", "inkomensgrens", "hardheid", "S-2")
	},
	"what is removed from a signal is out of the index at once": func(r *rig) {
		r.run(r.Service)
		s, places := leaky("S-1")
		s.Description += " Piet Xylofoon."
		places = append(places, signals.Place{Field: "/omschrijving", First: 46, Last: 53})
		id := r.accept(s).Signal.ID
		r.index()
		r.same("before", r.list(ofUWV, signals.Filter{Tokens: search.Query("xylofoon " + slipped)}, 9), []string{s.ExternalReference})
		done, err := r.Redact(r.Context(), ofUWV, id, 1, places, "Burgerservicenummer in de tekst.")
		r.must(err)
		r.same("after", r.list(ofUWV, signals.Filter{Tokens: search.Query("xylofoon")}, 9), []string(nil))
		r.same("by what is left", r.list(ofUWV, signals.Filter{Tokens: search.Query("brief piet")}, 9), []string{done.Signal.ExternalReference})
		r.index() // the old entries come by, too
		for _, row := range r.indexRows() {
			if strings.Contains(row, "xylofon") || strings.Contains(row, "xylofoon") || strings.Contains(row, slipped) {
				r.Errorf("it is still in %s", row)
			}
		}
	},
	"what was erased is not in the index": func(r *rig) {
		r.run(r.Service)
		id := r.accept(r.whole(uwv, "S-1")).Signal.ID
		r.accept(signal(uwv, "S-2"))
		r.index()
		r.exec(`UPDATE ledger_entry SET payload = NULL, salt = NULL, receipt = NULL WHERE subject = $1`, id)
		r.index()
		r.same("by a word", r.list(ofUWV, signals.Filter{Tokens: search.Query("inkomensgrens")}, 9), []string{"S-2"})
		for _, row := range r.indexRows() {
			if strings.Contains(row, id) {
				r.Errorf("it is still in %s", row)
			}
		}
	},
	"an index that is filled again is the same, and so is that of a ledger that was moved": func(r *rig) {
		r.run(r.Service)
		var ids []string
		for i := range 30 {
			s := r.whole([]string{uwv, svb}[i%2], fmt.Sprintf("S-%02d", i))
			ids = append(ids, r.accept(s).Signal.ID)
		}
		content := r.whole(uwv, "S-00")
		content.Title, content.Provisions = "Xylofoon", nil
		r.must(second(r.Amend(r.Context(), ofUWV, ids[0], 0, content)))
		r.must(second(r.Redact(r.Context(), ofUWV, ids[2], 1, []signals.Place{{Field: "/titel", First: 1, Last: 14}}, "Naam.")))
		r.index()
		before := r.indexRows()
		r.must(queue.Migrate(r.Context(), r.db))
		r.must(r.Reindex(r.Context(), "signals index"))
		r.same("once emptied", r.indexRows(), []string(nil))
		r.index()
		r.same("filled again", r.indexRows(), before)
		to := r.moved(r.fresh)
		r.must(second(to.Replay(r.Context())))
		to.index()
		r.same("moved", to.indexRows(), before)
	},
	"rows from before the index say what their signals say, once they are indexed": func(r *rig) {
		r.run(r.Service)
		s := r.whole(uwv, "S-1")
		s.Confidentiality, s.Severity = 2, 4
		id := r.accept(s).Signal.ID
		r.must(second(r.Report(r.Context(), r.codes(1)[0], secret(1), report())))
		r.overnight()
		before := testenv.Rows(r.T, r.db, "signal")
		r.exec(`UPDATE signal SET confidentiality = 3, severity = 1, protected = 0, level = '', approach = 0, facets = ''`)
		r.index()
		r.same("the rows", testenv.Rows(r.T, r.db, "signal"), before)
		r.same("by level", r.list(ofUWV, signals.Filter{Levels: []string{s.Level}}, 9), []string{"S-1"})
		// Also when the index has them already.
		r.exec(`UPDATE signal SET severity = 1, facets = '' WHERE id = $1`, id)
		r.index()
		r.same("once more", testenv.Rows(r.T, r.db, "signal"), before)
	},
	"entries that come late or twice change nothing": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		content := signal(uwv, "S-1")
		content.Title = "Xylofoon"
		r.must(second(r.Amend(r.Context(), ofUWV, id, 0, content)))
		r.index()
		before := r.indexRows()
		for _, index := range []int64{1, 0, 0} {
			r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
				return r.IndexEntry(r.Context(), tx, queue.Message{Index: index})
			}))
		}
		r.same("the index", r.indexRows(), before)
	},
}

// index applies the own ledger to the index, as a queue.Applier would: all of it.
func (r *rig) index() {
	r.Helper()
	r.sequence()
	for from := int64(0); ; {
		entries, err := r.Service.Log.Entries(r.Context(), from, 7)
		r.must(err)
		if len(entries) == 0 {
			return
		}
		batch := make([]queue.Message, len(entries))
		for i, e := range entries {
			batch[i] = queue.Message{Index: e.Index, Payload: e.Payload, Erased: e.Erased}
		}
		r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error { return r.IndexEntries(r.Context(), tx, batch) }))
		from += int64(len(entries))
	}
}

// indexRows is all that the index has, apart from how an engine keeps it.
func (r *rig) indexRows() []string {
	r.Helper()
	q := `SELECT 'term ' || kind || ' ' || value || ' ' || signal FROM signal_term
		UNION ALL SELECT 'signal ' || signal || ' ' || revision || ' ' || terms || ' ' || `
	if r.db.Engine() == sqldb.Postgres {
		q += `array_to_string(tsvector_to_array(tokens), ' ') FROM signal_index`
	} else {
		q += `t.tokens FROM signal_index i JOIN signal_text t ON t.rowid = i.n UNION ALL
			SELECT 'stray ' || rowid FROM signal_text WHERE rowid NOT IN (SELECT n FROM signal_index)`
	}
	var all []string
	r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
		all, err = sqldb.All(r.Context(), tx, func(row sqldb.Scanner) (s string, err error) {
			err = row.Scan(&s)
			return s, err
		}, q)
		return err
	}))
	slices.Sort(all)
	return all
}
