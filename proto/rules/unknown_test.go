package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
)

// newer adds a field to a message that only a later version knows.
func newer[M proto.Message](m M) M {
	m.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 19_000, protowire.VarintType), 1))
	return m
}

func TestAFieldThatThisVersionDoesNotKnowIsRefusedAtEveryDepth(t *testing.T) {
	t.Parallel()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		at      string
		message proto.Message
		want    []string
	}{
		{"in the message", "signal", newer(&signalsv1.Signal{}), []string{"signal"}},
		{"in the request", "", newer(&signalsv1.GetSignalRequest{}), []string{""}},
		{"in a part", "signal", &signalsv1.Signal{Extent: newer(&signalsv1.Extent{})}, []string{"signal.extent"}},
		{"in an element of a list", "signal", &signalsv1.Signal{References: []*signalsv1.Reference{{}, newer(&signalsv1.Reference{})}},
			[]string{"signal.references[1]"}},
		{"in a type that is not ours", "contact", &contactsv1.Contact{HeldAt: newer(timestamppb.Now())}, []string{"contact.held_at"}},
		{"not in a part that the service checks itself", "", &signalsv1.SubmitSignalRequest{Signal: newer(&signalsv1.Signal{})}, nil},
		{"not in an element that the service checks itself", "", &signalsv1.BatchSubmitSignalsRequest{Signals: []*signalsv1.Signal{newer(&signalsv1.Signal{})}}, nil},
		{"nowhere", "signal", &signalsv1.Signal{Extent: &signalsv1.Extent{}}, nil},
	} {
		violations, err := checker.Check(tt.at, tt.message)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range violations {
			if v.GetReason() == "onbekend-veld" {
				got = append(got, v.GetField())
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
