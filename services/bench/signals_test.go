package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

func TestASignalIsOfTheSizeOfARealOneAndReadByTheWire(t *testing.T) {
	for _, organisation := range organisations() {
		all, err := templates(1, organisation, inJSON)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if n := len(one.text); n < 600 || n > 1000 {
				t.Errorf("%d bytes: %s", n, one.text)
			}
			m := &signalsv1.Signal{}
			if err := wire.UnmarshalInput(one.text, m); err != nil {
				t.Errorf("%v: %s", err, one.text)
			}
			if m.GetOrganisation() != organisation {
				t.Errorf("it is of %s, not of %s", m.GetOrganisation(), organisation)
			}
		}
	}
}

func TestEqualSeedsMakeEqualSignals(t *testing.T) {
	all := map[uint64][]byte{}
	for _, seed := range []uint64{1, 2} {
		one, err1 := templates(seed, organisations()[0], inLine)
		again, err2 := templates(seed, organisations()[0], inLine)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for i := range one {
			if !bytes.Equal(one[i].text, again[i].text) {
				t.Fatalf("seed %d: %s\nand then %s", seed, one[i].text, again[i].text)
			}
		}
		all[seed] = one[0].text
	}
	if bytes.Equal(all[1], all[2]) {
		t.Error("another seed makes the same signals")
	}
}

func TestEverySignalHasAReferenceOfItsOwnInEveryForm(t *testing.T) {
	for name, message := range map[string]func([]byte) ([]byte, error){
		"JSON": inJSON, "a line": inLine, "proto": inProto(streamed), "PocketBase": inPocketBaseBatch,
	} {
		all, err := templates(1, organisations()[0], message)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for client := range 3 {
			s := source{templates: all, references: references{source: client}}
			for range 1000 {
				reference := referenceIn(t, name, s.append(nil))
				if seen[reference] || len(reference) != len(blank) || reference == blank {
					t.Fatalf("%s: reference %q", name, reference)
				}
				seen[reference] = true
			}
		}
	}
}

// referenceIn reads the reference of a message.
func referenceIn(t *testing.T, form string, text []byte) string {
	t.Helper()
	if form == "proto" {
		m := &signalsv1.SubmitSignalsRequest{}
		if err := proto.Unmarshal(text, m); err != nil {
			t.Fatal(err)
		}
		return m.GetSignal().GetExternalReference()
	}
	var out struct {
		Reference string `json:"kenmerk"`
		Body      struct {
			Reference string `json:"kenmerk"`
		} `json:"body"`
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out.Reference + out.Body.Reference
}

func TestReferencesRiseAndHaveNoDigits(t *testing.T) {
	r, before := references{source: 27, next: 25}, ""
	for _, want := range []string{"PROEF-aabb-aaaaaaaz", "PROEF-aabb-aaaaaaba", "PROEF-aabb-aaaaaabb"} {
		got := r.take()
		if got != want || got <= before {
			t.Errorf("%s after %s, want %s", got, before, want)
		}
		before = got
	}
}

func TestATemplateHasOnePlaceForAReference(t *testing.T) {
	for _, text := range []string{"", "nothing", blank + blank} {
		if _, err := newTemplate([]byte(text)); err == nil {
			t.Errorf("%q is a template", text)
		}
	}
	one, err := newTemplate(fmt.Appendf(nil, "<%s>", blank))
	if err != nil {
		t.Fatal(err)
	}
	reference := "PROEF-aaaa-aaaaaaab"
	if got := string(one.append([]byte("before"), reference)); got != "before<"+reference+">" {
		t.Error(got)
	}
}
