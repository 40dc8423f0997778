package storetest

import (
	"time"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/queue"
)

// following are the cases about the projection of signals.
var following = map[string]func(*rig){
	"a signal is known once its event came, and no less when it comes again": func(r *rig) {
		id := uuid.NewString()
		given := r.bottleneck(uwv, "K-1", id)
		r.refused(third(r.OpenBottleneck(r.Context(), ofUWV, given)), fault.Invalid, "onbekende-signalen",
			"bottleneck.signals[0] onbekend-signaal")
		event := r.submitted(id, uwv)
		r.apply(event)
		r.must(third(r.OpenBottleneck(r.Context(), ofUWV, given)))
		rows := r.rows()
		r.pass(time.Hour)
		r.apply(event, event, r.submitted(id, uwv))
		r.same("what is stored", r.rows(), rows)
	},
	"what says nothing of a new signal is passed over": func(r *rig) {
		r.apply(queue.Message{Erased: true},
			r.event("K-1", &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{Id: "K-1"}}))
		r.same("what is stored", r.rows(), []string(nil))
	},
	"what is no event is refused, to be looked at by people": func(r *rig) {
		r.refused(r.tryApply(queue.Message{Payload: []byte(`{"specversion":"1.0"}`)}), fault.Invalid, "gebeurtenis-ongeldig")
	},
}
