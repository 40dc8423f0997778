package rules_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
)

// anything takes every text for clean but this one.
const dirty = "vies"

func clean(text string, _ bool) bool { return !strings.Contains(text, dirty) }

func findings(text string, prose bool) []*errdetails.BadRequest_FieldViolation {
	if clean(text, prose) {
		return nil
	}
	return []*errdetails.BadRequest_FieldViolation{{Reason: "vies"}}
}

// whole is a signal with every field set that a sender may set.
func whole() *signalsv1.Signal {
	return &signalsv1.Signal{
		Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117", ExternalReference: "K-1", Title: "Een titel",
		Description: "Eén regel\nen nog een.", Level: "organisatie", Categories: []string{"hardheid", "capaciteit"},
		Provisions: []*referencev1.Provision{
			{Register: &referencev1.Provision_Jci{Jci: "jci1.3:c:BWBR0019057&artikel=77"}},
			{Register: &referencev1.Provision_Celex{Celex: "32004R0883"}},
		},
		PublicValues: []string{"betrouwbaarheid"}, Principles: []string{"legaliteit"}, TargetGroups: []string{"gezinnen"},
		Extent:   &signalsv1.Extent{Minimum: 1, Maximum: 3, PerYear: true, Source: "telling", Certainty: 1},
		Severity: 2, Since: "2024-02-29", Approach: 2, Customisation: "Geen.",
		ProposedSolutions:    []*signalsv1.ProposedSolution{{Description: "Vast peiljaar", Actor: "urn:nld:oin:00000099000000001000", Instrument: "wet", Cost: "€ 3"}},
		OtherOrganisations:   []string{"https://identifier.overheid.nl/tooi/id/zbo/zb000143"},
		CausingOrganisations: []string{"https://identifier.overheid.nl/tooi/id/ministerie/mnre1073"},
		SocietalTask:         "bestaanszekerheid", PolicyStage: "uitvoering", Confidentiality: 1,
		References: []*signalsv1.Reference{{Description: "Brief", Uri: "https://example.nl/a?b=c"}, {Description: "Nog een"}},
	}
}

func TestWhatIsRightIsKnownToBe(t *testing.T) {
	t.Parallel()
	checker := mustNew(t)
	for name, m := range map[string]proto.Message{
		"a whole signal":      whole(),
		"in a request":        &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{}},
		"in a batch":          &signalsv1.BatchSubmitSignalsRequest{Signals: []*signalsv1.Signal{{}}},
		"a list":              &signalsv1.ListSignalsRequest{PageSize: 10, Categories: []string{"hardheid"}},
		"a request by an id":  &signalsv1.GetSignalRequest{Id: "0196b2a0-0000-7000-8000-000000000000"},
		"of another service":  &contactsv1.ListContactsRequest{},
		"the least of a form": &signalsv1.ListSignalRevisionsRequest{Id: "0196b2a0-0000-7000-8000-000000000000"},
	} {
		if !checker.Good(m, clean) {
			violations, err := checker.Check("", m)
			t.Errorf("%s is not known to be right: %v, %v", name, violations, err)
		}
	}
}

// spoilt are changes of a whole signal, each of which makes it wrong.
var spoilt = map[string]func(*signalsv1.Signal){
	"a field that Schakel fills in":        func(m *signalsv1.Signal) { m.Id = "x" },
	"deeper":                               func(m *signalsv1.Signal) { m.Extent.ProtoReflect().SetUnknown([]byte{0xf8, 0x7f, 0x01}) },
	"an unknown field":                     func(m *signalsv1.Signal) { m.ProtoReflect().SetUnknown([]byte{0xf8, 0x7f, 0x01}) },
	"what is required":                     func(m *signalsv1.Signal) { m.Title = "" },
	"a text that is dirty":                 func(m *signalsv1.Signal) { m.Description = "heel " + dirty },
	"one deeper":                           func(m *signalsv1.Signal) { m.ProposedSolutions[0].Cost = dirty },
	"a reference that is":                  func(m *signalsv1.Signal) { m.ExternalReference = dirty },
	"too many characters":                  func(m *signalsv1.Signal) { m.Title = strings.Repeat("é", 201) },
	"no pattern":                           func(m *signalsv1.Signal) { m.ExternalReference = "geen kenmerk" },
	"no term":                              func(m *signalsv1.Signal) { m.Level = "Organisatie" },
	"no term in a list":                    func(m *signalsv1.Signal) { m.Categories[1] = "-" },
	"an empty term in a list":              func(m *signalsv1.Signal) { m.Categories[1] = "" },
	"a term twice":                         func(m *signalsv1.Signal) { m.Categories[1] = m.Categories[0] },
	"too many":                             func(m *signalsv1.Signal) { m.Categories = []string{"a", "b", "c", "d", "e", "f"} },
	"too few":                              func(m *signalsv1.Signal) { m.Categories = nil },
	"no organisation":                      func(m *signalsv1.Signal) { m.Organisation = "UWV" },
	"no day":                               func(m *signalsv1.Signal) { m.Since = "2023-02-29" },
	"no text":                              func(m *signalsv1.Signal) { m.Customisation = " \n" },
	"no value":                             func(m *signalsv1.Signal) { m.Severity = 9 },
	"a register that is missing":           func(m *signalsv1.Signal) { m.Provisions[0].Register = nil },
	"a rule of a message":                  func(m *signalsv1.Signal) { m.Extent.Minimum = 9 },
	"a number out of bounds":               func(m *signalsv1.Signal) { m.Extent.Minimum = -1 },
	"a rule that only protovalidate knows": func(m *signalsv1.Signal) { m.References[0].Uri = "http://[" },
	"a pattern where nothing is as good":   func(m *signalsv1.Signal) { m.References[0].Uri = "ftp://example.nl" },
}

