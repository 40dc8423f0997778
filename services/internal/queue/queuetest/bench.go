package queuetest

import (
	"bytes"
	"context"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// load is how many entries a benchmark hands over at a time: what the embedded
// Redis holds. An operation is one entry.
const load = 1000

// pageSize is the batch of the applier's default.
const pageSize = 500

// payload has the size of a common signal.
var payload = bytes.Repeat([]byte("x"), 700)

// rounds gives the first index of each load that b asks for.
func rounds(b *testing.B) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for first := int64(0); first < int64(b.N) && yield(first); first += load {
		}
	}
}

func loadFrom(first int64) (list []queue.Message) {
	for i := range int64(load) {
		list = append(list, queue.Message{Index: first + i, Payload: payload})
	}
	return list
}

// BenchmarkStream measures the fast path alone.
func BenchmarkStream(b *testing.B, client redis.UniversalClient) {
	b.Run("publish", func(b *testing.B) {
		stream := queue.NewStream(client, uuid.NewString())
		for first := range rounds(b) {
			publish(b, stream, loadFrom(first))
		}
	})
	b.Run("read", func(b *testing.B) {
		stream := queue.NewStream(client, uuid.NewString())
		publish(b, stream, loadFrom(0))
		b.ResetTimer()
		for range rounds(b) {
			for from := int64(0); from < load; {
				reading, err := stream.Read(b.Context(), from, pageSize, time.Second)
				if err != nil {
					b.Fatal(err)
				}
				from = reading.Top
			}
		}
	})
}

func publish(b *testing.B, stream *queue.Stream, list []queue.Message) {
	b.Helper()
	if err := stream.Publish(b.Context(), list); err != nil {
		b.Fatal(err)
	}
}

// fold is the work of a handler on one entry.
type fold func(ctx context.Context, tx *sqldb.Tx, name string, m queue.Message) error

func nothing(context.Context, *sqldb.Tx, string, queue.Message) error { return nil }

func insert(ctx context.Context, tx *sqldb.Tx, name string, m queue.Message) error {
	_, err := tx.Exec(ctx, `INSERT INTO queuetest_row (source, idx, place, payload) VALUES ($1, $2, $2, $3)`,
		name, m.Index, string(m.Payload))
	return err
}

// BenchmarkApplier measures the way from the stream into a database, and beside
// it a bare loop that writes the same rows in batches of the same size.
func BenchmarkApplier(b *testing.B, client redis.UniversalClient, db *sqldb.DB) {
	if err := queue.Migrate(b.Context(), db); err != nil {
		b.Fatal(err)
	}
	within(b, db, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(b.Context(), schema)
		return err
	})
	b.Run("empty", func(b *testing.B) { applied(b, client, db, nothing) })
	b.Run("row", func(b *testing.B) { applied(b, client, db, insert) })
	b.Run("row-bare-loop", func(b *testing.B) {
		name := uuid.NewString()
		for first := range rounds(b) {
			list := loadFrom(first)
			for page := range load / pageSize {
				within(b, db, func(tx *sqldb.Tx) error {
					for _, m := range list[page*pageSize : (page+1)*pageSize] {
						if err := insert(b.Context(), tx, name, m); err != nil {
							return err
						}
					}
					return nil
				})
			}
		}
	})
}

func within(b *testing.B, db *sqldb.DB, f func(*sqldb.Tx) error) {
	b.Helper()
	if err := db.Write(b.Context(), f); err != nil {
		b.Fatal(err)
	}
}

// applied measures appliers that each find a load in the stream, from the start
// of Run until the load is committed.
func applied(b *testing.B, client redis.UniversalClient, db *sqldb.DB, work fold) {
	name := uuid.NewString()
	stream := queue.NewStream(client, name)
	b.ResetTimer()
	for first := range rounds(b) {
		b.StopTimer()
		publish(b, stream, loadFrom(first))
		end := first + load
		seen := make(chan struct{}, 1)
		a, err := queue.NewApplier(queue.ApplierConfig{
			DB: db, Name: name, Stream: stream, Source: &ledger{fault: unavailable}, Subject: subjectOf,
			Block: time.Millisecond, // so that it stops soon, between two loads
			Apply: func(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
				if m.Index+1 == end {
					seen <- struct{}{}
				}
				return work(ctx, tx, name, m)
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		ended := make(chan error, 1)
		b.StartTimer()
		go func() { ended <- a.Run(ctx) }()
		<-seen
		for committed := false; !committed; {
			w, err := a.Watermark(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			committed = w.Applied == end
		}
		b.StopTimer()
		cancel()
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
