package wire_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// written pairs messages with their text.
var written = []struct{ name, message, want string }{
	{"nothing set is an empty object", ``, `{}`},
	{"fields stand in order of number, not of declaration", `late_text: "a" number: 1`, `{"getal":1,"tekst":"a"}`},
	{"a zero without presence is left out", `number: 0 yes: false`, `{}`},
	{"a zero with presence stays", `maybe: 0`, `{"misschien":0}`},
	{"a unspecified value with presence has no word", `perhaps: COLOUR_UNSPECIFIED`, `{}`},
	{"an empty text in a oneof stays", `left: ""`, `{"links":""}`},
	{"numbers are plain", `number: -2147483648 count: 4294967295 fraction: 1e21 half: 0.1`, `{"getal":-2147483648,"aantal":4294967295,"breuk":1e+21,"halveBreuk":0.1}`},
	{"bytes are standard base64", `data: "\373\377"`, `{"gegevens":"+/8="}`},
	{"times are UTC, cut to milliseconds", `stamped_at {seconds: 0 nanos: 999999}`, `{"gestempeldOp":"1970-01-01T00:00:00.000Z"}`},
	{"times before 1970 are cut downward", `stamped_at {seconds: -1 nanos: 1}`, `{"gestempeldOp":"1969-12-31T23:59:59.000Z"}`},
	{"words have hyphens", `colour: COLOUR_DIEP_BLAUW colours: [COLOUR_ROOD, COLOUR_DIEP_BLAUW]`, `{"kleur":"diep-blauw","kleuren":["rood","diep-blauw"]}`},
	{"map keys are sorted", `labels {key: "b" value: "2"} labels {key: "a" value: ""} drawers {key: "x" value {}}`, `{"etiketten":{"a":"","b":"2"},"laden":{"x":{}}}`},
	{"messages nest", `inner {number: 1} inners {} inners {late_text: "x"}`, `{"binnen":{"getal":1},"binnensten":[{},{"tekst":"x"}]}`},
	{"text is not escaped for HTML or JavaScript", `late_text: "<&>\342\200\250\"\\\n"`, `{"tekst":"<&>` + "\u2028" + `\"\\\n"}`},
	{"free JSON has its keys sorted", `free {fields {key: "b" value {bool_value: true}} fields {key: "a" value {list_value {values {number_value: 1} values {null_value: NULL_VALUE} values {string_value: "s"}}}}}`,
		`{"vrij":{"a":[1,null,"s"],"b":true}}`},
}

func TestMarshalWrites(t *testing.T) {
	t.Parallel()
	for _, tt := range written {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := textAll(t, tt.message)
			got, err := wire.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if appended, err := wire.Append([]byte("x"), m); err != nil || string(appended) != "x"+tt.want {
				t.Errorf("Append = %q, %v", appended, err)
			}
		})
	}
}

func TestMarshalRefusesWhatTheWireCannotHold(t *testing.T) {
	t.Parallel()
	file := allFile(t)
	dynamic := func(name, field protoreflect.Name, v any) proto.Message {
		m := dynamicpb.NewMessage(file.Messages().ByName(name))
		m.Set(m.Descriptor().Fields().ByName(field), protoreflect.ValueOf(v))
		return m
	}
	inner := dynamicpb.NewMessage(file.Messages().ByName("Wide"))
	tests := []struct {
		name    string
		message proto.Message
	}{
		{"not a number", textAll(t, `fraction: nan`)},
		{"an infinite number", textAll(t, `half: inf`)},
		{"U+0000", textAll(t, `late_text: "a\000b"`)},
		{"U+0000 in a map key", textAll(t, `labels {key: "\000" value: "x"}`)},
		{"text that is not UTF-8", dynamic("All", "late_text", "\xff")},
		{"an enum value of a later version", dynamic("All", "colour", protoreflect.EnumNumber(9))},
		{"an unspecified value in a list", textAll(t, `colours: COLOUR_UNSPECIFIED`)},
		{"a time out of range", textAll(t, `stamped_at {seconds: 253402300800}`)},
		{"a time with negative nanoseconds", textAll(t, `stamped_at {nanos: -1}`)},
		{"a 64-bit number", dynamic("Wide", "big", int64(1))},
		{"a 64-bit number in a type within", dynamic("Wide", "inner", inner.ProtoReflect())},
		{"a map by number", dynamicpb.NewMessage(file.Messages().ByName("Counted"))},
		{"a free value in free JSON without a kind", &eventsv1.CloudEvent{Data: &structpb.Struct{Fields: map[string]*structpb.Value{"a": {}}}}},
		{"an infinite number in free JSON", &eventsv1.CloudEvent{Data: &structpb.Struct{Fields: map[string]*structpb.Value{"a": structpb.NewNumberValue(math.Inf(1))}}}},
		{"a field mask", &signalsv1.AmendSignalRequest{UpdateMask: &fieldmaskpb.FieldMask{}}},
		{"a well-known type without a form here", dynamicpb.NewMessage(file.Messages().ByName("Loose"))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := wire.Marshal(tt.message); err == nil {
				t.Errorf("written as %s", got)
			}
		})
	}
}

