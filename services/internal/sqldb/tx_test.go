package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestATransactionIsStoredWholeOrNotAtAll(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		broken := errors.New("broken")
		end := map[string]func() error{
			"kept":     func() error { return nil },
			"failed":   func() error { return broken },
			"panicked": func() error { panic(broken) },
		}
		for name, end := range end {
			func() {
				defer func() { _ = recover() }()
				err := db.Write(ctx, func(tx *sqldb.Tx) error {
					must(t, add(ctx, tx, name, 1))
					must(t, add(ctx, tx, name+"2", 2))
					return end()
				})
				if name == "failed" && err != broken {
					t.Errorf("the error of the function became %v", err)
				}
			}()
		}
		if diff := cmp.Diff([]string{"kept", "kept2"}, ids(t, db)); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
	})
}

func TestAReadSeesOneSnapshotAndNeverWaitsForAWriter(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		count := func(tx *sqldb.Tx) int64 {
			n, _, err := sqldb.One(ctx, tx, number, "SELECT count(*) FROM thing")
			must(t, err)
			return n
		}
		must(t, db.Write(ctx, func(w *sqldb.Tx) error {
			must(t, add(ctx, w, "a", 1))
			return inOther(func() error {
				return db.Read(ctx, func(r *sqldb.Tx) error {
					if n := count(r); n != 0 {
						t.Errorf("a reader sees %d rows that are not committed", n)
					}
					return nil
				})
			})
		}))
		must(t, db.Read(ctx, func(r *sqldb.Tx) error {
			before := count(r)
			must(t, inOther(func() error {
				return db.Write(ctx, func(w *sqldb.Tx) error { return add(ctx, w, "b", 1) })
			}))
			if after := count(r); before != 1 || after != 1 {
				t.Errorf("the snapshot went from %d to %d rows", before, after)
			}
			return nil
		}))
	})
}

// inOther runs f on another goroutine, as another caller would.
func inOther(f func() error) error {
	done := make(chan error)
	go func() { done <- f() }()
	return <-done
}

func TestAReadCannotWrite(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		if err := db.Read(t.Context(), func(tx *sqldb.Tx) error { return add(t.Context(), tx, "a", 1) }); err == nil {
			t.Error("it wrote")
		}
		if got := ids(t, db); len(got) > 0 {
			t.Errorf("stored: %v", got)
		}
	})
}

func TestConcurrentWritesLoseNoUpdate(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "sum", 0) }))
		const writers, rounds = 8, 10
		var wait sync.WaitGroup
		for range writers {
			wait.Go(func() {
				for range rounds {
					if err := db.Write(ctx, func(tx *sqldb.Tx) error {
						n, _, err := sqldb.One(ctx, tx, number, "SELECT amount FROM thing WHERE id = 'sum'"+tx.Pick("", " FOR UPDATE"))
						if err != nil {
							return err
						}
						_, err = tx.Exec(ctx, "UPDATE thing SET amount = $1 WHERE id = 'sum'", n+1)
						return err
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
			n, _, err := sqldb.One(ctx, tx, number, "SELECT amount FROM thing")
			if n != writers*rounds {
				t.Errorf("sum is %d, want %d", n, writers*rounds)
			}
			return err
		}))
	})
}

func TestAnEndedContextEndsTheTransactionWithItsOwnError(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		why := errors.New("the caller left")
		for name, run := range map[string]func(ctx context.Context, cancel func()) error{
			"before the transaction": func(ctx context.Context, cancel func()) error {
				cancel()
				return db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "a", 1) })
			},
			"before a statement": func(ctx context.Context, cancel func()) error {
				return db.Write(ctx, func(tx *sqldb.Tx) error {
					cancel()
					return add(ctx, tx, "b", 1)
				})
			},
			"before the commit": func(ctx context.Context, cancel func()) error {
				return db.Write(ctx, func(tx *sqldb.Tx) error {
					defer cancel()
					return add(ctx, tx, "c", 1)
				})
			},
			"in a read": func(ctx context.Context, cancel func()) error {
				return db.Read(ctx, func(tx *sqldb.Tx) error {
					cancel()
					_, _, err := sqldb.One(ctx, tx, number, "SELECT 1")
					return err
				})
			},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			err := run(ctx, func() { cancel(why) })
			if !errors.Is(err, context.Canceled) || fault.Of(err).Reason != fault.ReasonCanceled {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := ids(t, db); len(got) > 0 {
			t.Errorf("stored: %v", got)
		}
	})
}

