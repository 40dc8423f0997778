package main

import (
	"slices"
	"strings"
	"testing"
)

const (
	publicAccess = `option (schakel.options.v1.access) = {allow: {role: ROLE_PUBLIEK reach: REACH_OPENBAAR}};`
	closedAccess = `option (schakel.options.v1.access) = {
		allow: {role: ROLE_REDACTEUR reach: REACH_EIGEN} allow: {role: ROLE_SERVICE reach: REACH_ALLE}};`
	mixedAccess = `option (schakel.options.v1.access) = {
		allow: {role: ROLE_PUBLIEK reach: REACH_OPENBAAR} allow: {role: ROLE_REDACTEUR reach: REACH_EIGEN}};`
	messages = `
	message Thing {
		string id = 1 [json_name = "id", (google.api.field_behavior) = OUTPUT_ONLY];
		string name = 2 [json_name = "naam", (buf.validate.field).required = true];
		Part part = 3 [json_name = "deel"];
		repeated string words = 4 [json_name = "woorden"];
		google.protobuf.Timestamp since = 5 [json_name = "sinds"];
	}
	message Part { int32 size = 1 [json_name = "omvang"]; }
	message Plain { Thing thing = 1 [json_name = "ding"]; }
	message Again { Thing thing = 1 [json_name = "ding"]; bool repeated_submission = 2 [json_name = "herhaald"]; }
	message Call {
		string thing_id = 1 [json_name = "dingId", (buf.validate.field).string.uuid = true];
		// How many. At most.
		int32 limit = 2 [json_name = "hoogstens", (buf.validate.field).int32.gt = 0];
		string tag = 3 [json_name = "merk"];
	}
	message Named { string secret = 1 [json_name = "geheim", (schakel.options.v1.header) = "Schakel-Geheim", (buf.validate.field).string.min_len = 3]; }
	message Revised { string thing_id = 1 [json_name = "dingId"]; int32 expected = 2 [json_name = "verwacht", (schakel.options.v1.header) = "If-Match"]; }
	message Version { int32 revision = 1 [json_name = "revisie"]; }
	message Versions { repeated Version versions = 1 [json_name = "versies"]; }
	message Outcome { Version version = 1 [json_name = "versie"]; bool repeated_submission = 2 [json_name = "herhaald"]; }
	message Trial { Thing thing = 1 [json_name = "ding"]; bool validate_only = 2 [json_name = "proefdraaien"]; }
	message Change {
		Thing thing = 1;
		google.protobuf.FieldMask update_mask = 2;
	}`
)

// method makes a proto of a service with one method.
func method(types, rule, options string) string {
	return "service ThingService {\n// Do it. Or not.\nrpc DoThing" + types + " {\noption (google.api.http) = {" + rule + "};\n" +
		options + "\n}\n}\n" + messages
}

// call describes a method, and gives its operation.
func call(t *testing.T, types, rule, options, path, verb string) any {
	t.Helper()
	doc, err := describeText(t, method(types, rule, options))
	if err != nil {
		t.Fatal(err)
	}
	return at(t, doc, "paths", path, verb)
}

