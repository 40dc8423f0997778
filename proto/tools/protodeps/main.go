// Command protodeps writes the third-party .proto files that Schakel's own
// import. It prints them from the descriptors in the Go packages that it
// links, so that go.mod is the one place where their versions are pinned, and
// nothing but the Go module proxy is needed to get them.
//
// Usage: protodeps -o third_party/proto
//
// It keeps everything that a compiler sees; the comments of the originals are
// lost. The folder that it writes to is replaced, and must not be committed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	_ "google.golang.org/genproto/googleapis/api/annotations"
	_ "google.golang.org/genproto/googleapis/rpc/status"
)

// roots are the files that Schakel's own may import.
var roots = []string{
	"buf/validate/validate.proto",
	"google/api/annotations.proto",
	"google/api/field_behavior.proto",
	"google/rpc/status.proto",
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("protodeps: ")
	out := flag.String("o", "third_party/proto", "folder to write to; it is replaced")
	flag.Parse()
	if err := run(*out, roots); err != nil {
		log.Fatal(err)
	}
}

// run replaces out with the files named and everything they import.
func run(out string, roots []string) error {
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	p := printer{out: out, seen: map[string]bool{}}
	for _, path := range roots {
		file, err := protoregistry.GlobalFiles.FindFileByPath(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := p.print(file); err != nil {
			return err
		}
	}
	return nil
}

// printer prints each file once.
type printer struct {
	protoprint.Printer
	out  string
	seen map[string]bool
}

// print writes file and what it imports, except for the well-known types:
// each compiler brings its own.
func (p *printer) print(file protoreflect.FileDescriptor) error {
	if p.seen[file.Path()] || file.Package() == "google.protobuf" {
		return nil
	}
	p.seen[file.Path()] = true
	if err := p.write(file); err != nil {
		return fmt.Errorf("%s: %w", file.Path(), err)
	}
	for i := range file.Imports().Len() {
		if err := p.print(file.Imports().Get(i).FileDescriptor); err != nil {
			return err
		}
	}
	return nil
}

func (p *printer) write(file protoreflect.FileDescriptor) (err error) {
	name := filepath.Join(p.out, filepath.FromSlash(file.Path()))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return p.PrintProtoFile(file, f)
}
