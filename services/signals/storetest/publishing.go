package storetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
	"schakel.example/services/signals/search"
)

// publishing are the cases about what of a signal others may read: the revision that
// an edition covered, and the bottleneck that was put to them.
var publishing = map[string]func(*rig){
	"in which bottleneck a signal is, is for those to whom it was put": func(r *rig) {
		r.run(r.Service)
		var letters []queue.Message
		for i, reference := range []string{"S-1", "S-2", "S-3"} {
			id := r.accept(confided(uwv, reference, signals.Open)).Signal.ID
			letters = append(letters, r.opened([]string{"B-1", "B-2", "B-3"}[i], id))
		}
		r.index()
		r.apply(letters...)
		r.apply(r.sent(szw, "B-1"), r.sent(vws, "B-2"))
		r.publish(edition(r, 3, nil))
		r.pass(time.Millisecond) // exports hold what was there before them
		for who, tt := range map[string]struct {
			grant access.Grant
			want  []string // of S-1, S-2 and S-3
		}{
			"its organisation":             {ofUWV, []string{"B-1", "B-2", "B-3"}},
			"who oversees":                 {overseer, []string{"B-1", "B-2", "B-3"}},
			"a department":                 {of(szw, access.Beantwoorder), []string{"B-1", "", ""}},
			"another department":           {of(vws, access.Beantwoorder), []string{"", "B-2", ""}},
			"who submits for a department": {of(szw, access.Aanleveraar), []string{"", "", ""}},
			"another agency":               {of(svb, access.Beantwoorder), []string{"", "", ""}},
			"the public":                   {public, []string{"", "", ""}},
		} {
			r.same(who, r.bottlenecks(tt.grant), tt.want)
			for i, bottleneck := range []string{"B-1", "B-2", "B-3"} {
				f := signals.Filter{Bottleneck: bottleneck}
				r.same(who+" finds by "+bottleneck, len(r.list(tt.grant, f, 9)) == 1, tt.want[i] != "")
				r.counts(tt.grant, f)
			}
			r.same(who+" finds what is missing", r.list(tt.grant, signals.Filter{Bottleneck: "B-9"}, 9), []string(nil))
			for _, bottleneck := range []string{"B-1", "B-2", "B-3"} {
				r.same(who+" by "+bottleneck, r.asked(tt.grant, bottleneck), r.asked(tt.grant, "B-9"))
			}
		}
	},
	"what is amended is out of sight until an edition covers it": func(r *rig) {
		r.run(r.Service)
		content := confided(uwv, "S-1", signals.Open)
		id := r.accept(content).Signal.ID
		r.index()
		r.apply(r.opened("B-1", id), r.sent(szw, "B-1"))
		r.publish(edition(r, 1, nil))
		r.same("once covered", r.seen(public), []string{"S-1"})
		content.Title = "Regeling haverklap"
		r.must(second(r.Amend(r.Context(), ofUWV, id, 0, content)))
		r.index()
		r.publish(edition(r, 1, nil))
		for who, grant := range map[string]access.Grant{"the public": public, "another agency": ofSVB, "another department": of(vws, access.Beantwoorder)} {
			r.same(who, r.seen(grant), []string(nil))
			r.same(who+" by a new word", r.list(grant, signals.Filter{Tokens: search.Query("haverklap")}, 9), []string(nil))
			_, err := r.Get(r.Context(), grant, id)
			r.same(who+" gets it", err == nil, false)
		}
		for who, grant := range map[string]access.Grant{"its organisation": ofUWV, "who oversees": overseer, "its department": of(szw, access.Beantwoorder)} {
			got, err := r.Get(r.Context(), grant, id)
			r.must(err)
			r.same(who, got.Signal.Title, content.Title)
			r.same(who+" finds it", r.list(grant, signals.Filter{Tokens: search.Query("haverklap")}, 9), []string{"S-1"})
		}
		r.publish(edition(r, 2, nil))
		r.same("once covered again", r.seen(public), []string{"S-1"})
		got, err := r.Get(r.Context(), public, id)
		r.must(err)
		r.same("its title", got.Signal.Title, content.Title)
	},
	"what was not open when it was covered is public from the next edition on": func(r *rig) {
		r.run(r.Service)
		id := r.accept(confided(uwv, "S-1", signals.Internal)).Signal.ID
		r.index()
		r.publish(edition(r, 1, nil))
		r.must(second(r.Amend(r.Context(), ofUWV, id, 0, confided(uwv, "S-1", signals.Open))))
		r.index()
		r.publish(edition(r, 1, nil))
		r.same("before", r.seen(public), []string(nil))
		r.publish(edition(r, 2, nil))
		r.same("after", r.seen(public), []string{"S-1"})
	},
	"of what became of a signal since it was covered the public reads its state alone": func(r *rig) {
		r.run(r.Service)
		id, into := r.accept(confided(uwv, "S-1", signals.Open)).Signal.ID, r.accept(confided(uwv, "S-2", signals.Open)).Signal.ID
		r.index()
		r.publish(edition(r, 2, nil))
		reads := func(what string, state signals.State, revision int, reason string) {
			r.Helper()
			r.index()
			r.same("the public sees, "+what, r.seen(public), []string{"S-1", "S-2"})
			got, err := r.Get(r.Context(), public, id)
			r.must(err)
			s := got.Signal
			r.same("the public reads, "+what, []any{s.State, s.Revision, s.WithdrawalReason, s.MergedInto}, []any{state, revision, reason, ""})
		}
		r.triage(id, signals.Finding{Approach: signals.Solve, Note: "Eigen."})
		reads("once triaged", signals.Triaged, 1, "")
		r.must(second(r.Merge(r.Context(), ofUWV, id, into, 0, "Zelfde.")))
		reads("once merged", signals.Merged, 1, "")
		r.must(second(r.Unmerge(r.Context(), ofUWV, id, 0, "Toch niet.")))
		reads("once split", signals.Triaged, 1, "")
		r.must(second(r.Withdraw(r.Context(), ofUWV, id, 0, "Onze eigen fout.")))
		reads("once withdrawn", signals.Withdrawn, 1, "")
		r.publish(edition(r, 6, nil))
		reads("once that is covered", signals.Withdrawn, 5, "Onze eigen fout.")
		r.triage(into, signals.Finding{Approach: signals.Fix}) // which says something else
		r.index()
		r.same("what is about another thing now", r.seen(public), []string{"S-1"})
	},
	"what was redacted is out of sight until an edition covers what is left": func(r *rig) {
		r.run(r.Service)
		for _, places := range [][]signals.Place{{{Field: "/titel"}}, nil} { // none: all that was before
			id := r.accept(confided(uwv, "S-"+r.NewID(), signals.Open)).Signal.ID
			r.triage(id, signals.Finding{Approach: signals.Solve})
			r.index()
			r.publish(edition(r, 99, nil))
			r.must(second(r.Redact(r.Context(), editor, id, 2, places, "Naam.")))
			r.index()
			_, err := r.Get(r.Context(), public, id)
			r.same("before", err == nil, false)
			r.must(second(r.Get(r.Context(), ofUWV, id)))
			r.publish(edition(r, 100, nil))
			r.must(second(r.Get(r.Context(), public, id)))
		}
	},
	"an edition that comes late publishes what still says what it covered": func(r *rig) {
		r.run(r.Service)
		var ids []string
		for _, reference := range []string{"S-amended", "S-withdrawn", "S-hidden", "S-same", "S-bare"} {
			ids = append(ids, r.accept(confided(uwv, reference, signals.Open)).Signal.ID)
		}
		r.sequence()
		changed := confided(uwv, "S-amended", signals.Open)
		changed.Description = "Iets anders."
		r.must(second(r.Amend(r.Context(), ofUWV, ids[0], 0, changed)))
		r.must(second(r.Amend(r.Context(), ofUWV, ids[0], 0, confided(uwv, "S-amended", signals.Open))))
		r.must(second(r.Withdraw(r.Context(), ofUWV, ids[1], 0, "Vergissing.")))
		r.must(second(r.Amend(r.Context(), ofUWV, ids[2], 0, confided(uwv, "S-hidden", signals.Confidential))))
		// A row from before it told what it is.
		r.exec(`UPDATE signal SET confidentiality = 3, facets = '', current_digest = NULL WHERE id = $1`, ids[4])
		r.publish(edition(r, 5, nil))
		r.index()
		r.same("what the public sees", r.seen(public), []string{"S-bare", "S-same", "S-withdrawn"})
	},
	"what is published is the same once all is built again": func(r *rig) {
		r.run(r.Service)
		content := map[string]signals.Signal{}
		ids := map[string]string{}
		references := []string{"S-amended", "S-back", "S-closed", "S-opened", "S-recovered", "S-redacted", "S-same", "S-withdrawn"}
		for _, reference := range references {
			content[reference] = confided(uwv, reference, signals.Open)
			if reference == "S-opened" {
				content[reference] = confided(uwv, reference, signals.Internal)
			}
			ids[reference] = r.accept(content[reference]).Signal.ID
		}
		amend := func(reference, title string, level signals.Confidentiality) {
			s := content[reference]
			s.Confidentiality = level
			if title != "" {
				s.Title = title
			}
			r.must(second(r.Amend(r.Context(), ofUWV, ids[reference], 0, s)))
		}
		r.index()
		editions := []queue.Message{edition(r, 8, nil)}
		r.publish(editions...)
		amend("S-recovered", "Anders", signals.Open)
		r.must(second(r.Withdraw(r.Context(), ofUWV, ids["S-withdrawn"], 0, "Vergissing.")))
		r.index()
		editions = append(editions, edition(r, 10, nil))
		r.publish(editions[1])
		amend("S-amended", "Anders", signals.Open)
		amend("S-back", "Anders", signals.Open)
		amend("S-back", "", signals.Open)
		amend("S-closed", "", signals.Confidential)
		amend("S-opened", "", signals.Open)
		r.triage(ids["S-same"], signals.Finding{Approach: signals.Solve})
		r.must(second(r.Redact(r.Context(), editor, ids["S-redacted"], 1, []signals.Place{{Field: "/titel"}}, "Naam.")))
		r.index()
		want := []string{"S-recovered", "S-same", "S-withdrawn"}
		r.same("what the public sees", r.seen(public), want)

		to := r.moved(r.fresh)
		r.must(second(to.Replay(r.Context())))
		to.index()
		to.publish(editions...)
		r.same("what the public sees of what was built again", to.seen(public), want)
		r.same("the tables", testenv.Rows(r.T, to.db, "signal"), testenv.Rows(r.T, r.db, "signal"))
	},
}

