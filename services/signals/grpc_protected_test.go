package signals_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/rpc"
)

// shielded is a service with a reporter who has a code.
type shielded struct {
	signalsv1.ProtectedSignalServiceClient
	signals      signalsv1.SignalServiceClient
	code, secret string
}

func shield(t *testing.T, conn grpc.ClientConnInterface) shielded {
	t.Helper()
	s := shielded{
		ProtectedSignalServiceClient: signalsv1.NewProtectedSignalServiceClient(conn),
		signals:                      signalsv1.NewSignalServiceClient(conn), secret: strings.Repeat("A", 43),
	}
	made, err := s.CreateReportingCodes(as(t, uwv+"#bestuurder"), &signalsv1.CreateReportingCodesRequest{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.code = made.GetCodes()[0]
	return s
}

func (s shielded) report() *signalsv1.ReportUnderProtectionRequest {
	sum := sha256.Sum256([]byte(s.secret))
	return &signalsv1.ReportUnderProtectionRequest{
		Code: s.code, SecretHash: base64.RawURLEncoding.EncodeToString(sum[:]), Report: &signalsv1.ProtectedReport{
			Title: "Wie belt, wordt niet gehoord", Description: "Het team mag niet afwijken van het script.",
			Categories: []string{"hardheid"}, Severity: signalsv1.Severity_SEVERITY_HOOG,
		},
	}
}

func TestAReporterFollowsAndProvesTheReportByTheSecretAlone(t *testing.T) {
	t.Parallel()
	conn, keys := connect(t, func() time.Time { return now })
	s := shield(t, conn)
	done, err := s.ReportUnderProtection(t.Context(), s.report())
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.ReportUnderProtection(t.Context(), s.report())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the receipt, once more", again.GetReceipt(), done.GetReceipt())
	found, err := s.GetCase(t.Context(), &signalsv1.GetCaseRequest{Secret: s.secret})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the report", found.GetReport(), s.report().GetReport())
	equal(t, "the receipt", found.GetReceipt(), done.GetReceipt())
	receipt, err := proto.Marshal(done.GetReceipt())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.VerifyReceipt(receipt, found.GetPayload(), keys); err != nil {
		t.Errorf("the reporter can prove nothing: %v", err)
	}
	said, err := s.AddCaseMessage(t.Context(), &signalsv1.AddCaseMessageRequest{Secret: s.secret, MessageId: uuid.NewString(), Text: "Is er al iets bekend?"})
	if err != nil || !said.GetMessage().GetByReporter() {
		t.Errorf("%v, %v", said, err)
	}
}

func TestAReportAtFaultIsToldAllOfItAndUsesNoCode(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t, func() time.Time { return now })
	s := shield(t, conn)
	wrong := s.report()
	wrong.Report.Title, wrong.Report.Description, wrong.Report.Categories = "", "Bel 06-00000000.", []string{"hardheid", "jansen"}
	_, err := s.ReportUnderProtection(t.Context(), wrong)
	refusedInAnyOrder(t, err, "report.title required", "report.description persoonsgegeven-telefoonnummer", "report.categories[1] onbekend-begrip")
	if strings.Contains(err.Error()+told(err).Text.NL, "jansen") {
		t.Errorf("%v repeats what was sent", err)
	}
	if _, err := s.ReportUnderProtection(t.Context(), s.report()); err != nil {
		t.Errorf("the code is used: %v", err)
	}
	other := s.report()
	other.SecretHash = base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	_, err = s.ReportUnderProtection(t.Context(), other)
	refused(t, err, fault.Denied, "meldcode-ongeldig")
}

func TestTheIdOfAMessageTellsNothing(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t, func() time.Time { return now })
	s := shield(t, conn)
	if _, err := s.ReportUnderProtection(t.Context(), s.report()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewUUID()).String(), uuid.Nil.String()} {
		_, err := s.AddCaseMessage(t.Context(), &signalsv1.AddCaseMessageRequest{Secret: s.secret, MessageId: id, Text: "Hallo?"})
		refused(t, err, fault.Invalid, "ongeldige-invoer", "message_id niet-willekeurig")
	}
}

func TestOnlyEditorsAndTheBoardSeeWhatWasReportedUnderProtection(t *testing.T) {
	t.Parallel()
	at := now
	server, service, _ := serviceAt(t, func() time.Time { return at }, rpc.Limits{})
	s := shield(t, server.InProcess(nil))
	if _, err := s.ReportUnderProtection(t.Context(), s.report()); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"#redacteur", "#bestuurder"} {
		if early, err := s.signals.ListSignals(as(t, uwv+role), &signalsv1.ListSignalsRequest{}); err != nil || len(early.GetSignals()) > 0 {
			t.Errorf("the list of %q on the day itself: %v, %v", role, early, err)
		}
	}
	at = at.Add(48 * time.Hour)
	if n, err := service.ReleaseSome(t.Context()); n == 0 || err != nil {
		t.Fatalf("%d entries were released, %v", n, err)
	}
	all, err := s.signals.ListSignals(as(t, uwv+"#redacteur"), &signalsv1.ListSignalsRequest{})
	if err != nil || len(all.GetSignals()) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	id := all.GetSignals()[0].GetId()
	for role, sees := range map[string]bool{"#redacteur": true, "#bestuurder": true, "": false, "#beantwoorder": false} {
		got, err := s.signals.ListSignals(as(t, uwv+role), &signalsv1.ListSignalsRequest{})
		if err != nil || len(got.GetSignals()) == 1 != sees {
			t.Errorf("the list of %q: %v, %v", role, got, err)
		}
		counts, err := s.signals.CountSignals(as(t, uwv+role), &signalsv1.CountSignalsRequest{})
		if err != nil || counts.GetTotal() == 1 != sees {
			t.Errorf("the counts of %q: %v, %v", role, counts, err)
		}
		if _, err := s.signals.GetSignal(as(t, uwv+role), &signalsv1.GetSignalRequest{Id: id}); (err == nil) != sees {
			t.Errorf("the signal for %q: %v", role, err)
		}
		if _, err := s.ListCaseMessages(as(t, uwv+role), &signalsv1.ListCaseMessagesRequest{Id: id}); (err == nil) != sees {
			t.Errorf("the messages for %q: %v", role, err)
		}
	}
	_, err = s.signals.AmendSignal(as(t, uwv), amend(id, "Anders", 0))
	refused(t, err, fault.NotFound, "onbekend-signaal")
	_, err = s.signals.ListSignalRevisions(as(t, uwv), &signalsv1.ListSignalRevisionsRequest{Id: id})
	refused(t, err, fault.NotFound, "onbekend-signaal")
	_, err = s.signals.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: all.GetSignals()[0]})
	if err == nil {
		t.Error("a system submits what was reported under protection")
	}
}
