package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"schakel.example/services/internal/fault"
)

func openPostgres(ctx context.Context, db *DB, c Config) (*DB, error) {
	conf, err := pgx.ParseConfig(c.DSN)
	if err != nil || c.DSN == "" {
		return nil, fault.New(fault.Invalid, ReasonConfig, fault.Text{
			NL: "Geef voor PostgreSQL een URL op, zoals postgres://gebruiker@host:5432/database.",
			EN: "give a URL for PostgreSQL, such as postgres://user@host:5432/database",
		}).Because(err)
	}
	// The URL of the administrator goes before these.
	for name, value := range map[string]string{
		"application_name": "schakel",
		"lock_timeout":     strconv.FormatInt(c.Wait.Milliseconds(), 10), // ms
	} {
		if _, ok := conf.RuntimeParams[name]; !ok {
			conf.RuntimeParams[name] = value
		}
	}
	pool := stdlib.OpenDB(*conf)
	pool.SetMaxOpenConns(c.MaxConns)
	pool.SetMaxIdleConns(c.MaxConns)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	// Connections move back to the primary and to new servers behind one name.
	pool.SetConnMaxLifetime(time.Hour)
	db.write, db.read = pool, pool
	if err := db.checkPostgres(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// checkPostgres refuses a server that may acknowledge what it can lose. The
// values are those of this session, so settings of the role and the database
// count. synchronous_commit=local and remote_write flush to the own disk, but
// would lose acknowledged work when a standby takes over.
func (db *DB) checkPostgres(ctx context.Context) error {
	for _, want := range []struct {
		setting string
		values  []string
	}{
		{"fsync", []string{"on"}},
		{"full_page_writes", []string{"on"}},
		{"synchronous_commit", []string{"on", "remote_apply"}},
		{"server_encoding", []string{"UTF8"}},
	} {
		var got string
		err := db.read.QueryRowContext(ctx, "SELECT current_setting($1)", want.setting).Scan(&got)
		if err != nil {
			return db.fault(ctx, err)
		}
		if !slices.Contains(want.values, got) {
			return weaker("PostgreSQL", want.setting, got, strings.Join(want.values, "/"))
		}
	}
	return nil
}

// snapshot is how a read sees one state from its first statement to its last.
// SQLite gives that to any transaction and is told nothing.
func (db *DB) snapshot() *sql.TxOptions {
	if db.engine == Postgres {
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return &sql.TxOptions{ReadOnly: true}
}
