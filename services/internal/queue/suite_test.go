package queue_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/queue/queuetest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func TestStream(t *testing.T) {
	testenv.EachRedis(t, queuetest.Stream)
}

func TestApplier(t *testing.T) {
	testenv.EachRedis(t, func(t *testing.T, client redis.UniversalClient) {
		testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
			queuetest.Applier(t, client, db)
		})
	})
}
