package sqldb_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestScrubLeavesNothingOfWhatWasOverwritten(t *testing.T) {
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), sqldb.Config{Engine: sqldb.SQLite, DSN: filepath.Join(dir, "proef.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	secret := strings.Repeat("geheim-", 2000) // some pages of its own
	for _, q := range []string{
		"CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT) STRICT",
		"INSERT INTO note (id, text) VALUES (1, '" + secret + "'), (2, 'blijft')",
		"UPDATE note SET text = NULL WHERE id = 1",
	} {
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), q)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !found(t, dir, "geheim") {
		t.Error("without scrubbing nothing was left either: this test shows nothing")
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found(t, dir, "geheim") {
		t.Error("after scrubbing something is left in the files")
	}
	if !found(t, dir, "blijft") {
		t.Error("what should stay is not in the files")
	}
}

// found says whether a text stands in a file of a folder.
func found(t *testing.T, dir, text string) bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			return true
		}
	}
	return false
}

func TestScrubBuildsIndexesOfWordsAnew(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		if db.Engine() != sqldb.Postgres {
			return // SQLite's lets go of words itself; see the store of signals
		}
		var files []int64
		for _, q := range []string{
			"CREATE TABLE note (words tsvector)",
			"CREATE INDEX \"note Words\" ON note USING gin (words)",
			"INSERT INTO note (words) VALUES (array_to_tsvector(ARRAY['geheim']))",
			"DELETE FROM note",
			"", // scrubbed
		} {
			if q == "" {
				must(t, db.Scrub(t.Context()))
			} else {
				must(t, db.Write(t.Context(), func(tx *sqldb.Tx) error {
					_, err := tx.Exec(t.Context(), q)
					return err
				}))
			}
			must(t, db.Read(t.Context(), func(tx *sqldb.Tx) error {
				all, err := sqldb.All(t.Context(), tx, func(row sqldb.Scanner) (n int64, err error) {
					err = row.Scan(&n)
					return n, err
				}, "SELECT relfilenode::bigint FROM pg_class WHERE relname = 'note Words'")
				files = append(files, all...)
				return err
			}))
		}
		// The first three saw one file; the last has another, for the index is new.
		if len(files) != 4 || files[0] != files[2] || files[2] == files[3] {
			t.Errorf("the files of the index were %v", files)
		}
	})
}

func TestScrubThatIsHeldUpByAReaderSaysSo(t *testing.T) {
	db, err := sqldb.Open(t.Context(), sqldb.Config{
		Engine: sqldb.SQLite, DSN: filepath.Join(t.TempDir(), "proef.db"), Wait: 20 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	write := func(q string) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(t.Context(), q)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write("CREATE TABLE note (id INTEGER PRIMARY KEY) STRICT")
	err = db.Read(t.Context(), func(tx *sqldb.Tx) error {
		if _, err := sqldb.All(t.Context(), tx, func(sqldb.Scanner) (int, error) { return 0, nil }, "SELECT id FROM note"); err != nil {
			return err
		}
		write("INSERT INTO note (id) VALUES (1)") // in the log, beyond what the reader sees
		if err := db.Scrub(t.Context()); !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Exhausted) {
			t.Errorf("%v, want a fault that says to try again", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Errorf("when the reader is gone: %v", err)
	}
}