func TestWhatIsWrongIsNeverTakenForRight(t *testing.T) {
	t.Parallel()
	checker := mustNew(t)
	for name, spoil := range spoilt {
		m := whole()
		spoil(m)
		if agree(t, checker, m) {
			t.Errorf("%s is taken for right", name)
		}
	}
	for name, m := range map[string]proto.Message{
		"an empty batch":    &signalsv1.BatchSubmitSignalsRequest{},
		"too large a batch": &signalsv1.BatchSubmitSignalsRequest{Signals: make([]*signalsv1.Signal, 1001)},
		"no id":             &signalsv1.GetSignalRequest{Id: "1"},
		"a list that is long in what a service checks itself": &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{Categories: make([]string, 6)}},
	} {
		if checker.Good(m, clean) {
			t.Errorf("%s is taken for right", name)
		}
	}
}

// agree says whether a message is known to be right, and holds that to what Check
// and Texts say.
func agree(t *testing.T, checker *rules.Checker, m proto.Message) bool {
	t.Helper()
	good := checker.Good(m, clean)
	violations, err := checker.Check("", m)
	if err != nil {
		t.Fatal(err)
	}
	violations = append(violations, checker.Texts("", m, findings)...)
	if good && len(violations) > 0 {
		t.Errorf("%v is taken for right: %v", m, violations)
	}
	return good
}

// Of all messages with values drawn from what rules are about, none is taken for
// right that is not.
func TestAnyMessageThatIsTakenForRightIs(t *testing.T) {
	t.Parallel()
	checker := mustNew(t)
	random, good := rand.New(rand.NewPCG(1, 2)), 0
	var types []protoreflect.MessageType
	protoregistry.GlobalTypes.RangeMessages(func(mt protoreflect.MessageType) bool {
		if strings.HasPrefix(string(mt.Descriptor().FullName()), "schakel.") && !mt.Descriptor().IsMapEntry() {
			types = append(types, mt)
		}
		return true
	})
	const tries = 40
	for _, mt := range types {
		for range tries {
			m := mt.New()
			scatter(random, m, 3)
			if agree(t, checker, m.Interface()) {
				good++
			}
		}
	}
	if all := len(types) * tries; good < all/20 || good > all*19/20 {
		t.Errorf("%d of %d are right: that tells little", good, all)
	}
}

// texts are texts that rules are about, and their neighbours.
var texts = []string{
	"", "a", "Aa", " ", "\n", "a\x01", "a\x7f", "é", dirty, "hardheid", "hard-heid", "-a", "a--b", "a-", "2024-02-29", "2023-02-29", "2024-13-01", "0000-02-29",
	"1900-02-29", "2024-2-01", "2024-02-01 ", "0196b2a0-0000-7000-8000-000000000000", "K-1", "https://identifier.overheid.nl/tooi/id/zbo/zb000117",
	"https://identifier.overheid.nl/tooi/id/zbo/zb000117\n", "https://identifier.overheid.nl/tooi/id/z/zb000117", "https://identifier.overheid.nl/tooi/id/zbo/z1",
	"https://identifier.overheid.nl/tooi/id/zbo/zb000000117", "https://identifier.overheid.nl/tooi/id/zbo", "https://identifier.overheid.nl/tooi/id/", "urn:nld:oin:00000099000000001000",
	"urn:nld:oin:0000009900000000100", "urn:nld:oin:00000098000000001000", "http://example.nl", "https://example.nl/a?b=c&d=e", "https://example.nl/a b", "https://-", "https://a..b/", "https://example.nl:80/", "mailbox@example.nl",
}

// scatter sets some fields of m at random.
func scatter(random *rand.Rand, m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		switch {
		case field.IsMap() || random.IntN(3) == 0 || field.Message() != nil && depth == 0:
		case field.IsList():
			list := m.Mutable(field).List()
			for range random.IntN(4) {
				if field.Message() != nil {
					scatter(random, list.AppendMutable().Message(), depth-1)
				} else {
					list.Append(value(random, field))
				}
			}
		case field.Message() != nil:
			scatter(random, m.Mutable(field).Message(), depth-1)
		default:
			m.Set(field, value(random, field))
		}
	}
}

func value(random *rand.Rand, field protoreflect.FieldDescriptor) protoreflect.Value {
	n := int32(random.IntN(6) - 1)
	switch field.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(texts[random.IntN(len(texts))])
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(n)
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(n > 2)
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(fmt.Sprint(n)))
	default:
		return field.Default()
	}
}

func FuzzNothingWrongIsTakenForRight(f *testing.F) {
	checker := mustNew(f)
	for _, m := range []proto.Message{whole(), &signalsv1.Signal{}} {
		text, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m := &signalsv1.Signal{}
		if proto.Unmarshal(text, m) == nil {
			agree(t, checker, m)
		}
	})
}

func mustNew(tb testing.TB) *rules.Checker {
	tb.Helper()
	checker, err := rules.New()
	if err != nil {
		tb.Fatal(err)
	}
	return checker
}

func BenchmarkGood(b *testing.B) {
	checker, m := mustNew(b), whole()
	b.Run("quick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !checker.Good(m, clean) {
				b.Fatal("it is not right")
			}
		}
	})
	b.Run("general", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if violations, err := checker.Check("", m); err != nil || len(violations) > 0 {
				b.Fatal(violations, err)
			}
		}
	})
}
