package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

var amend = wire.Binding{Body: "signal", Path: []string{"id"}, Patch: true}

func TestAMergePatchSaysWhatItNames(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, patch string
		want        string // of Part
		mask        []string
	}{
		{"nothing", `{}`, ``, nil},
		{"a field", `{"tekst":"a"}`, `text: "a"`, []string{"part.text"}},
		{"a field that is emptied by its zero", `{"tekst":"","getal":0}`, ``, []string{"part.text", "part.number"}},
		{"a field that is emptied by null", `{"tekst":null,"delen":null,"gestempeldOp":null}`, ``, []string{"part.text", "part.parts", "part.stamped_at"}},
		{"a message that is emptied", `{"binnen":null}`, ``, []string{"part.inner"}},
		{"a message that is patched in its turn", `{"binnen":{"getal":1,"tekst":null,"binnen":{"tekst":"a"}}}`,
			`inner {number: 1 inner {text: "a"}}`, []string{"part.inner.number", "part.inner.text", "part.inner.inner.text"}},
		{"a message of which nothing is named", `{"binnen":{"binnen":{}}}`, `inner {inner {}}`, nil},
		{"a list, which is replaced", `{"delen":[{"tekst":"a","getal":null},{}]}`, `parts {text: "a"} parts {}`, []string{"part.parts"}},
		{"an empty list", `{"delen":[]}`, ``, []string{"part.parts"}},
		{"a choice that takes the place of another", `{"links":null,"rechts":"a"}`, `right: "a"`, []string{"part.left", "part.right"}},
		{"a time", `{"gestempeldOp":"1970-01-01T00:00:01Z"}`, `stamped_at {seconds: 1}`, []string{"part.stamped_at"}},
		{"a map within a list", `{"allemaal":[{"etiketten":{"a":"b"}}]}`, `alls {labels {key: "a" value: "b"}}`, []string{"part.alls"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := textTest(t, "Masked", `part {text: "was there"} mask {paths: "was there"}`)
			if err := (wire.Binding{Body: "part", Patch: true}).Content([]byte(tt.patch), got); err != nil {
				t.Fatal(err)
			}
			var mask strings.Builder
			for _, path := range tt.mask {
				mask.WriteString(` paths: "` + strings.TrimPrefix(path, "part.") + `"`)
			}
			equal(t, textTest(t, "Masked", `part {`+tt.want+`} mask {`+mask.String()+`}`), got)
		})
	}
}

func TestAMergePatchListsAllFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, patch string
		faults      []string
	}{
		{"an unknown field, and an English one", `{"bestaatNiet":null,"late_text":1,"stamped_at":null,"binnen":{"x":1}}`,
			[]string{"/bestaatNiet onbekend-veld", "/late_text onbekend-veld", "/stamped_at engelse-naam", "/binnen/x onbekend-veld"}},
		{"a field that only Schakel fills in", `{"gegeven":"a","binnen":{"gegeven":null}}`, []string{"/gegeven alleen-lezen", "/binnen/gegeven alleen-lezen"}},
		{"a field twice", `{"tekst":null,"tekst":"a"}`, []string{"/tekst dubbel-veld"}},
		{"two of a choice", `{"links":"a","rechts":"b"}`, []string{"/rechts meer-dan-een-keuze"}},
		{"wrong types", `{"tekst":1,"binnen":[],"delen":{},"getal":"1"}`, []string{"/tekst verkeerd-type", "/binnen verkeerd-type", "/delen verkeerd-type", "/getal verkeerd-type"}},
		{"null in a list", `{"delen":[null]}`, []string{"/delen/0 verkeerd-type"}},
		{"another value than an object", `[{"op":"remove","path":"/tekst"}]`, []string{" verkeerd-type"}},
		{"nothing", ``, []string{" geen-inhoud"}},
		{"half an object", `{"x":1,"tekst":nul`, []string{"/x onbekend-veld", " ongeldige-json"}},
		{"the field mask", `{"velden":["tekst"]}`, []string{"/velden onbekend-veld"}},
		{"too deep", strings.Repeat(`{"binnen":`, 65) + `{}` + strings.Repeat(`}`, 65), []string{strings.Repeat("/binnen", 64) + " te-diep-genest"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := wire.Binding{Body: "part", Patch: true}.Content([]byte(tt.patch), newTest(t, "Masked"))
			if diff := cmp.Diff(tt.faults, faultsOf(t, err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAMergePatchOfASignal(t *testing.T) {
	t.Parallel()
	got := &signalsv1.AmendSignalRequest{Id: "a", ExpectedRevision: 3}
	err := amend.Content([]byte(`{"titel":"Nieuw","toegepastMaatwerk":null,"omvang":{"minimum":5,"bron":null},"categorieen":["hardheid"],"redenWijziging":"Omdat."}`), got)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, &signalsv1.AmendSignalRequest{
		Id: "a", ExpectedRevision: 3,
		Signal: &signalsv1.Signal{
			Title: "Nieuw", Extent: &signalsv1.Extent{Minimum: 5}, Categories: []string{"hardheid"}, AmendmentReason: "Omdat.",
		},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "customisation", "extent.minimum", "extent.source", "categories", "amendment_reason"}},
	}, got)
	if !got.GetUpdateMask().IsValid(got.GetSignal()) {
		t.Errorf("the mask %q is none of a signal", got.GetUpdateMask().GetPaths())
	}
	named := []string{"/titel", "/toegepastMaatwerk", "/omvang/minimum", "/omvang/bron", "/categorieen", "/redenWijziging"}
	if diff := cmp.Diff(named, amend.Named(got)); diff != "" {
		t.Errorf("named (-want +got):\n%s", diff)
	}
}

func TestContentEmptiesWhatTheBodyHoldsAndNothingElse(t *testing.T) {
	t.Parallel()
	whole := &signalsv1.WithdrawSignalRequest{Id: "a", Reason: "oud", ExpectedRevision: 3}
	if err := (wire.Binding{Body: "*", Path: []string{"id"}}).Content([]byte(`{"reden":"nieuw"}`), whole); err != nil {
		t.Fatal(err)
	}
	equal(t, &signalsv1.WithdrawSignalRequest{Reason: "nieuw"}, whole)
	part := &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{Title: "oud"}, ValidateOnly: true}
	if err := (wire.Binding{Body: "signal"}).Content([]byte(`{"kenmerk":"a"}`), part); err != nil {
		t.Fatal(err)
	}
	equal(t, &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{ExternalReference: "a"}, ValidateOnly: true}, part)
	var faults *wire.Error
	if err := (wire.Binding{Body: "x"}).Content([]byte(`{}`), part); err == nil || errors.As(err, &faults) {
		t.Errorf("a body that there is not: %v", err)
	}
}

// FuzzPatch gives arbitrary patches: no panic, and what is accepted names only
// fields that there are, and all that it sets.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(`{"titel":"a","omvang":{"minimum":1,"bron":null},"regelingen":[{"jci":"a"}]}`))
	f.Add([]byte(`{"omvang":null,"id":null,"categorieen":[]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &signalsv1.AmendSignalRequest{}
		if faultsOf(t, amend.Content(data, m)) != nil {
			return
		}
		if !m.GetUpdateMask().IsValid(m.GetSignal()) {
			t.Fatalf("mask %q", m.GetUpdateMask().GetPaths())
		}
		bare := proto.CloneOf(m.GetSignal())
		for _, path := range m.GetUpdateMask().GetPaths() {
			r := bare.ProtoReflect()
			names := strings.Split(path, ".")
			for _, name := range names[:len(names)-1] {
				r = r.Mutable(fieldOf(r, name)).Message()
			}
			r.Clear(fieldOf(r, names[len(names)-1]))
		}
		if e := bare.GetExtent(); e != nil {
			if !proto.Equal(e, &signalsv1.Extent{}) {
				t.Errorf("more of the extent is set than named: %v", e)
			}
			bare.Extent = nil
		}
		equal(t, &signalsv1.Signal{}, bare)
	})
}

func fieldOf(r protoreflect.Message, name string) protoreflect.FieldDescriptor {
	return r.Descriptor().Fields().ByName(protoreflect.Name(name))
}
