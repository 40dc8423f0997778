package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
)

// seen lists the paths of all texts that a check gets.
func seen(t *testing.T, at string, m proto.Message) []string {
	t.Helper()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	found := checker.Texts(at, m, func(text string, _ bool) []*errdetails.BadRequest_FieldViolation {
		if text == "" {
			t.Error("an empty text is held to the check")
		}
		return []*errdetails.BadRequest_FieldViolation{{Reason: "gezien"}}
	})
	var paths []string
	for _, v := range found {
		paths = append(paths, v.GetField())
	}
	slices.Sort(paths)
	return paths
}

// filled sets every field of a message, and the fields of the messages in it.
func filled(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field.IsList() && field.Message() != nil:
			filled(m.Mutable(field).List().AppendMutable().Message())
		case field.IsList() && field.Kind() == protoreflect.StringKind:
			m.Mutable(field).List().Append(protoreflect.ValueOfString("x"))
		case field.IsList():
		case field.Message() != nil:
			filled(m.Mutable(field).Message())
		case field.Kind() == protoreflect.StringKind:
			m.Set(field, protoreflect.ValueOfString("x"))
		}
	}
}

func TestEachFieldInWhichOneCanWriteAnythingIsATextAndACodeIsNot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		message    proto.Message
		texts, not []string
	}{
		{
			&signalsv1.Signal{},
			[]string{
				"external_reference", "title", "description", "customisation", "societal_task", "extent.source", "provisions[0].cvdr",
				"proposed_solutions[0].description", "proposed_solutions[0].cost", "references[0].description", "references[0].uri",
			},
			[]string{
				"id", "organisation", "level", "categories[0]", "since", "other_organisations[0]", "policy_stage", "bottleneck",
				"proposed_solutions[0].actor", "proposed_solutions[0].instrument",
			},
		},
		{
			&lettersv1.Letter{}, []string{"external_reference", "title", "introduction", "items[0].request"},
			[]string{"edition", "answer_by", "items[0].bottleneck", "items[0].title", "items[0].responses[0].motive", "adopted_by.function"},
		},
		{&lettersv1.Bottleneck{}, []string{"external_reference", "title", "description"}, []string{"signals[0]"}},
		{&lettersv1.Response{}, []string{"external_reference", "motive", "owner.function"}, []string{"due", "owner.organisation"}},
		{&contactsv1.Contact{}, []string{"subject", "officials[0].function", "consent.reference"}, []string{"members[0].id", "regime"}},
		{&contactsv1.ContactPerson{}, []string{"function"}, []string{"mailbox"}},
		// Of a request its prose, and not what finds or proves something.
		{&signalsv1.WithdrawSignalRequest{}, []string{"reason"}, []string{"id"}},
		{&signalsv1.AddCaseMessageRequest{}, []string{"text"}, []string{"secret"}},
		{&signalsv1.ListSignalsRequest{}, nil, []string{"external_reference", "page_token"}},
		// A pointer may hold the id of a message, in which the screen sees what it likes.
		{&signalsv1.RedactSignalRequest{}, []string{"ground"}, []string{"id", "places[0].field"}},
		{&lettersv1.AdoptLetterRequest{}, []string{"adopted_by.function"}, []string{"id"}},
	} {
		filled(tt.message.ProtoReflect())
		got := seen(t, "", tt.message)
		for _, path := range tt.texts {
			if !slices.Contains(got, path) {
				t.Errorf("%T: %s is not among %v", tt.message, path, got)
			}
		}
		for _, path := range tt.not {
			if slices.Contains(got, path) {
				t.Errorf("%T: %s is taken for a text", tt.message, path)
			}
		}
	}
}

func TestTextsStandAtTheirPlaceInTheRequest(t *testing.T) {
	t.Parallel()
	m := &signalsv1.Signal{
		Title:      "titel",
		Provisions: []*referencev1.Provision{{}, {Register: &referencev1.Provision_Jci{Jci: "jci"}}},
		References: []*signalsv1.Reference{{Uri: "uri"}, {Description: "omschrijving"}},
	}
	want := []string{"signal.provisions[1].jci", "signal.references[0].uri", "signal.references[1].description", "signal.title"}
	if diff := cmp.Diff(want, seen(t, "signal", m)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, request := range []proto.Message{&signalsv1.SubmitSignalRequest{Signal: m}, &signalsv1.BatchSubmitSignalsRequest{Signals: []*signalsv1.Signal{m}}} {
		if got := seen(t, "", request); got != nil {
			t.Errorf("%T: what the service checks itself is looked at: %v", request, got)
		}
	}
}

func TestACheckIsToldWhetherATextIsProse(t *testing.T) {
	t.Parallel()
	m := &signalsv1.Signal{
		ExternalReference: "code", Title: "proza", Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Jci{Jci: "code"}}},
		References: []*signalsv1.Reference{{Uri: "code", Description: "proza"}},
	}
	checker := mustNew(t)
	looked := 0
	checker.Texts("", m, func(text string, prose bool) []*errdetails.BadRequest_FieldViolation {
		if looked++; prose != (text == "proza") {
			t.Errorf("%q is said to be prose: %t", text, prose)
		}
		return nil
	})
	if looked != 5 {
		t.Errorf("%d texts are looked at, not 5", looked)
	}
	whole := whole()
	checker.Good(whole, func(text string, prose bool) bool {
		if text == whole.GetExternalReference() && prose || text == whole.GetDescription() && !prose {
			t.Errorf("%q is said to be prose: %t", text, prose)
		}
		return true
	})
}

func TestWhatIsTooLongIsNotLookedAt(t *testing.T) {
	t.Parallel()
	if got := seen(t, "", &signalsv1.Signal{Title: strings.Repeat("x", 801)}); got != nil {
		t.Errorf("a text: %v", got)
	}
	many := &signalsv1.Signal{Title: "titel", References: make([]*signalsv1.Reference, 21)}
	if got := seen(t, "", many); got != nil {
		t.Errorf("a list: %v", got)
	}
}

// A text in another guise would pass unseen.
func TestWhatASenderFillsInHoldsTextOnlyInStrings(t *testing.T) {
	t.Parallel()
	looked := map[protoreflect.FullName]bool{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		for i := range file.Messages().Len() {
			m := file.Messages().Get(i)
			if strings.HasPrefix(string(m.FullName()), "schakel.") && strings.HasSuffix(string(m.Name()), "Request") {
				onlyStrings(t, m, looked)
			}
		}
		return true
	})
	if len(looked) < 10 {
		t.Errorf("looked at %v only", looked)
	}
}

// onlyStrings walks through a message and what is in it.
func onlyStrings(t *testing.T, m protoreflect.MessageDescriptor, looked map[protoreflect.FullName]bool) {
	if looked[m.FullName()] {
		return
	}
	looked[m.FullName()] = true
	switch m.FullName() {
	case "google.protobuf.Timestamp", "google.protobuf.FieldMask":
		return
	}
	if !strings.HasPrefix(string(m.FullName()), "schakel.") {
		t.Errorf("senders fill in a %s: let Texts look into it", m.FullName())
		return
	}
	for i := range m.Fields().Len() {
		field := m.Fields().Get(i)
		if field.IsMap() {
			t.Errorf("%s is a map: let Texts look into it", field.FullName())
		} else if field.Message() != nil {
			onlyStrings(t, field.Message(), looked)
		}
	}
}
