package testenv

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOnlyWhatADeadTestProcessLeftIsRemoved(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	used, err := makeFolder("used", nil)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{"used": used.path}
	for _, name := range []string{prefix + "left", prefix + "young", "another"} {
		names[name] = filepath.Join(temp, name)
		if err := os.MkdirAll(filepath.Join(names[name], "data"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-time.Hour)
	for _, name := range []string{"used", prefix + "left", "another"} {
		if err := os.Chtimes(names[name], old, old); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	var gone []string
	for name, path := range names {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			gone = append(gone, name)
		}
	}
	if diff := cmp.Diff([]string{prefix + "left"}, gone); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if err := used.remove(); err != nil {
		t.Error(err)
	}
}
