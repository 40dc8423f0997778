package form_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
)

func newChecker(t testing.TB) *rules.Checker {
	t.Helper()
	checker, err := rules.New()
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

// fields holds a form to the rules and lists what is wrong with it, but for what
// it lacks.
func fields(t *testing.T, checker *rules.Checker, at string, m proto.Message) (list []string) {
	t.Helper()
	err := form.Check(checker, at, m, nil)
	if err != nil && !errors.Is(err, form.ErrInvalid) {
		t.Fatal(err)
	}
	for _, f := range fault.Of(err).Fields {
		if f.Reason != "required" && f.Reason != "repeated-min-items" {
			list = append(list, f.Path+" "+f.Reason)
		}
	}
	return list
}

func TestWhatLeadsToAPersonIsRefusedInEachTextOfEachForm(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	const bsn = "999990019"
	signal := &signalsv1.Signal{
		ExternalReference: "UWV-" + bsn, Title: "Brief aan " + bsn, Description: "Bel 06-00000000 of schrijf v.oorbeeld@example.org.",
		Customisation: "Auto GH-123-J", SocietalTask: "Voor wie is geboren op 12-03-1980",
		Extent:            &signalsv1.Extent{Source: "klantnummer 12345"},
		Provisions:        []*referencev1.Provision{{Register: &referencev1.Provision_Kamerstuk{Kamerstuk: bsn}}},
		ProposedSolutions: []*signalsv1.ProposedSolution{{}, {Description: "Betaal op NL02ABNA0123456789", Cost: "V-nummer 2712345678"}},
		References:        []*signalsv1.Reference{{Description: "1234 AB 12", Uri: "https://voorbeeld.nl/?e=v.oorbeeld@example.org"}},
	}
	for _, tt := range []struct {
		at      string
		message proto.Message
		want    []string
	}{
		{"signal", signal, []string{
			"signal.external_reference persoonsgegeven-bsn", "signal.title persoonsgegeven-bsn",
			"signal.description persoonsgegeven-telefoonnummer", "signal.description persoonsgegeven-e-mailadres",
			"signal.customisation persoonsgegeven-kenteken", "signal.societal_task persoonsgegeven-geboortedatum",
			"signal.provisions[0].kamerstuk persoonsgegeven-bsn", "signal.extent.source persoonsgegeven-clientnummer",
			"signal.proposed_solutions[1].description persoonsgegeven-iban", "signal.proposed_solutions[1].cost persoonsgegeven-v-nummer",
			"signal.references[0].description persoonsgegeven-postcode-huisnummer", "signal.references[0].uri persoonsgegeven-e-mailadres",
		}},
		{"letter", &lettersv1.Letter{Introduction: bsn, Items: []*lettersv1.LetterItem{{Request: bsn}}},
			[]string{"letter.introduction persoonsgegeven-bsn", "letter.items[0].request persoonsgegeven-bsn"}},
		{"response", &lettersv1.Response{Motive: bsn, Owner: &referencev1.Office{Function: bsn}},
			[]string{"response.motive persoonsgegeven-bsn", "response.owner.function persoonsgegeven-bsn"}},
		{"bottleneck", &lettersv1.Bottleneck{Description: bsn}, []string{"bottleneck.description persoonsgegeven-bsn"}},
		{"contact", &contactsv1.Contact{Subject: bsn, Consent: &contactsv1.Consent{Reference: bsn}},
			[]string{"contact.subject persoonsgegeven-bsn", "contact.consent.reference persoonsgegeven-bsn"}},
		{"", &signalsv1.WithdrawSignalRequest{Id: "00000000-0000-4000-8000-000000000001", Reason: bsn}, []string{"reason persoonsgegeven-bsn"}},
		// A functional mailbox is what its field asks for, and members have ids.
		{"contact_person", &contactsv1.ContactPerson{Mailbox: "postbus@example.org", Function: "contactpersoon"}, nil},
		{"contact", &contactsv1.Contact{Members: []*referencev1.MemberOfParliament{{Chamber: 1, Id: "00000000-0000-4000-8000-999990019123"}}}, nil},
	} {
		got := fields(t, checker, tt.at, tt.message)
		slices.Sort(tt.want)
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%T (-want +got):\n%s", tt.message, diff)
		}
	}
}

func TestACodeInAReferenceIsNoPlateAndNoAddress(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	for _, code := range []string{"AB-12-CD", "1234-AB-12", "013-2024001"} {
		got := fields(t, checker, "signal", &signalsv1.Signal{ExternalReference: code, Description: code})
		if len(got) != 1 || !strings.HasPrefix(got[0], "signal.description persoonsgegeven-") {
			t.Errorf("%s: %v", code, got)
		}
	}
}

