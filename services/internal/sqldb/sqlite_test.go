package sqldb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func lite(path string) sqldb.Config { return sqldb.Config{Engine: sqldb.SQLite, DSN: path} }

func TestOnlyTheOwnerCanReadTheFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for _, name := range []string{"made here.db", "odd ?#%20&'é.db", "open to all.db"} {
		path := filepath.Join(dir, name)
		if name == "open to all.db" {
			must(t, os.WriteFile(path, nil, 0o644))
		}
		table(t, testenv.OpenConfig(t, lite(path)))
	}
	files, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, file := range files {
		names = append(names, file.Name())
		info, err := file.Info()
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file.Name(), info.Mode())
		}
	}
	if len(files) != 9 { // each with its -wal and -shm
		t.Errorf("files: %q", names)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v", info.Mode(), err)
	}
}

func TestAPlaceThatKeepsNothingIsRefused(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "text")
	must(t, os.WriteFile(text, []byte(strings.Repeat("no database ", 100)), 0o600))
	for _, tt := range []struct {
		name, path string
		kind       fault.Kind
	}{
		{"no path", "", fault.Invalid},
		{"memory", ":memory:", fault.Invalid},
		{"memory by a URI", "file::memory:?cache=shared", fault.Invalid},
		{"a folder", t.TempDir(), fault.Unavailable},
		{"below a file", filepath.Join(text, "x.db"), fault.Unavailable},
		{"another kind of file", text, fault.Internal},
	} {
		db, err := sqldb.Open(t.Context(), lite(tt.path))
		if db != nil {
			t.Errorf("%s: it was opened", tt.name)
			must(t, db.Close())
		}
		if f := fault.Of(err); f == nil || f.Kind != tt.kind {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := sqldb.Open(t.Context(), sqldb.Config{Engine: "oracle", DSN: "x"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown engine: %v", err)
	}
}

func TestTheSettingsAreThoseOfADurableDatabase(t *testing.T) {
	t.Parallel()
	db := testenv.Open(t, sqldb.SQLite)
	pragmas := func(names ...string) func(*sqldb.Tx) []string {
		return func(tx *sqldb.Tx) (got []string) {
			for _, name := range names {
				v, _, err := sqldb.One(t.Context(), tx, text, "PRAGMA "+name)
				must(t, err)
				got = append(got, name+"="+v)
			}
			return got
		}
	}
	var writer, reader []string
	must(t, db.Write(t.Context(), func(tx *sqldb.Tx) error {
		writer = pragmas("journal_mode", "synchronous", "foreign_keys", "secure_delete", "fullfsync", "temp_store", "busy_timeout")(tx)
		return nil
	}))
	must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error {
		reader = pragmas("journal_mode", "query_only", "temp_store")(tx)
		return nil
	}))
	if diff := cmp.Diff([]string{
		"journal_mode=wal", "synchronous=2", "foreign_keys=1", "secure_delete=1", "fullfsync=1", "temp_store=2", "busy_timeout=5000",
	}, writer); diff != "" {
		t.Errorf("writer (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"journal_mode=wal", "query_only=1", "temp_store=2"}, reader); diff != "" {
		t.Errorf("reader (-want +got):\n%s", diff)
	}
}

func TestAnotherProcessThatWritesIsWaitedForAndThenBusy(t *testing.T) {
	t.Parallel()
	c := testenv.Config(t, sqldb.SQLite)
	c.Wait = 200_000_000 // 0.2 s
	one, two := testenv.OpenConfig(t, c), testenv.OpenConfig(t, c)
	table(t, one)
	ctx := t.Context()
	must(t, one.Write(ctx, func(tx *sqldb.Tx) error {
		err := two.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "two", 1) })
		if f := fault.Of(err); f == nil || f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonBusy {
			t.Errorf("got %v", err)
		}
		return add(ctx, tx, "one", 1)
	}))
	must(t, two.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "three", 1) }))
	if diff := cmp.Diff([]string{"one", "three"}, ids(t, one)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func TestWhatIsErasedIsGoneFromTheFile(t *testing.T) {
	t.Parallel()
	c := testenv.Config(t, sqldb.SQLite)
	db, err := sqldb.Open(t.Context(), c)
	must(t, err)
	table(t, db)
	ctx := t.Context()
	const secret = "een geheim dat gewist wordt"
	must(t, db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, secret, 1) }))
	must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM thing")
		return err
	}))
	must(t, db.Close()) // folds the log into the file
	content, err := os.ReadFile(c.DSN)
	must(t, err)
	if strings.Contains(string(content), secret) {
		t.Error("it can still be read")
	}
	if _, err := os.Stat(c.DSN + "-wal"); !os.IsNotExist(err) {
		t.Errorf("the log is still there: %v", err)
	}
}
