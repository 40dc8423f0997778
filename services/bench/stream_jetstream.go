package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// window is how many signals a stream may have on their way without an
// acknowledgement.
const window = 256

// published is the load of publishing to a stream of JetStream, each client over
// a connection of its own.
func published(clients []nats.JetStreamContext, subject string, sources []*source) load {
	return func(ctx context.Context, client int, until time.Time) (int, error) {
		js, sent := clients[client], 0
		var acks []nats.PubAckFuture
		for time.Now().Before(until) && ctx.Err() == nil {
			ack, err := js.PublishAsync(subject, sources[client].append(nil), nats.StallWait(patience))
			if err != nil {
				return sent, err
			}
			acks = append(acks, ack)
			sent++
		}
		select {
		case <-js.PublishAsyncComplete():
		case <-time.After(patience):
			return 0, fmt.Errorf("bench: JetStream acknowledged nothing for %v", patience)
		}
		for _, ack := range acks {
			select {
			case <-ack.Ok():
			case err := <-ack.Err():
				return 0, fmt.Errorf("bench: JetStream refused: %w", err)
			}
		}
		return sent, nil
	}
}

// joinJetStream connects and makes the stream if it is not there.
func joinJetStream(url, subject string) (*nats.Conn, nats.JetStreamContext, error) {
	conn, err := nats.Connect(url)
	if err != nil {
		return nil, nil, err
	}
	js, err := conn.JetStream(nats.PublishAsyncMaxPending(window))
	if err == nil {
		_, err = js.AddStream(&nats.StreamConfig{Name: subject, Subjects: []string{subject}, Storage: nats.FileStorage})
	}
	if err != nil {
		conn.Close()
	}
	return conn, js, err
}
