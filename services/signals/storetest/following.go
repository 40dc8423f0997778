package storetest

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// following are the cases about what becomes of signals in letters.
var following = map[string]func(*rig){
	"a signal is bundled, and then answered": func(r *rig) {
		r.run(r.Service)
		one, other := r.accept(signal(uwv, "S-1")), r.accept(signal(uwv, "S-2"))
		r.pass(time.Hour)
		opened := r.opened("B-1", one.Signal.ID)
		r.pass(time.Minute) // on its way
		r.apply(opened)
		want := one.Signal
		want.State, want.StateAt, want.Bottleneck = signals.Bundled, start.Add(time.Hour), "B-1"
		r.same("once bundled", r.get(one.Signal.ID).Signal, want)
		at, answered := r.Now(), r.answered("B-1")
		r.pass(time.Minute)
		r.apply(answered)
		want.State, want.StateAt = signals.Answered, at
		r.same("once answered", r.get(one.Signal.ID).Signal, want)
		r.same("the receipt", string(r.get(one.Signal.ID).Receipt), string(one.Receipt))
		r.same("another signal", r.get(other.Signal.ID).Signal, other.Signal)
	},
	"events that come again change nothing": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		opened, answered := r.opened("B-1", id), r.answered("B-1")
		r.apply(opened, answered)
		before := r.rows()
		r.pass(time.Hour)
		r.apply(opened, answered, r.opened("B-1", id), r.answered("B-1"))
		r.same("what is stored", r.rows(), before)
	},
	"a signal stays in its first bottleneck": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		r.apply(r.opened("B-1", id))
		before := r.rows()
		r.pass(time.Hour)
		r.apply(r.opened("B-2", id), r.answered("B-2"))
		r.same("what is stored", r.rows(), before)
	},
	"a signal that was withdrawn stays so, whatever letters tell": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		_, err := r.Withdraw(r.Context(), ofUWV, id, 0, "Dubbel ingediend.")
		r.must(err)
		r.apply(r.opened("B-1", id), r.answered("B-1"))
		got := r.get(id).Signal
		r.same("its state", got.State, signals.Withdrawn)
		r.same("its bottleneck", got.Bottleneck, "B-1")
	},
	"an answer to a bottleneck without signals of ours changes nothing": func(r *rig) {
		r.run(r.Service)
		r.accept(signal(uwv, "S-1"))
		before := r.rows()
		r.apply(r.answered("B-1"), r.opened("B-2", uuid.NewString()), r.answered(""))
		r.same("what is stored", r.rows(), before)
	},
	"what says nothing of signals is passed over": func(r *rig) {
		r.run(r.Service)
		r.apply(
			queue.Message{Erased: true},
			r.event("L-1", &eventsv1.LetterSent{Letter: &lettersv1.Letter{Id: "L-1"}}),
			r.event("L-1/1", &eventsv1.ItemPresented{Letter: "L-1", Item: &lettersv1.LetterItem{Bottleneck: "B-1"}}),
		)
		r.same("what is stored", len(r.rows()), 0)
	},
	"what is no event is refused, to be looked at by people": func(r *rig) {
		err := r.tryApply(queue.Message{Payload: []byte(`{"specversion":"1.0"}`)})
		r.refused(err, fault.Invalid, "gebeurtenis-ongeldig")
	},
	"the first thousand signals of a bottleneck are bundled at once": func(r *rig) {
		given := make([]signals.Signal, 1000)
		for i := range given {
			given[i] = signal(uwv, uuid.NewString())
		}
		var ids []string
		for _, a := range r.together(given...) {
			r.must(a.err)
			ids = append(ids, a.Signal.ID)
		}
		r.apply(r.opened("B-1", ids...))
		r.same("how many are bundled", len(r.list(ofUWV, signals.Filter{States: []signals.State{signals.Bundled}}, 500)), 1000)
	},
}

// apply folds messages of letters, in one transaction.
func (r *rig) apply(messages ...queue.Message) {
	r.Helper()
	r.must(r.tryApply(messages...))
}

func (r *rig) tryApply(messages ...queue.Message) error {
	return r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
		for _, m := range messages {
			if err := r.Apply(r.Context(), tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// opened says that a bottleneck of these signals was opened now.
func (r *rig) opened(bottleneck string, ids ...string) queue.Message {
	return r.event(bottleneck, &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{Id: bottleneck, Signals: ids}})
}

// answered says that a bottleneck was answered now.
func (r *rig) answered(bottleneck string) queue.Message {
	return r.event(uuid.NewString(), &eventsv1.ItemAnswered{Letter: "L-1", Number: 1, Bottleneck: bottleneck})
}

// event is a message of the ledger of letters.
func (r *rig) event(subject string, data proto.Message) queue.Message {
	r.Helper()
	payload, err := ledger.Event{
		ID: r.NewID(), Source: "urn:nld:oin:00000001823288444000:systeem:schakel-knelpunten",
		Subject: subject, Organisation: uwv, Time: r.Now(), Data: data,
	}.Marshal()
	r.must(err)
	return queue.Message{Payload: payload}
}
