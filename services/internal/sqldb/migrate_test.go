package sqldb_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// files makes migration files of names and statements.
func files(namesAndStatements ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(namesAndStatements); i += 2 {
		m[namesAndStatements[i]] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + namesAndStatements[i+1])}
	}
	return m
}

const (
	first  = "CREATE TABLE a (id TEXT PRIMARY KEY);"
	second = "ALTER TABLE a ADD COLUMN more TEXT; INSERT INTO a (id, more) VALUES ('x', 'y');"
)

func has(t *testing.T, db *sqldb.DB, q string) bool {
	t.Helper()
	return db.Read(t.Context(), func(tx *sqldb.Tx) error {
		_, err := sqldb.All(t.Context(), tx, func(sqldb.Scanner) (struct{}, error) { return struct{}{}, nil }, q)
		return err
	}) == nil
}

func TestMigrationsAreAppliedOnceAndInOrderFromEveryPriorVersion(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		one := files("00001_first.sql", first)
		both := files("00001_first.sql", first, "00002_second.sql", second)
		for _, step := range []fs.FS{one, one, both, both} {
			must(t, sqldb.Migrate(ctx, db, "part", step))
		}
		if !has(t, db, "SELECT id, more FROM a") {
			t.Error("not migrated")
		}
	})
}

func TestAFolderOfTheEngineGoesBeforeCommonFiles(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		must(t, sqldb.Migrate(t.Context(), db, "part", files(
			"sqlite/00001_first.sql", "CREATE TABLE only_sqlite (id TEXT) STRICT;",
			"postgres/00001_first.sql", "CREATE TABLE only_postgres (id TEXT);",
		)))
		if !has(t, db, "SELECT id FROM only_"+string(db.Engine())) {
			t.Error("not migrated")
		}
	})
}

func TestComponentsShareADatabaseWithoutMeeting(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		must(t, sqldb.Migrate(ctx, db, "one", files("00001_a.sql", first, "00002_b.sql", second)))
		must(t, sqldb.Migrate(ctx, db, "two", files("00001_c.sql", "CREATE TABLE c (id TEXT);")))
		if !has(t, db, "SELECT more FROM a, c") {
			t.Error("not migrated")
		}
		for _, name := range []string{"", "Upper", "a b", "a;drop"} {
			if sqldb.Migrate(ctx, db, name, files("00001_d.sql", "CREATE TABLE d (id TEXT);")) == nil {
				t.Errorf("%q was taken for a name", name)
			}
		}
	})
}

func TestADatabaseThatIsNewerThanTheProgramIsRefused(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		must(t, sqldb.Migrate(ctx, db, "part", files("00001_a.sql", first, "00002_b.sql", second)))
		f := fault.Of(sqldb.Migrate(ctx, db, "part", files("00001_a.sql", first)))
		if f == nil || f.Kind != fault.Precondition || f.Reason != sqldb.ReasonNewer {
			t.Fatalf("got %v", f)
		}
		for _, text := range []string{f.Text.NL, f.Text.EN} {
			if !strings.Contains(text, "part") || !strings.Contains(text, "2") {
				t.Errorf("not clear: %s", text)
			}
		}
	})
}

func TestAMigrationThatFailsLeavesNothingOfItself(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		err := sqldb.Migrate(ctx, db, "part", files("00001_a.sql", first, "00002_b.sql", second+"BROKEN;"))
		if err == nil || !strings.Contains(err.Error(), "part") {
			t.Errorf("got %v", err)
		}
		if !has(t, db, "SELECT id FROM a") || has(t, db, "SELECT more FROM a") {
			t.Error("not at the last good version")
		}
		must(t, sqldb.Migrate(ctx, db, "part", files("00001_a.sql", first, "00002_b.sql", second)))
		if !has(t, db, "SELECT more FROM a") {
			t.Error("not mended")
		}
	})
}

func TestReplicasMayMigrateAtOnce(t *testing.T) {
	c := sqldb.Config{Engine: sqldb.Postgres, DSN: testenv.Postgres(t)}
	must(t, sqldb.Migrate(t.Context(), testenv.OpenConfig(t, c), "part", files("00001_a.sql", first)))
	var wait sync.WaitGroup
	for range 4 {
		db := testenv.OpenConfig(t, c)
		wait.Go(func() {
			if err := sqldb.Migrate(t.Context(), db, "part", files(
				"00001_a.sql", first, "00002_b.sql", "SELECT pg_sleep(0.1); "+second, "00003_c.sql", "CREATE TABLE c (id TEXT);",
			)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if !has(t, testenv.OpenConfig(t, c), "SELECT more FROM a, c") {
		t.Error("not migrated")
	}
}

func TestMigratingEndsWithItsContext(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := sqldb.Migrate(ctx, db, "part", files("00001_a.sql", first)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
