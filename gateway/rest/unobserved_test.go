package rest_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"schakel.example/gateway/rest"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// identity stands for whoever calls, wherever a request can carry it.
const (
	identity   = "jansen"
	identityID = "0196a1b2-0000-7000-8000-00000000cafe"
	identityTr = "0af7651916cd43dd8448eb211c80cafe"
)

// planted is an identity in every header that carries one.
func planted() http.Header {
	return http.Header{
		"X-Request-Id":     {identityID},
		"X-Correlation-Id": {identityID},
		"Traceparent":      {"00-" + identityTr + "-b7ad6b7169203331-01"},
		"Tracestate":       {identity + "=1"},
		"Baggage":          {"wie=" + identity},
		"B3":               {identityTr + "-b7ad6b7169203331-1"},
		"Cookie":           {"sessie=" + identity},
		"User-Agent":       {identity + "/1.0"},
		"Referer":          {"https://intranet.voorbeeld.nl/" + identity},
		"Origin":           {"https://" + identity + ".voorbeeld.nl"},
		"From":             {identity + "@voorbeeld.nl"},
		"Forwarded":        {"for=" + identity},
		"X-Forwarded-For":  {identity},
		"X-Forwarded-Host": {identity},
		"X-Real-Ip":        {identity},
		"Via":              {"1.1 " + identity},
		"Te":               {"trailers"},
		"Accept-Language":  {"nl, x-" + identity},
		"Grpc-Metadata-X":  {identity},
		"Grpc-Timeout":     {"1" + identity},
		"X-" + identity:    {identity},
		"Schakel-Geheim":   {secret},
	}
}

// betrays says what of the identity is in a text.
func betrays(text string) []string {
	var found []string
	for _, mark := range []string{identity, identityID, identityTr, "127.0.0.1", secret} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(mark)) {
			found = append(found, mark)
		}
	}
	return found
}

