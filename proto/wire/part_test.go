package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

func TestOfAPartNothingElseIsRead(t *testing.T) {
	t.Parallel()
	const text = `{"signalen":[{"id":"1","titel":"a","regelingen":[{"jci":"x"}],"omvang":3},{"titel":{"x":[]},"id":"2"}],"volgendeCursor":"p"}`
	part, err := wire.NewPart(&signalsv1.Signal{}, "id", "provisions")
	if err != nil {
		t.Fatal(err)
	}
	got := &signalsv1.ListSignalsResponse{}
	if err := part.Unmarshal([]byte(text), got); err != nil {
		t.Fatal(err)
	}
	want := &signalsv1.ListSignalsResponse{NextPageToken: "p", Signals: []*signalsv1.Signal{
		{Id: "1", Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Jci{Jci: "x"}}}}, {Id: "2"},
	}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := part.Unmarshal([]byte(`{"signalen":[{"id":"1","titel":"a}]}`), got); err == nil {
		t.Error("what is skipped need not be JSON")
	}
	if _, err := wire.NewPart(&signalsv1.Signal{}, "id", "nothing"); err == nil {
		t.Error("a field that there is not is a part")
	}
	var whole wire.Part
	if err := whole.Unmarshal([]byte(`{"id":"1","titel":"a"}`), &signalsv1.Signal{}); err != nil {
		t.Errorf("the part without fields: %v", err)
	}
}
