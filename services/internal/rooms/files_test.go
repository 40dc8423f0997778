package rooms

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxLines is how long a Go file may be.
const maxLines = 500

// source is a Go file: its path from the root, and its text.
type source struct {
	path string
	text []byte
}

// wrong says what is wrong with each file and each package.
func wrong(t *testing.T, files []source) []string {
	t.Helper()
	var all []string
	documented := map[string]bool{} // by folder
	for _, f := range files {
		file, err := parser.ParseFile(token.NewFileSet(), f.path, f.text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		documented[path.Dir(f.path)] = documented[path.Dir(f.path)] || file.Doc.Text() != ""
		if lines := bytes.Count(f.text, []byte("\n")); lines > maxLines {
			all = append(all, fmt.Sprintf("%s has %d lines, and %d is the limit", f.path, lines, maxLines))
		}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				all = append(all, f.path+" has an init function")
			}
		}
	}
	for folder, ok := range documented {
		if !ok {
			all = append(all, folder+": no file says what the package is for")
		}
	}
	slices.Sort(all)
	return all
}

func TestTheRuleSeesWhatIsWrongWithAFile(t *testing.T) {
	long := "// Package long is long.\npackage long\n" + strings.Repeat("\n", maxLines-1)
	got := wrong(t, []source{
		{"good/good.go", []byte("// Package good is good.\npackage good\n\ntype t int\n\nfunc (t) init() {}\n")},
		{"good/more.go", []byte("package good\n")},
		{"long/long.go", []byte(long)},
		{"edge/edge.go", []byte(strings.Replace(long, "\n\n", "\n", 1))},
		{"starts/starts.go", []byte("// Package starts starts.\npackage starts\n\nfunc init() {}\n")},
		{"mute/mute.go", []byte("package mute\n")},
	})
	want := []string{
		"long/long.go has 501 lines, and 500 is the limit",
		"mute: no file says what the package is for",
		"starts/starts.go has an init function",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestEachFileIsOfASizeToReadAndEachPackageSaysWhatItIsFor(t *testing.T) {
	files := sources(t, os.DirFS(root(t)))
	if len(files) < 10 {
		t.Fatalf("found only %d Go files", len(files))
	}
	for _, what := range wrong(t, files) {
		t.Error(what)
	}
}

// sources reads every Go file that people write.
func sources(t *testing.T, tree fs.FS) []source {
	t.Helper()
	var all []source
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "proto/gen" || path == "third_party" || path != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		text, err := fs.ReadFile(tree, path)
		all = append(all, source{path, text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
