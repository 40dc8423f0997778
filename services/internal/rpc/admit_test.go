package rpc

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/telemetry"
)

func TestWhoCallsIsAskedBeforeAnythingIsDone(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.fake.proof = ok
	b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		return nil
	}
	header := func(values ...string) func(context.Context) context.Context {
		return func(ctx context.Context) context.Context {
			for _, value := range values {
				ctx = metadata.AppendToOutgoingContext(ctx, "authorization", value)
			}
			return ctx
		}
	}
	tests := []struct {
		name   string
		with   func(context.Context) context.Context
		public string // reason, or nothing when it is let in
		closed string
	}{
		{"no token", header(), "", "token-ontbreekt"},
		{"a good token", header("Bearer " + serviceToken), "", ""},
		{"the scheme in another case", header("bEARER " + serviceToken), "", ""},
		{"a bad token, also where none is needed", header("Bearer wrong"), "token-ongeldig", "token-ongeldig"},
		{"another scheme", header("Basic " + serviceToken), "token-ongeldig", "token-ongeldig"},
		{"a scheme alone", header("Bearer"), "token-ongeldig", "token-ongeldig"},
		{"two tokens", header("Bearer "+serviceToken, "Bearer "+readerToken), "token-ongeldig", "token-ongeldig"},
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for _, tt := range tests {
			_, public := proof(tt.with(within(t)), conn)
			_, closed := list(tt.with(within(t)), conn, &ledgerv1.ListEntriesRequest{})
			if closed == io.EOF {
				closed = nil
			}
			for err, want := range map[error]string{public: tt.public, closed: tt.closed} {
				if want == "" && err != nil {
					t.Errorf("%s: %v", tt.name, err)
				} else if want != "" {
					refused(t, err, codes.Unauthenticated, want)
				}
			}
		}
	})
}

func TestARoleThatIsNotAllowedIsDenied(t *testing.T) {
	t.Parallel()
	b := start(t, settings{verify: verifier{"t": {Subject: "s", Roles: []access.Role{access.Aanleveraar}}}})
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		_, err := list(as(within(t), "t"), conn, &ledgerv1.ListEntriesRequest{})
		refused(t, err, codes.PermissionDenied, "rol-ontbreekt")
	})
}

func TestEachMessageIsHeldAgainstItsRules(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		_, err := ledgerv1.NewLedgerServiceClient(conn).GetInclusionProof(within(t), &ledgerv1.GetInclusionProofRequest{Index: -1, Size: 0})
		refused(t, err, codes.InvalidArgument, "ongeldige-invoer")
		violations := detail[*errdetails.BadRequest](t, err).GetFieldViolations()
		if len(violations) != 2 || violations[0].GetField() != "index" || violations[0].GetLocalizedMessage().GetMessage() != "moet minstens 0 zijn" ||
			violations[1].GetField() != "size" || violations[1].GetReason() != "int32-gt" {
			t.Errorf("violations = %v", violations)
		}
		_, err = list(as(within(t), serviceToken), conn, &ledgerv1.ListEntriesRequest{From: -1})
		refused(t, err, codes.InvalidArgument, "ongeldige-invoer")
	})
}

func TestWhatLeadsToAPersonIsRefusedInEachMessage(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		_, err := signalsv1.NewProtectedSignalServiceClient(conn).AddCaseMessage(within(t), &signalsv1.AddCaseMessageRequest{
			Secret: strings.Repeat("A", 43), MessageId: "00000000-0000-4000-8000-000000000001", Text: "Bel 06-00000000.",
		})
		refused(t, err, codes.InvalidArgument, "ongeldige-invoer")
		violations := detail[*errdetails.BadRequest](t, err).GetFieldViolations()
		if len(violations) != 1 || violations[0].GetField() != "text" || violations[0].GetReason() != "persoonsgegeven-telefoonnummer" {
			t.Errorf("violations = %v", violations)
		}
	})
}

func TestAnUnknownMethodIsRefused(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for _, method := range []string{"/schakel.ledger.v1.LedgerService/Burn", "/schakel.none.v1.None/Get"} {
			ctx := as(within(t), serviceToken)
			err := conn.Invoke(ctx, method, &ledgerv1.GetCheckpointRequest{}, &ledgerv1.GetCheckpointResponse{})
			if code := status.Code(err); code != codes.Unimplemented {
				t.Errorf("%s: %v", method, err)
			}
			s, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, method)
			if err == nil {
				err = s.RecvMsg(&ledgerv1.GetCheckpointResponse{})
			}
			if code := status.Code(err); code != codes.Unimplemented {
				t.Errorf("stream %s: %v", method, err)
			}
		}
	})
}

func TestAServerWithAMethodThatSaysNotWhoMayCallItIsNotMade(t *testing.T) {
	t.Parallel()
	_, err := NewServer(Options{
		Register: (&fake{}).register, Verifier: verifier{}, Rules: compiled(t),
		Telemetry: telemetry.None(slog.New(slog.DiscardHandler)), Now: time.Now, NewID: func() string { return "id" },
	})
	if err == nil || !strings.Contains(err.Error(), "/grpc.testing.TestService/UnaryCall") {
		t.Errorf("err = %v", err)
	}
}

func TestReflectionIsForAdministratorsAndOffUnlessAskedFor(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		s, err := NewServer(Options{
			Register: func(r grpc.ServiceRegistrar) { ledgerv1.RegisterLedgerServiceServer(r, &fake{}) },
			Verifier: verifier{}, Rules: compiled(t), Reflection: on,
			Telemetry: telemetry.None(slog.New(slog.DiscardHandler)), Now: time.Now, NewID: func() string { return "id" },
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, found := s.grpc.GetServiceInfo()["grpc.reflection.v1.ServerReflection"]; found != on {
			t.Errorf("reflection = %v, want %v", found, on)
		}
		s.stop()
	}
	grant, err := mustPolicy(t).Decide("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", access.Claims{})
	if err == nil {
		t.Errorf("anyone may reflect: %+v", grant)
	}
}

func mustPolicy(t *testing.T) *access.Policy {
	t.Helper()
	p, err := policy(nil, foreign())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheWholeChainWorksWithTheBuiltInIssuer(t *testing.T) {
	t.Parallel()
	issuer, err := access.OpenIssuer(t.TempDir()+"/issuer.pem", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, settings{verify: access.NewVerifier(access.VerifierConfig{Issuer: access.BuiltIn, Keys: issuer.Keys(), Now: time.Now})})
	b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		return nil
	}
	conn := b.InProcess(access.NewCredentials(issuer.ServiceTokens("letters"), time.Now))
	if _, err := list(within(t), conn, &ledgerv1.ListEntriesRequest{}); err != io.EOF {
		t.Errorf("as a service: %v", err)
	}
	_, err = list(as(within(t), "forged"), b.ways["in process"], &ledgerv1.ListEntriesRequest{})
	refused(t, err, codes.Unauthenticated, "token-ongeldig")
}

// The package document and the chain must not drift apart.
func TestTheDocumentedOrderIsTheTestedOne(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, name := range order[:len(order)-1] {
		next := strings.Index(string(text[at:]), "\n//\t"+name+" ")
		if next < 0 {
			t.Fatalf("%s is not in the package document, or out of order", name)
		}
		at += next + 1
	}
}
