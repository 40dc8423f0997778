package e2e

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// TestOneIdentityGivesTheSameBytesOnEveryEngine moves the ledgers of the demo to
// every engine, and compiles the same edition there and where they came from.
func TestOneIdentityGivesTheSameBytesOnEveryEngine(t *testing.T) {
	t.Parallel()
	from := newHouse(t, filepath.Join(t.TempDir(), "data"))
	from.demo(t).ends(t, 0)
	files := from.exported(t)
	day := today()
	want := from.compileOffline(t, day)
	if len(want) < 10 || len(want["signalen.csv"]) < 10_000 {
		t.Fatalf("there is little to compare: %v", slices.Collect(maps.Keys(want)))
	}
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			to := newHouse(t, filepath.Join(t.TempDir(), "data"))
			for part := range services {
				if engine == sqldb.Postgres {
					to.settings = append(to.settings, "--"+part+"-database="+testenv.Postgres(t))
				}
			}
			move(t, from, files, to)
			if diff := cmp.Diff(want, to.compileOffline(t, day)); diff != "" {
				t.Errorf("(-from +to):\n%s", diff)
			}
			for part, path := range to.exported(t) {
				before, after := must(os.ReadFile(files[part]))(t), must(os.ReadFile(path))(t)
				if string(before) != string(after) {
					t.Errorf("the ledger of %s is exported as %d bytes, after %d", part, len(after), len(before))
				}
			}
		})
	}
}

// compileOffline compiles an edition out of the databases of a house that does
// not run, and gives its files.
func (h *house) compileOffline(t *testing.T, date string) map[string]string {
	t.Helper()
	out := t.TempDir()
	var told struct {
		Dir string `json:"map"`
	}
	schakel(t, append([]string{"edition", "compile", "--name=2026", "--date=" + date, "--out=" + out, "--output=json"}, h.databases()...)...).
		ends(t, 0).json(t, &told)
	schakel(t, "verify", "edition", told.Dir, "--unsigned", "--key="+h.keys()).ends(t, 0, "geen ondertekening, zoals gevraagd")
	return tree(t, told.Dir)
}

// tree is every file below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path[len(dir)+1:]] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