// bottlenecks are those of all signals that a grant sees, by reference; getting,
// listing and exporting must say the same.
func (r *rig) bottlenecks(grant access.Grant) (all []string) {
	r.Helper()
	listed, _, err := r.List(r.Context(), grant, signals.Filter{Order: signals.Oldest, Page: page.Page{Size: 9}})
	r.must(err)
	slices.SortFunc(listed, func(a, b signals.Signal) int {
		return cmp.Compare(a.ExternalReference, b.ExternalReference)
	})
	exported := map[string]string{}
	r.must(r.Export(r.Context(), grant, signals.Filter{}, func(s signals.Signal) error {
		exported[s.ID] = s.Bottleneck
		return nil
	}))
	for _, s := range listed {
		got, err := r.Get(r.Context(), grant, s.ID)
		r.must(err)
		r.same("the bottleneck of "+s.ExternalReference, []string{got.Signal.Bottleneck, exported[s.ID]}, []string{s.Bottleneck, s.Bottleneck})
		all = append(all, s.Bottleneck)
	}
	return all
}

// asked are the statements that listing and counting by a bottleneck run.
func (r *rig) asked(grant access.Grant, bottleneck string) (all []string) {
	r.Helper()
	ctx := sqldb.WithTrace(context.Background(), func(statement string) { all = append(all, statement) })
	_, _, err := r.List(ctx, grant, signals.Filter{Bottleneck: bottleneck, Page: page.Page{Size: 9}})
	r.must(err)
	r.must(second(r.Count(ctx, grant, signals.Filter{Bottleneck: bottleneck})))
	return all
}
