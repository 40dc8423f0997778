// Command openapi writes the OpenAPI 3.1 description of Schakel's REST
// interface from the protos: the HTTP bindings, the validation rules, who may
// call what, and the comments.
//
// Usage: openapi -image image.binpb -frame frame.json > schakel.openapi.json
//
// The image is a FileDescriptorSet with source info. The frame is an OpenAPI
// document with everything that no proto knows: info, servers, tags, the
// problem responses, and operations that no service serves.
//
// It never guesses: what it cannot describe (a binding, a type or a validation
// rule that it does not know) is an error, so that the description promises
// what the gateway and protovalidate do, and leaves nothing out.
package main

import (
	"encoding/json"
	"flag"
	"io"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("openapi: ")
	image := flag.String("image", "", "the FileDescriptorSet to describe")
	frame := flag.String("frame", "", "the OpenAPI document to complete")
	flag.Parse()
	if err := run(os.Stdout, *image, *frame); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer, imagePath, framePath string) error {
	image, err := os.ReadFile(imagePath)
	if err != nil {
		return err
	}
	files, err := parseImage(image)
	if err != nil {
		return err
	}
	frame, err := os.ReadFile(framePath)
	if err != nil {
		return err
	}
	doc, err := parseFrame(frame)
	if err != nil {
		return err
	}
	if err := describe(doc, files); err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
