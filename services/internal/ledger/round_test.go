package ledger

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// newLog makes a log on an empty ledger.
func newLog(t *testing.T, db *sqldb.DB) *Log {
	t.Helper()
	if err := Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	skey, _, err := GenerateKey("schakel.example/logboek")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner("schakel.example/logboek", skey)
	if err != nil {
		t.Fatal(err)
	}
	l, err := New(Config{DB: db, Signer: signer, Lease: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A round whose commit went through but was reported as failed: to the process
// it is as if another one with its own epoch had done the round.
func TestARoundStoredUnknownToTheLeaderIsFoundByTheNext(t *testing.T) {
	t.Parallel()
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		l := newLog(t, db)
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

		for index := range int64(308) { // verified against the checkpoint
			if _, _, err := l.Inclusion(t.Context(), index, 308); err != nil {
				t.Fatalf("entry %d: %v", index, err)
			}
		}
	})
}

func TestOfTwoThatTakeOverAtOnceOneLeads(t *testing.T) {
	t.Parallel()
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		l := newLog(t, db)
		var seen state // by both
		second := seen
		if err := l.takeOver(t.Context(), &seen); err != nil {
			t.Fatal(err)
		}
		if err := l.takeOver(t.Context(), &second); !errors.Is(err, ErrNotLeader) {
			t.Errorf("the second: %v, epoch %d", err, second.epoch)
		}
	})
}

func TestWakeEndsTheWaitForTheNextPoll(t *testing.T) {
	t.Parallel()
	l := newLog(t, testenv.Open(t, sqldb.SQLite))
	l.Wake()
	l.Wake() // never blocks
	if !l.awaken(t.Context(), time.Hour) {
		t.Error("woken by something else")
	}
	if l.awaken(t.Context(), time.Nanosecond) {
		t.Error("one call woke it twice")
	}
}
