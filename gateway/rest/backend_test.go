package rest_test

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"schakel.example/gateway/rest"
	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
)

const (
	requestID = "01890a5d-ac96-774b-bcce-b302099a8057"
	signalID  = "0196a1b2-0000-7000-8000-000000000001"
)

// signals is a signals service that answers as its tests need.
type signals struct {
	signalsv1.UnimplementedSignalServiceServer
	mu       sync.Mutex
	metadata metadata.MD     // of the newest call
	requests []proto.Message // that came through
	submit   func(*signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error)
	// state is that of the one signal there is.
	state signalsv1.SignalState
	// public lets everybody in.
	public bool
	// count is called, if set, while signals are counted.
	count func(context.Context)
	// hold, when set, keeps a GetSignal until its context ends.
	hold bool
	intake
}

func (s *signals) note(ctx context.Context, request proto.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.metadata, _ = metadata.FromIncomingContext(ctx)
	s.requests = append(s.requests, request)
	if !s.public && len(s.metadata.Get("authorization")) == 0 {
		return failure(codes.Unauthenticated, "niet-aangemeld", "Meld u aan.", "no token")
	}
	return nil
}

// seen gives the metadata of the newest call, and how many there were.
func (s *signals) seen() (metadata.MD, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.metadata, len(s.requests)
}

// SubmitSignal answers as the reference says: each kind of failure has one.
func (s *signals) SubmitSignal(ctx context.Context, r *signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
	if err := s.note(ctx, r); err != nil {
		return nil, err
	}
	if s.submit != nil {
		return s.submit(r)
	}
	return verdict(r)
}

// verdict is what becomes of a signal, by its reference.
func verdict(r *signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
	signal := proto.CloneOf(r.GetSignal())
	if !r.GetValidateOnly() {
		signal.Id = signalID
	}
	switch r.GetSignal().GetExternalReference() {
	case "vreemd":
		return nil, failure(codes.PermissionDenied, "andere-organisatie", "Dit is niet uw organisatie.", "not your organisation")
	case "onbekend":
		return nil, failure(codes.InvalidArgument, "ongeldige-invoer", "De invoer klopt niet.", "the input is not right", &errdetails.BadRequest{
			FieldViolations: []*errdetails.BadRequest_FieldViolation{
				violation("signal.organisation", "onbekende-organisatie", "Deze organisatie is niet bekend.", "this organisation is not known"),
				violation("signal.provisions[1].celex", "onbekende-regeling", "Deze regeling is niet bekend.", "this rule is not known"),
			},
		})
	case "anders":
		return nil, failure(codes.AlreadyExists, "kenmerk-bezet", "Dit kenmerk is al gebruikt.", "this reference is taken",
			&errdetails.ResourceInfo{ResourceName: signalID})
	case "druk":
		return nil, failure(codes.ResourceExhausted, "te-druk", "Schakel is te druk.", "too busy", &errdetails.RetryInfo{RetryDelay: durationpb.New(2500 * time.Millisecond)})
	case "stuk":
		return nil, status.Error(codes.Internal, "sql: secret")
	case "herhaald":
		return &signalsv1.SubmitSignalResponse{Signal: signal, RepeatedSubmission: true}, nil
	}
	return &signalsv1.SubmitSignalResponse{Signal: signal}, nil
}

func (s *signals) GetSignal(ctx context.Context, r *signalsv1.GetSignalRequest) (*signalsv1.GetSignalResponse, error) {
	if err := s.note(ctx, r); err != nil {
		return nil, err
	}
	if s.hold {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if r.GetId() != signalID {
		return nil, failure(codes.NotFound, "onbekend-signaal", "Dit signaal bestaat niet.", "there is no such signal")
	}
	return &signalsv1.GetSignalResponse{Signal: &signalsv1.Signal{Id: r.GetId(), Title: "<b>", State: s.state, Revision: 3}}, nil
}

func (s *signals) ListSignals(ctx context.Context, r *signalsv1.ListSignalsRequest) (*signalsv1.ListSignalsResponse, error) {
	return &signalsv1.ListSignalsResponse{NextPageToken: "x"}, s.note(ctx, r)
}

func (s *signals) CountSignals(ctx context.Context, r *signalsv1.CountSignalsRequest) (*signalsv1.CountSignalsResponse, error) {
	if s.count != nil {
		s.count(ctx)
	}
	return &signalsv1.CountSignalsResponse{Total: proto.Int32(2)}, s.note(ctx, r)
}

// organisations is a service of reference data.
type organisations struct {
	referencev1.UnimplementedReferenceServiceServer
}

func (organisations) ListOrganisations(_ context.Context, r *referencev1.ListOrganisationsRequest) (*referencev1.ListOrganisationsResponse, error) {
	return &referencev1.ListOrganisationsResponse{Version: "2026.11" + r.GetText()}, nil
}

func (organisations) GetOrganisation(_ context.Context, r *referencev1.GetOrganisationRequest) (*referencev1.GetOrganisationResponse, error) {
	return &referencev1.GetOrganisationResponse{Organisation: &referencev1.Organisation{Code: r.GetCode()}}, nil
}

// failure makes an error as the services do.
func failure(code codes.Code, reason, nl, en string, more ...protoadapt.MessageV1) error {
	details := append([]protoadapt.MessageV1{
		&errdetails.ErrorInfo{Reason: reason, Domain: "schakel"},
		&errdetails.LocalizedMessage{Locale: "nl", Message: nl},
	}, more...)
	s, err := status.New(code, en).WithDetails(details...)
	if err != nil {
		return err
	}
	return s.Err()
}

func violation(field, reason, nl, en string) *errdetails.BadRequest_FieldViolation {
	return &errdetails.BadRequest_FieldViolation{
		Field: field, Reason: reason, Description: en,
		LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: nl},
	}
}

