package main

import (
	"strings"
	"testing"
)

// service makes a proto of a message Thing with the fields given, and of a
// service that gets one.
func service(fields string) string {
	return `
service ThingService {
  // Get it.
  rpc GetThing(GetThingRequest) returns (Thing) {
    option (google.api.http) = {get: "/v1/dingen"};
    option (schakel.options.v1.access) = {allow: {role: ROLE_PUBLIEK reach: REACH_OPENBAAR}};
  }
}
message GetThingRequest {}
message Other { string name = 1 [json_name = "naam"]; }
// How it is.
enum ThingState {
  // Not set.
  THING_STATE_UNSPECIFIED = 0;
  // It is well.
  THING_STATE_ALL_WELL = 1;
  // It broke.
  THING_STATE_BROKEN = 2;
}
message Thing {
` + fields + "\n}"
}

// properties describes the fields of a message.
func properties(t *testing.T, fields string) (thing any, err error) {
	t.Helper()
	doc, err := describeText(t, service(fields))
	if err != nil {
		return nil, err
	}
	return at(t, doc, "components", "schemas", "Thing"), nil
}

func TestAFieldIsDescribedWithItsTypeAndRules(t *testing.T) {
	for name, c := range map[string]struct{ field, want string }{
		"a string": {
			`optional string x = 1 [(buf.validate.field).string = {min_len: 0 max_len: 9 pattern: "^a"}];`,
			`{"type": "string", "maxLength": 9, "minLength": 0, "pattern": "^a"}`,
		},
		"a fixed length": {
			`optional string x = 1 [(buf.validate.field).string.len = 4];`,
			`{"type": "string", "minLength": 4, "maxLength": 4}`,
		},
		"a prefix beside a pattern": {
			`optional string x = 1 [(buf.validate.field).string = {pattern: "b$" prefix: "a."}];`,
			`{"type": "string", "pattern": "b$", "allOf": [{"pattern": "^a\\."}]}`,
		},
		"a constant": {
			`optional string x = 1 [(buf.validate.field).string.const = "nl"];`,
			`{"type": "string", "const": "nl"}`,
		},
		"a URI": {
			`optional string x = 1 [(buf.validate.field).string.uri = true];`,
			`{"type": "string", "format": "uri"}`,
		},
		"bytes": {`bytes x = 1;`, `{"type": "string", "contentEncoding": "base64"}`},
		"a bounded integer": {
			`int32 x = 1 [(buf.validate.field).int32 = {gte: 0 lt: 10}];`,
			`{"type": "integer", "format": "int32", "minimum": 0, "exclusiveMaximum": 10}`,
		},
		"a number out of a few": {
			`int32 x = 1 [(buf.validate.field).int32 = {in: [0, 5]}];`,
			`{"type": "integer", "format": "int32", "enum": [0, 5]}`,
		},
		"a fraction": {
			`double x = 1 [(buf.validate.field).double = {lte: 1.5 finite: true}];`,
			`{"type": "number", "format": "double", "maximum": 1.5}`,
		},
		"a boolean": {`bool x = 1;`, `{"type": "boolean"}`},
		"a time":    {`google.protobuf.Timestamp x = 1;`, `{"type": "string", "format": "date-time"}`},
		"a message": {`Other x = 1;`, `{"$ref": "#/components/schemas/Other"}`},
		"a list with rules for itself and its items": {
			`repeated string x = 1 [(buf.validate.field).repeated = {max_items: 3 unique: true items: {string: {max_len: 2}}}];`,
			`{"type": "array", "maxItems": 3, "uniqueItems": true, "items": {"type": "string", "maxLength": 2}}`,
		},
		"a map with rules for its values": {
			`map<string, int32> x = 1 [(buf.validate.field).map = {max_pairs: 2 values: {int32: {gt: 1}}}];`,
			`{"type": "object", "maxProperties": 2, "additionalProperties": {"type": "integer", "format": "int32", "exclusiveMinimum": 1}}`,
		},
		"an enum, whose unset value is not to be had anyway": {
			`repeated ThingState x = 1 [(buf.validate.field).repeated.items.enum = {defined_only: true not_in: [0]}];`,
			`{"type": "array", "items": {"$ref": "#/components/schemas/ThingState"}}`,
		},
		"an enum out of a few": {
			`ThingState x = 1 [(buf.validate.field).enum = {in: [0, 1]}];`,
			`{"$ref": "#/components/schemas/ThingState", "enum": ["all-well"]}`,
		},
		"an organisation": {
			`string x = 1 [(buf.validate.field).string.(schakel.options.v1.tooi) = true];`,
			`{"type": "string", "format": "uri", "pattern": "^https://identifier\\.overheid\\.nl/tooi/id/[a-z]{2,20}/[a-z_]{2,6}[0-9]{2,8}$|^urn:nld:oin:00000099[0-9]{12}$"}`,
		},
		"a slug": {
			`string x = 1 [(buf.validate.field).string.(schakel.options.v1.slug) = true];`,
			`{"type": "string", "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$"}`,
		},
		"prose": {
			`string x = 1 [(buf.validate.field).string.(schakel.options.v1.prose) = true];`,
			`{"type": "string", "pattern": "[^\\s]", "not": {"pattern": "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]"}}`,
		},
		"what only Schakel writes": {
			"// The id. Ours.\nstring x = 1 [(google.api.field_behavior) = OUTPUT_ONLY];",
			`{"type": "string", "description": "The id. Ours.", "readOnly": true}`,
		},
		"a rule in words": {
			`string x = 1 [(buf.validate.field).cel = {id: "x" message: "must be even" expression: "size(this) % 2 == 0"}];`,
			`{"type": "string", "description": "Rule: must be even."}`,
		},
		"rules that are not enforced": {
			`string x = 1 [(buf.validate.field).ignore = IGNORE_ALWAYS, (buf.validate.field).string.max_len = 1];`,
			`{"type": "string"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			thing, err := properties(t, c.field)
			if err != nil {
				t.Fatal(err)
			}
			same(t, at(t, thing, "properties", "x"), c.want)
			if thing.(map[string]any)["required"] != nil {
				t.Error("the field is required")
			}
		})
	}
}

func TestACalendarDateHasTheFormatDate(t *testing.T) {
	thing, err := properties(t, `string x = 1 [(buf.validate.field).string.(schakel.options.v1.calendar_date) = true];`)
	if err != nil {
		t.Fatal(err)
	}
	if got := at(t, thing, "properties", "x", "format"); got != "date" {
		t.Errorf("format %v", got)
	}
}

func TestAFieldIsRequiredWhenItsZeroValueIsRefused(t *testing.T) {
	for name, field := range map[string]string{
		"by the rule":             `Other x = 1 [(buf.validate.field).required = true];`,
		"by the field's behavior": `string x = 1 [(google.api.field_behavior) = REQUIRED];`,
		"by a minimum length":     `string x = 1 [(buf.validate.field).string.min_len = 1];`,
		"by a pattern":            `string x = 1 [(buf.validate.field).string.pattern = "^a$"];`,
		"by a format":             `string x = 1 [(buf.validate.field).string.uuid = true];`,
		"by a bound":              `int32 x = 1 [(buf.validate.field).int32.gt = 0];`,
		"by a number of items":    `repeated string x = 1 [(buf.validate.field).repeated.min_items = 1];`,
		"by an enum":              `ThingState x = 1 [(buf.validate.field).enum = {not_in: [0]}];`,
	} {
		t.Run(name, func(t *testing.T) {
			thing, err := properties(t, field)
			if err != nil {
				t.Fatal(err)
			}
			same(t, at(t, thing, "required"), `["x"]`)
		})
	}
}

func TestAnEnumIsDescribedByTheNamesOfTheWire(t *testing.T) {
	doc, err := describeText(t, service("ThingState x = 1;"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, at(t, doc, "components", "schemas", "ThingState"), `{
		"type": "string", "enum": ["all-well", "broken"],
		"description": "How it is.\n\n- `+"`all-well`: It is well.\\n- `broken`"+`: It broke."}`)
}

func TestAOneofAllowsOneOfItsFields(t *testing.T) {
	thing, err := properties(t, `oneof o { option (buf.validate.oneof).required = true; string a = 1; string b = 2; }`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, at(t, thing, "allOf"), `[{"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}]`)

	thing, err = properties(t, `oneof o { string a = 1; string b = 2; }`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, at(t, thing, "allOf"), `[{"oneOf": [{"required": ["a"]}, {"required": ["b"]},
		{"not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}}]}]`)
}

func TestAOneofRuleOfAMessageAllowsOneOfItsFields(t *testing.T) {
	thing, err := properties(t, `option (buf.validate.message).oneof = {fields: ["a", "b"] required: true};
		string a = 1 [json_name = "eerste"]; string b = 2;`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, at(t, thing, "allOf"), `[{"oneOf": [{"required": ["eerste"]}, {"required": ["b"]}]}]`)
}

func TestWhatCannotBeDescribedIsAnError(t *testing.T) {
	for name, c := range map[string]struct{ field, want string }{
		"a 64-bit integer":       {`int64 x = 1;`, "64-bit"},
		"a rule without keyword": {`string x = 1 [(buf.validate.field).string.min_bytes = 1];`, "min_bytes"},
		"a rule without words":   {`string x = 1 [(buf.validate.field).cel_expression = "true"];`, "without a message"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := properties(t, c.field); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}
