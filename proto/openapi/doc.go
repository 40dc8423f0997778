// Package openapi holds the OpenAPI 3.1 description of Schakel's REST
// interface, as the gateway serves it at /v1/openapi.json.
//
// The description is made from the protos by proto/tools/openapi; frame.json
// is the part of it that is written by hand. Never edit
// schakel.openapi.json: change the protos or the frame, and run `make
// generate`.
package openapi

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// JSON is the description. It must not be written to.
//
//go:embed schakel.openapi.json
var JSON []byte

// Version gives the version of the interface, such as "1.0.2": what the
// API-Version header of every answer says (ADR /core/version-header). The
// error is a defect of the description.
func Version() (string, error) {
	var doc struct{ Info struct{ Version string } }
	if err := json.Unmarshal(JSON, &doc); err != nil {
		return "", fmt.Errorf("openapi: %w", err)
	}
	return doc.Info.Version, nil
}
