package testenv

import (
	"path/filepath"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/sqldb"
)

// Engines lists the database engines of this run: SQLite, and PostgreSQL when
// servers are required. Benchmarks range over it with Open.
func Engines() []sqldb.Engine {
	if required() {
		return []sqldb.Engine{sqldb.SQLite, sqldb.Postgres}
	}
	return []sqldb.Engine{sqldb.SQLite}
}

// Config returns the configuration of a fresh, empty database, for tests that
// open it more than once.
func Config(tb testing.TB, engine sqldb.Engine) sqldb.Config {
	tb.Helper()
	if engine == sqldb.Postgres {
		return sqldb.Config{Engine: engine, DSN: Postgres(tb)}
	}
	return sqldb.Config{Engine: engine, DSN: filepath.Join(tb.TempDir(), "test.db")}
}

// Open opens a fresh, empty database, which is closed when the test ends.
func Open(tb testing.TB, engine sqldb.Engine) *sqldb.DB {
	tb.Helper()
	return OpenConfig(tb, Config(tb, engine))
}

// OpenConfig opens the database of c, which is closed when the test ends.
func OpenConfig(tb testing.TB, c sqldb.Config) *sqldb.DB {
	tb.Helper()
	db, err := sqldb.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// EachDB runs f as a subtest with a fresh database of each engine of this run.
func EachDB(t *testing.T, f func(t *testing.T, db *sqldb.DB)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(string(engine), func(t *testing.T) { f(t, Open(t, engine)) })
	}
}

// EachRedis runs f as a subtest with an empty Redis: miniredis always, a real
// redis-server when servers are required.
func EachRedis(t *testing.T, f func(t *testing.T, client redis.UniversalClient)) {
	t.Helper()
	run := func(t *testing.T, addr string) {
		client := redis.NewClient(&redis.Options{Addr: addr})
		t.Cleanup(func() {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
		})
		f(t, client)
	}
	t.Run("miniredis", func(t *testing.T) { run(t, miniredis.RunT(t).Addr()) })
	if required() {
		t.Run("redis-server", func(t *testing.T) { run(t, Redis(t)) })
	}
}
