package wire_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

func TestHeadersAreRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header string
		texts        []string
		want         string
		faults       []string
	}{
		{"a text", "Test-Geheim", []string{"a b"}, `secret: "a b"`, nil},
		{"a number", "If-Match", []string{"3"}, `seen: 3`, nil},
		{"none", "If-Match", nil, ``, nil},
		{"an empty one", "Test-Geheim", []string{""}, ``, nil},
		{"another one", "Accept", []string{"3"}, ``, nil},
		{"no number", "If-Match", []string{"drie"}, ``, []string{"If-Match: verkeerd-type"}},
		{"a number out of range", "If-Match", []string{"3000000000"}, ``, []string{"If-Match: buiten-bereik"}},
		{"text that is not UTF-8", "Test-Geheim", []string{"\xff"}, ``, []string{"Test-Geheim: ongeldige-tekst"}},
		{"two", "Test-Geheim", []string{"a", "a"}, ``, []string{"Test-Geheim: dubbele-kop"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := newTest(t, "Headed")
			err := wire.Header(got, tt.header, tt.texts)
			if diff := cmp.Diff(tt.faults, faultsOf(t, err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			equal(t, textTest(t, "Headed", tt.want), got)
		})
	}
}

func TestHeadersAreListed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		m    proto.Message
		want []string
	}{
		{newTest(t, "Headed"), []string{"Test-Geheim", "If-Match"}},
		{&signalsv1.AmendSignalRequest{}, []string{"If-Match"}},
		{&signalsv1.GetSignalRequest{}, nil},
	} {
		got, err := wire.Headers(tt.m.ProtoReflect().Descriptor())
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("got %q, %v, want %q", got, err, tt.want)
		}
	}
	if _, err := wire.Headers(newTest(t, "Loose").ProtoReflect().Descriptor()); err == nil {
		t.Error("a defect of a proto is no error")
	}
}

func TestWhatAHeaderHoldsIsNowhereElse(t *testing.T) {
	t.Parallel()
	headed := newTest(t, "Headed")
	query := wire.Binding{}.Query("geheim=a&secret=a&gezien=3&id=b", headed)
	if diff := cmp.Diff([]string{"?geheim onbekende-parameter", "?secret onbekende-parameter", "?gezien onbekende-parameter"}, faultsOf(t, query)); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	equal(t, textTest(t, "Headed", `id: "b"`), headed)
	body := wire.Binding{Body: "*", Path: []string{"id"}}.Content([]byte(`{"geheim":"a","secret":"a","gezien":3,"id":"b","ids":"b","geheimm":"c"}`), headed)
	want := []string{"/geheim verkeerde-plaats", "/secret verkeerde-plaats", "/gezien verkeerde-plaats", "/id verkeerde-plaats", "/ids onbekend-veld", "/geheimm onbekend-veld"}
	if diff := cmp.Diff(want, faultsOf(t, body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	equal(t, newTest(t, "Headed"), headed)
	var faults *wire.Error
	if errors.As(body, &faults) {
		for i, text := range []string{
			"Dit hoort niet in de inhoud, maar in de kop Test-Geheim.", "Dit hoort niet in de inhoud, maar in de kop Test-Geheim.",
			"Dit hoort niet in de inhoud, maar in de kop If-Match.", "Dit staat al in het pad, en hoort niet in de inhoud.",
			"Dit veld bestaat niet.", "Dit veld bestaat niet. Bedoelt u geheimen?",
		} {
			if faults.Faults[i].NL != text {
				t.Errorf("%s: %q, want %q", faults.Faults[i].Pointer, faults.Faults[i].NL, text)
			}
		}
	}
}

func TestWhatThePathHoldsIsStillAFieldOfAMessageWithin(t *testing.T) {
	t.Parallel()
	got := newAll(t)
	binding := wire.Binding{Body: "*", Path: []string{"number"}}
	if err := binding.Content([]byte(`{"binnen":{"getal":1},"binnensten":[{"getal":2}]}`), got); err != nil {
		t.Error(err)
	}
	equal(t, textAll(t, `inner {number: 1} inners {number: 2}`), got)
	err := binding.Content([]byte(`{"binnen":{"getal":1},"getal":2}`), got)
	if diff := cmp.Diff([]string{"/getal verkeerde-plaats"}, faultsOf(t, err)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestAFieldMaskIsNotSuggested(t *testing.T) {
	t.Parallel()
	var faults *wire.Error
	if err := wire.UnmarshalInput([]byte(`{"velden":{},"veldn":1}`), newTest(t, "Masked")); !errors.As(err, &faults) || len(faults.Faults) != 2 {
		t.Fatalf("error %v", err)
	}
	for _, f := range faults.Faults {
		if f.Reason != wire.ReasonUnknownField || f.NL != "Dit veld bestaat niet." {
			t.Errorf("%s: %s, %s", f.Pointer, f.Reason, f.NL)
		}
	}
}
