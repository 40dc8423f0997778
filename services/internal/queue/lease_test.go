package queue

import (
	"errors"
	"testing"
	"time"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// TestALeaseGoesByWhatIsStored tries what a connection that breaks during a
// commit would bring about: a lease in memory that is behind its row.
func TestALeaseGoesByWhatIsStored(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		if err := Migrate(ctx, db); err != nil {
			t.Fatal(err)
		}
		who := &candidate{db: db, source: "letters", holder: "one", ttl: time.Hour}
		held, err := who.try(ctx, nil)
		if err != nil || held == nil {
			t.Fatalf("try = %+v, %v", held, err)
		}
		advance := func(to int64) error {
			return db.Write(ctx, func(tx *sqldb.Tx) error { return held.advance(ctx, tx, to) })
		}
		if err := advance(10); err != nil {
			t.Fatal(err)
		}
		if err := advance(10); !errors.Is(err, errFenced) {
			t.Errorf("a batch from a watermark that is not stored: %v", err)
		}
		again, err := who.try(ctx, held)
		if err != nil || again == nil || again.epoch != held.epoch || again.applied != 10 {
			t.Errorf("try = %+v, %v; want the same epoch at 10", again, err)
		}
		held = again
		if err := advance(20); err != nil {
			t.Errorf("a batch from the stored watermark: %v", err)
		}
	})
}
