package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
)

func TestWhatOnlySchakelFillsInIsRefusedAtEveryDepth(t *testing.T) {
	t.Parallel()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	letter := &lettersv1.Letter{
		Id:    "x",
		Items: []*lettersv1.LetterItem{{Bottleneck: "b"}, {Bottleneck: "b", StateAt: timestamppb.Now()}},
	}
	violations, err := checker.Check("letter", letter)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range violations {
		if v.GetReason() == "alleen-lezen" {
			got = append(got, v.GetField())
		}
	}
	if diff := cmp.Diff([]string{"letter.id", "letter.items[1].state_at"}, got); diff != "" {
		t.Errorf("read-only fields (-want +got):\n%s", diff)
	}
}

// The service that checks the signal itself names all its faults at once.
func TestAPartThatTheServiceChecksItselfIsLeftToIt(t *testing.T) {
	t.Parallel()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	request := &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{Id: "x"}}
	if violations, err := checker.Check("", request); err != nil || len(violations) != 0 {
		t.Errorf("of the request: %v, %v", violations, err)
	}
	batch := &signalsv1.BatchSubmitSignalsRequest{Signals: []*signalsv1.Signal{request.GetSignal()}}
	if violations, err := checker.Check("", batch); err != nil || len(violations) != 0 {
		t.Errorf("of the batch: %v, %v", violations, err)
	}
	violations, err := checker.Check("signal", request.GetSignal())
	if err != nil || len(violations) < 2 || violations[0].GetField() != "signal.id" {
		t.Errorf("of the signal: %v, %v", violations, err)
	}
}
