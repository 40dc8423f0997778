package wire_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	// What the test file imports, and the options that it uses.
	_ "google.golang.org/protobuf/types/known/fieldmaskpb"
	_ "google.golang.org/protobuf/types/known/structpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"

	_ "schakel.example/proto/gen/go/schakel/options/v1"
)

// allProto is a file with every kind of field that the wire knows, which
// Schakel's own messages do not all use. Out is a message that it refuses.
const allProto = `
name: "test/all.proto" package: "test" syntax: "proto3"
dependency: ["google/protobuf/timestamp.proto", "google/protobuf/struct.proto", "google/protobuf/field_mask.proto"]
message_type {
  name: "All"
  field {name: "late_text"   json_name: "tekst"       number: 30 type: TYPE_STRING label: LABEL_OPTIONAL}
  field {name: "number"      json_name: "getal"       number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL}
  field {name: "count"       json_name: "aantal"      number: 2 type: TYPE_UINT32 label: LABEL_OPTIONAL}
  field {name: "fraction"    json_name: "breuk"       number: 3 type: TYPE_DOUBLE label: LABEL_OPTIONAL}
  field {name: "half"        json_name: "halveBreuk"  number: 4 type: TYPE_FLOAT label: LABEL_OPTIONAL}
  field {name: "yes"         json_name: "waar"        number: 5 type: TYPE_BOOL label: LABEL_OPTIONAL}
  field {name: "data"        json_name: "gegevens"    number: 6 type: TYPE_BYTES label: LABEL_OPTIONAL}
  field {name: "stamped_at"  json_name: "gestempeldOp" number: 7 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL}
  field {name: "colour"      json_name: "kleur"       number: 8 type: TYPE_ENUM type_name: ".test.Colour" label: LABEL_OPTIONAL}
  field {name: "inner"       json_name: "binnen"      number: 9 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_OPTIONAL}
  field {name: "free"        json_name: "vrij"        number: 10 type: TYPE_MESSAGE type_name: ".google.protobuf.Struct" label: LABEL_OPTIONAL}
  field {name: "numbers"     json_name: "getallen"    number: 11 type: TYPE_INT32 label: LABEL_REPEATED options {[buf.validate.field] {repeated {max_items: 4}}}}
  field {name: "colours"     json_name: "kleuren"     number: 12 type: TYPE_ENUM type_name: ".test.Colour" label: LABEL_REPEATED}
  field {name: "inners"      json_name: "binnensten"  number: 13 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_REPEATED}
  field {name: "labels"      json_name: "etiketten"   number: 14 type: TYPE_MESSAGE type_name: ".test.All.LabelsEntry" label: LABEL_REPEATED options {[buf.validate.field] {map {max_pairs: 2}}}}
  field {name: "drawers"     json_name: "laden"       number: 15 type: TYPE_MESSAGE type_name: ".test.All.DrawersEntry" label: LABEL_REPEATED}
  field {name: "maybe"       json_name: "misschien"   number: 16 type: TYPE_INT32 label: LABEL_OPTIONAL proto3_optional: true oneof_index: 1}
  field {name: "left"        json_name: "links"       number: 17 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0}
  field {name: "right"       json_name: "rechts"      number: 18 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_OPTIONAL oneof_index: 0}
  field {name: "perhaps"     json_name: "wellichtKleur" number: 19 type: TYPE_ENUM type_name: ".test.Colour" label: LABEL_OPTIONAL proto3_optional: true oneof_index: 2}
  field {name: "given_at"    json_name: "gegevenOp"   number: 20 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL options {[google.api.field_behavior]: OUTPUT_ONLY}}
  field {name: "days"        json_name: "dagen"       number: 21 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_REPEATED}
  nested_type {name: "LabelsEntry" options {map_entry: true}
    field {name: "key" json_name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL}
    field {name: "value" json_name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL}}
  nested_type {name: "DrawersEntry" options {map_entry: true}
    field {name: "key" json_name: "key" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL}
    field {name: "value" json_name: "value" number: 2 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_OPTIONAL}}
  oneof_decl {name: "side"}
  oneof_decl {name: "_maybe"}
  oneof_decl {name: "_perhaps"}
}
message_type {
  name: "Wide"
  field {name: "inner" json_name: "binnen" number: 1 type: TYPE_MESSAGE type_name: ".test.Wide" label: LABEL_OPTIONAL}
  field {name: "big" json_name: "groot" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL}
}
message_type {
  name: "Counted"
  field {name: "by_number" json_name: "perNummer" number: 1 type: TYPE_MESSAGE type_name: ".test.Counted.ByNumberEntry" label: LABEL_REPEATED}
  nested_type {name: "ByNumberEntry" options {map_entry: true}
    field {name: "key" json_name: "key" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL}
    field {name: "value" json_name: "value" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL}}
}
message_type {
  name: "Loose"
  field {name: "value" json_name: "waarde" number: 1 type: TYPE_MESSAGE type_name: ".google.protobuf.Value" label: LABEL_OPTIONAL}
}
message_type {
  name: "Masked"
  field {name: "all"   json_name: "alles"  number: 1 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_OPTIONAL}
  field {name: "part"  json_name: "deel"   number: 2 type: TYPE_MESSAGE type_name: ".test.Part" label: LABEL_OPTIONAL}
  field {name: "mask"  json_name: "velden" number: 3 type: TYPE_MESSAGE type_name: ".google.protobuf.FieldMask" label: LABEL_OPTIONAL}
}
message_type {
  name: "Part"
  field {name: "number" json_name: "getal"    number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL}
  field {name: "text"   json_name: "tekst"    number: 2 type: TYPE_STRING label: LABEL_OPTIONAL}
  field {name: "inner"  json_name: "binnen"   number: 3 type: TYPE_MESSAGE type_name: ".test.Part" label: LABEL_OPTIONAL}
  field {name: "parts"  json_name: "delen"    number: 4 type: TYPE_MESSAGE type_name: ".test.Part" label: LABEL_REPEATED}
  field {name: "left"   json_name: "links"    number: 5 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0}
  field {name: "right"  json_name: "rechts"   number: 6 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0}
  field {name: "given"  json_name: "gegeven"  number: 7 type: TYPE_STRING label: LABEL_OPTIONAL options {[google.api.field_behavior]: OUTPUT_ONLY}}
  field {name: "alls"   json_name: "allemaal" number: 8 type: TYPE_MESSAGE type_name: ".test.All" label: LABEL_REPEATED}
  field {name: "stamped_at" json_name: "gestempeldOp" number: 9 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL}
  oneof_decl {name: "side"}
}
message_type {
  name: "Headed"
  field {name: "secret"  json_name: "geheim"  number: 1 type: TYPE_STRING label: LABEL_OPTIONAL options {[schakel.options.v1.header]: "Test-Geheim"}}
  field {name: "seen"    json_name: "gezien"  number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL options {[schakel.options.v1.header]: "If-Match"}}
  field {name: "id"      json_name: "id"      number: 3 type: TYPE_STRING label: LABEL_OPTIONAL}
  field {name: "secrets" json_name: "geheimen" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL}
}
message_type {
  name: "BadlyHeaded"
  field {name: "secrets" json_name: "geheimen" number: 1 type: TYPE_STRING label: LABEL_REPEATED options {[schakel.options.v1.header]: "Test-Geheim"}}
}
enum_type {
  name: "Colour"
  value {name: "COLOUR_UNSPECIFIED" number: 0}
  value {name: "COLOUR_ROOD" number: 1}
  value {name: "COLOUR_DIEP_BLAUW" number: 2}
}
`

// allFile links allProto.
func allFile(t testing.TB) protoreflect.FileDescriptor {
	t.Helper()
	var file descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(allProto), &file); err != nil {
		t.Fatal(err)
	}
	linked, err := protodesc.NewFile(&file, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	return linked
}

// newAll gives an empty message with every kind of field.
func newAll(t testing.TB) proto.Message {
	t.Helper()
	return dynamicpb.NewMessage(allFile(t).Messages().ByName("All"))
}

// newTest gives an empty message of the test file.
func newTest(t testing.TB, name protoreflect.Name) proto.Message {
	t.Helper()
	return dynamicpb.NewMessage(allFile(t).Messages().ByName(name))
}

// textTest gives a message of the test file from its text form.
func textTest(t testing.TB, name protoreflect.Name, text string) proto.Message {
	t.Helper()
	m := newTest(t, name)
	if err := prototext.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	return m
}

// textAll gives a message with every kind of field from its text form.
func textAll(t testing.TB, text string) proto.Message {
	t.Helper()
	m := newAll(t)
	if err := prototext.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	return m
}
