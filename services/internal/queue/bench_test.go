package queue_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/queue/queuetest"
	"schakel.example/services/internal/testenv"
)

// eachServer runs f on the embedded Redis, and on a real one when servers are
// required.
func eachServer(b *testing.B, f func(b *testing.B, client redis.UniversalClient)) {
	b.Run("embedded", func(b *testing.B) {
		client, closeAll, err := queue.Embedded()
		if err != nil {
			b.Fatal(err)
		}
		f(b, client)
		if err := closeAll(); err != nil {
			b.Fatal(err)
		}
	})
	if len(testenv.Engines()) == 1 {
		return // the servers are left out, as Main says
	}
	b.Run("redis-server", func(b *testing.B) {
		client, err := queue.Connect("redis://" + testenv.Redis(b))
		if err != nil {
			b.Fatal(err)
		}
		f(b, client)
		if err := client.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkStream(b *testing.B) { eachServer(b, queuetest.BenchmarkStream) }

func BenchmarkApplier(b *testing.B) {
	eachServer(b, func(b *testing.B, client redis.UniversalClient) {
		for _, engine := range testenv.Engines() {
			b.Run(string(engine), func(b *testing.B) {
				queuetest.BenchmarkApplier(b, client, testenv.Open(b, engine))
			})
		}
	})
}
