package storetest

import (
	"fmt"
	"testing"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// replaying are the cases about tables that are built again from the ledger.
var replaying = map[string]func(*rig){
	"the ledger folded anew in an empty database gives the live tables": func(r *rig) {
		Rebuild(r.T, r.fresh, r.fresh)
	},
	"a replay wants empty tables": func(r *rig) {
		r.run(r.Service)
		r.accept(signal(uwv, "S-1"))
		r.sequence()
		before := r.rows()
		_, err := r.Replay(r.Context())
		r.refused(err, fault.Precondition, "tabellen-niet-leeg")
		r.same("what is stored", r.rows(), before)
	},
	"a replay wants every entry to have its place": func(r *rig) {
		r.run(r.Service)
		r.accept(signal(uwv, "S-1"))
		r.exec("DELETE FROM signal")
		_, err := r.Replay(r.Context())
		r.refused(err, fault.Precondition, "logboek-wacht")
		r.sequence()
		n, err := r.Replay(r.Context())
		r.must(err)
		r.same("how many entries", n, 1)
	},
	"an empty ledger is replayed into nothing": func(r *rig) {
		n, err := r.Replay(r.Context())
		r.must(err)
		r.same("how many entries", n, 0)
	},
	"what was erased stays out": func(r *rig) {
		r.run(r.Service)
		erased := r.accept(signal(uwv, "S-1")).Signal.ID
		r.accept(signal(uwv, "S-2"))
		r.sequence()
		r.exec(`UPDATE ledger_entry SET payload = NULL, salt = NULL, receipt = NULL WHERE subject = $1`, erased)
		to := r.moved(r.fresh)
		n, err := to.Replay(r.Context())
		r.must(err)
		r.same("how many entries", n, 2)
		r.same("what is there", to.list(overseer, signals.Filter{}, 9), []string{"S-2"})
	},
	"a replay that fails leaves the tables empty": func(r *rig) {
		r.run(r.Service)
		r.accept(signal(uwv, "S-1"))
		stray, err := ledger.Seal(ledger.Event{
			ID: r.NewID(), Source: r.Source, Subject: "B-1", Organisation: uwv, Time: start,
			Data: &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{Id: "B-1"}},
		}, 1)
		r.must(err)
		r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			return ledger.Append(r.Context(), tx, []ledger.Entry{stray})
		}))
		r.sequence()
		to := r.moved(r.fresh)
		if n, err := to.Replay(r.Context()); err == nil || n != 0 {
			r.Errorf("%d entries, %v", n, err)
		}
		r.same("what is there", to.list(overseer, signals.Filter{}, 9), []string(nil))
	},
}

// Rebuild makes signals in one database, moves its ledger to another, of any
// engine, folds it there and compares the two.
func Rebuild(t *testing.T, from, into func(testing.TB) Database) {
	r := newRig(t, from)
	var given []signals.Signal
	for i := range 600 { // more than a page of a replay
		given = append(given, signal([]string{uwv, svb}[i%2], fmt.Sprintf("S-%03d", i)))
	}
	var ids []string
	for _, a := range r.together(append(given, r.whole(uwv, "S-whole"))...) {
		r.must(a.err)
		ids = append(ids, a.Signal.ID)
	}
	r.sequence()
	r.pass(1)
	letters := []queue.Message{r.opened("B-1", ids[0], ids[2]), r.opened("B-2", ids[600]), r.answered("B-1")}
	r.apply(letters...)

	to := r.moved(into)
	n, err := to.Replay(t.Context())
	r.must(err)
	r.same("how many entries", n, 601)
	to.apply(letters...)
	r.same("the tables", testenv.Rows(t, to.db, "signal"), testenv.Rows(t, r.db, "signal"))
	r.same("the whole signal", to.get(ids[600]), r.get(ids[600]))

	to.run(to.Service)
	again, err := submit(t.Context(), to.Service, r.whole(uwv, "S-whole"))
	r.must(err)
	r.same("a repetition", again, signals.Submission{
		Signal: r.get(ids[600]).Signal, Receipt: r.get(ids[600]).Receipt, Repeated: true,
	})
}

// sequence gives all entries their place.
func (r *rig) sequence() {
	r.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = r.Service.Log.Sequence(r.Context())
		r.must(err)
	}
}
