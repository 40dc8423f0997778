package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"schakel.example/gateway/rest"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

func TestABodyIsBounded(t *testing.T) {
	t.Parallel()
	g := start(t)
	large := `{"titel":"` + strings.Repeat("x", 2<<20) + `"}`
	tests := []struct {
		name   string
		body   io.Reader
		status int
	}{
		{"2 MB that says so", strings.NewReader(large), 413},
		{"2 MB in chunks", io.MultiReader(strings.NewReader(large)), 413},
		{"2 MB of nothing", io.MultiReader(strings.NewReader(strings.Repeat(" ", 2<<20))), 413},
		{"1 MiB to the byte", strings.NewReader(strings.Repeat(" ", 1<<20-2) + "{}"), 201},
		{"one byte more", io.MultiReader(strings.NewReader(strings.Repeat(" ", 1<<20-1) + "{}")), 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"/v1/signalen", tt.body)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer x")
			r.Header.Set("Content-Type", "application/json")
			a := g.send(t, r)
			if a.status != tt.status {
				t.Errorf("status %d: %.200s", a.status, a.body)
			}
			checkAnswer(t, a)
		})
	}
}

func TestBadInputIsTriedOutAtMost(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, body := range []string{`{"x":1}`, `{`, `[]`, `{}{}`, `{"titel":1}`} {
		if a := g.do(t, http.MethodPost, "/v1/signalen", body); a.status != http.StatusBadRequest {
			t.Errorf("%s: status %d", body, a.status)
		}
	}
	_, calls := g.signals.seen()
	for _, request := range g.signals.requests {
		if !request.(*signalsv1.SubmitSignalRequest).GetValidateOnly() {
			t.Errorf("%v came through", request)
		}
	}
	if calls != 3 { // those of which something could be read
		t.Errorf("%d calls", calls)
	}
}

func TestFaultsOfJSONAreToldWithThoseThatTheServiceFinds(t *testing.T) {
	t.Parallel()
	g := start(t)
	found := failure(codes.InvalidArgument, "ongeldige-invoer", "De invoer klopt niet.", "the input is not right", &errdetails.BadRequest{
		FieldViolations: []*errdetails.BadRequest_FieldViolation{
			violation("signal.title", "required", "is verplicht", "is required"),
			violation("signal.description", "persoonsgegeven-bsn", "bevat een BSN", "holds a BSN"),
			violation("signal.organisation", "onbekende-organisatie", "bestaat niet", "does not exist"),
		},
	})
	g.signals.submit = func(*signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) { return nil, found }
	g.signals.each = func(*signalsv1.Signal) error { return found }
	want := []string{"/titel verkeerd-type", "/x onbekend-veld", "/omschrijving persoonsgegeven-bsn", "/organisatie onbekende-organisatie"}
	const body = `{"kenmerk":"a","titel":1,"x":2,"omschrijving":"999990019"}`
	for path, kind := range map[string]string{
		"/v1/signalen": "application/json", "/v1/signalen/_bulk": "application/x-ndjson", "/v1/signalen?proefdraaien=true": "application/json",
	} {
		a := g.do(t, http.MethodPost, path, body, "Content-Type", kind)
		var answer struct {
			Fouten   []struct{ Pointer, Reden string }
			Probleem struct {
				Fouten []struct{ Pointer, Reden string }
			}
		}
		line, _, _ := strings.Cut(a.body, "\n")
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range append(answer.Fouten, answer.Probleem.Fouten...) {
			got = append(got, f.Pointer+" "+f.Reden)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", path, got)
		}
	}
	if r := g.signals.report(); r.signals != 0 {
		t.Errorf("stored: %+v", r)
	}
}

