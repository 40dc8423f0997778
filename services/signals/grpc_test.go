package signals_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/rpc"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/telemetry"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
	"schakel.example/services/signals/sqlstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tokens are organisations: whoever shows one is its supplier, or has the role
// that follows a "#".
type tokens struct{}

func (tokens) Verify(_ context.Context, token string) (access.Claims, error) {
	organisation, name, other := strings.Cut(token, "#")
	role := access.Aanleveraar
	if other {
		role, _ = access.ParseRole(name)
	}
	return access.Claims{Subject: token, Organisation: organisation, Roles: []access.Role{role}}, nil
}

// serve runs the service behind the whole chain, on SQLite: what is tried here
// is no matter of the engine.
func serve(t *testing.T) (signalsv1.SignalServiceClient, note.Verifiers) {
	t.Helper()
	return serveAt(t, func() time.Time { return now })
}

func serveAt(t *testing.T, clock func() time.Time) (signalsv1.SignalServiceClient, note.Verifiers) {
	t.Helper()
	conn, keys := connect(t, clock)
	return signalsv1.NewSignalServiceClient(conn), keys
}

// connect connects to the service.
func connect(t *testing.T, clock func() time.Time) (grpc.ClientConnInterface, note.Verifiers) {
	t.Helper()
	server, keys := serverAt(t, clock, rpc.Limits{})
	return server.InProcess(nil), keys
}

// serverAt is the server of a service that runs.
func serverAt(t *testing.T, clock func() time.Time, limits rpc.Limits) (*rpc.Server, note.Verifiers) {
	t.Helper()
	server, _, keys := serviceAt(t, clock, limits)
	return server, keys
}

// serviceAt is serverAt with the service behind it.
func serviceAt(t *testing.T, clock func() time.Time, limits rpc.Limits) (*rpc.Server, *signals.Service, note.Verifiers) {
	t.Helper()
	db := testenv.Open(t, sqldb.SQLite)
	signer, keys := ledgertest.Signer(t)
	log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
	checker, err2 := rules.New()
	err = errors.Join(err, err2, ledger.Migrate(t.Context(), db), sqlstore.Migrate(t.Context(), db))
	if err != nil {
		t.Fatal(err)
	}
	newID := func() string { return uuid.Must(uuid.NewV7()).String() }
	service := signals.New(signals.Config{
		DB: db, Store: sqlstore.New(db), Log: log, Signer: signer,
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Now:    clock, NewID: newID,
	})
	server, err := rpc.NewServer(rpc.Options{
		Register: func(r grpc.ServiceRegistrar) { signals.Register(r, service, checker, load(t)) },
		Verifier: tokens{}, Rules: checker, Telemetry: telemetry.None(slog.New(slog.DiscardHandler)), Now: time.Now, NewID: newID,
		Limits: limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return server, service, keys
}

// as makes calls for an organisation.
func as(t *testing.T, organisation string) context.Context {
	return metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+organisation)
}

const uwv, svb = tooi + "zbo/zb000117", tooi + "zbo/zb000143"

// message is a signal of UWV, no larger than it must be.
func message() *signalsv1.Signal {
	return &signalsv1.Signal{
		Organisation: uwv, ExternalReference: "S-1", Title: "Titel", Description: "Omschrijving.",
		Level: "organisatie", Categories: []string{"hardheid"}, Severity: signalsv1.Severity_SEVERITY_HOOG,
		Approach: signalsv1.Approach_APPROACH_SOLVE, Confidentiality: signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR,
	}
}

// told is the fault that a client is told; nil for none.
func told(err error) *fault.Error { return fault.Of(rpc.FromStatus(err)) }

// refused checks an error for kind, reason and fields ("path reason").
func refused(t *testing.T, err error, kind fault.Kind, reason string, fields ...string) {
	t.Helper()
	f := told(err)
	if f == nil || f.Kind != kind || f.Reason != reason || f.Text.NL == "" {
		t.Errorf("%+v, want a fault %v with reason %q", f, kind, reason)
		return
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Path+" "+field.Reason)
		if field.Text.NL == "" || field.Text.EN == "" {
			t.Errorf("%s has no words: %+v", field.Path, field.Text)
		}
	}
	if diff := cmp.Diff(fields, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func jci(text string) *referencev1.Provision {
	return &referencev1.Provision{Register: &referencev1.Provision_Jci{Jci: text}}
}

func TestEveryFaultOfASignalIsToldAtOnce(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	for _, tt := range []struct {
		name   string
		change func(*signalsv1.Signal)
		want   []string
	}{
		{"what breaks a rule, and what the reference data do not know", func(m *signalsv1.Signal) {
			m.Title, m.Organisation, m.Level = "", tooi+"zbo/zb999999", "landelijk"
			m.Severity, m.Since = 9, "2027-01-01"
			m.Categories = []string{"hardheid", "hard"}
			m.Provisions = []*referencev1.Provision{jci("jci1.3:c:BWBR0019057&artikel=76"), jci("jci1.3:c:BWBR9999999"), jci("artikel 76"), {}}
			m.ProposedSolutions = []*signalsv1.ProposedSolution{{Instrument: "hamer"}}
			m.Extent = &signalsv1.Extent{Minimum: 2, Maximum: 1, Certainty: signalsv1.Certainty_CERTAINTY_GETELD}
		}, []string{
			"signal.title required", "signal.provisions[3] oneof-required", "signal.extent extent-order",
			"signal.severity enum-defined-only", "signal.proposed_solutions[0].description required",
			"signal.provisions[2].jci jci-vorm", "signal.organisation onbekende-organisatie", "signal.level onbekend-begrip",
			"signal.categories[1] onbekend-begrip", "signal.since datum-in-toekomst", "signal.provisions[1].jci regeling-onbekend",
			"signal.proposed_solutions[0].instrument onbekend-begrip",
		}},
		{"of a field that breaks its rule only that is told", func(m *signalsv1.Signal) { m.Organisation, m.Level = "UWV", "Geen Term" },
			[]string{"signal.organisation string-tooi", "signal.level string-slug"}},
		{"nothing at all", func(m *signalsv1.Signal) { proto.Reset(m) }, []string{
			"signal.organisation required", "signal.external_reference required", "signal.title required",
			"signal.description required", "signal.level required", "signal.categories repeated-min-items",
			"signal.severity required", "signal.approach required", "signal.confidentiality required",
		}},
		{"what only Schakel fills in", func(m *signalsv1.Signal) {
			m.Id, m.Revision, m.State = uuid.NewString(), 1, signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN
			m.ReceivedAt, m.StateAt, m.Bottleneck = timestamppb.Now(), timestamppb.Now(), uuid.NewString()
		}, []string{
			"signal.id alleen-lezen", "signal.state alleen-lezen", "signal.revision alleen-lezen",
			"signal.received_at alleen-lezen", "signal.state_at alleen-lezen", "signal.bottleneck alleen-lezen",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := message()
			tt.change(m)
			_, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m})
			refused(t, err, fault.Invalid, "ongeldige-invoer", tt.want...)
		})
	}
	_, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{})
	if f := told(err); f == nil || len(f.Fields) != 9 {
		t.Errorf("without a signal: %+v", f)
	}
	list, err := client.ListSignals(as(t, uwv), &signalsv1.ListSignalsRequest{})
	if err != nil || len(list.GetSignals()) > 0 {
		t.Errorf("stored: %v, %v", list, err)
	}
}

