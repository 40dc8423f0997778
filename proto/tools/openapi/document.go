package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// document is an OpenAPI 3.1 document, as far as we write it. What only the
// frame fills is passed on as it is.
type document struct {
	OpenAPI    string          `json:"openapi"`
	Info       json.RawMessage `json:"info"`
	Servers    []server        `json:"servers"`
	Tags       []tag           `json:"tags"`
	Paths      object          `json:"paths"`
	Components components      `json:"components"`
}

// server is a place where the interface is served. The path of its URL is the
// prefix that all bindings have and no key of paths has.
type server struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

// tag groups the operations of one service.
type tag struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Service is the full name of the proto service; the frame says it, the
	// finished document does not.
	Service string `json:"x-service,omitempty"`
}

type components struct {
	SecuritySchemes json.RawMessage `json:"securitySchemes"`
	Headers         object          `json:"headers"`
	Responses       object          `json:"responses"`
	Schemas         object          `json:"schemas"`
}

// operation is one method of one path.
type operation struct {
	OperationID string           `json:"operationId"`
	Tags        []string         `json:"tags"`
	Summary     string           `json:"summary"`
	Description string           `json:"description,omitempty"`
	Parameters  []parameter      `json:"parameters,omitempty"`
	RequestBody *body            `json:"requestBody,omitempty"`
	Responses   object           `json:"responses"`
	Security    []map[string]any `json:"security"`
	Roles       []role           `json:"x-schakel-rollen"`
}

type parameter struct {
	Name        string  `json:"name"`
	In          string  `json:"in"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Schema      *schema `json:"schema"`
}

type body struct {
	Required bool             `json:"required,omitempty"`
	Content  map[string]media `json:"content"`
}

type media struct {
	Schema *schema `json:"schema"`
}

type response struct {
	Description string               `json:"description"`
	Headers     map[string]reference `json:"headers"`
	Content     map[string]media     `json:"content,omitempty"`
}

type reference struct {
	Ref string `json:"$ref"`
}

// role is one role that may call an operation, and how far it sees.
type role struct {
	Role  string `json:"rol"`
	Reach string `json:"reikwijdte"`
}

// schema is a JSON Schema (2020-12), as far as we write it. Numbers are
// json.Number so that they are written as they stand in the proto.
type schema struct {
	Ref                  string      `json:"$ref,omitempty"`
	Type                 any         `json:"type,omitempty"`
	Description          string      `json:"description,omitempty"`
	Format               string      `json:"format,omitempty"`
	ContentEncoding      string      `json:"contentEncoding,omitempty"`
	ReadOnly             bool        `json:"readOnly,omitempty"`
	Const                any         `json:"const,omitempty"`
	Enum                 []any       `json:"enum,omitempty"`
	Pattern              string      `json:"pattern,omitempty"`
	MinLength            json.Number `json:"minLength,omitempty"`
	MaxLength            json.Number `json:"maxLength,omitempty"`
	Minimum              json.Number `json:"minimum,omitempty"`
	ExclusiveMinimum     json.Number `json:"exclusiveMinimum,omitempty"`
	Maximum              json.Number `json:"maximum,omitempty"`
	ExclusiveMaximum     json.Number `json:"exclusiveMaximum,omitempty"`
	MinItems             json.Number `json:"minItems,omitempty"`
	MaxItems             json.Number `json:"maxItems,omitempty"`
	UniqueItems          bool        `json:"uniqueItems,omitempty"`
	MinProperties        json.Number `json:"minProperties,omitempty"`
	MaxProperties        json.Number `json:"maxProperties,omitempty"`
	Required             []string    `json:"required,omitempty"`
	Properties           *object     `json:"properties,omitempty"`
	AdditionalProperties any         `json:"additionalProperties,omitempty"`
	Items                *schema     `json:"items,omitempty"`
	Not                  *schema     `json:"not,omitempty"`
	AnyOf                []*schema   `json:"anyOf,omitempty"`
	OneOf                []*schema   `json:"oneOf,omitempty"`
	AllOf                []*schema   `json:"allOf,omitempty"`
}

// parseFrame reads the document that is to be completed.
func parseFrame(frame []byte) (*document, error) {
	dec := json.NewDecoder(bytes.NewReader(frame))
	dec.DisallowUnknownFields()
	doc := &document{}
	if err := dec.Decode(doc); err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	if len(doc.Servers) == 0 {
		return nil, fmt.Errorf("frame: no servers")
	}
	return doc, nil
}
