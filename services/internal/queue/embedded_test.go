package queue_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/queue/queuetest"
	"schakel.example/services/internal/testenv"
)

func embedded(t *testing.T) redis.UniversalClient {
	client, closeAll, err := queue.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := closeAll(); err != nil {
			t.Error(err)
		}
		if err := client.Ping(t.Context()).Err(); err == nil {
			t.Error("a closed Redis answers")
		}
	})
	return client
}

func await(t *testing.T, what string, met func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(30 * time.Second); !met(); {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestEmbeddedKeepsThePromises(t *testing.T) {
	t.Run("stream", func(t *testing.T) { queuetest.Stream(t, embedded(t)) })
	t.Run("applier", func(t *testing.T) {
		queuetest.Applier(t, embedded(t), testenv.Open(t, testenv.Engines()[0]))
	})
}

func TestEmbeddedBoundsItsStreams(t *testing.T) {
	client := embedded(t)
	var list []queue.Message
	for i := range int64(4 * queue.EmbeddedLen) {
		list = append(list, queue.Message{Index: i})
	}
	if err := queue.NewStream(client, "long").Publish(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	await(t, "the stream to be trimmed", func() bool {
		return client.XLen(t.Context(), "schakel:{long}").Val() == queue.EmbeddedLen
	})
}

func TestEmbeddedLetsTimePass(t *testing.T) {
	client := embedded(t)
	if err := client.Set(t.Context(), "short", "lived", 10*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	await(t, "the key to expire", func() bool { return client.Exists(t.Context(), "short").Val() == 0 })
}

func TestEmbeddedTakesLargePipelinesAndAnswers(t *testing.T) {
	client := embedded(t)
	stream := queue.NewStream(client, "large")
	payload := make([]byte, queue.MaxPayload)
	var list []queue.Message
	for i := range int64(500) {
		list = append(list, queue.Message{Index: i, Payload: payload})
	}
	if err := stream.Publish(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	reading, err := stream.Read(t.Context(), 0, 500, time.Second)
	if err != nil || len(reading.Messages) != 500 {
		t.Errorf("read %d messages, %v", len(reading.Messages), err)
	}
}
