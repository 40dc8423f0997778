package sqldb_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// command runs a statement on a database outside of sqldb.
func command(t *testing.T, dsn, q string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // also after the test
	conn, err := pgx.Connect(ctx, dsn)
	must(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, q)
	must(t, err)
}

func TestAServerThatCouldLoseAcknowledgedWorkIsRefused(t *testing.T) {
	weak := testenv.StartPostgres(t, "fsync=off").Database()
	torn := testenv.StartPostgres(t, "full_page_writes=off").Database()
	with := func(setting string) string {
		dsn := testenv.Postgres(t)
		u, err := url.Parse(dsn)
		must(t, err)
		command(t, dsn, "ALTER DATABASE "+strings.Trim(u.Path, "/")+" SET "+setting)
		return dsn
	}
	latin := testenv.Postgres(t)
	command(t, latin, "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
	t.Cleanup(func() { command(t, latin, "DROP DATABASE latin WITH (FORCE)") })

	for _, tt := range []struct{ dsn, setting, got string }{
		{weak, "fsync", "off"},
		{torn, "full_page_writes", "off"},
		{with("synchronous_commit = off"), "synchronous_commit", "off"},
		{with("synchronous_commit = local"), "synchronous_commit", "local"},
		{with("synchronous_commit = remote_write"), "synchronous_commit", "remote_write"},
		{latin[:strings.LastIndex(latin, "/")] + "/latin?sslmode=disable", "server_encoding", "LATIN1"},
	} {
		db, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.Postgres, DSN: tt.dsn})
		if db != nil {
			t.Errorf("%s=%s: it was opened", tt.setting, tt.got)
			must(t, db.Close())
		}
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Precondition || f.Reason != sqldb.ReasonUnsafe {
			t.Errorf("%s=%s: %v", tt.setting, tt.got, err)
			continue
		}
		for _, text := range []string{f.Text.NL, f.Text.EN} {
			if !strings.Contains(text, tt.setting) || !strings.Contains(text, tt.got) {
				t.Errorf("%s=%s is not named: %s", tt.setting, tt.got, text)
			}
		}
	}
	testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: with("synchronous_commit = remote_apply")})
}

func TestADatabaseThatCannotBeHadIsAClearFault(t *testing.T) {
	t.Parallel()
	good := testenv.Postgres(t)
	u, err := url.Parse(good)
	must(t, err)
	u.User = url.UserPassword("schakel", "geheim-woord")
	for _, tt := range []struct {
		name, dsn, reason string
		kind              fault.Kind
	}{
		{"no URL", "", sqldb.ReasonConfig, fault.Invalid},
		{"a broken URL", "postgres://schakel:geheim-woord@127.0.0.1:x/db", sqldb.ReasonConfig, fault.Invalid},
		{"nobody listens", "postgres://schakel:geheim-woord@127.0.0.1:1/db", sqldb.ReasonUnreachable, fault.Unavailable},
		{"a wrong password", u.String(), sqldb.ReasonUnreachable, fault.Unavailable},
		{"no such database", good[:strings.LastIndex(good, "/")] + "/none?sslmode=disable", sqldb.ReasonUnreachable, fault.Unavailable},
	} {
		_, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.Postgres, DSN: tt.dsn})
		if f := fault.Of(err); f == nil || f.Kind != tt.kind || f.Reason != tt.reason {
			t.Errorf("%s: %v", tt.name, err)
		}
		if err != nil && strings.Contains(err.Error(), "geheim-woord") {
			t.Errorf("%s: the password is told: %v", tt.name, err)
		}
	}
}

func TestADeadlockEndsWithBothStored(t *testing.T) {
	t.Parallel()
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: testenv.Postgres(t)})
	table(t, db)
	ctx := t.Context()
	must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
		must(t, add(ctx, tx, "a", 0))
		return add(ctx, tx, "b", 0)
	}))
	var both, wait sync.WaitGroup // both: each holds its first row
	both.Add(2)
	var runs atomic.Int32
	update := func(first, second string) {
		meet := sync.OnceFunc(func() {
			both.Done()
			both.Wait()
		})
		if err := db.Write(ctx, func(tx *sqldb.Tx) error {
			runs.Add(1)
			for i, id := range []string{first, second} {
				if _, err := tx.Exec(ctx, "UPDATE thing SET amount = amount + 1 WHERE id = $1", id); err != nil {
					return err
				}
				if i == 0 {
					meet()
				}
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	wait.Go(func() { update("a", "b") })
	wait.Go(func() { update("b", "a") })
	wait.Wait()
	must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
		sum, _, err := sqldb.One(ctx, tx, number, "SELECT CAST(sum(amount) AS BIGINT) FROM thing")
		if sum != 4 || runs.Load() < 3 {
			t.Errorf("sum %d after %d runs", sum, runs.Load())
		}
		return err
	}))
}

func TestACollisionIsTriedAgainButNotForEver(t *testing.T) {
	t.Parallel()
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: testenv.Postgres(t)})
	table(t, db)
	ctx := t.Context()
	collide := func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `DO $$ BEGIN RAISE EXCEPTION 'collision' USING ERRCODE = '40001'; END $$`)
		return err
	}
	runs := 0
	must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
		if runs++; runs < 3 {
			return collide(tx)
		}
		return add(ctx, tx, "third", 1)
	}))
	if runs != 3 {
		t.Errorf("ran %d times", runs)
	}
	runs = 0
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		runs++
		return collide(tx)
	})
	if f := fault.Of(err); f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonCollision || runs < 2 || runs > 20 {
		t.Errorf("ran %d times: %v", runs, err)
	}
}
