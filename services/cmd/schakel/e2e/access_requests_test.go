package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
)

// own submits a signal of UWV, changed or not, and gives its id.
func (s *story) own(t *testing.T, reference string, change ...func(*signalsv1.Signal)) string {
	t.Helper()
	m := signal(uwv, reference)
	for _, f := range change {
		f(m)
	}
	r := must(s.signals.SubmitSignal(s.as(access.Aanleveraar, uwv), &signalsv1.SubmitSignalRequest{Signal: m}))(t)
	return r.GetSignal().GetId()
}

// changes are requests that make and change signals, and that read one that is
// nobody else's. What cannot be done twice is
// asked for in vain: who may do it learns why not.
func (s *story) changes(t *testing.T) map[string]proto.Message {
	t.Helper()
	one := signal(uwv, references(1)[0])
	amended, withdrawn, redacted := s.own(t, "WIJZIG-1"), s.own(t, "TREKIN-1"), s.own(t, "SCHOON-1")
	closed := s.own(t, "BESLOTEN-1", func(m *signalsv1.Signal) {
		m.Confidentiality = signalsv1.Confidentiality_CONFIDENTIALITY_VERTROUWELIJK
	})
	return map[string]proto.Message{
		"GetSignal":           &signalsv1.GetSignalRequest{Id: closed},
		"ListSignalRevisions": &signalsv1.ListSignalRevisionsRequest{Id: closed},
		"ListSignals":         &signalsv1.ListSignalsRequest{ExternalReference: "BESLOTEN-1"},
		"CountSignals":        &signalsv1.CountSignalsRequest{ExternalReference: "BESLOTEN-1"},
		"ExportSignals":       &signalsv1.ExportSignalsRequest{ExternalReference: "BESLOTEN-1"},
		"SubmitSignal":        &signalsv1.SubmitSignalRequest{Signal: one},
		"BatchSubmitSignals":  &signalsv1.BatchSubmitSignalsRequest{Signals: []*signalsv1.Signal{one}},
		"SubmitSignals":       &signalsv1.SubmitSignalsRequest{Signal: one},
		"AmendSignal": &signalsv1.AmendSignalRequest{
			Id: amended, Signal: &signalsv1.Signal{Title: "Anders", AmendmentReason: "beter verwoord"},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "amendment_reason"}},
		},
		"WithdrawSignal": &signalsv1.WithdrawSignalRequest{Id: withdrawn, Reason: "dubbel"},
		"RedactSignal": &signalsv1.RedactSignalRequest{
			Id: redacted, Places: []*signalsv1.RedactedPlace{{Field: "/titel", First: 1, Last: 3}}, Ground: "herleidbaar", ExpectedRevision: 9,
		},
	}
}

// triage has UWV's signals looked at, and waits for the bottleneck that comes of
// it as a proposal.
func (s *story) triage(t *testing.T) map[string]proto.Message {
	t.Helper()
	const category = "samenloop"
	rule := &signalsv1.SetTriageRuleRequest{Category: category, Rule: &signalsv1.TriageRule{Threshold: 2, WindowDays: 90}}
	editor := s.as(access.Redacteur, uwv)
	triage := signalsv1.NewTriageServiceClient(s.ways()["gRPC"])
	must(triage.SetTriageRule(editor, rule))(t)
	fix := func(m *signalsv1.Signal) {
		m.Approach, m.Categories = signalsv1.Approach_APPROACH_FIX, []string{category}
	}
	a, b, c := s.own(t, "FIX-1", fix), s.own(t, "FIX-2", fix), s.own(t, "LOS-1")
	proposals := lettersv1.NewProposalServiceClient(s.ways()["gRPC"])
	var proposed *lettersv1.ListProposalsResponse
	await(t, "a bottleneck is proposed", func() (err error) {
		proposed, err = proposals.ListProposals(editor, &lettersv1.ListProposalsRequest{})
		if err == nil && len(proposed.GetProposals()) == 0 {
			err = errors.New("there is none")
		}
		return err
	})
	proposal := proposed.GetProposals()[0].GetId()
	return map[string]proto.Message{
		"ListTriage":         &signalsv1.ListTriageRequest{},
		"TriageSignal":       &signalsv1.TriageSignalRequest{Id: c, Approach: signalsv1.Approach_APPROACH_SOLVE, Categories: []string{"hardheid"}},
		"ListRelatedSignals": &signalsv1.ListRelatedSignalsRequest{Id: a},
		"LinkSignals":        &signalsv1.LinkSignalsRequest{Id: a, Other: b},
		"UnlinkSignals":      &signalsv1.UnlinkSignalsRequest{Id: a, Other: c},
		"MergeSignal":        &signalsv1.MergeSignalRequest{Id: a, Into: b, Reason: "dubbel"},
		"UnmergeSignal":      &signalsv1.UnmergeSignalRequest{Id: c, Reason: "toch niet dubbel"},
		"ListTriageRules":    &signalsv1.ListTriageRulesRequest{},
		"SetTriageRule":      rule,
		"ListProposals":      &lettersv1.ListProposalsRequest{},
		"GetProposal":        &lettersv1.GetProposalRequest{Id: proposal},
		"RejectProposal":     &lettersv1.RejectProposalRequest{Id: proposal, Reason: "te weinig gelijk"},
	}
}

// protected has something reported under protection.
func (s *story) protected(t *testing.T) map[string]proto.Message {
	t.Helper()
	c := signalsv1.NewProtectedSignalServiceClient(s.ways()["gRPC"])
	codes := must(c.CreateReportingCodes(s.as(access.Bestuurder, uwv), &signalsv1.CreateReportingCodesRequest{Count: 1}))(t).GetCodes()
	secret := strings.Repeat("A", 43)
	sum := sha256.Sum256([]byte(secret))
	report := &signalsv1.ReportUnderProtectionRequest{
		Code: codes[0], SecretHash: base64.RawURLEncoding.EncodeToString(sum[:]), Report: &signalsv1.ProtectedReport{
			Title: "Wie belt, wordt niet gehoord", Description: "Het team mag niet afwijken van het script.",
			Categories: []string{"hardheid"}, Severity: signalsv1.Severity_SEVERITY_HOOG,
		},
	}
	must(c.ReportUnderProtection(t.Context(), report))(t)
	s.overnight(t)
	var id string
	for _, one := range s.protectedOnes(t) {
		id = one
	}
	return map[string]proto.Message{
		"CreateReportingCodes":  &signalsv1.CreateReportingCodesRequest{Count: 1},
		"ReportUnderProtection": report,
		"GetCase":               &signalsv1.GetCaseRequest{Secret: secret},
		"AddCaseMessage":        &signalsv1.AddCaseMessageRequest{Secret: secret, MessageId: "7c0c1b1e-0a44-4c0e-9d8a-3c1f3f6f0001", Text: "Is er al iets bekend?"},
		"ListCaseMessages":      &signalsv1.ListCaseMessagesRequest{Id: id},
		"AnswerCase":            &signalsv1.AnswerCaseRequest{Id: id, MessageId: "7c0c1b1e-0a44-4c0e-9d8a-3c1f3f6f0002", Text: "Er wordt naar gekeken."},
	}
}
