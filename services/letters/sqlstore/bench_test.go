package sqlstore_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/letters"
	"schakel.example/services/reference/refproto"
)

// BenchmarkApply is one entry of the ledger of signals, of about a kilobyte, on
// its way into the projection: an applier works off a backlog.
func BenchmarkApply(b *testing.B) {
	for _, engine := range testenv.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			db, store := fresh(engine)(b)(b)
			client, closeRedis, err := queue.Embedded()
			if err != nil {
				b.Fatal(err)
			}
			if err := queue.Migrate(b.Context(), db); err != nil {
				b.Fatal(err)
			}
			service := letters.New(letters.Config{DB: db, Store: store})
			applier, err := queue.NewApplier(queue.ApplierConfig{
				DB: db, Name: "signalen", Stream: queue.NewStream(client, "signalen"), Source: newBacklog(b),
				Apply: service.Apply, Subject: func(m queue.Message) string { return fmt.Sprint(m.Index) },
				Block: time.Millisecond,
			})
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan error, 1)
			b.ResetTimer()
			go func() { done <- applier.Run(ctx) }()
			for applied := int64(0); applied < int64(b.N); {
				w, err := applier.Watermark(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				applied = w.Applied
			}
			b.StopTimer()
			cancel()
			if err := <-done; err != nil {
				b.Error(err)
			}
			if err := closeRedis(); err != nil {
				b.Error(err)
			}
			if n := len(testenv.Rows(b, db, "known_signal")); n != b.N {
				b.Errorf("%d signals are known, want %d", n, b.N)
			}
		})
	}
}

// backlog is a ledger of as many signals as the benchmark asks for, each made
// when it is read.
type backlog struct {
	size     int64
	id       []byte
	template []byte
}

func newBacklog(b *testing.B) backlog {
	b.Helper()
	id := uuid.NewString()
	payload, err := ledger.Event{
		ID: uuid.Must(uuid.NewV7()).String(), Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Subject: id, Time: time.Now(), Data: &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{
			Id: id, Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117", Title: "Inkomensgrens wisselt per maand",
			Description: strings.Repeat("Wie wisselend verdient, betaalt achteraf terug. ", 10), ReceivedAt: refproto.Timestamp(time.Now()),
		}},
	}.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	return backlog{int64(b.N), []byte(id), payload}
}

// Size implements queue.Source.
func (l backlog) Size(context.Context) (int64, error) { return l.size, nil }

// Entries implements queue.Source.
func (l backlog) Entries(_ context.Context, from int64, limit int) (page []queue.Message, err error) {
	for i := from; i < min(from+int64(limit), l.size); i++ {
		id := []byte(uuid.NewString())
		page = append(page, queue.Message{Index: i, Payload: bytes.ReplaceAll(l.template, l.id, id)})
	}
	return page, nil
}
