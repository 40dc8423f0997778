package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// reading are the cases about showing signals.
var reading = map[string]func(*rig){
	"what another organisation submitted is as if it were not there": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		for name, grant := range map[string]access.Grant{"another": ofSVB, "the public": public, "nobody": nobody} {
			_, foreign := r.Get(r.Context(), grant, id)
			_, missing := r.Get(r.Context(), grant, uuid.NewString())
			r.refused(foreign, fault.NotFound, "onbekend-signaal")
			r.same(name+": the fault", fmt.Sprintf("%#v", fault.Of(foreign)), fmt.Sprintf("%#v", fault.Of(missing)))
			for what, f := range map[string]signals.Filter{
				"all": {}, "its organisation": {Organisation: uwv}, "its reference": {ExternalReference: "S-1"},
				"its state": {States: []signals.State{signals.Received}},
			} {
				r.same(name+" lists "+what, r.list(grant, f, 9), []string(nil))
			}
		}
		r.same("the organisation itself", r.list(ofUWV, signals.Filter{}, 9), []string{"S-1"})
		r.same("who oversees", r.list(overseer, signals.Filter{}, 9), []string{"S-1"})
	},
	"a list begins with the newest, and pages hold each signal once while others come": func(r *rig) {
		r.run(r.Service)
		var want []string
		for i := range 7 {
			r.pass(time.Millisecond)
			want = append(want, r.accept(signal(uwv, fmt.Sprintf("S-%d", i))).Signal.ExternalReference)
		}
		slices.Reverse(want)
		for _, size := range []int32{1, 2, 3, 7, 8} {
			r.same(fmt.Sprintf("in pages of %d", size), r.list(ofUWV, signals.Filter{}, size), want)
		}
		var got []string
		f := signals.Filter{Page: page.Page{Size: 2}}
		for n := 0; ; n++ {
			some, next, err := r.List(r.Context(), ofUWV, f)
			r.must(err)
			for _, s := range some {
				got = append(got, s.ExternalReference)
			}
			if next == "" {
				break
			}
			r.pass(time.Millisecond)
			r.accept(signal(uwv, fmt.Sprintf("S-later-%d", n)))
			f.Page, err = page.Parse(2, next)
			r.must(err)
		}
		r.same("while others come", got, want)
	},
	"signals of one moment are listed each once": func(r *rig) {
		r.run(r.Service)
		want := map[string]bool{}
		for i := range 9 {
			want[r.accept(signal(uwv, fmt.Sprintf("S-%d", i))).Signal.ExternalReference] = true
		}
		for _, size := range []int32{1, 2, 4} {
			got := map[string]bool{}
			all := r.list(ofUWV, signals.Filter{}, size)
			for _, s := range all {
				got[s] = true
			}
			r.same("the set", got, want)
			r.same("their number", len(all), len(want))
		}
	},
	"a filter leaves what all its conditions hold for": func(r *rig) {
		r.run(r.Service)
		bundled := r.accept(signal(uwv, "S-1")).Signal.ID
		for _, s := range []signals.Signal{signal(uwv, "S-2"), signal(svb, "S-1"), signal(svb, "S-3")} {
			r.pass(time.Second)
			r.accept(s)
		}
		r.apply(r.opened("B-1", bundled))
		for _, tt := range []struct {
			name string
			f    signals.Filter
			want []string
		}{
			{"none", signals.Filter{}, []string{"S-3", "S-1", "S-2", "S-1"}},
			{"organisation", signals.Filter{Organisation: uwv}, []string{"S-2", "S-1"}},
			{"reference", signals.Filter{ExternalReference: "S-1"}, []string{"S-1", "S-1"}},
			{"both", signals.Filter{Organisation: svb, ExternalReference: "S-1"}, []string{"S-1"}},
			{"a state", signals.Filter{States: []signals.State{signals.Bundled}}, []string{"S-1"}},
			{"two states", signals.Filter{States: []signals.State{signals.Bundled, signals.Received}, Organisation: uwv}, []string{"S-2", "S-1"}},
			{"a state that none has", signals.Filter{States: []signals.State{signals.Closed}}, nil},
			{"a part of a reference", signals.Filter{ExternalReference: "S-"}, nil},
			{"another case", signals.Filter{ExternalReference: "s-1"}, nil},
		} {
			r.same(tt.name, r.list(overseer, tt.f, 1), tt.want)
		}
	},
	"a signal shows the content of its revision": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		event, err := ledger.Parse(r.get(id).Payload)
		r.must(err)
		// There is no use case for it yet.
		event.ID = r.NewID()
		event.Data.(*eventsv1.SignalSubmitted).GetSignal().Title = "Anders"
		entry, err := ledger.Seal(event, 2)
		r.must(err)
		r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			return ledger.Append(r.Context(), tx, []ledger.Entry{entry})
		}))
		r.same("the first", r.get(id).Signal.Title, signal(uwv, "S-1").Title)
		r.exec("UPDATE signal SET revision = 2")
		r.same("the second", r.get(id).Signal.Title, "Anders")
	},
	"what an organisation notes for itself is for nobody who only may read the signal": func(r *rig) {
		r.run(r.Service)
		whole := confided(uwv, "S-1", signals.Open)
		id := r.accept(whole).Signal.ID
		other := r.accept(confided(uwv, "S-2", signals.Confidential)).Signal.ID
		r.must(second(r.Triage(r.Context(), editor, id, 0, signals.Finding{Approach: signals.Solve, Note: "Eerst intern bespreken."})))
		r.must(second(r.Merge(r.Context(), editor, id, other, 0, "Zelfde.")))
		r.apply(r.opened("B-1", id), r.sent(vws, "B-1"))
		r.index()
		r.publish(edition(r, 9, nil))
		for who, tt := range map[string]struct {
			grant access.Grant
			want  []string // note, where it is merged into, bottleneck
		}{
			"its organisation":     {ofUWV, []string{"Eerst intern bespreken.", other, "B-1"}},
			"who oversees":         {overseer, []string{"Eerst intern bespreken.", other, "B-1"}},
			"its department":       {of(vws, access.Beantwoorder), []string{"", "", "B-1"}},
			"another department":   {of(szw, access.Beantwoorder), []string{"", "", ""}},
			"the public":           {public, []string{"", "", ""}},
			"another organisation": {of(svb, access.Redacteur), []string{"", "", ""}},
		} {
			seen := map[string]signals.Signal{}
			got, err := r.Get(r.Context(), tt.grant, id)
			r.must(err)
			seen["gets"] = got.Signal
			all, _, err := r.List(r.Context(), tt.grant, signals.Filter{ExternalReference: "S-1", Page: page.Page{Size: 9}})
			r.must(err)
			seen["lists"] = all[0]
			r.must(r.Export(r.Context(), tt.grant, signals.Filter{ExternalReference: "S-1"}, func(s signals.Signal) error {
				seen["exports"] = s
				return nil
			}))
			for how, s := range seen {
				r.same(who+" "+how, []string{s.TriageNote, s.MergedInto, s.Bottleneck}, tt.want)
				r.same(who+" "+how+" its title", s.Title, whole.Title)
			}
		}
	},
	"a signal whose content was erased is still there": func(r *rig) {
		r.run(r.Service)
		erased := r.accept(r.whole(uwv, "S-1")).Signal
		r.pass(time.Second)
		r.accept(signal(uwv, "S-2"))
		r.exec(`UPDATE ledger_entry SET payload = NULL, salt = NULL, receipt = NULL WHERE subject = $1`, erased.ID)
		r.same("the list", r.list(ofUWV, signals.Filter{}, 1), []string{"S-2", "S-1"})
		r.same("what is left", r.get(erased.ID), signals.Stored{Signal: signals.Signal{
			ID: erased.ID, Organisation: uwv, ExternalReference: "S-1", Revision: 1,
			ReceivedAt: start, State: signals.Received, StateAt: start,
		}})
	},
}