func TestAnAnswerHasItsListsAlsoWhenTheyAreEmpty(t *testing.T) {
	t.Parallel()
	one := &signalsv1.Signal{Id: "a"}
	tests := []struct {
		name string
		m    proto.Message
		want string
	}{
		{"a page without items", &signalsv1.ListSignalsResponse{}, `{"signalen":[]}`},
		{"a page with an item", &signalsv1.ListSignalsResponse{Signals: []*signalsv1.Signal{one}}, `{"signalen":[{"id":"a"}]}`},
		{"a resource", one, `{"id":"a"}`},
		{"a resource that is not there", (*signalsv1.Signal)(nil), `{}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.MarshalAnswer(tt.m)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

// overGRPCAlone are the messages of Schakel without a form on the wire, and why
// they need none.
var overGRPCAlone = map[protoreflect.FullName]string{
	"schakel.signals.v1.AmendSignalRequest":         "over REST its field mask follows from the merge patch, see Binding.Content",
	"schakel.signals.v1.SubmitResult":               "it holds the status of a call; NDJSON has a problem in its place",
	"schakel.signals.v1.BatchSubmitSignalsResponse": "it holds SubmitResult, and is bound to no path",
	"schakel.signals.v1.SubmitSignalsResponse":      "it holds SubmitResult, and is bound to no path",
}

func TestEveryMessageOfSchakelHasAFormOnTheWireUnlessItGoesOverGRPCAlone(t *testing.T) {
	t.Parallel()
	checked := 0
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), "schakel.") {
			return true
		}
		for i := range file.Messages().Len() {
			md := file.Messages().Get(i)
			err := wire.Check(md)
			switch why, excepted := overGRPCAlone[md.FullName()]; {
			case !excepted && err != nil:
				t.Error(err)
			case excepted && err == nil:
				t.Errorf("%s has a form, and needs no exception: %s", md.FullName(), why)
			}
			checked++
		}
		return true
	})
	if checked < 10 {
		t.Errorf("only %d messages are linked", checked)
	}
	if err := wire.Check(allFile(t).Messages().ByName("All")); err != nil {
		t.Error(err)
	}
	for _, name := range []protoreflect.Name{"Wide", "Counted", "Loose", "Masked"} {
		if wire.Check(allFile(t).Messages().ByName(name)) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestAnEnumValueHasItsDutchWord(t *testing.T) {
	t.Parallel()
	tests := map[protoreflect.Enum]string{
		signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN:   "ontvangen",
		signalsv1.SignalState_SIGNAL_STATE_UNSPECIFIED: "",
		signalsv1.SignalState(99):                      "",
		structpb.NullValue_NULL_VALUE:                  "null-value",
	}
	for e, want := range tests {
		if got := wire.Word(e); got != want {
			t.Errorf("Word(%v) = %q, want %q", e, got, want)
		}
	}
}

// equal compares messages.
func equal(t *testing.T, want, got proto.Message) {
	t.Helper()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatWasWrittenBeforeIsWrittenOnce(t *testing.T) {
	t.Parallel()
	filled, content := &signalsv1.Signal{Id: "1", Revision: 1}, &signalsv1.Signal{Title: "Titel", Categories: []string{"hardheid"}}
	for _, tt := range []struct {
		m, rest *signalsv1.Signal
		want    string
	}{
		{filled, content, `>{"id":"1","revisie":1,"titel":"Titel","categorieen":["hardheid"]}`},
		{filled, &signalsv1.Signal{}, `>{"id":"1","revisie":1}`},
		{&signalsv1.Signal{}, content, `>{"titel":"Titel","categorieen":["hardheid"]}`},
		{&signalsv1.Signal{}, &signalsv1.Signal{}, `>{}`},
	} {
		rest, err := wire.Marshal(tt.rest)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.AppendWith([]byte(">"), tt.m, rest)
		if err != nil || string(got) != tt.want {
			t.Errorf("got %s, %v, want %s", got, err, tt.want)
		}
		both := &signalsv1.Signal{}
		if err := wire.Unmarshal(got[1:], both); err != nil {
			t.Error(err)
		}
		want := proto.CloneOf(tt.m)
		proto.Merge(want, tt.rest)
		if diff := cmp.Diff(want, both, protocmp.Transform()); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
	}
	if _, err := wire.AppendWith(nil, &signalsv1.Signal{Id: "\x00"}, []byte("{}")); err == nil {
		t.Error("a fault is not told")
	}
}