func TestNothingTellsOfACallThatNobodyMayWatch(t *testing.T) {
	t.Parallel()
	good := `{"meldcode":"` + identity + `","geheimHash":"` + secret + `","melding":{"titel":"` + identity + `"}}`
	said := `{"berichtId":"` + signalID + `","tekst":"Hallo."}`
	tests := []struct {
		name, method, path, body string
		headers                  map[string]string
		fail                     error // of the service
		status                   int
		logged                   string // at most this, besides the day
	}{
		{name: "a report", method: "POST", path: "/v1/beschermde-meldingen", body: good, status: 201},
		{name: "a case", method: "GET", path: "/v1/dossier", status: 200},
		{name: "the head of a case", method: "HEAD", path: "/v1/dossier", status: 200},
		{name: "a message", method: "POST", path: "/v1/dossier/berichten", body: said, status: 201},
		{name: "what may be sent", method: "OPTIONS", path: "/v1/dossier", status: 204},
		{name: "a token", method: "POST", path: "/v1/dossier/berichten", body: said, headers: map[string]string{"Authorization": "Bearer " + identity}, status: 400},
		{name: "another scheme", method: "GET", path: "/v1/dossier", headers: map[string]string{"Authorization": "Basic " + identity}, status: 400},
		{name: "a report at fault", method: "POST", path: "/v1/beschermde-meldingen", body: `{"meldcode":1,"melding":"` + identity + `"}`, status: 400},
		{name: "fields that are not there", method: "POST", path: "/v1/beschermde-meldingen", status: 400,
			body: `{"` + identity + `":1,"x":2,"melding":{"` + identity + `":3,"` + identity + `/a":4},"geheim":5}`},
		{name: "parameters that are not there", method: "GET", path: "/v1/dossier?" + identity + "=1&" + identity + "%zz=2&secret=3", status: 400},
		{name: "a body that is no JSON", method: "POST", path: "/v1/dossier/berichten", body: identity, status: 400},
		{name: "a body of no known form", method: "POST", path: "/v1/dossier/berichten", body: said, headers: map[string]string{"Content-Type": "; " + identity}, status: 415},
		{name: "an answer of no known form", method: "GET", path: "/v1/dossier", headers: map[string]string{"Accept": "text/" + identity}, status: 406},
		{name: "the secret in the query", method: "GET", path: "/v1/dossier?geheim=" + identity, status: 400},
		{name: "a method that is not there", method: "PUT", path: "/v1/dossier", status: 405},
		{name: "a method of one's own", method: strings.ToUpper(identity), path: "/v1/dossier", status: 405},
		{name: "a slash at the end", method: "GET", path: "/v1/dossier/", status: 404},
		{name: "a slash too many", method: "GET", path: "//v1/dossier", status: 404},
		{name: "capitals", method: "GET", path: "/v1/Dossier", status: 404},
		{name: "below", method: "GET", path: "/v1/dossier/" + identity, status: 404},
		{name: "below, in another coding", method: "GET", path: "/v1/%64ossier/" + identity, status: 404},
		{name: "capitals in another coding", method: "GET", path: "/v1/%44ossier", status: 404},
		{name: "slashes in another coding", method: "GET", path: "/v1%2Fdossier%2F" + identity, status: 404},
		{name: "a refusal", method: "GET", path: "/v1/dossier", fail: failure(codes.NotFound, "onbekend-dossier", "Bestaat niet.", "none"), status: 404},
		{name: "a defect", method: "GET", path: "/v1/dossier", fail: status.Error(codes.Internal, "sql: "+identity), status: 500, logged: "status=500"},
		{name: "a service that is away", method: "GET", path: "/v1/dossier", fail: status.Error(codes.Unavailable, "dial "+identity), status: 503, logged: "status=503"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spans := tracetest.NewSpanRecorder()
			g := start(t, func(c *rest.Config) { c.Traces = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)) })
			g.hidden.fail = tt.fail
			r, err := http.NewRequestWithContext(t.Context(), tt.method, g.URL+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header, r.Host = planted(), identity+".voorbeeld.nl"
			if tt.body != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			for name, value := range tt.headers {
				r.Header.Set(name, value)
			}
			a := g.send(t, r)
			g.Close() // what is written after the answer is written now
			if a.status != tt.status {
				t.Errorf("status %d, want %d: %s", a.status, tt.status, a.body)
			}
			checkHidden(t, a)
			checkUnseen(t, g, spans, tt.logged)
		})
	}
}

// checkHidden holds an answer to what it may tell.
func checkHidden(t *testing.T, a answer) {
	t.Helper()
	id, err := uuid.Parse(a.header.Get("X-Request-Id"))
	if err != nil || id.Version() != 4 {
		t.Errorf("id %q", a.header.Get("X-Request-Id"))
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", a.header)
	}
	told := a.body
	for _, values := range a.header {
		told += " " + strings.Join(values, " ")
	}
	if found := betrays(told); found != nil {
		t.Errorf("the answer tells of %q: %s", found, told)
	}
}

// checkUnseen holds logs, spans and what the service got to what they may tell.
func checkUnseen(t *testing.T, g *gateway, spans *tracetest.SpanRecorder, logged string) {
	t.Helper()
	if n := len(spans.Started()); n != 0 {
		t.Errorf("%d spans: %v", n, spans.Started()[0].Name())
	}
	want := regexp.MustCompile(`^$`)
	if logged != "" {
		want = regexp.MustCompile(`^time=\d{4}-\d\d-\d\dT00:00:00\.000Z level=ERROR msg="unobserved call failed" ` + logged + "\n$")
	}
	if log := g.log.String(); !want.MatchString(log) {
		t.Errorf("log: %s", log)
	}
	if found := betrays(grpcLog.String()); found != nil {
		t.Errorf("the log of gRPC tells of %q: %s", found, grpcLog.String())
	}
	metadata, _ := g.hidden.calls()
	for _, md := range metadata {
		// What gRPC itself says of the connection between the two.
		for _, name := range []string{":authority", "content-type", "user-agent", "grpc-accept-encoding"} {
			delete(md, name)
		}
		if len(md) > 0 {
			t.Errorf("the service gets %v", md)
		}
	}
	for _, r := range g.signals.requests {
		t.Errorf("another service gets %v", r)
	}
}