// letters is a letters service: it keeps the files of one edition.
type letters struct {
	lettersv1.UnimplementedLetterServiceServer
	lettersv1.UnimplementedBottleneckServiceServer
	lettersv1.UnimplementedEditionServiceServer
	files map[string][]*lettersv1.ReadEditionFileResponse
	// read, when set, sends whatever file is asked for.
	read func(grpc.ServerStreamingServer[lettersv1.ReadEditionFileResponse]) error
}

func (l *letters) SendLetter(context.Context, *lettersv1.SendLetterRequest) (*lettersv1.SendLetterResponse, error) {
	return &lettersv1.SendLetterResponse{Letter: &lettersv1.Letter{Id: signalID}}, nil
}

func (l *letters) ListLetters(context.Context, *lettersv1.ListLettersRequest) (*lettersv1.ListLettersResponse, error) {
	return &lettersv1.ListLettersResponse{}, nil
}

func (l *letters) CompileEdition(_ context.Context, r *lettersv1.CompileEditionRequest) (*lettersv1.CompileEditionResponse, error) {
	return &lettersv1.CompileEditionResponse{Edition: &lettersv1.Edition{Id: editionID, Name: r.GetName()}}, nil
}

func (l *letters) ReadEditionFile(r *lettersv1.ReadEditionFileRequest, stream grpc.ServerStreamingServer[lettersv1.ReadEditionFileResponse]) error {
	pieces, ok := l.files[r.GetPath()]
	switch {
	case l.read != nil:
		return l.read(stream)
	case len(r.GetId()) != 32:
		return failure(codes.InvalidArgument, "ongeldige-invoer", "De invoer klopt niet.", "the input is not right")
	case !ok:
		return failure(codes.NotFound, "onbekend-bestand", "Dit bestand bestaat niet.", "there is no such file")
	}
	for _, piece := range pieces {
		if err := stream.Send(piece); err != nil {
			return err
		}
	}
	return nil
}

// gateway is a gateway with its services behind it.
type gateway struct {
	*httptest.Server
	signals *signals
	hidden  *hidden
	letters *letters
	health  *health.Server
	log     *logs
}

// logs keeps what is logged.
type logs struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start starts a gateway on an HTTP server, before services over gRPC.
func start(t testing.TB, change ...func(*rest.Config)) *gateway {
	t.Helper()
	g := &gateway{signals: &signals{}, hidden: &hidden{}, letters: &letters{}, health: health.NewServer(), log: &logs{}}
	conn := serve(t, func(s *grpc.Server) {
		signalsv1.RegisterSignalServiceServer(s, g.signals)
		signalsv1.RegisterProtectedSignalServiceServer(s, g.hidden)
		referencev1.RegisterReferenceServiceServer(s, organisations{})
		lettersv1.RegisterLetterServiceServer(s, g.letters)
		lettersv1.RegisterEditionServiceServer(s, g.letters)
		healthpb.RegisterHealthServer(s, g.health)
	})
	config := rest.Config{
		Backends: []rest.Backend{
			{Name: "signals", Conn: conn, Services: []*grpc.ServiceDesc{
				&signalsv1.SignalService_ServiceDesc, &signalsv1.TriageService_ServiceDesc,
				&signalsv1.ProtectedSignalService_ServiceDesc, &referencev1.ReferenceService_ServiceDesc,
			}},
			{Name: "letters", Conn: conn, Services: []*grpc.ServiceDesc{
				&lettersv1.LetterService_ServiceDesc, &lettersv1.BottleneckService_ServiceDesc,
				&lettersv1.EditionService_ServiceDesc, &lettersv1.ProposalService_ServiceDesc,
			}},
			{Name: "contacts", Conn: conn, Services: []*grpc.ServiceDesc{&contactsv1.ContactService_ServiceDesc}},
		},
		Editions:    lettersv1.NewEditionServiceClient(conn),
		Rules:       checker(t),
		Origins:     []string{"https://voorbeeld.nl"},
		SecurityTxt: []byte("Contact: mailto:veilig@voorbeeld.nl\nExpires: 2027-01-01T00:00:00Z\n"),
		Logger:      slog.New(slog.NewTextHandler(g.log, nil)),
		NewID:       func() string { return requestID },
	}
	for _, c := range change {
		c(&config)
	}
	handler, err := rest.New(config)
	if err != nil {
		t.Fatal(err)
	}
	g.Server = httptest.NewUnstartedServer(handler)
	g.Config.ErrorLog = log.New(g.log, "", 0)
	g.Start()
	g.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(g.Close)
	return g
}

// checker compiles the rules once for all tests.
var checker = func() func(testing.TB) *rules.Checker {
	made := sync.OnceValues(rules.New)
	return func(t testing.TB) *rules.Checker {
		t.Helper()
		c, err := made()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}()

// serve serves gRPC in this process.
func serve(t testing.TB, register func(*grpc.Server)) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	register(server)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:///bufconn",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return conn
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request made by make, and reads the answer.
func (g *gateway) do(t testing.TB, method, path, body string, headers ...string) answer {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, g.URL+path, content)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer x")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return g.send(t, r)
}

func (g *gateway) send(t testing.TB, r *http.Request) answer {
	t.Helper()
	response, err := g.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(data)}
}
