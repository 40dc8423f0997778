package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"schakel.example/services/internal/fault"
)

// Engine names a database engine.
type Engine string

// The engines: SQLite is the embedded default, PostgreSQL is production.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says which database to open.
type Config struct {
	Engine Engine
	// DSN is a file path for SQLite, a URL for PostgreSQL. It may hold a
	// password: never log it.
	DSN string
	// MaxConns bounds the connections: those of PostgreSQL, or the readers of
	// SQLite, which has one writer besides. Default: 4 per processor, at least 8.
	MaxConns int
	// Wait is how long a transaction waits for its turn or for a lock before it
	// fails with ReasonBusy. Default: 5 s.
	Wait time.Duration
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	wait   time.Duration
	// commitLimit is how long a commit or a rollback may take, whatever the
	// deadline of the caller.
	commitLimit time.Duration
	// write and read are two pools on SQLite (one writer, many readers) and one
	// and the same on PostgreSQL.
	write, read *sql.DB
	closed      atomic.Bool
}

// Open opens the database and checks that it keeps the promises of this
// package. It creates a SQLite file that does not exist, with its folder; a
// PostgreSQL database must exist. The fault is Precondition (ReasonUnsafe) for
// settings that could lose acknowledged work, Invalid for a wrong Config, and
// Unavailable when the database cannot be reached.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.MaxConns <= 0 {
		c.MaxConns = max(8, 4*runtime.NumCPU())
	}
	if c.Wait <= 0 {
		c.Wait = 5 * time.Second
	}
	db := &DB{engine: c.Engine, wait: c.Wait, commitLimit: 15 * time.Second}
	switch c.Engine {
	case SQLite:
		return openSQLite(ctx, db, c)
	case Postgres:
		return openPostgres(ctx, db, c)
	default:
		return nil, fault.New(fault.Invalid, ReasonConfig, fault.Text{
			NL: "Onbekende database-soort: kies sqlite of postgres.",
			EN: "unknown database engine: choose sqlite or postgres",
		})
	}
}

// Engine tells which engine it is.
func (db *DB) Engine() Engine { return db.engine }

// Ping asks the database for a sign of life, without waiting for the writer.
func (db *DB) Ping(ctx context.Context) error {
	return db.fault(ctx, db.read.PingContext(ctx))
}

// Close closes all connections. Transactions begun after it fail as
// Unavailable; those that run are waited for as long as they run a statement.
func (db *DB) Close() error {
	db.closed.Store(true)
	if db.read == db.write {
		return db.write.Close()
	}
	// The writer goes last: the last connection to a SQLite file folds the WAL
	// into it.
	return errors.Join(db.read.Close(), db.write.Close())
}
