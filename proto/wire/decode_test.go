package wire_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// faultsOf gives what is wrong, as "pointer reason" or "?parameter reason".
func faultsOf(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var faults *wire.Error
	if !errors.As(err, &faults) {
		t.Fatalf("error %v lists no faults", err)
	}
	var list []string
	for _, f := range faults.Faults {
		if f.NL == "" || f.EN == "" {
			t.Errorf("fault %+v has no text", f)
		}
		at := f.Pointer
		switch {
		case f.Parameter != "":
			at = "?" + f.Parameter
		case f.Header != "":
			at = f.Header + ":"
		}
		list = append(list, at+" "+f.Reason)
	}
	return list
}

func TestUnmarshalReadsWhatMarshalWrites(t *testing.T) {
	t.Parallel()
	for _, tt := range written {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := newAll(t)
			if err := wire.Unmarshal([]byte(tt.want), m); err != nil {
				t.Fatal(err)
			}
			again, err := wire.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(again)); diff != "" {
				t.Errorf("(-first +again):\n%s", diff)
			}
		})
	}
}

func TestUnmarshalInputAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, input, want string }{
		{"space around everything", " { \"getal\" :\t1 ,\r\n\"tekst\": \"a\" } \n", `number: 1 late_text: "a"`},
		{"null as absent", `{"getal":null,"binnen":null,"getallen":null,"etiketten":{"a":null},"links":null,"rechts":{}}`, `right {}`},
		{"a whole number with a fraction of zero", `{"getal":1.0,"aantal":4.2e9,"misschien":-0}`, `number: 1 count: 4200000000 maybe: 0`},
		{"escapes in text and names", `{"tek\u0073t":"\ud83d\ude00\u00e9\/"}`, `late_text: "😀é/"`},
		{"any offset, cut to milliseconds", `{"gestempeldOp":"2026-01-31T01:30:00.1239+02:00"}`, `stamped_at {seconds: 1769815800 nanos: 123000000}`},
		{"the first millisecond of year one", `{"gestempeldOp":"0001-01-01T00:00:00Z"}`, `stamped_at {seconds: -62135596800}`},
		{"lists of every kind", `{"getallen":[1,2],"kleuren":["rood"],"binnensten":[{},{}],"dagen":["1970-01-01T00:00:00Z"]}`,
			`numbers: [1, 2] colours: COLOUR_ROOD inners {} inners {} days {}`},
		{"empty lists and objects", `{"getallen":[],"etiketten":{},"binnen":{},"vrij":{}}`, `inner {} free {}`},
		{"a false that counts", `{"waar":false,"misschien":0}`, `maybe: 0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := newAll(t)
			if err := wire.UnmarshalInput([]byte(tt.input), got); err != nil {
				t.Fatal(err)
			}
			equal(t, textAll(t, tt.want), got)
		})
	}
}

func TestUnmarshalInputListsAllFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, input string
		faults      []string
		// What is read all the same.
		want string
	}{
		{"an unknown field", `{"bestaatNiet":1,"getal":2}`, []string{"/bestaatNiet onbekend-veld"}, `number: 2`},
		{"the name of the proto", `{"late_text":"a"}`, []string{"/late_text engelse-naam"}, ``},
		{"the name that JSON would have by default", `{"lateText":"a"}`, []string{"/lateText engelse-naam"}, ``},
		{"a field twice", `{"getal":1,"getal":2}`, []string{"/getal dubbel-veld"}, `number: 1`},
		{"a field twice, once null", `{"getal":null,"getal":2}`, []string{"/getal dubbel-veld"}, ``},
		{"a map key twice", `{"etiketten":{"a":"1","a":"2"}}`, []string{"/etiketten/a dubbel-veld"}, `labels {key: "a" value: "1"}`},
		{"a read-only field", `{"gegevenOp":"1970-01-01T00:00:00Z"}`, []string{"/gegevenOp alleen-lezen"}, ``},
		{"a read-only field that is null", `{"gegevenOp":null}`, nil, ``},
		{"two members of a oneof", `{"links":"a","rechts":{}}`, []string{"/rechts meer-dan-een-keuze"}, `left: "a"`},
		{"every wrong type", `{"tekst":1,"getal":"1","waar":"true","breuk":{},"binnen":[],"getallen":1,"etiketten":[],"vrij":"x","kleur":1,"gegevens":true,"gestempeldOp":1}`,
			[]string{"/tekst verkeerd-type", "/getal verkeerd-type", "/waar verkeerd-type", "/breuk verkeerd-type", "/binnen verkeerd-type", "/getallen verkeerd-type",
				"/etiketten verkeerd-type", "/vrij verkeerd-type", "/kleur verkeerd-type", "/gegevens verkeerd-type", "/gestempeldOp verkeerd-type"}, ``},
		{"wrong elements, which keep their place", `{"getallen":[1,"x",null,3],"binnensten":["x",{"getal":"x"},{"getal":1}],"kleuren":["geel","rood"]}`,
			[]string{"/getallen/1 verkeerd-type", "/getallen/2 verkeerd-type", "/binnensten/0 verkeerd-type", "/binnensten/1/getal verkeerd-type", "/kleuren/0 onbekende-waarde"},
			`numbers: [1, 0, 0, 3] inners {} inners {} inners {number: 1} colours: [COLOUR_UNSPECIFIED, COLOUR_ROOD]`},
		{"words that do not exist", `{"kleur":"Rood","wellichtKleur":"COLOUR_ROOD","kleuren":["unspecified","diep_blauw",""]}`,
			[]string{"/kleur onbekende-waarde", "/wellichtKleur onbekende-waarde", "/kleuren/0 onbekende-waarde", "/kleuren/1 onbekende-waarde", "/kleuren/2 onbekende-waarde"},
			`colours: [COLOUR_UNSPECIFIED, COLOUR_UNSPECIFIED, COLOUR_UNSPECIFIED]`},
		{"numbers out of range", `{"getal":2147483648,"aantal":-1,"breuk":1e400,"halveBreuk":1e39,"misschien":1e999999999}`,
			[]string{"/getal buiten-bereik", "/aantal buiten-bereik", "/breuk buiten-bereik", "/halveBreuk buiten-bereik", "/misschien buiten-bereik"}, ``},
		{"more elements than a list may have", `{"getallen":[1,2,3,4,"x",6,{}],"etiketten":{"a":"1","b":"2","c":"3","d":4},"getal":1}`,
			[]string{"/getallen repeated-max-items", "/etiketten repeated-max-items"},
			`number: 1 numbers: [1, 2, 3, 4] labels {key: "a" value: "1"} labels {key: "b" value: "2"}`},
		{"fractions of whole numbers", `{"getal":1.5,"aantal":1e-1}`, []string{"/getal geen-geheel-getal", "/aantal geen-geheel-getal"}, ``},
		{"bad base64", `{"gegevens":"-_8="}`, []string{"/gegevens ongeldige-base64"}, ``},
		{"base64 without padding", `{"gegevens":"+/8"}`, []string{"/gegevens ongeldige-base64"}, ``},
		{"base64 with loose bits", `{"gegevens":"+/9="}`, []string{"/gegevens ongeldige-base64"}, ``},
		{"base64 on two lines", `{"gegevens":"+/\n8="}`, []string{"/gegevens ongeldige-base64"}, ``},
		{"bad times", `{"dagen":["2026-02-29T00:00:00Z","2026-01-01","2026-01-01t00:00:00z","2026-01-01T00:00:00-00:00","2026-01-01T00:00:00","10000-01-01T00:00:00Z","0001-01-01T00:00:00+01:00","2026-01-01T24:00:00Z"]}`,
			[]string{"/dagen/0 ongeldig-tijdstip", "/dagen/1 ongeldig-tijdstip", "/dagen/2 ongeldig-tijdstip", "/dagen/3 ongeldig-tijdstip", "/dagen/4 ongeldig-tijdstip",
				"/dagen/5 ongeldig-tijdstip", "/dagen/6 ongeldig-tijdstip", "/dagen/7 ongeldig-tijdstip"},
			`days {} days {} days {} days {} days {} days {} days {} days {}`},
		{"text that the stores cannot hold", "{\"tekst\":\"a\\u0000b\",\"links\":\"\xff\",\"etiketten\":{\"\\ud800\":\"a\",\"b\":\"\\udc00\\ud800\"}}",
			[]string{"/tekst ongeldige-tekst", "/links ongeldige-tekst", "/etiketten ongeldige-tekst", "/etiketten/b ongeldige-tekst"}, `labels {key: "b"}`},
		{"faults within free JSON", `{"vrij":{"a":{"b":"\u0000","b":1},"c":[1e400,true]}}`,
			[]string{"/vrij/a/b ongeldige-tekst", "/vrij/a/b dubbel-veld", "/vrij/c/0 buiten-bereik"},
			`free {fields {key: "a" value {struct_value {fields {key: "b" value {null_value: NULL_VALUE}}}}} fields {key: "c" value {list_value {values {null_value: NULL_VALUE} values {bool_value: true}}}}}`},
		{"names that a pointer escapes", `{"a/b~c":1}`, []string{"/a~1b~0c onbekend-veld"}, ``},
		{"faults before the syntax breaks", `{"x":1,"getal":"a",}`, []string{"/x onbekend-veld", "/getal verkeerd-type", " ongeldige-json"}, ``},
		{"text after the end", `{"getal":1} {"getal":2}`, []string{" tekst-na-einde"}, `number: 1`},
		{"a bracket after the end", `{"getal":1}}`, []string{" tekst-na-einde"}, `number: 1`},
		{"half an object", `{"getal":1,"tekst":"a`, []string{" ongeldige-json"}, `number: 1`},
		{"nothing", ` `, []string{" geen-inhoud"}, ``},
		{"a byte order mark", "\ufeff{}", []string{" ongeldige-json"}, ``},
		{"single quotes", `{'getal':1}`, []string{" ongeldige-json"}, ``},
		{"a comment", `{/* x */}`, []string{" ongeldige-json"}, ``},
		{"not a number", `{"breuk":NaN}`, []string{" ongeldige-json"}, ``},
		{"a bare control character", "{\"tekst\":\"a\nb\"}", []string{" ongeldige-json"}, ``},
		{"another value than an object", `[{}]`, []string{" verkeerd-type"}, ``},
		{"null", `null`, []string{" verkeerd-type"}, ``},
		{"a list in a list", `{"getallen":[[1]]}`, []string{"/getallen/0 verkeerd-type"}, `numbers: 0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := newAll(t)
			faults := faultsOf(t, wire.UnmarshalInput([]byte(tt.input), got))
			if diff := cmp.Diff(tt.faults, faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			equal(t, textAll(t, tt.want), got)
		})
	}
}

func TestUnmarshalIsLenientOnlyTowardLaterVersions(t *testing.T) {
	t.Parallel()
	got := newAll(t)
	err := wire.Unmarshal([]byte(`{"nieuw":{"a":[1]},"gegevenOp":"1970-01-01T00:00:00Z","getal":"x","getal":1}`), got)
	want := []string{"/getal verkeerd-type", "/getal dubbel-veld"}
	if diff := cmp.Diff(want, faultsOf(t, err)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	equal(t, textAll(t, `given_at {}`), got)
}

func TestUnmarshalEmptiesTheMessageFirst(t *testing.T) {
	t.Parallel()
	got := &signalsv1.Signal{Title: "oud"}
	if err := wire.UnmarshalInput([]byte(`{"kenmerk":"a"}`), got); err != nil {
		t.Fatal(err)
	}
	equal(t, &signalsv1.Signal{ExternalReference: "a"}, got)
}

func TestNestingIsBounded(t *testing.T) {
	t.Parallel()
	nest := func(open string, n int, inside, closing string) []byte {
		return []byte(strings.Repeat(open, n) + inside + strings.Repeat(closing, n))
	}
	tests := []struct {
		name   string
		input  []byte
		reason string
	}{
		{"64 objects are read", nest(`{"binnen":`, 63, `{}`, `}`), ""},
		{"65 are not", nest(`{"binnen":`, 64, `{}`, `}`), wire.ReasonTooDeep},
		{"a thousand lists in free JSON are not", []byte(`{"vrij":{"a":` + string(nest(`[`, 1000, ``, `]`)) + `}}`), wire.ReasonTooDeep},
		{"a million lists in an unknown field are no JSON at all", []byte(`{"x":` + strings.Repeat(`[`, 1<<20)), wire.ReasonSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			faults := faultsOf(t, wire.UnmarshalInput(tt.input, newAll(t)))
			switch {
			case tt.reason == "" && faults != nil:
				t.Errorf("faults %q", faults)
			case tt.reason != "" && (len(faults) == 0 || !strings.HasSuffix(faults[len(faults)-1], tt.reason)):
				t.Errorf("faults %q, want %s", faults, tt.reason)
			}
		})
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	var input strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&input, `,"x%d":1`, i)
	}
	err := wire.UnmarshalInput([]byte("{"+input.String()[1:]+"}"), newAll(t))
	var faults *wire.Error
	if !errors.As(err, &faults) || len(faults.Faults) != 100 || !faults.Truncated {
		t.Errorf("faults: %+v", faults)
	}
	if !strings.HasSuffix(err.Error(), "; and more") {
		t.Errorf("error %q does not say that there is more", err)
	}
}

func TestAListWithoutARuleIsBoundedToo(t *testing.T) {
	t.Parallel()
	input := []byte(`{"dagen":[` + strings.Repeat(`"1970-01-01T00:00:00Z",`, 10_000) + `1]}`)
	faults := faultsOf(t, wire.UnmarshalInput(input, newAll(t)))
	if diff := cmp.Diff([]string{"/dagen repeated-max-items"}, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	if err := wire.Unmarshal(bytes.Replace(input, []byte(",1]"), []byte(`,"1970-01-01T00:00:00Z"]`), 1), newAll(t)); err != nil {
		t.Errorf("what Marshal may have written is refused: %v", err)
	}
}

func TestADefectOfAProtoIsNoFaultOfTheInput(t *testing.T) {
	t.Parallel()
	err := wire.UnmarshalInput([]byte(`{}`), dynamicpb.NewMessage(allFile(t).Messages().ByName("Wide")))
	var faults *wire.Error
	if err == nil || errors.As(err, &faults) {
		t.Errorf("error %v", err)
	}
}

func TestTextsSayWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, input, nl, en string }{
		{"a slip of the pen", `{"tiitel":1}`, "Dit veld bestaat niet. Bedoelt u titel?", "there is no such field; did you mean titel?"},
		{"two letters swapped", `{"omschirjving":1}`, "Dit veld bestaat niet. Bedoelt u omschrijving?", "there is no such field; did you mean omschrijving?"},
		{"another case", `{"Kenmerk":1}`, "Dit veld bestaat niet. Bedoelt u kenmerk?", "there is no such field; did you mean kenmerk?"},
		{"nothing near", `{"wachtwoord":1}`, "Dit veld bestaat niet.", "there is no such field"},
		{"the English name", `{"external_reference":1}`, "Velden hebben hier hun Nederlandse naam: gebruik kenmerk.", "fields have their Dutch name here: use kenmerk"},
		{"a word that does not exist", `{"ernst":"zwaar"}`, "Deze waarde bestaat niet. Kies uit: laag, matig, hoog, kritiek.", "there is no such value; choose from: laag, matig, hoog, kritiek"},
		{"another type", `{"titel":1}`, "Hier hoort tekst; er staat een getal.", "a string is expected, not a number"},
		{"a range", `{"omvang":{"minimum":3e9}}`, "Het getal moet liggen tussen -2147483648 en 2147483647.", "the number must lie between -2147483648 and 2147483647"},
		{"a choice", `{"regelingen":[{"jci":"a","celex":"b"}]}`, "Van deze velden mag er één worden ingevuld: jci, celex, kamerstuk, cvdr.", "only one of these fields may be set: jci, celex, kamerstuk, cvdr"},
		{"a place in the text", "{\n \"titel\": \"é\" x}", "Geen geldige JSON op regel 2, positie 15.", "not valid JSON at line 2, column 15"},
		{"the end of the text", "{\n", "De JSON houdt te vroeg op, op regel 2, positie 1.", "the JSON ends too early, at line 2, column 1"},
		{"a place after the end", "{}\n\n x", "Na het JSON-object staat nog tekst, op regel 3, positie 2.", "there is text after the JSON object, at line 3, column 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var faults *wire.Error
			if !errors.As(wire.UnmarshalInput([]byte(tt.input), &signalsv1.Signal{}), &faults) || len(faults.Faults) != 1 {
				t.Fatalf("faults: %+v", faults)
			}
			got := faults.Faults[0]
			if got.NL != tt.nl || got.EN != tt.en {
				t.Errorf("texts %q and %q", got.NL, got.EN)
			}
		})
	}
}

func TestNoFaultRepeatsAValue(t *testing.T) {
	t.Parallel()
	const secret = "123456782"
	for _, value := range []string{`"` + secret + `"`, secret, secret + `.5`, `{"x":"` + secret + `"}`, `["` + secret + `"]`, secret + `e99`, `"` + secret + `\u0000"`, `"` + secret} {
		for _, name := range []string{"getal", "kleur", "waar", "gestempeldOp", "gegevens", "binnen", "getallen", "etiketten", "vrij", "onbekend", "tekst"} {
			err := wire.UnmarshalInput([]byte(`{"`+name+`":`+value+`}`), newAll(t))
			var faults *wire.Error
			if !errors.As(err, &faults) {
				continue
			}
			if said := fmt.Sprintf("%+v %v", faults.Faults, err); strings.Contains(said, secret) {
				t.Errorf("%s: %s repeats the value: %s", name, value, said)
			}
		}
	}
}

func TestALongNameIsCut(t *testing.T) {
	t.Parallel()
	faults := faultsOf(t, wire.UnmarshalInput([]byte(`{"`+strings.Repeat("é", 10000)+`":1}`), newAll(t)))
	if len(faults) != 1 || len(faults[0]) > 200 || !strings.Contains(faults[0], "…") {
		t.Errorf("faults %.300q", faults)
	}
}

// FuzzUnmarshalInput gives arbitrary bytes: no panic, bounded faults, and what
// is accepted comes through a round trip unchanged.
func FuzzUnmarshalInput(f *testing.F) {
	for _, tt := range written {
		f.Add([]byte(tt.want))
	}
	f.Add([]byte(`{"titel":"a","regelingen":[{"jci":"jci1.3:c:BWBR0002221"}],"omvang":{"minimum":1},"ernst":"hoog"}`))
	f.Add([]byte("{\"tekst\":\"\\ud800\xff\\u0000\"}x"))
	empties := []proto.Message{newAll(f), &signalsv1.Signal{}}
	f.Fuzz(func(t *testing.T, data []byte) {
		var reader wire.Reader
		for _, empty := range empties {
			first := empty.ProtoReflect().New().Interface()
			err := wire.UnmarshalInput(data, first)
			sameAgain(t, &reader, data, first, err)
			var faults *wire.Error
			switch {
			case err == nil:
				roundTrip(t, first)
			case !errors.As(err, &faults) || len(faults.Faults) == 0 || len(faults.Faults) > 101:
				t.Fatalf("error %v", err)
			}
		}
	})
}

// sameAgain reads what UnmarshalInput read before with a reader that has read
// other things, and compares.
func sameAgain(t *testing.T, reader *wire.Reader, data []byte, want proto.Message, wantErr error) {
	t.Helper()
	data = bytes.Clone(data)
	got := want.ProtoReflect().New().Interface()
	err := reader.UnmarshalInput(data, got)
	clear(data)
	_ = reader.UnmarshalInput([]byte(`{"titel":"`+strings.Repeat("x", 100)), &signalsv1.Signal{}) // over all that was kept
	if diff := cmp.Diff(wantErr, err); diff != "" {
		t.Errorf("error (-alone +after others):\n%s", diff)
	}
	equal(t, want, got)
}

func TestAReaderForgetsWhatItRead(t *testing.T) {
	t.Parallel()
	var reader wire.Reader
	for _, tt := range written {
		for _, text := range []string{tt.want, tt.want[:len(tt.want)/2], tt.want + "x", ""} {
			m := newAll(t)
			err := wire.UnmarshalInput([]byte(text), m)
			sameAgain(t, &reader, []byte(text), m, err)
		}
	}
}

// roundTrip writes and reads m, and compares.
func roundTrip(t *testing.T, m proto.Message) {
	t.Helper()
	text, err := wire.Marshal(m)
	if err != nil {
		t.Fatalf("%v was read but cannot be written: %v", m, err)
	}
	again := m.ProtoReflect().New().Interface()
	if err := wire.Unmarshal(text, again); err != nil {
		t.Fatalf("%s was written but cannot be read: %v", text, err)
	}
	equal(t, m, again)
}

func TestALineIsNamedOnlyAfterTheFirst(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"titel":"é`:    "the JSON ends too early, at column 12",
		"{\n\"titel\" x": "not valid JSON at line 2, column 9",
		"{}\n\n é":       "there is text after the JSON object, at line 3, column 2",
	} {
		var faults *wire.Error
		if err := wire.UnmarshalInput([]byte(text), &signalsv1.Signal{}); !errors.As(err, &faults) || faults.Faults[0].EN != want {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