// statuses lists the answers of an operation.
func statuses(t *testing.T, op any) string {
	t.Helper()
	var all []string
	for status := range at(t, op, "responses").(map[string]any) {
		all = append(all, status)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestAnOperationHasATagAnIdAndTheCommentOfItsMethod(t *testing.T) {
	op := call(t, "(Call) returns (Plain)", `get: "/v1/dingen"`, publicAccess, "/dingen", "get")
	same(t, at(t, op, "operationId"), `"doThing"`)
	same(t, at(t, op, "tags"), `["Dingen"]`)
	same(t, at(t, op, "summary"), `"Do it"`)
	same(t, at(t, op, "description"), `"Do it. Or not."`)
}

func TestWhatIsNotInThePathIsInTheQuery(t *testing.T) {
	op := call(t, "(Call) returns (Plain)", `get: "/v1/dingen/{thing_id}"`, publicAccess, "/dingen/{dingId}", "get")
	same(t, at(t, op, "parameters"), `[
		{"name": "dingId", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}},
		{"name": "hoogstens", "in": "query", "required": true, "description": "How many. At most.",
			"schema": {"type": "integer", "format": "int32", "exclusiveMinimum": 0}},
		{"name": "merk", "in": "query", "schema": {"type": "string"}}]`)
}

func TestABodyOfAllLeavesOutWhatIsInThePath(t *testing.T) {
	doc, err := describeText(t, method("(Call) returns (Plain)", `post: "/v1/dingen/{thing_id}/_doe" body: "*"`, publicAccess))
	if err != nil {
		t.Fatal(err)
	}
	same(t, at(t, doc, "components", "schemas", "Call", "required"), `["hoogstens"]`)
	same(t, at(t, doc, "paths", "/dingen/{dingId}/_doe", "post", "requestBody"),
		`{"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Call"}}}}`)
}

func TestAnswersFollowFromTheCall(t *testing.T) {
	for name, c := range map[string]struct{ types, rule, access, path, verb, want string }{
		"reading for all": {"(Call) returns (Plain)", `get: "/v1/dingen"`, publicAccess, "/dingen", "get",
			"200 400 406 429 500 503"},
		"reading for some": {"(Call) returns (Plain)", `get: "/v1/dingen/{thing_id}"`, closedAccess, "/dingen/{dingId}", "get",
			"200 400 401 403 404 406 429 500 503"},
		"making": {"(Plain) returns (Plain)", `post: "/v1/dingen" body: "thing"`, closedAccess, "/dingen", "post",
			"201 400 401 403 406 409 413 415 429 500 503"},
		"making that can be repeated": {"(Plain) returns (Again)", `post: "/v1/dingen" body: "thing"`, closedAccess, "/dingen", "post",
			"200 201 400 401 403 406 409 413 415 429 500 503"},
		"acting without a body": {"(Call) returns (Plain)", `post: "/v1/dingen/{thing_id}/_doe"`, closedAccess, "/dingen/{dingId}/_doe", "post",
			"200 400 401 403 404 406 409 429 500 503"},
		"acting on a revision": {"(Revised) returns (Outcome)", `post: "/v1/dingen/{thing_id}/_doe" body: "*"`, closedAccess, "/dingen/{dingId}/_doe", "post",
			"200 400 401 403 404 406 409 412 413 415 429 500 503"},
		"reading what has a revision": {"(Call) returns (Outcome)", `get: "/v1/dingen/{thing_id}"`, publicAccess, "/dingen/{dingId}", "get",
			"200 304 400 404 406 429 500 503"},
		"reading a list of what has a revision": {"(Call) returns (Versions)", `get: "/v1/dingen"`, publicAccess, "/dingen", "get",
			"200 400 406 429 500 503"},
		"reading a stream of what has a revision": {"(Call) returns (stream Outcome)", `get: "/v1/dingen" response_body: "version"`, publicAccess, "/dingen", "get",
			"200 400 406 429 500 503"},
		"reading what a header names": {"(Named) returns (Plain)", `get: "/v1/ding"`, publicAccess, "/ding", "get",
			"200 400 404 406 429 500 503"},
	} {
		t.Run(name, func(t *testing.T) {
			op := call(t, c.types, c.rule, c.access, c.path, c.verb)
			if got := statuses(t, op); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestEachGoodAnswerCarriesTheVersionAndANewThingItsPlace(t *testing.T) {
	op := call(t, "(Plain) returns (Again)", `post: "/v1/dingen" body: "thing" response_body: "thing"`, closedAccess, "/dingen", "post")
	same(t, at(t, op, "responses", "200", "headers"), `{"API-Version": {"$ref": "#/components/headers/API-Version"}}`)
	same(t, at(t, op, "responses", "201"), `{
		"description": "Aangemaakt. `+"`Location`"+` wijst naar wat er is gemaakt.",
		"headers": {"API-Version": {"$ref": "#/components/headers/API-Version"}, "Location": {"$ref": "#/components/headers/Location"}},
		"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}`)
	same(t, at(t, op, "responses", "400"), `{"$ref": "#/components/responses/Problem400"}`)
}

func TestACodeInTheCommentIsAnAnswer(t *testing.T) {
	doc, err := describeText(t, strings.Replace(method("(Call) returns (Plain)", `get: "/v1/dingen"`, publicAccess),
		"// Do it. Or not.", "// Do it. Errors: PERMISSION_DENIED,\n// NOT_FOUND; ALREADY_EXISTS.", 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(t, at(t, doc, "paths", "/dingen", "get")); got != "200 400 403 404 406 409 429 500 503" {
		t.Errorf("got %s", got)
	}
}

func TestWhatAHeaderHoldsIsAParameterOfTheHeaders(t *testing.T) {
	op := call(t, "(Named) returns (Plain)", `get: "/v1/ding"`, publicAccess, "/ding", "get")
	same(t, at(t, op, "parameters"), `[{"name": "Schakel-Geheim", "in": "header", "required": true, "schema": {"type": "string", "minLength": 3}}]`)
	doc, err := describeText(t, method("(Revised) returns (Plain)", `post: "/v1/dingen/{thing_id}/_doe" body: "*"`, closedAccess))
	if err != nil {
		t.Fatal(err)
	}
	same(t, at(t, doc, "paths", "/dingen/{dingId}/_doe", "post", "parameters"), `[
		{"name": "dingId", "in": "path", "required": true, "schema": {"type": "string"}},
		{"name": "If-Match", "in": "header", "schema": {"type": "string", "pattern": "^(\\*|\"[1-9][0-9]*(-[0-9a-f]{16})?\")$"}}]`)
	same(t, at(t, doc, "components", "schemas", "Revised", "properties"), `{}`)
}

func TestWhatHasARevisionHasAnEntityTag(t *testing.T) {
	const headers = `{"API-Version": {"$ref": "#/components/headers/API-Version"}, "ETag": {"$ref": "#/components/headers/ETag"}}`
	read := call(t, "(Call) returns (Outcome)", `get: "/v1/dingen/{thing_id}" response_body: "version"`, publicAccess, "/dingen/{dingId}", "get")
	same(t, at(t, read, "responses", "200", "headers"), headers)
	same(t, at(t, read, "responses", "304"), `{"description": "Niet veranderd: de aanroeper heeft het al.", "headers": `+headers+`}`)
	same(t, at(t, read, "parameters").([]any)[1], `{"name": "If-None-Match", "in": "header", "schema": {"type": "string"},
		"description": "The entity tag that the caller has: while it is the current one, the answer is 304."}`)
	acted := call(t, "(Call) returns (Outcome)", `post: "/v1/dingen/{thing_id}/_doe" body: "*"`, publicAccess, "/dingen/{dingId}/_doe", "post")
	same(t, at(t, acted, "responses", "200", "headers"), headers)
	made := call(t, "(Plain) returns (Outcome)", `post: "/v1/dingen" body: "thing"`, publicAccess, "/dingen", "post")
	same(t, at(t, made, "responses", "200", "headers"), `{"API-Version": {"$ref": "#/components/headers/API-Version"}}`)
}

func TestATrialOfMakingIsAnswered200(t *testing.T) {
	op := call(t, "(Trial) returns (Again)", `post: "/v1/dingen" body: "thing"`, publicAccess, "/dingen", "post")
	same(t, at(t, op, "responses", "200", "description"), `"Al eerder aangemaakt, met dezelfde inhoud; of proefgedraaid, en dan is er niets aangemaakt."`)
}

func TestSecurityFollowsFromTheRoles(t *testing.T) {
	for name, c := range map[string]struct{ access, security, roles string }{
		"the public alone": {publicAccess, `[]`, `[{"rol": "publiek", "reikwijdte": "openbaar"}]`},
		"others alone":     {closedAccess, `[{"token": []}]`, `[{"rol": "redacteur", "reikwijdte": "eigen"}, {"rol": "service", "reikwijdte": "alle"}]`},
		"the public and others": {mixedAccess, `[{}, {"token": []}]`,
			`[{"rol": "publiek", "reikwijdte": "openbaar"}, {"rol": "redacteur", "reikwijdte": "eigen"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			op := call(t, "(Call) returns (Plain)", `get: "/v1/dingen"`, c.access, "/dingen", "get")
			same(t, at(t, op, "security"), c.security)
			same(t, at(t, op, "x-schakel-rollen"), c.roles)
		})
	}
}

func TestAPatchTakesPartsAndNull(t *testing.T) {
	doc, err := describeText(t, method("(Change) returns (Plain)", `patch: "/v1/dingen/{thing.id}" body: "thing"`, closedAccess))
	if err != nil {
		t.Fatal(err)
	}
	op := at(t, doc, "paths", "/dingen/{id}", "patch")
	same(t, at(t, op, "requestBody", "content"), `{"application/merge-patch+json": {"schema": {"$ref": "#/components/schemas/ThingPatch"}}}`)
	same(t, at(t, op, "parameters"), `[{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]`)
	same(t, at(t, doc, "components", "schemas", "ThingPatch", "properties"), `{
		"sinds": {"type": ["string", "null"], "format": "date-time"},
		"naam": {"type": "string"},
		"deel": {"anyOf": [{"$ref": "#/components/schemas/PartPatch"}, {"type": "null"}]},
		"woorden": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]}}`)
}

func TestAStreamIsLinesOfJSON(t *testing.T) {
	op := call(t, "(stream Plain) returns (stream Plain)", `post: "/v1/dingen/_doe" body: "*"`, closedAccess, "/dingen/_doe", "post")
	want := `{"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Plain"}}}`
	same(t, at(t, op, "requestBody", "content"), want)
	same(t, at(t, op, "responses", "200", "content"), want)
}

func TestAMethodThatCannotBeDescribedIsAnError(t *testing.T) {
	get := `get: "/v1/dingen"`
	for name, c := range map[string]struct{ text, want string }{
		"without access":              {method("(Call) returns (Plain)", get, ""), "no access option"},
		"allowing nobody":             {method("(Call) returns (Plain)", get, `option (schakel.options.v1.access) = {};`), "allows nobody"},
		"outside the version":         {method("(Call) returns (Plain)", `get: "/v2/dingen"`, publicAccess), "does not lie under"},
		"with an unknown variable":    {method("(Call) returns (Plain)", `get: "/v1/dingen/{id}"`, publicAccess), "no field id"},
		"with a message in the path":  {method("(Change) returns (Plain)", `get: "/v1/dingen/{thing}"`, publicAccess), "plain value"},
		"with a message in the query": {method("(Change) returns (Plain)", get, publicAccess), "queries are flat"},
		"with an unknown body":        {method("(Call) returns (Plain)", `post: "/v1/dingen" body: "x"`, publicAccess), "no message x"},
		"with an unknown answer":      {method("(Call) returns (Plain)", get+` response_body: "x"`, publicAccess), "no field x"},
		"twice":                       {method("(Call) returns (Plain)", get+` additional_bindings: {`+get+`}`, publicAccess), "described already"},
		"under two names": {method("(Call) returns (Plain)",
			`get: "/v1/dingen/{thing_id}" additional_bindings: {get: "/v1/dingen/{tag}"}`, publicAccess), "one path with two names"},
		"of a service without a tag": {strings.Replace(method("(Call) returns (Plain)", get, publicAccess), "ThingService", "OtherService", 1), "no tag"},
		"never":                      {messages, "no method of schakel.test.v1.ThingService"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := describeText(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestTwoMessagesOfOneNameAreAnError(t *testing.T) {
	_, err := describeText(t, method("(Call) returns (Both)", `get: "/v1/dingen"`, publicAccess)+
		` message Both { Thing a = 1; Outer.Thing b = 2; } message Outer { message Thing {} }`)
	if err == nil || !strings.Contains(err.Error(), "the schema Thing would be both") {
		t.Errorf("got %v", err)
	}
}

func TestTheDocumentKeepsTheOrderOfTheProto(t *testing.T) {
	doc, err := parseFrame([]byte(frame))
	if err != nil {
		t.Fatal(err)
	}
	if err := describe(doc, parse(t, method("(Call) returns (Plain)", `get: "/v1/dingen"`, publicAccess))); err != nil {
		t.Fatal(err)
	}
	thing := doc.Components.Schemas.get("Thing").(*schema)
	if got := strings.Join(thing.Properties.keys, " "); got != "id naam deel woorden sinds" {
		t.Errorf("properties %s", got)
	}
}
