package storetest

import (
	"fmt"
	"strings"
	"time"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/reference/refproto"
	"schakel.example/services/signals"
)

// proposing are the cases about fixes that become the proposal of a bottleneck.
var proposing = map[string]func(*rig){
	"the fifth of fixes that are alike proposes a bottleneck, once": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		var ids []string
		for i := range 4 {
			ids = append(ids, r.accept(fix(i, wia76)).Signal.ID)
			r.pass(24 * time.Hour)
		}
		own.apply()
		r.same("after four", len(r.proposals(own)), 0)
		ids = append(ids, r.accept(fix(4, "jci1.3:v:BWBR0019057&artikel=76&lid=2&z=2026-01-01&g=2026-01-01", wia77)).Signal.ID) // of one article
		r.pass(time.Second)
		got := r.proposals(own)
		r.same("how many", len(got), 1)
		p := got[0]
		r.same("the signals", p.GetSignals(), ids)
		r.same("whose, and of what", []string{p.GetOrganisation(), p.GetCategory(), p.GetProvision().GetJci()},
			[]string{uwv, "hardheid", "jci1.3:c:BWBR0019057&artikel=76"})
		r.same("the rule", []any{p.GetRule().GetThreshold(), p.GetRule().GetWindowDays(), p.GetRule().GetPreset()}, []any{int32(5), int32(365), true})
		r.same("when", refproto.Time(p.GetProposedAt()), r.Now())
		entries := r.history(p.GetProposal())
		r.same("the entries", len(entries), 1)
		event, err := ledger.Parse(entries[0].Payload)
		r.must(err)
		r.same("the event", []any{event.Organisation, event.Subject, event.Time}, []any{uwv, p.GetProposal(), r.Now()})
		r.accept(fix(5, wia76))
		r.same("after a sixth", len(r.proposals(own)), 1)
	},
	"only fixes that are alike count": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		moved, other := r.accept(fix(20, wia76)).Signal.ID, r.accept(fix(21, wia76)).Signal.ID
		own.apply()
		content := fix(20, wia77)
		content.AmendmentReason = "Verkeerd artikel."
		r.must(second(r.Amend(r.Context(), ofUWV, moved, 0, content)))
		r.triage(other, signals.Finding{Approach: signals.Fix, Categories: []string{"samenloop"}})
		for i := range 4 {
			r.accept(fix(i, wia76))
		}
		solve, category, foreign, ruleless := fix(10, wia76), fix(11, wia76), fix(12, wia76), fix(13)
		solve.Approach, category.Categories, foreign.Organisation = signals.Solve, []string{"samenloop"}, svb
		for _, s := range []signals.Signal{solve, category, foreign, ruleless, fix(14, wia77), fix(15, "jci1.3:c:BWBR0019057")} {
			r.accept(s)
		}
		r.same("what is not alike", len(r.proposals(own)), 0)
		both := fix(16, wia77, wia76)
		both.Categories = []string{"samenloop", "hardheid"}
		r.accept(both)
		r.same("any of its categories and rules", len(r.proposals(own)), 1)
	},
	"fixes without a rule never make a proposal": func(r *rig) {
		r.run(r.Service)
		for i := range 6 {
			r.accept(fix(i))
		}
		r.same("how many", len(r.proposals(r.own())), 0)
	},
	"what was withdrawn or merged does not count, and what is triaged, amended or split does": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		var ids []string
		for i := range 8 {
			s := fix(i, wia76)
			if i >= 4 {
				s.Approach = signals.Solve
			}
			ids = append(ids, r.accept(s).Signal.ID)
		}
		r.must(second(r.Withdraw(r.Context(), ofUWV, ids[0], 0, "Vergissing.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids[1], ids[2], 0, "Zelfde.")))
		r.triage(ids[4], signals.Finding{Approach: signals.Fix})
		content := fix(5, wia76)
		content.AmendmentReason = "Eén geval."
		r.must(second(r.Amend(r.Context(), ofUWV, ids[5], 0, content)))
		r.same("of four that count", len(r.proposals(own)), 0) // 2, 3, 4 and 5
		r.triage(ids[3], signals.Finding{Approach: signals.Solve})
		r.triage(ids[6], signals.Finding{Approach: signals.Fix})
		r.same("of four that count again", len(r.proposals(own)), 0) // 2, 4, 5 and 6
		r.must(second(r.Unmerge(r.Context(), ofUWV, ids[1], 0, "Toch niet.")))
		got := r.proposals(own)
		r.same("how many", len(got), 1)
		r.same("the signals", got[0].GetSignals(), []string{ids[1], ids[2], ids[4], ids[5], ids[6]})
	},
	"only fixes within the window count, whatever the order in which they are triaged": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		r.rule("hardheid", 3, 10)
		var ids []string
		for i, days := range []int{0, 11, 1, 3, 9} { // received on day 0, 11, 12, 15, 24
			r.pass(time.Duration(days) * 24 * time.Hour)
			s := fix(i, wia76)
			if i == 2 {
				s.Approach = signals.Solve
			}
			ids = append(ids, r.accept(s).Signal.ID)
		}
		r.same("before the one between is triaged", len(r.proposals(own)), 0)
		r.triage(ids[2], signals.Finding{Approach: signals.Fix})
		got := r.proposals(own)
		r.same("how many", len(got), 1)
		r.same("the signals", got[0].GetSignals(), ids[1:4])
	},
	"each proposal within a window asks for twice as many as the one before": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		r.rule("hardheid", 2, 30)
		var sizes []int
		for i := range 29 {
			r.accept(fix(i, wia76))
			own.apply()
		}
		for _, p := range r.proposals(own) {
			sizes = append(sizes, len(p.GetSignals()))
		}
		r.same("how many each names", sizes, []int{2, 4, 8})
		r.pass(31 * 24 * time.Hour)
		r.accept(fix(30, wia76))
		r.accept(fix(31, wia76))
		r.same("after a window's time", len(r.proposals(own)), 4)
	},
	"a rule holds for what comes after it, together with what was before": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		r.rule("hardheid", 0, 30)
		for i := range 6 {
			r.accept(fix(i, wia76))
		}
		r.rule("hardheid", 7, 30)
		r.same("before anything comes after it", len(r.proposals(own)), 0)
		r.rule("samenloop", 2, 30) // of another category
		r.accept(fix(6, wia76))
		got := r.proposals(own)
		r.same("how many", len(got), 1)
		r.same("how many signals", len(got[0].GetSignals()), 7)
		r.same("the rule", []any{got[0].GetRule().GetThreshold(), got[0].GetRule().GetPreset()}, []any{int32(7), false})
	},
	"a sandbox proposes nothing": func(r *rig) {
		r.run(r.Service)
		for i := range 6 {
			s := fix(i, wia76)
			s.Organisation = "urn:nld:oin:00000099000000001000"
			r.accept(s)
		}
		r.same("how many", len(r.proposals(r.own())), 0)
	},
	"events that come again propose nothing again": func(r *rig) {
		r.run(r.Service)
		r.rule("hardheid", 2, 30)
		for i := range 9 {
			r.accept(fix(i, wia76))
		}
		own := r.own()
		want := named(r.proposals(own))
		r.same("how many", len(want), 2)
		own.at = 0
		r.same("when all came again", named(r.proposals(own)), want)
		r.exec("DELETE FROM signal_theme")
		own.at = 0
		r.same("when it is built anew", named(r.proposals(own)), want)
	},
	"what is built anew from the ledger proposes nothing again, and goes on as the live one": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		r.accept(fix(50, "jci1.3:c:BWBR0019057&artikel=78")) // before there is a rule
		r.rule("hardheid", 4, 30)
		var ids []string
		for i := range 14 {
			ids = append(ids, r.accept(fix(i, wia76, wia77)).Signal.ID)
			own.apply()
			r.pass(24 * time.Hour)
		}
		places := []signals.Place{{Field: "/titel", First: 1, Last: 4}}
		r.must(second(r.Redact(r.Context(), ofUWV, ids[2], 1, places, "Naam.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids[13], ids[12], 0, "Zelfde.")))
		r.triage(ids[0], signals.Finding{Approach: signals.Fix, Categories: []string{"hardheid", "samenloop"}})
		solve := func(n int) signals.Signal {
			s := fix(n, wia79)
			s.Approach = signals.Solve
			return s
		}
		moved, gone := r.accept(solve(60)).Signal.ID, r.accept(solve(61)).Signal.ID
		r.must(second(r.Amend(r.Context(), ofUWV, moved, 0, amended(fix(60, wia80)))))
		r.must(second(r.Withdraw(r.Context(), ofUWV, gone, 0, "Dubbel.")))
		r.accept(solve(62))
		r.rule("hardheid", 1, 1) // for what comes after
		want := named(r.proposals(own))
		r.same("how many", len(want), 4) // of each article 4 and 8
		to := r.moved(r.fresh)
		r.must(second(to.Replay(r.Context())))
		anew := to.own()
		anew.oneByOne = true
		r.same("the proposals", named(to.proposals(anew)), want)
		tables := []string{"triage_rule", "signal_theme", "bottleneck_proposal", "proposed_fix"}
		r.same("the tables", testenv.Rows(r.T, to.db, tables...), testenv.Rows(r.T, r.db, tables...))
		to.clock.Store(r.clock.Load())
		to.run(to.Service)
		for _, of := range []*rig{r, to} {
			of.accept(fix(99, wia76))
		}
		live, folded := r.proposals(own), to.proposals(anew)
		r.same("what comes next", folded[len(folded)-1].GetProposal(), live[len(live)-1].GetProposal())
		r.same("how many then", []int{len(live), len(folded)}, []int{5, 5})
	},
	"nothing of a proposal is stored when its entry cannot be": func(r *rig) {
		r.run(r.Service)
		own := r.own()
		for i := range 5 {
			r.accept(fix(i, wia76))
		}
		own.sequence()
		tables := []string{"signal_theme", "bottleneck_proposal", "proposed_fix"}
		entries, err := r.Service.Log.Entries(r.Context(), 0, 500)
		r.must(err)
		r.exec("ALTER TABLE ledger_pending RENAME TO gone")
		err = r.db.Write(r.Context(), func(tx *sqldb.Tx) error { return own.fold(tx, entries) })
		r.exec("ALTER TABLE gone RENAME TO ledger_pending")
		if !fault.Is(err, fault.Internal) {
			r.Errorf("%v", err)
		}
		r.same("what is stored", testenv.Rows(r.T, r.db, tables...), []string(nil))
		r.same("the next time", len(r.proposals(own)), 1)
	},
	"a rule is the preset one until it is set, and setting the same again changes nothing": func(r *rig) {
		categories := []string{"hardheid", "samenloop"}
		rules := func(grant access.Grant, organisation string) []signals.Rule {
			all, err := r.Rules(r.Context(), grant, organisation, categories)
			r.must(err)
			return all
		}
		preset := []signals.Rule{
			{Organisation: uwv, Category: "hardheid", Threshold: 5, WindowDays: 365, Preset: true},
			{Organisation: uwv, Category: "samenloop", Threshold: 5, WindowDays: 365, Preset: true},
		}
		r.same("before", rules(ofUWV, uwv), preset)
		r.rule("samenloop", 0, 30)
		r.rule("vervallen", 9, 90)
		want := []signals.Rule{preset[0], {Organisation: uwv, Category: "samenloop", WindowDays: 30}, {Organisation: uwv, Category: "vervallen", Threshold: 9, WindowDays: 90}}
		r.same("after", rules(ofUWV, uwv), want)
		before := testenv.Rows(r.T, r.db, "triage_rule", "ledger_entry")
		r.must(atOnce(4, func(int) error { return second(r.SetRule(r.Context(), ofUWV, want[1])) }))
		r.same("what is stored", testenv.Rows(r.T, r.db, "triage_rule", "ledger_entry"), before)
		r.rule("samenloop", 5, 365) // what the preset one says, but now it is theirs
		want[1] = signals.Rule{Organisation: uwv, Category: "samenloop", Threshold: 5, WindowDays: 365}
		r.same("of who oversees", rules(overseer, uwv), want)
		r.same("the entries", len(r.history(uwv+"#samenloop")), 2)
		r.same("of another", rules(ofSVB, uwv), []signals.Rule(nil))
		r.same("of what is not there", rules(ofSVB, "https://identifier.overheid.nl/tooi/id/zbo/zb999999"), []signals.Rule(nil))
		_, err := r.SetRule(r.Context(), ofSVB, want[1])
		r.refused(err, fault.Denied, "andere-organisatie")
	},
}

// fix is a signal of UWV about one case, under a reference of its own.
func fix(n int, rules ...string) signals.Signal {
	s := on(signal(uwv, fmt.Sprintf("S-%03d", n)), rules...)
	s.Approach = signals.Fix
	return s
}

// amended is the new content of a signal.
func amended(s signals.Signal) signals.Signal {
	s.AmendmentReason = "Nader bekeken."
	return s
}

// rule sets a rule of UWV.
func (r *rig) rule(category string, threshold, days int) {
	r.Helper()
	r.must(second(r.SetRule(r.Context(), ofUWV, signals.Rule{Organisation: uwv, Category: category, Threshold: threshold, WindowDays: days})))
}

// named tells proposals apart: their ids and what they name.
func named(all []*eventsv1.BottleneckProposed) (out []string) {
	for _, p := range all {
		out = append(out, p.GetProposal()+": "+strings.Join(p.GetSignals(), " "))
	}
	return out
}

// proposals are those that the ledger tells of, the oldest first, once all of it
// was applied.
func (r *rig) proposals(own *ownApplier) (all []*eventsv1.BottleneckProposed) {
	r.Helper()
	own.apply()
	entries, err := own.Service.Log.Entries(r.Context(), 0, 5000)
	r.must(err)
	for _, e := range entries {
		if e.Erased {
			continue
		}
		event, err := ledger.Parse(e.Payload)
		r.must(err)
		if p, ok := event.Data.(*eventsv1.BottleneckProposed); ok {
			all = append(all, p)
		}
	}
	return all
}
