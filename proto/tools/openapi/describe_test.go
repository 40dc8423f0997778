package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// head starts each proto of the tests.
const head = `syntax = "proto3";
package schakel.test.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/api/field_behavior.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/timestamp.proto";
import "schakel/options/v1/access.proto";
import "schakel/options/v1/header.proto";
import "schakel/options/v1/rules.proto";
`

// frame is what the tests complete.
const frame = `{
  "openapi": "3.1.0", "info": {}, "paths": {},
  "servers": [{"url": "https://api.example/v1"}],
  "tags": [{"name": "Dingen", "description": "", "x-service": "schakel.test.v1.ThingService"}],
  "components": {"securitySchemes": {}, "headers": {}, "schemas": {}, "responses": {
    "Problem400": {}, "Problem401": {}, "Problem403": {}, "Problem404": {}, "Problem406": {}, "Problem409": {}, "Problem412": {},
    "Problem413": {}, "Problem415": {}, "Problem429": {}, "Problem500": {}, "Problem503": {}}}
}`

// parse compiles the text of a proto and puts it through an image, so that its
// options go the way they go in earnest. Our own options are the real ones.
func parse(t *testing.T, text string) *protoregistry.Files {
	t.Helper()
	linked := protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
		file, err := protoregistry.GlobalFiles.FindFileByPath(path)
		return protocompile.SearchResult{Desc: file}, err
	})
	own := &protocompile.SourceResolver{Accessor: func(path string) (io.ReadCloser, error) {
		if path == "test.proto" {
			return io.NopCloser(strings.NewReader(head + text)), nil
		}
		return os.Open(filepath.Join("..", "..", path))
	}}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(protocompile.CompositeResolver{own, linked}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	compiled, err := compiler.Compile(t.Context(), "test.proto")
	if err != nil {
		t.Fatal(err)
	}
	set := &descriptorpb.FileDescriptorSet{}
	addFile(set, map[string]bool{}, compiled[0])
	image, err := proto.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	files, err := parseImage(image)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// addFile adds file to set, after what it imports.
func addFile(set *descriptorpb.FileDescriptorSet, done map[string]bool, file protoreflect.FileDescriptor) {
	if done[file.Path()] {
		return
	}
	done[file.Path()] = true
	for i := range file.Imports().Len() {
		addFile(set, done, file.Imports().Get(i).FileDescriptor)
	}
	set.File = append(set.File, protodesc.ToFileDescriptorProto(file))
}

// describeText describes the text of a proto, and gives the document as plain
// JSON.
func describeText(t *testing.T, text string) (map[string]any, error) {
	t.Helper()
	doc, err := parseFrame([]byte(frame))
	if err != nil {
		t.Fatal(err)
	}
	if err := describe(doc, parse(t, text)); err != nil {
		return nil, err
	}
	return plain(t, doc), nil
}

// plain gives v as JSON gives it back.
func plain(t *testing.T, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var p map[string]any
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// at follows keys into a document.
func at(t *testing.T, doc any, keys ...string) any {
	t.Helper()
	for _, key := range keys {
		object, ok := doc.(map[string]any)
		if !ok || object[key] == nil {
			t.Fatalf("no %q in %v", key, doc)
		}
		doc = object[key]
	}
	return doc
}

// same fails unless got is the JSON text want.
func same(t *testing.T, got any, want string) {
	t.Helper()
	var w any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
