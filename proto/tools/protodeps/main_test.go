package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/descriptorpb"
)

// What is printed is what everything else is compiled against, so it has to
// compile back to the very descriptors that it was printed from.
func TestEachPrintedFileCompilesToTheDescriptorItCameFrom(t *testing.T) {
	dir := t.TempDir()
	if err := run(dir, roots); err != nil {
		t.Fatal(err)
	}
	paths := printed(t, dir)
	if len(paths) < len(roots) {
		t.Fatalf("printed %v, want at least %v", paths, roots)
	}
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(
		&protocompile.SourceResolver{ImportPaths: []string{dir}})}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			got, err := compiler.Compile(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := protoregistry.GlobalFiles.FindFileByPath(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plain(t, want), plain(t, got[0]), protocmp.Transform()); diff != "" {
				t.Errorf("the descriptor changed (-linked +printed):\n%s", diff)
			}
		})
	}
}

func TestAFileThatIsNotLinkedIsAnError(t *testing.T) {
	if err := run(t.TempDir(), []string{"google/api/no_such.proto"}); err == nil {
		t.Error("no error")
	}
}

// printed lists the files under dir by their import path.
func printed(t *testing.T, dir string) []string {
	t.Helper()
	var paths []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// plain gives a descriptor without source positions, its options parsed the
// same way whoever made it, and its nested types in a fixed order: the printer
// moves the hidden types of map fields, which have no place in the text.
func plain(t *testing.T, file protoreflect.FileDescriptor) *descriptorpb.FileDescriptorProto {
	t.Helper()
	text, err := proto.Marshal(protodesc.ToFileDescriptorProto(file))
	if err != nil {
		t.Fatal(err)
	}
	plain := &descriptorpb.FileDescriptorProto{}
	if err := proto.Unmarshal(text, plain); err != nil {
		t.Fatal(err)
	}
	plain.SourceCodeInfo = nil
	sortNested(plain.GetMessageType())
	return plain
}

func sortNested(messages []*descriptorpb.DescriptorProto) {
	for _, m := range messages {
		slices.SortFunc(m.NestedType, func(a, b *descriptorpb.DescriptorProto) int {
			return strings.Compare(a.GetName(), b.GetName())
		})
		sortNested(m.GetNestedType())
	}
}
