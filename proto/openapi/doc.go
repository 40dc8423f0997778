// Package openapi holds the OpenAPI 3.1 description of Schakel's REST
// interface, as the gateway serves it at /v1/openapi.json.
//
// The description is made from the protos by proto/tools/openapi; frame.json
// is the part of it that is written by hand. Never edit
// schakel.openapi.json: change the protos or the frame, and run `make
// generate`.
package openapi

import _ "embed"

// JSON is the description. It must not be written to.
//
//go:embed schakel.openapi.json
var JSON []byte
