package sqlstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
	"schakel.example/services/signals/sqlstore"
)

func TestOfAWordThatIsTakenOutOfTheIndexNothingIsLeftInTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.SQLite, DSN: filepath.Join(dir, "test.db")})
	if err := ledger.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	migrate(t, db)
	store := sqlstore.New(db)
	index := func(all ...signals.Document) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *sqldb.Tx) error { return store.Index(t.Context(), tx, all) })
		if err != nil {
			t.Fatal(err)
		}
	}
	// Enough to have words in several segments; what is taken out is in one of them,
	// and no merging does the work. A word is stored without the letters that it
	// shares with the one before it.
	const some = 57
	for i := range 200 {
		d := signals.Document{Signal: id(i), Revision: 1, Tokens: []string{"blijft", string(rune('a'+i%26)) + "woord"}}
		if i == some {
			d.Tokens = append(d.Tokens, "qxylofon")
			d.Terms = []signals.Term{{Kind: "c", Value: "geheim-ding"}}
		}
		index(d)
	}
	for _, word := range []string{"xylofon", "geheim-ding", "blijft"} {
		if !found(t, db, dir, word) {
			t.Fatalf("%s is not in the files: this test shows nothing", word)
		}
	}
	index(signals.Document{Signal: id(some), Revision: 2, Tokens: []string{"blijft"}})
	for word, want := range map[string]bool{"xylofon": false, "geheim-ding": false, "blijft": true} {
		if found(t, db, dir, word) != want {
			t.Errorf("%s is in the files: %v, want %v", word, !want, want)
		}
	}
}

func id(i int) string {
	return "01930000-0000-7000-8000-" + string([]byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)}) + "000000000"
}

// found says whether a word stands in the files of a database, once what was
// deleted is gone from its log.
func found(t *testing.T, db *sqldb.DB, dir, word string) bool {
	t.Helper()
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(word)) {
			return true
		}
	}
	return false
}
