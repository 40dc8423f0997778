package signals_test

import (
	"testing"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/signals"
)

func TestWhatIsSaidOfOneBottleneckIsKeptInOrder(t *testing.T) {
	t.Parallel()
	message := func(subject string, data proto.Message) queue.Message {
		payload, err := ledger.Event{
			ID: uuid.NewString(), Source: "urn:nld:oin:00000001823288444000:systeem:schakel-knelpunten",
			Subject: subject, Time: now, Data: data,
		}.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return queue.Message{Payload: payload}
	}
	for name, tt := range map[string]struct {
		message queue.Message
		want    string
	}{
		"its opening":         {message("K-1", &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{Id: "K-1"}}), "K-1"},
		"an answer to it":     {message("R-1", &eventsv1.ItemAnswered{Letter: "L-1", Bottleneck: "K-1"}), "K-1"},
		"another event":       {message("L-1", &eventsv1.LetterSent{}), "L-1"},
		"what was erased":     {queue.Message{Erased: true}, ""},
		"what cannot be read": {queue.Message{Payload: []byte("{")}, ""},
	} {
		if got := signals.Subject(tt.message); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
