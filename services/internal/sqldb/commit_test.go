package sqldb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestACommitWithoutAnAnswerIsNeitherSuccessNorFailure(t *testing.T) {
	dsn := testenv.Postgres(t)
	proxy, through := testenv.Breakable(t, dsn)
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: through})
	table(t, db)
	ctx := t.Context()
	db.SetCommitLimit(200 * time.Millisecond)
	for _, mode := range []testenv.Break{testenv.BreakBefore, testenv.BreakAfter, testenv.BreakSilently} {
		runs := 0
		proxy.Set(mode)
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			runs++
			return add(ctx, tx, string(mode), 1)
		})
		proxy.Set(testenv.BreakNot)
		if f := fault.Of(err); f == nil || f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonUnknown {
			t.Errorf("%s: %v", mode, err)
		}
		if runs != 1 {
			t.Errorf("%s: the function ran %d times", mode, runs)
		}
	}
	if diff := cmp.Diff([]string{"after"}, ids(t, db)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// The context that carries a request often ends just when its answer is ready.
func TestACommitThatHasBegunIsCarriedThrough(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		var want []string
		for i := range 200 {
			ctx, cancel := context.WithCancel(t.Context())
			id := string(rune('a'+i/26)) + string(rune('a'+i%26))
			ended := make(chan struct{})
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				defer func() {
					go func() { cancel(); close(ended) }() // at about the time of the commit
				}()
				return add(ctx, tx, id, 1)
			})
			<-ended
			switch {
			case err == nil:
				want = append(want, id)
			case !errors.Is(err, context.Canceled):
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, ids(t, db)); diff != "" {
			t.Errorf("acknowledged and stored differ (-acknowledged +stored):\n%s", diff)
		}
	})
}

func TestALostConnectionIsUnavailableAndTheNextTransactionGetsAnother(t *testing.T) {
	server := testenv.StartPostgres(t)
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: server.Database()})
	table(t, db)
	ctx := t.Context()
	runs := 0
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		runs++
		must(t, add(ctx, tx, "lost", 1))
		server.KillBackends()
		return add(ctx, tx, "lost too", 1)
	})
	if f := fault.Of(err); f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonUnreachable || runs != 1 {
		t.Errorf("in the transaction, run %d times: %v", runs, err)
	}
	server.Kill()
	write := func(id string) error {
		return db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, id, 1) })
	}
	if f := fault.Of(write("down")); f == nil || f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonUnreachable {
		t.Errorf("while it is down: %v", f)
	}
	if err := db.Ping(ctx); fault.Of(err).Reason != sqldb.ReasonUnreachable {
		t.Errorf("ping while it is down: %v", err)
	}
	server.Restart()
	must(t, write("up"))
	if diff := cmp.Diff([]string{"up"}, ids(t, db)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}