func TestASignalGoesInAndComesBackWithItsReceipt(t *testing.T) {
	t.Parallel()
	client, keys := serve(t)
	m := message()
	m.Provisions = []*referencev1.Provision{jci("jci1.3:c:BWBR0019057&artikel=76"), {Register: &referencev1.Provision_Cvdr{Cvdr: "CVDR123456_1"}}}
	m.Extent = &signalsv1.Extent{Minimum: 1, Maximum: 9, PerYear: true, Source: "telling", Certainty: signalsv1.Certainty_CERTAINTY_GESCHAT}
	m.References = []*signalsv1.Reference{{Description: "Brief", Uri: "https://example.nl/a?b=c&d=%C3%A9"}}
	m.ProposedSolutions = []*signalsv1.ProposedSolution{{Description: "Vast peiljaar", Actor: svb, Instrument: "wet", Cost: "€ 3 mln"}}
	submitted, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m})
	if err != nil {
		t.Fatal(err)
	}
	want := proto.CloneOf(m)
	want.Id, want.Revision, want.State = submitted.GetSignal().GetId(), 1, signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN
	want.ReceivedAt, want.StateAt = timestamppb.New(now), timestamppb.New(now)
	equal(t, "the answer", submitted.GetSignal(), want)

	again, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the answer to a repetition", again, &signalsv1.SubmitSignalResponse{
		Signal: want, Receipt: submitted.GetReceipt(), RepeatedSubmission: true,
	})
	got, err := client.GetSignal(as(t, uwv), &signalsv1.GetSignalRequest{Id: want.GetId()})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "what is read", got.GetSignal(), want)
	proof, err := client.GetReceipt(as(t, uwv), &signalsv1.GetReceiptRequest{Id: want.GetId()})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the receipt", proof.GetReceipt(), submitted.GetReceipt())
	receipt, err := proto.Marshal(proof.GetReceipt())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.VerifyReceipt(receipt, proof.GetPayload(), keys); err != nil {
		t.Error(err)
	}
}

