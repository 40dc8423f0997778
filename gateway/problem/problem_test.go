package problem_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"schakel.example/gateway/problem"
)

const id = "01890a5d-ac96-774b-bcce-b302099a8057"

// written answers a request with p.
func written(t *testing.T, r *http.Request, p *problem.Problem) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	problem.Writer{Base: "https://voorbeeld.nl/problemen/"}.Write(w, r, id, p)
	var body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	return w, body
}

func request(headers map[string]string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	return r
}

func TestAProblemIsWrittenAsTheRulesAsk(t *testing.T) {
	t.Parallel()
	p := problem.New(http.StatusBadRequest)
	p.Resource = "a"
	p.Faults = []problem.Fault{
		{Pointer: "", Reason: "een", Text: problem.Text{NL: "Een.", EN: "one"}},
		{Pointer: "/titel", Reason: "twee", Text: problem.Text{NL: "Twee.", EN: "two"}},
		{Parameter: "cursor", Reason: "drie", Text: problem.Text{NL: "Drie <é>.", EN: "three"}},
		{Header: "If-Match", Reason: "vier", Text: problem.Text{NL: "Vier.", EN: "four"}},
	}
	w, body := written(t, request(nil), p)
	want := map[string]any{
		"type": "https://voorbeeld.nl/problemen/ongeldige-invoer", "title": "Ongeldige invoer", "status": 400.0,
		"detail": "De invoer klopt niet.", "instance": "urn:uuid:" + id, "reden": "ongeldige-invoer", "betreft": "a",
		"fouten": []any{
			map[string]any{"pointer": "", "reden": "een", "tekst": "Een."},
			map[string]any{"pointer": "/titel", "reden": "twee", "tekst": "Twee."},
			map[string]any{"parameter": "cursor", "reden": "drie", "tekst": "Drie <é>."},
			map[string]any{"kop": "If-Match", "reden": "vier", "tekst": "Vier."},
		},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if w.Code != 400 || w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Content-Language") != "nl" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
}

func TestNoMoreThanAHundredFaultsAreWritten(t *testing.T) {
	t.Parallel()
	p := problem.New(http.StatusBadRequest)
	p.Faults = make([]problem.Fault, 101)
	_, body := written(t, request(nil), p)
	if n := len(body["fouten"].([]any)); n != 100 || body["detail"] != "De invoer klopt niet. Alleen de eerste 100 fouten staan hier." {
		t.Errorf("%d faults, %v", n, body["detail"])
	}
}

func TestTheLanguageIsChosen(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, accept, want string }{
		{"Dutch without a wish", "", "nl"},
		{"English", "en", "en"},
		{"a kind of English", "en-GB;q=0.8", "en"},
		{"Dutch above English", "nl-BE, en", "nl"},
		{"English above Dutch", "nl;q=0.5, en;q=0.9", "en"},
		{"English after a language that there is not", "de, en;q=0.1", "en"},
		{"another language alone", "fr", "nl"},
		{"anything", "*", "nl"},
		{"nonsense", "!!;q=zz,,", "nl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, body := written(t, request(map[string]string{"Accept-Language": tt.accept}), problem.New(http.StatusNotFound))
			title := map[string]string{"nl": "Niet gevonden", "en": "Not found"}[tt.want]
			if w.Header().Get("Content-Language") != tt.want || body["title"] != title {
				t.Errorf("language %q, title %q", w.Header().Get("Content-Language"), body["title"])
			}
		})
	}
}

func TestHeadersGoWithTheStatus(t *testing.T) {
	t.Parallel()
	unavailable := problem.New(http.StatusServiceUnavailable)
	unavailable.RetryAfter = 1500 * time.Millisecond
	tests := []struct {
		name         string
		request      *http.Request
		problem      *problem.Problem
		header, want string
	}{
		{"401 without a token", request(nil), problem.New(401), "WWW-Authenticate", `Bearer realm="schakel"`},
		{"401 with a token", request(map[string]string{"Authorization": "Bearer x"}), problem.New(401), "WWW-Authenticate", `Bearer realm="schakel", error="invalid_token"`},
		{"429 without a time", request(nil), problem.New(429), "Retry-After", "1"},
		{"503 with a time, rounded up", request(nil), unavailable, "Retry-After", "2"},
		{"403 needs none", request(nil), problem.New(403), "Retry-After", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, _ := written(t, tt.request, tt.problem)
			if got := w.Header().Get(tt.header); got != tt.want {
				t.Errorf("%s: %q, want %q", tt.header, got, tt.want)
			}
		})
	}
}

