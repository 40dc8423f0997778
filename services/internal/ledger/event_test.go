package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
)

func sample() ledger.Event {
	e := ledgertest.Event("0196f000-0000-7000-8000-000000000002", "Toeslag & <inkomen>")
	e.ID = "0196f000-0000-7000-8000-000000000001"
	e.Data.(*eventsv1.SignalSubmitted).Signal.Description = "Kort."
	return e
}

// Written out, so that a change of the stored form is seen: what is stored and
// signed must stay readable for ever.
const golden = `{"specversion":"1.0","id":"0196f000-0000-7000-8000-000000000001",` +
	`"source":"urn:nld:oin:00000001823288444000:systeem:schakel-signalen",` +
	`"type":"nl.signalen.signaal-ingediend.v1","subject":"0196f000-0000-7000-8000-000000000002",` +
	`"time":"2026-11-21T09:00:00.000Z","datacontenttype":"application/json",` +
	`"organisatie":"https://identifier.overheid.nl/tooi/id/zbo/zb000117",` +
	`"data":{"signaal":{"id":"0196f000-0000-7000-8000-000000000002","titel":"Toeslag & <inkomen>",` +
	`"omschrijving":"Kort.","ontvangenOp":"2026-11-21T09:00:00.000Z"}}}`

func TestAnEventIsACloudEvent(t *testing.T) {
	t.Parallel()
	payload, err := sample().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(golden, string(payload)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err := ledger.Parse(payload)
	if err != nil {
		t.Fatal(err)
	}
	want := sample()
	want.Type = "nl.signalen.signaal-ingediend.v1"
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func TestSealingTakesTheEntryFromTheEvent(t *testing.T) {
	t.Parallel()
	one, err := ledger.Seal(sample(), 3)
	if err != nil {
		t.Fatal(err)
	}
	two, err := ledger.Seal(sample(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if one.ID != sample().ID || one.Subject != sample().Subject || one.Revision != 3 || string(one.Payload) != golden {
		t.Errorf("%+v", one)
	}
	if one.Salt == two.Salt || one.Leaf() == two.Leaf() {
		t.Error("two entries share their salt")
	}
}

func TestAnEventThatIsNotWholeIsNotWritten(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*ledger.Event){
		"no id":                      func(e *ledger.Event) { e.ID = "" },
		"an id that is no UUID":      func(e *ledger.Event) { e.ID = "1" },
		"an id in capitals":          func(e *ledger.Event) { e.ID = "0196F000-0000-7000-8000-00000000000A" },
		"no source":                  func(e *ledger.Event) { e.Source = "" },
		"a source with a short oin":  func(e *ledger.Event) { e.Source = "urn:nld:oin:123:systeem:schakel" },
		"no subject":                 func(e *ledger.Event) { e.Subject = "" },
		"no time":                    func(e *ledger.Event) { e.Time = time.Time{} },
		"an organisation by name":    func(e *ledger.Event) { e.Organisation = "UWV" },
		"no data":                    func(e *ledger.Event) { e.Data = nil },
		"data that is no event":      func(e *ledger.Event) { e.Data = &signalsv1.Signal{} },
		"data with U+0000":           func(e *ledger.Event) { e.Data = titled("a\x00b") },
		"a subject that is no UTF-8": func(e *ledger.Event) { e.Subject = "\xff" },
	} {
		e := sample()
		spoil(&e)
		if payload, err := e.Marshal(); err == nil {
			t.Errorf("%s: %s", name, payload)
		}
	}
	large := sample()
	large.Data = titled(strings.Repeat("x", ledger.MaxPayload))
	if _, err := ledger.Seal(large, 1); !fault.Is(err, fault.Invalid) {
		t.Errorf("too large: %v", err)
	}
}

func TestOfDataAPartIsRead(t *testing.T) {
	t.Parallel()
	part, err := wire.NewPart(&signalsv1.Signal{}, "id", "received_at")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ledger.ParsePart([]byte(golden), part)
	if err != nil {
		t.Fatal(err)
	}
	want := proto.CloneOf(sample().Data.(*eventsv1.SignalSubmitted))
	want.Signal.Title, want.Signal.Description = "", ""
	if diff := cmp.Diff(want, got.Data, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func titled(title string) proto.Message {
	return &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{Title: title}}
}

func TestAnEventIsReadStrictly(t *testing.T) {
	t.Parallel()
	replace := func(old, replacement string) string { return strings.Replace(golden, old, replacement, 1) }
	tests := []struct {
		name, payload, reason string
	}{
		{"as written", golden, ""},
		{"a later version's attribute", replace(`{"specversion"`, `{"traceparent":"00","specversion"`), ""},
		{"a later version's field", replace(`"titel"`, `"nieuwVeld":[1],"titel"`), ""},
		{"without organisation", replace(`"organisatie":"https://identifier.overheid.nl/tooi/id/zbo/zb000117",`, ``), ""},
		{"of a sandbox", replace(`https://identifier.overheid.nl/tooi/id/zbo/zb000117`, `urn:nld:oin:00000099000000001000`), ""},
		{"of an OIN that is no test OIN", replace(`https://identifier.overheid.nl/tooi/id/zbo/zb000117`, `urn:nld:oin:00000001000000001000`), "gebeurtenis-ongeldig"},
		{"an attribute after the data", golden[:len(golden)-1] + `,"traceparent":"00"}`, ""},
		{"the data first", `{` + golden[strings.Index(golden, `"data":`):len(golden)-1] + `,` + golden[1:strings.Index(golden, `,"data":`)] + `}`, ""},
		{"the name of the data in an attribute", replace(`{"specversion"`, `{"x":{"a":1,"data":{}},"y":",\"data\":","specversion"`), ""},
		{"an attribute that is there twice, after the data", golden[:len(golden)-1] + `,"id":"x"}`, "gebeurtenis-ongeldig"},
		{"data twice", golden[:len(golden)-1] + golden[strings.Index(golden, `,"data":`):], "gebeurtenis-ongeldig"},
		{"empty", "", "gebeurtenis-ongeldig"},
		{"a list", "[" + golden + "]", "gebeurtenis-ongeldig"},
		{"something after it", golden + "{}", "gebeurtenis-ongeldig"},
		{"an attribute twice", replace(`{"specversion"`, `{"id":"x","specversion"`), "gebeurtenis-ongeldig"},
		{"an attribute in capitals", replace(`"id"`, `"ID"`), "gebeurtenis-ongeldig"},
		{"another version", replace(`"1.0"`, `"1.1"`), "gebeurtenis-ongeldig"},
		{"another content type", replace(`application/json`, `text/plain`), "gebeurtenis-ongeldig"},
		{"time with an offset", replace(`09:00:00.000Z`, `10:00:00.000+01:00`), "gebeurtenis-ongeldig"},
		{"no type", replace(`"type":"nl.signalen.signaal-ingediend.v1",`, ``), "gebeurtenis-ongeldig"},
		{"no data", replace(golden[strings.Index(golden, `,"data"`):], "}"), "gebeurtenis-ongeldig"},
		{"data of another type", replace(`"titel":"Toeslag & <inkomen>"`, `"titel":3`), "gebeurtenis-ongeldig"},
		{"a type from the future", replace(`signaal-ingediend.v1`, `signaal-ingediend.v9`), "gebeurtenis-onbekend"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ledger.Parse([]byte(tt.payload))
			switch {
			case err == nil && !proto.Equal(got.Data, sample().Data):
				t.Errorf("read as %v", got.Data)
			case tt.reason == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.reason != "" && (!fault.Is(err, fault.Invalid) || fault.Of(err).Reason != tt.reason):
				t.Errorf("error %v, want reason %s", err, tt.reason)
			}
		})
	}
}