func TestALongStatementStopsWhenItsContextEnds(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := db.Read(ctx, func(tx *sqldb.Tx) error {
			_, _, err := sqldb.One(ctx, tx, number, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)
				SELECT max(i) FROM n`)
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error { // the pool is not poisoned
			_, _, err := sqldb.One(t.Context(), tx, number, "SELECT 1")
			return err
		}))
	})
}

func TestATransactionWithinATransactionFailsInsteadOfHanging(t *testing.T) {
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			c := testenv.Config(t, engine)
			c.Wait = 100 * time.Millisecond
			db := testenv.OpenConfig(t, c)
			table(t, db)
			ctx := t.Context() // without a deadline
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				must(t, add(ctx, tx, "a", 1))
				return db.Write(ctx, func(inner *sqldb.Tx) error { return add(ctx, inner, "a", 2) })
			})
			if f := fault.Of(err); f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonBusy {
				t.Errorf("got %v", err)
			}
			if got := ids(t, db); len(got) > 0 {
				t.Errorf("stored: %v", got)
			}
			must(t, db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "b", 1) }))
		})
	}
}

func TestNoConnectionInTimeIsBusy(t *testing.T) {
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			c := testenv.Config(t, engine)
			c.Wait, c.MaxConns = 100*time.Millisecond, 1
			db := testenv.OpenConfig(t, c)
			err := db.Read(t.Context(), func(*sqldb.Tx) error {
				return db.Read(t.Context(), func(*sqldb.Tx) error { return nil })
			})
			if fault.Of(err).Reason != sqldb.ReasonBusy {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWaitingForAConnectionEndsWithTheContext(t *testing.T) {
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			c := testenv.Config(t, engine)
			c.MaxConns = 1
			db := testenv.OpenConfig(t, c)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			err := db.Write(t.Context(), func(*sqldb.Tx) error {
				return db.Write(ctx, func(*sqldb.Tx) error { return nil })
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAClosedDatabaseIsUnavailable(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		must(t, db.Close())
		ctx := t.Context()
		nothing := func(*sqldb.Tx) error { return nil }
		for name, err := range map[string]error{
			"write": db.Write(ctx, nothing), "read": db.Read(ctx, nothing), "ping": db.Ping(ctx),
		} {
			if f := fault.Of(err); f == nil || f.Reason != sqldb.ReasonUnreachable {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestATransactionIsDeadAfterItsFunction(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		var kept *sqldb.Tx
		must(t, db.Write(t.Context(), func(tx *sqldb.Tx) error {
			kept = tx
			return nil
		}))
		if err := add(t.Context(), kept, "a", 1); err == nil {
			t.Error("it still writes")
		}
	})
}

func TestACommitThatBreaksARuleStoresNothing(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
			for _, q := range []string{
				"CREATE TABLE parent (id TEXT PRIMARY KEY)",
				"CREATE TABLE child (id TEXT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
			} {
				if _, err := tx.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		}))
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO child VALUES ('nobody')")
			must(t, err)
			return nil
		})
		if f := fault.Of(err); f.Kind != fault.Precondition || f.Reason != sqldb.ReasonReference {
			t.Errorf("got %v", err)
		}
		must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
			n, _, err := sqldb.One(ctx, tx, number, "SELECT count(*) FROM child")
			if n != 0 {
				t.Error("it was stored")
			}
			return err
		}))
	})
}

func TestKeysThatClashAreFaultsOfTheDomain(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "a", 1) }))
		for _, tt := range []struct {
			name, q, reason string
			kind            fault.Kind
		}{
			{"a key that is taken", "INSERT INTO thing (id) VALUES ('a')", sqldb.ReasonExists, fault.Conflict},
			{"a reference to nothing", "INSERT INTO thing (id, parent) VALUES ('b', 'z')", sqldb.ReasonReference, fault.Precondition},
			{"broken SQL", "INSERT INTO nothing", fault.ReasonInternal, fault.Internal},
		} {
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				_, err := tx.Exec(ctx, tt.q)
				if err != nil {
					return fmt.Errorf("adding: %w", err)
				}
				return nil
			})
			if f := fault.Of(err); f == nil || f.Kind != tt.kind || f.Reason != tt.reason {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	})
}

func TestALockedNameIsWaitedForUntilTheTransactionEnds(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		ctx := t.Context()
		free := make(chan struct{}, 2) // one for each that finds the key free
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				if err := db.Write(ctx, func(tx *sqldb.Tx) error {
					if err := tx.Lock(ctx, "the key"); err != nil {
						return err
					}
					_, taken, err := sqldb.One(ctx, tx, text, "SELECT id FROM thing WHERE id = 'the key'")
					if err != nil || taken {
						return err
					}
					// Without the lock the other would come here in this time.
					free <- struct{}{}
					for limit := time.After(100 * time.Millisecond); len(free) < 2; {
						select {
						case <-limit:
							return add(ctx, tx, "the key", 1)
						case <-time.After(time.Millisecond):
						}
					}
					return errors.New("both found the key free")
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	})
}
