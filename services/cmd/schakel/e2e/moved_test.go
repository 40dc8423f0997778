package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// database matches the flag that says where the database of a part is.
var database = regexp.MustCompile(`^--(signals|letters|contacts)-database=`)

// tables are those of a service's own, which are a fold over the ledgers.
var tables = map[string][]string{
	"signals":  {"signal"},
	"letters":  {"known_signal", "bottleneck", "bundled_signal", "letter", "letter_item", "response", "edition"},
	"contacts": {"contact_person", "contact"},
}

// publicKeys are those of the ledgers.
func (h *house) publicKeys(t *testing.T) (all string) {
	t.Helper()
	for _, name := range services {
		all += string(must(os.ReadFile(filepath.Join(h.keys(), name+".sleutel.pub")))(t))
	}
	return all
}

// exported writes the ledgers of a house into files, by part.
func (h *house) exported(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for part := range services {
		files[part] = filepath.Join(t.TempDir(), part+".ndjson")
		schakel(t, append([]string{"ledger", "export", part, files[part]}, h.databases()...)...).ends(t, 0, "schakel.example/"+services[part])
	}
	return files
}

// databases are the flags that say where the databases of a house are.
func (h *house) databases() []string {
	flags := []string{"--data=" + h.data}
	for _, setting := range h.settings {
		if database.MatchString(setting) {
			flags = append(flags, setting)
		}
	}
	return flags
}

// move reads ledgers into an empty house that is not started, and gives it the
// keys.
func move(t *testing.T, from *house, files map[string]string, to *house) {
	t.Helper()
	for part, file := range files {
		schakel(t, append([]string{"ledger", "import", part, file, "--key=" + from.keys()}, to.databases()...)...).ends(t, 0)
	}
	if err := os.CopyFS(to.keys(), os.DirFS(from.keys())); err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{"uitgever.pem"}, "signalen.sleutel", "brieven.sleutel", "contacten.sleutel") {
		if err := os.Chmod(filepath.Join(to.keys(), name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// folds sees to it that the ledgers of a house are whole, and that its tables are
// what follows from them: moved to another house, on SQLite, whose tables are
// made anew, they give the same. It returns that house.
func (h *house) folds(t *testing.T) *house {
	t.Helper()
	other := newHouse(t, filepath.Join(t.TempDir(), "data"))
	move(t, h, h.exported(t), other)
	other.start("all")
	for part, names := range tables {
		want := rows(t, h, part, names)
		await(t, "the tables of "+part, func() error {
			if diff := cmp.Diff(want, rows(t, other, part, names)); diff != "" {
				return errors.New("(-live +folded):\n" + diff)
			}
			return nil
		})
	}
	return other
}

// rows are those of tables of a part, while it runs.
func rows(t *testing.T, h *house, part string, names []string) []string {
	t.Helper()
	c := sqldb.Config{Engine: sqldb.SQLite, DSN: filepath.Join(h.data, part+".db")}
	for _, setting := range h.settings {
		if url, ok := strings.CutPrefix(setting, "--"+part+"-database="); ok {
			c = sqldb.Config{Engine: sqldb.Postgres, DSN: url}
		}
	}
	db := must(sqldb.Open(t.Context(), c))(t)
	all := testenv.Rows(t, db, names...)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}