func TestTheServiceGetsWhatIsSaidAndNothingElse(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.do(t, http.MethodPost, "/v1/dossier/berichten", `{"berichtId":"`+signalID+`","tekst":"Hallo."}`, "Authorization", "", "Schakel-Geheim", secret)
	_, requests := g.hidden.calls()
	want := &signalsv1.AddCaseMessageRequest{Secret: secret, MessageId: signalID, Text: "Hallo."}
	if len(requests) != 1 || !proto.Equal(requests[0], want) {
		t.Errorf("requests %v", requests)
	}
}

func TestAPanicBetraysNobody(t *testing.T) {
	t.Parallel()
	g := start(t, func(c *rest.Config) { c.Backends[0].Conn = naming{c.Backends[0].Conn} })
	a := g.do(t, http.MethodGet, "/v1/dossier", "", "Authorization", "", "Schakel-Geheim", secret)
	g.Close()
	if a.status != http.StatusInternalServerError {
		t.Errorf("status %d", a.status)
	}
	checkHidden(t, a)
	checkUnseen(t, g, tracetest.NewSpanRecorder(), "status=500")
}

// naming is a connection that panics with what it was given.
type naming struct{ grpc.ClientConnInterface }

func (naming) Invoke(_ context.Context, _ string, request, _ any, _ ...grpc.CallOption) error {
	panic(errors.New(identity + request.(*signalsv1.GetCaseRequest).GetSecret()))
}

// What serves us may have put a caller in the context, such as a span that
// it began.
func TestNothingOfTheContextGoesOn(t *testing.T) {
	t.Parallel()
	conn := &capturing{}
	handler := isolated(t, conn)
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, Remote: true})
	ctx, cancel := context.WithCancel(trace.ContextWithSpanContext(t.Context(), span))
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/dossier", nil)
	r.Header = planted()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || conn.ctx == nil {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if trace.SpanContextFromContext(conn.ctx).IsValid() {
		t.Error("the call is part of a trace")
	}
	r = httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/dossier", nil)
	cancel() // the end of the caller goes on
	handler.ServeHTTP(httptest.NewRecorder(), r)
	if conn.ctx.Err() == nil {
		t.Error("the call goes on without a caller")
	}
}

// capturing is a connection that notes the context of a call.
type capturing struct {
	empty
	ctx context.Context
}

func (c *capturing) Invoke(ctx context.Context, _ string, _, _ any, _ ...grpc.CallOption) error {
	c.ctx = ctx
	return ctx.Err()
}

// The calls that nobody may watch are few, and known.
func TestOnlyTheCallsOfReportersAreUnobserved(t *testing.T) {
	t.Parallel()
	g := start(t)
	seen := map[string]bool{}
	for _, path := range []string{
		"/v1/beschermde-meldingen", "/v1/dossier", "/v1/dossier/berichten",
		"/v1/meldcodes/_maak", "/v1/signalen/" + signalID + "/berichten", "/v1/signalen", "/v1/dossiers", "/v1",
	} {
		id := g.do(t, http.MethodGet, path, "", "X-Request-Id", identityID, "Authorization", "").header.Get("X-Request-Id")
		seen[path] = id == identityID
	}
	want := map[string]bool{
		"/v1/beschermde-meldingen": false, "/v1/dossier": false, "/v1/dossier/berichten": false,
		"/v1/meldcodes/_maak": true, "/v1/signalen/" + signalID + "/berichten": true, "/v1/signalen": true, "/v1/dossiers": true, "/v1": true,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("watched (-want +got):\n%s", diff)
	}
}
