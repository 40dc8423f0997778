package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

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