func TestWhatWasFoundOtherwiseStandsAtItsPlaceInTheRequestToo(t *testing.T) {
	t.Parallel()
	err := form.Check(newChecker(t), "", &signalsv1.WithdrawSignalRequest{Id: "00000000-0000-4000-8000-000000000001", Reason: "Dubbel."},
		[]fault.Field{{Path: "reason", Reason: "gevonden"}})
	if found := fault.Of(err).Fields; len(found) != 1 || found[0].Path != "reason" {
		t.Errorf("found %v", found)
	}
}

func TestOfATextThatBreaksItsRulesOnlyThatIsSaid(t *testing.T) {
	t.Parallel()
	got := fields(t, newChecker(t), "signal", &signalsv1.Signal{Title: strings.Repeat("lang ", 40) + "999990019", Description: "\x01 999990019"})
	want := []string{"signal.title string-max-len", "signal.description string-prose"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFieldThatThisVersionDoesNotKnowIsRefused(t *testing.T) {
	t.Parallel()
	m := &signalsv1.Signal{Extent: &signalsv1.Extent{Certainty: 1}}
	m.Extent.ProtoReflect().SetUnknown(protowire.AppendVarint(protowire.AppendTag(nil, 19_000, protowire.VarintType), 1))
	err := form.Check(newChecker(t), "signal", m, nil)
	for _, f := range fault.Of(err).Fields {
		if f.Path == "signal.extent" && f.Reason == "onbekend-veld" && strings.Contains(f.Text.NL, "bevat een veld dat deze versie van Schakel niet kent") {
			return
		}
	}
	t.Errorf("%v does not say so", err)
}

// A planted secret has no three characters in common with any text of ours.
func TestNoFaultHoldsAnythingOfWhatWasFound(t *testing.T) {
	t.Parallel()
	checker := newChecker(t)
	for _, tt := range []struct{ label, secret string }{
		{"", "999990019"}, {"", "999.990.019"}, {"", "NL02ABNA0123456789"}, {"", "NL02 ABNA 0123 4567 89"}, {"", "qzxw@wxqz.qzx"},
		{"", "06-78907890"}, {"", "+31 6 78907890"}, {"", "GH-785-J"}, {"", "7895 GH 785"}, {"V-nummer ", "7897897897"},
		{"A-nummer ", "7897897897"}, {"klantnummer ", "78977897"}, {"paspoortnummer ", "QZ7897897"}, {"geboren op ", "27-07-1978"},
		{"", "9\u200b9\u200b9\u200b9\u200b9\u200b0\u200b0\u200b1\u200b9"},
	} {
		planted := tt.label + tt.secret
		m := &signalsv1.Signal{Title: planted, Description: "Zie " + planted + " en nogmaals " + planted, References: []*signalsv1.Reference{{Uri: "x", Description: planted}}}
		err := form.Check(checker, "signal", m, nil)
		out := fmt.Sprintf("%v %+v %#v", err, fault.Of(err).Fields, fault.Of(err).Fields)
		if !strings.Contains(out, "persoonsgegeven-") {
			t.Errorf("%q is not found", planted)
			continue
		}
		for _, text := range []string{tt.secret, strings.NewReplacer(" ", "", "-", "", ".", "", "\u200b", "").Replace(tt.secret)} {
			for i := 0; i+3 <= len(text); i++ {
				if part := text[i : i+3]; strings.Contains(out, part) {
					t.Errorf("%q of %q is in %s", part, tt.secret, out)
				}
			}
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	checker := newChecker(b)
	m := &signalsv1.Signal{
		Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117", ExternalReference: "UWV-2026-0001",
		Title: "WIA-voorschot blijkt achteraf hoger dan de uitkering", Level: "organisatie", Categories: []string{"hardheid"},
		Description: strings.Repeat("Wie wacht op een beslissing over de WIA krijgt een voorschot, vaak van € 4.400 (art. 76 Wet WIA). ", 6),
		Severity:    2, Approach: 2, Confidentiality: 1,
		Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Jci{Jci: "jci1.3:c:BWBR0019057&artikel=76"}}},
	}
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := form.Check(checker, "signal", m, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("rules alone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, err := checker.Check("signal", m); err != nil || v != nil {
				b.Fatal(v, err)
			}
		}
	})
}