func TestWhatWasAcceptedIsNotJudgedAnew(t *testing.T) {
	t.Parallel()
	var clock atomic.Pointer[time.Time]
	clock.Store(&now)
	client, _ := serveAt(t, func() time.Time { return *clock.Load() })
	early := now.AddDate(-1, 0, 0)
	clock.Store(&early)
	m := message()
	m.OtherOrganisations = []string{tooi + "ministerie/mnre1171"} // until 22 February 2026
	first, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m})
	if err != nil {
		t.Fatal(err)
	}
	clock.Store(&now)
	again, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the answer to a repetition", again, &signalsv1.SubmitSignalResponse{
		Signal: first.GetSignal(), Receipt: first.GetReceipt(), RepeatedSubmission: true,
	})
	for name, change := range map[string]func(*signalsv1.Signal){
		"under another reference":         func(m *signalsv1.Signal) { m.ExternalReference = "S-2" },
		"with other content":              func(m *signalsv1.Signal) { m.Title = "Anders" },
		"with what only Schakel fills in": func(m *signalsv1.Signal) { m.State = signalsv1.SignalState_SIGNAL_STATE_AFGESLOTEN },
	} {
		other := proto.CloneOf(m)
		change(other)
		_, err = client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: other})
		if f := told(err); f == nil || f.Reason != "ongeldige-invoer" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	_, err = client.SubmitSignal(as(t, svb), &signalsv1.SubmitSignalRequest{Signal: m})
	refused(t, err, fault.Invalid, "ongeldige-invoer", "signal.other_organisations[0] vervallen-organisatie")
}

func TestWhatIsInTheWayIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	submitted, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: message()})
	if err != nil {
		t.Fatal(err)
	}
	id := submitted.GetSignal().GetId()
	other := message()
	other.Title = "Anders"
	_, err = client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: other})
	refused(t, err, fault.Conflict, "kenmerk-bezet")
	if got := told(err).Resource; got != id {
		t.Errorf("the conflict is with %q, want %q", got, id)
	}
	_, err = client.SubmitSignal(as(t, svb), &signalsv1.SubmitSignalRequest{Signal: message()})
	refused(t, err, fault.Denied, "andere-organisatie")
	_, err = client.GetSignal(as(t, svb), &signalsv1.GetSignalRequest{Id: id})
	refused(t, err, fault.NotFound, "onbekend-signaal")
	_, err = client.GetReceipt(as(t, svb), &signalsv1.GetReceiptRequest{Id: id})
	refused(t, err, fault.NotFound, "onbekend-signaal")
	large := message()
	large.ExternalReference = "S-2"
	large.Description, large.Customisation = strings.Repeat("é", 10000), strings.Repeat("é", 4000)
	for range 10 {
		large.ProposedSolutions = append(large.ProposedSolutions, &signalsv1.ProposedSolution{Description: strings.Repeat("é", 2000)})
	}
	_, err = client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: large})
	refused(t, err, fault.Invalid, "signaal-te-groot")
}

func TestAListComesInPages(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	for i := range 5 {
		m := message()
		m.ExternalReference = fmt.Sprintf("S-%d", i)
		if _, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m}); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	request := &signalsv1.ListSignalsRequest{
		PageSize: 2, Organisation: uwv, States: []signalsv1.SignalState{signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN},
	}
	pages := 0
	for more := true; more; more = request.GetPageToken() != "" {
		got, err := client.ListSignals(as(t, uwv), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range got.GetSignals() {
			seen[s.GetExternalReference()] = true
		}
		request.PageToken = got.GetNextPageToken()
		pages++
	}
	if len(seen) != 5 || pages != 3 {
		t.Errorf("%d signals on %d pages", len(seen), pages)
	}
	for token, request := range map[string]*signalsv1.ListSignalsRequest{
		"no cursor": {PageToken: "volgende"},
		"one page":  {PageToken: strings.Repeat("A", 31)},
	} {
		_, err := client.ListSignals(as(t, uwv), request)
		if f := told(err); !fault.Is(f, fault.Invalid) || f.Fields[0].Path != "page_token" {
			t.Errorf("%s: %+v", token, f)
		}
	}
}

func equal(t *testing.T, what string, got, want proto.Message) {
	t.Helper()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
