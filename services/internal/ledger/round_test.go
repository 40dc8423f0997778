package ledger

import (
	"testing"

	"github.com/google/uuid"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// A round whose commit went through but was reported as failed: to the process
// it is as if another one with its own epoch had done the round.
func TestARoundStoredUnknownToTheLeaderIsFoundByTheNext(t *testing.T) {
	t.Parallel()
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		if err := Migrate(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		skey, vkey, err := GenerateKey("schakel.example/logboek")
		if err != nil {
			t.Fatal(err)
		}
		signer, err := NewSigner("schakel.example/logboek", skey)
		if err != nil {
			t.Fatal(err)
		}
		l, err := New(Config{DB: db, Signer: signer})
		if err != nil {
			t.Fatal(err)
		}
		grow := func(l *Log, n int) {
			t.Helper()
			entries := make([]Entry, n)
			for i := range entries {
				id := uuid.NewString()
				entries[i] = Entry{ID: id, Subject: id, Revision: 1, Payload: []byte(id)}
			}
			err := db.Write(t.Context(), func(tx *sqldb.Tx) error { return Append(t.Context(), tx, entries) })
			if err != nil {
				t.Fatal(err)
			}
			if got, err := l.Sequence(t.Context()); got != n || err != nil {
				t.Fatalf("%d entries placed, want %d: %v", got, n, err)
			}
		}
		grow(l, 3)
		forgetful, err := New(l.cfg)
		if err != nil {
			t.Fatal(err)
		}
		forgetful.epoch.Store(l.epoch.Load())
		grow(forgetful, 5)
		grow(l, 300)

		keys, err := Keys(vkey)
		if err != nil {
			t.Fatal(err)
		}
		c, err := l.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCheckpoint(c.Note, keys); err != nil || c.Size != 308 {
			t.Fatalf("checkpoint of %d: %v", c.Size, err)
		}
		for index := range c.Size { // verified against the checkpoint
			if _, _, err := l.Inclusion(t.Context(), index, c.Size); err != nil {
				t.Fatalf("entry %d: %v", index, err)
			}
		}
	})
}