func TestFaultsOfJSONAreToldAlsoWhenTheServiceIsAway(t *testing.T) {
	t.Parallel()
	g := start(t, func(c *rest.Config) { c.Patience = time.Millisecond })
	away := status.Error(codes.Unavailable, "x")
	g.signals.submit = func(*signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) { return nil, away }
	if a := g.do(t, http.MethodPost, "/v1/signalen", `{"x":2}`); a.status != http.StatusBadRequest || !strings.Contains(a.body, `"pointer":"/titel"`) {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	k := g.talk(t.Context(), t)
	k.say(signal("a"))
	if line, _ := k.hear(); line != "1 201 a" {
		t.Fatal(line)
	}
	g.signals.fail(away, false)
	k.say(`{"kenmerk":"b","x":2}` + "\n")
	if line, _ := k.hear(); line != "2 400  ongeldige-invoer" {
		t.Error(line)
	}
}

func TestABodyOfWhiteSpaceIsNone(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, body := range []string{"", " ", "\r\n\t "} {
		a := g.do(t, http.MethodPost, "/v1/signalen", body)
		if a.status != http.StatusBadRequest || strings.Count(a.body, `"reden"`) != 2 || !strings.Contains(a.body, `"reden":"geen-inhoud"`) {
			t.Errorf("%q: status %d: %s", body, a.status, a.body)
		}
		if a := g.do(t, http.MethodPost, "/v1/knelpuntenbrieven/"+signalID+"/_verzend", body); a.status != http.StatusOK {
			t.Errorf("an action with %q: status %d: %s", body, a.status, a.body)
		}
	}
}

func TestManyFaultsAreNotAllListed(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	for i := range 500 {
		fmt.Fprintf(&body, `,"x%d":1`, i)
	}
	a := start(t).do(t, http.MethodPost, "/v1/signalen", "{"+body.String()[1:]+"}")
	if a.status != http.StatusBadRequest || !strings.Contains(a.body, "Er zijn te veel fouten in de invoer om ze allemaal te noemen.") || len(a.body) > 20000 {
		t.Errorf("status %d, %d bytes: %.300s", a.status, len(a.body), a.body)
	}
}

// Holding hundreds of thousands of elements against the rules would take
// minutes; the deadline of the test binary is the judge.
func TestABodyFullOfElementsIsCheap(t *testing.T) {
	t.Parallel()
	handler := isolated(t, empty{})
	for _, element := range []string{`{}`, `{"jci":""}`, `{"x":1}`, `""`, `[]`} {
		for _, list := range []string{"regelingen", "categorieen", "oplossingsrichtingen", "onbekend"} {
			body := `{"x":1,"` + list + `":[` + strings.Repeat(element+",", 1_000_000/(len(element)+1)) + element + `]}`
			r := httptest.NewRequest(http.MethodPost, "/v1/signalen", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest || w.Body.Len() > 50_000 {
				t.Errorf("%s of %s: status %d, %d bytes", list, element, w.Code, w.Body.Len())
			}
		}
	}
}

func TestTheServiceLearnsWhoAsks(t *testing.T) {
	t.Parallel()
	g := start(t)
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	g.do(t, http.MethodGet, "/v1/signalen", "", "Authorization", "Bearer abc", "Traceparent", trace, "Tracestate", "a=b",
		"X-Other", "x", "Grpc-Metadata-Role", "beheerder")
	seen, _ := g.signals.seen()
	want := map[string]string{"authorization": "Bearer abc", "traceparent": trace, "tracestate": "a=b", "x-request-id": requestID}
	for name, value := range want {
		if got := seen.Get(name); len(got) != 1 || got[0] != value {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, name := range []string{"x-other", "role", "grpc-metadata-role"} {
		if got := seen.Get(name); len(got) != 0 {
			t.Errorf("%s: %q is passed on", name, got)
		}
	}
}

func TestATokenThatCannotBeOneIsNone(t *testing.T) {
	t.Parallel()
	a := start(t).do(t, http.MethodGet, "/v1/signalen", "", "Authorization", "Bearer é\t")
	if a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != `Bearer realm="schakel", error="invalid_token"` {
		t.Errorf("status %d, %v", a.status, a.header)
	}
}

func TestASlowServiceIsNotAwaitedForEver(t *testing.T) {
	t.Parallel()
	g := start(t, func(c *rest.Config) { c.Timeout = 10 * time.Millisecond })
	g.signals.hold = true
	a := g.do(t, http.MethodGet, "/v1/signalen/"+signalID, "")
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "1" {
		t.Errorf("status %d, %v", a.status, a.header)
	}
	checkAnswer(t, a)
	if log := g.log.String(); !strings.Contains(log, "call failed") || !strings.Contains(log, "DeadlineExceeded") {
		t.Errorf("log: %s", log)
	}
}

func TestAnAnswerThatTheWireCannotHoldIsADefect(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.signals.submit = func(*signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
		return &signalsv1.SubmitSignalResponse{Signal: &signalsv1.Signal{ReceivedAt: &timestamppb.Timestamp{Nanos: -1}}}, nil
	}
	a := g.do(t, http.MethodPost, "/v1/signalen", "{}")
	if a.status != http.StatusInternalServerError {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	checkAnswer(t, a)
	if log := g.log.String(); !strings.Contains(log, "time is out of range") {
		t.Errorf("log: %s", log)
	}
}

func TestWhereAMemberIsFollowsFromItsId(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, id, location string }{
		{"an id", signalID, "/v1/signalen/" + signalID},
		{"an id to encode", "a/b", "/v1/signalen/a%2Fb"},
		{"no id", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.signals.submit = func(*signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
				return &signalsv1.SubmitSignalResponse{Signal: &signalsv1.Signal{Id: tt.id}}, nil
			}
			a := g.do(t, http.MethodPost, "/v1/signalen", "{}")
			if a.status != http.StatusCreated || a.header.Get("Location") != tt.location {
				t.Errorf("status %d, location %q", a.status, a.header.Get("Location"))
			}
		})
	}
}

func TestThrottlingSaysHowLong(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.signals.submit = func(*signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
		return nil, failure(codes.ResourceExhausted, "te-veel-aanvragen", "Rustig aan.", "slow down")
	}
	a := g.do(t, http.MethodPost, "/v1/signalen", "{}")
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "Rustig aan.") {
		t.Errorf("status %d, %v: %s", a.status, a.header, a.body)
	}
}

func TestReadyMeansThatEveryServiceIsWell(t *testing.T) {
	t.Parallel()
	g := start(t, func(c *rest.Config) { c.Backends[2].Conn = unreachable{} })
	a := g.do(t, http.MethodGet, "/healthz/ready", "", "Accept-Language", "en")
	if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "not ready: contacts\"") {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	checkAnswer(t, a)
	g.health.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	if a := g.do(t, http.MethodGet, "/healthz/ready", ""); !strings.Contains(a.body, "Nog niet gereed: contacts, letters, signals.") {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	if a := g.do(t, http.MethodGet, "/healthz/live", ""); a.status != http.StatusOK {
		t.Errorf("not in life: %d", a.status)
	}
}

// unreachable is a connection to a service that is away.
type unreachable struct{ panicking }

func (unreachable) Invoke(_ context.Context, _ string, _, _ any, _ ...grpc.CallOption) error {
	return failure(codes.Unavailable, "weg", "Weg.", "away")
}
