package queuetest

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// Applier tries all that package queue promises of an Applier, on one Redis and
// one database.
func Applier(t *testing.T, client redis.UniversalClient, db *sqldb.DB) {
	for range 2 { // a second migration finds nothing to do
		if err := queue.Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(t.Context(), schema)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []map[string]func(*rig){delivery, succession, parking, together, outage} {
		for name, try := range topic {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				try(newRig(t, client, db))
			})
		}
	}
}
