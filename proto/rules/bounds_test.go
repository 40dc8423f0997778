package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
)

func TestElementsOfAListThatIsTooLongAreNotLookedAt(t *testing.T) {
	t.Parallel()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	// Half a million elements: with a look at each this test would not end.
	m := &signalsv1.Signal{Provisions: make([]*referencev1.Provision, 500_000)}
	for i := range m.Provisions {
		m.Provisions[i] = &referencev1.Provision{}
	}
	violations, err := checker.Check("signal", m)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range violations {
		got = append(got, v.GetField()+" "+v.GetReason()+": "+v.GetLocalizedMessage().GetMessage())
	}
	want := []string{"signal.provisions repeated-max-items: mag hoogstens 20 waarden bevatten"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

func TestOfOneOfManyNotEvenTheListsAreLookedAt(t *testing.T) {
	t.Parallel()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	long := &signalsv1.Signal{Provisions: make([]*referencev1.Provision, 21)}
	for i := range long.Provisions {
		long.Provisions[i] = &referencev1.Provision{}
	}
	many := &signalsv1.BatchSubmitSignalsRequest{Signals: make([]*signalsv1.Signal, 1001)}
	for i := range many.Signals {
		many.Signals[i] = &signalsv1.Signal{}
	}
	for name, c := range map[string]struct {
		m     proto.Message
		whole int // violations
		outer int
	}{
		"a signal in a batch":      {&signalsv1.BatchSubmitSignalsRequest{Signals: []*signalsv1.Signal{long}}, 1, 0},
		"a signal on a stream":     {&signalsv1.SubmitSignalsRequest{Signal: long}, 1, 0},
		"a batch that is long":     {many, 1, 1},
		"a list of a request":      {&signalsv1.ListSignalsRequest{Categories: make([]string, 10_001)}, 1, 1},
		"the signal by itself":     {long, 1, 1},
		"nothing that is too long": {&signalsv1.ListSignalsRequest{}, 0, 0},
	} {
		if got := checker.TooLong("at", c.m); len(got) != c.whole {
			t.Errorf("%s: %v", name, got)
		}
		got, err := checker.Outer().Check("at", c.m)
		if err != nil || len(got) < c.outer || c.outer == 0 && len(got) > 0 {
			t.Errorf("%s, from outside: %v, %v", name, got, err)
		}
	}
}
