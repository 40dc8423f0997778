package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAPublishedEditionIsCompiledOnceMore does so out of databases that have
// grown since.
func TestAPublishedEditionIsCompiledOnceMore(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	s := &story{h, newClients(h.ways()["REST"])}
	s.bundle(t, uwv, s.submit(t, uwv, 3))
	s.contact(t)
	s.settled(t, map[string]int32{"signals": 3, "contacts": 2})
	files := s.download(t, s.compile(t, today(), false))
	delete(files, "ondertekening.txt") // which only the publisher can make
	more := s.submit(t, szw, 2)
	s.settled(t, map[string]int32{"signals": int32(3 + len(more))})

	dir := t.TempDir()
	save(t, dir, files)
	again := func(identity string) command {
		return schakel(t, append([]string{"edition", "compile", "--identity=" + identity, "--out=" + filepath.Join(dir, "opnieuw"), "--output=json"}, h.databases()...)...)
	}
	var told struct {
		Dir string `json:"map"`
	}
	again(filepath.Join(dir, "identiteit.txt")).ends(t, 0).json(t, &told)
	if diff := cmp.Diff(files, tree(t, told.Dir)); diff != "" {
		t.Errorf("(-published +again):\n%s", diff)
	}
	for name, change := range map[string][2]string{
		"gemaakt met referentiegegevens": {"samensteller ", "samensteller 0"},
		"een ander controlepunt":         {"signalen 3 ", "signalen 2 "},
		"is geen identiteit":             {"naam ", "name "},
	} {
		path := filepath.Join(t.TempDir(), "identiteit.txt")
		text := strings.Replace(files["identiteit.txt"], change[0], change[1], 1)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c := again(path)
		if name == "een ander controlepunt" { // or there is none of that size
			c.ends(t, 1, "ontrolepunt")
			continue
		}
		c.ends(t, 1, name)
	}
}
