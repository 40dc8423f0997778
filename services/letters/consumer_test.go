package letters_test

import (
	"testing"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/letters"
)

func TestWhatIsSaidOfOneSignalIsKeptInOrder(t *testing.T) {
	t.Parallel()
	payload, err := ledger.Event{
		ID: uuid.NewString(), Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Subject: "S-1", Time: now, Data: &eventsv1.SignalSubmitted{},
	}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		message queue.Message
		want    string
	}{
		"an event":            {queue.Message{Payload: payload}, "S-1"},
		"what was erased":     {queue.Message{Erased: true}, ""},
		"what cannot be read": {queue.Message{Payload: []byte("{")}, ""},
	} {
		if got := letters.Subject(tt.message); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
