package sqldb

import (
	"context"
	"database/sql"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxTries bounds how often a transaction is run when it collides with others.
const maxTries = 10

// Tx is a running transaction. It belongs to the function it was given to and
// to one goroutine at a time, and is dead when that function returns.
type Tx struct {
	db *DB
	tx *sql.Tx
}

// Engine tells which engine the transaction runs on.
func (tx *Tx) Engine() Engine { return tx.db.engine }

// Pick returns the text for the engine at hand, where one text cannot serve
// both.
func (tx *Tx) Pick(sqlite, postgres string) string {
	if tx.db.engine == Postgres {
		return postgres
	}
	return sqlite
}

// Write runs f in one write transaction and commits it if f returns nil. On
// SQLite it is BEGIN IMMEDIATE on the one writer; on PostgreSQL it is read
// committed, so f locks what it bases a decision on.
//
// f may run more than once: a transaction that the database aborted for a
// serialization failure or a deadlock is run again, a few times with random
// pauses. So f must not have effects outside tx except assigning results, each
// time anew. Nothing is ever repeated after a commit whose outcome is unknown.
//
// Once the commit has begun it is carried through even if ctx ends, so that the
// answer is certain. The error is what f returned, with driver errors as faults;
// the error of ctx if it ended; or a fault of Unavailable. Only ReasonUnknown
// leaves open whether the work was stored.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	return db.transact(ctx, f, db.write, nil)
}

// Read runs f on one read-only snapshot, which does not wait for writers. As
// with Write, f may run more than once.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	return db.transact(ctx, f, db.read, db.snapshot())
}

func (db *DB) transact(ctx context.Context, f func(*Tx) error, pool *sql.DB, opts *sql.TxOptions) error {
	pause := backoff.ExponentialBackOff{
		InitialInterval:     2 * time.Millisecond,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         200 * time.Millisecond,
	}
	pause.Reset()
	for try := 1; ; try++ {
		err := db.once(ctx, f, pool, opts)
		if !collided(err) || try == maxTries {
			return err
		}
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// once runs f in one transaction. The transaction has a context of its own,
// which ends with ctx until the commit begins and has a limit from then on.
func (db *DB) once(ctx context.Context, f func(*Tx) error, pool *sql.DB, opts *sql.TxOptions) error {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	detach := context.AfterFunc(ctx, cancel)
	defer detach()

	tx, err := db.begin(ctx, own, cancel, pool, opts)
	if err != nil {
		return err
	}
	// After a commit this does nothing; after an error or a panic in f it does
	// its work, and the limit keeps a dead server from holding us.
	defer func() {
		limit := time.AfterFunc(db.commitLimit, cancel)
		defer limit.Stop()
		_ = tx.Rollback() // the transaction is lost either way
	}()
	if err := f(&Tx{db: db, tx: tx}); err != nil {
		return db.outcome(ctx, err)
	}
	if !detach() {
		return ctx.Err()
	}
	if opts != nil && opts.ReadOnly {
		return nil
	}
	limit := time.AfterFunc(db.commitLimit, cancel)
	defer limit.Stop()
	return commitFault(tx.Commit())
}

// begin waits at most db.wait for a connection and, on SQLite, the write lock.
func (db *DB) begin(ctx, own context.Context, cancel func(), pool *sql.DB, opts *sql.TxOptions) (*sql.Tx, error) {
	turn := time.AfterFunc(db.wait, cancel)
	tx, err := pool.BeginTx(own, opts)
	inTime := turn.Stop()
	switch {
	case err == nil && inTime:
		return tx, nil
	case err == nil: // the limit passed just now and takes the transaction with it
		_ = tx.Rollback()
		return nil, busy
	case ctx.Err() == nil && !inTime:
		return nil, busy.Because(err)
	default:
		return nil, db.fault(ctx, err)
	}
}

// Lock holds a name until the transaction ends: a transaction that locks it too
// waits. It guards what has no row yet, such as a key about to be taken. On
// SQLite the one writer is lock enough.
func (tx *Tx) Lock(ctx context.Context, name string) error {
	if tx.Engine() == SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name)
	return err
}