func TestEachStatusHasItsOwnWords(t *testing.T) {
	t.Parallel()
	reasons := map[string]int{}
	for _, code := range []int{400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 429, 500, 503} {
		p := problem.New(code)
		_, body := written(t, request(nil), p)
		if p.Status != code || p.Reason == "" || p.Text.NL == "" || p.Text.EN == "" || body["title"] == "" {
			t.Errorf("%d: %+v, %v", code, p, body)
		}
		if other, twice := reasons[p.Reason]; twice {
			t.Errorf("%d and %d have the same reason", code, other)
		}
		reasons[p.Reason] = code
	}
	if p := problem.New(418); p.Status != 500 {
		t.Errorf("418 became %d", p.Status)
	}
}

// failed makes the error of a call.
func failed(t *testing.T, code codes.Code, message string, details ...protoadapt.MessageV1) error {
	t.Helper()
	s, err := status.New(code, message).WithDetails(details...)
	if err != nil {
		t.Fatal(err)
	}
	return s.Err()
}

func TestAStatusOfOursIsPassedOn(t *testing.T) {
	t.Parallel()
	err := failed(t, codes.AlreadyExists, "there already",
		&errdetails.ErrorInfo{Reason: "bestaat-al", Domain: "schakel"},
		&errdetails.LocalizedMessage{Locale: "nl", Message: "Bestaat al."},
		&errdetails.ResourceInfo{ResourceName: "a"},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(3 * time.Second)},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
			Field: "signal.title", Reason: "te-lang", Description: "too long",
			LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: "te lang"},
		}}})
	want := &problem.Problem{
		Status: 409, Reason: "bestaat-al", Text: problem.Text{NL: "Bestaat al.", EN: "there already"},
		Resource: "a", RetryAfter: 3 * time.Second,
		Faults: []problem.Fault{{Pointer: "/at/signal.title", Parameter: "p", Header: "h", Reason: "te-lang", Text: problem.Text{NL: "te lang", EN: "too long"}}},
	}
	got := problem.Of(err, func(path string) problem.Place {
		return problem.Place{Pointer: "/at/" + path, Parameter: "p", Header: "h"}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAStatusOfOthersTellsNothing(t *testing.T) {
	t.Parallel()
	nowhere := func(string) problem.Place { t.Error("a path is located"); return problem.Place{} }
	for _, err := range []error{
		status.Error(codes.Unavailable, `dial tcp 10.0.0.1: secret`),
		failed(t, codes.Unavailable, "secret", &errdetails.LocalizedMessage{Locale: "nl", Message: "secret"}),
		failed(t, codes.Unavailable, "secret", &errdetails.ErrorInfo{Reason: "SECRET", Domain: "googleapis.com"}, &errdetails.ResourceInfo{ResourceName: "secret"}),
	} {
		if diff := cmp.Diff(problem.New(http.StatusServiceUnavailable), problem.Of(err, nowhere)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestEachCodeHasItsStatus(t *testing.T) {
	t.Parallel()
	want := map[codes.Code]int{
		codes.InvalidArgument: 400, codes.OutOfRange: 400, codes.Unauthenticated: 401, codes.PermissionDenied: 403,
		codes.NotFound: 404, codes.AlreadyExists: 409, codes.Aborted: 409, codes.FailedPrecondition: 409,
		codes.ResourceExhausted: 429, codes.Unavailable: 503, codes.DeadlineExceeded: 503, codes.Canceled: 503, codes.Unimplemented: 503,
		codes.Internal: 500, codes.Unknown: 500, codes.DataLoss: 500, codes.OK: 500,
	}
	for code, status := range want {
		if got := problem.HTTPStatus(code); got != status {
			t.Errorf("%v: %d, want %d", code, got, status)
		}
	}
}
