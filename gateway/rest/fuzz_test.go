package rest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"schakel.example/gateway/rest"
	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// empty is a connection that answers every call with nothing.
type empty struct{ grpc.ClientConnInterface }

func (empty) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return nil }

// isolated is a handler with nothing behind it.
func isolated(t testing.TB, conn grpc.ClientConnInterface) http.Handler {
	t.Helper()
	handler, err := rest.New(rest.Config{
		Rules: checker(t),
		NewID: func() string { return requestID },
		Backends: []rest.Backend{{Name: "all", Conn: conn, Services: []*grpc.ServiceDesc{
			&signalsv1.SignalService_ServiceDesc, &signalsv1.TriageService_ServiceDesc, &signalsv1.ProtectedSignalService_ServiceDesc,
			&referencev1.ReferenceService_ServiceDesc, &lettersv1.LetterService_ServiceDesc, &lettersv1.BottleneckService_ServiceDesc,
			&lettersv1.EditionService_ServiceDesc, &lettersv1.ProposalService_ServiceDesc, &contactsv1.ContactService_ServiceDesc,
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// FuzzHandler sends arbitrary requests: each gets one answer with all headers,
// a problem when it is refused, and none is a defect of ours.
func FuzzHandler(f *testing.F) {
	f.Add("GET", "/v1/signalen?paginaGrootte=5&x=%zz", "", "", "")
	f.Add("POST", "/v1/signalen", "application/json", "*/*", `{"titel":1,"regelingen":[{"jci":"a","celex":"b"}]}`)
	f.Add("POST", "/v1/knelpuntenbrieven/a/knelpunten/x/reacties", "application/json;charset=x", "text/html;q=0.x", "{}")
	f.Add("OPTIONS", "/edities/../x", "", ";;,", "\xff")
	f.Add("PATCH", "/v1/signalen/"+signalID+"?velden=x", "application/merge-patch+json", "", `{"titel":null,"omvang":{"bron":null,"x":1}}`)
	f.Add("POST", "/v1/beschermde-meldingen", "application/json", "", `{"meldcode":"a","melding":{"ernst":"hoog"},"geheim":1}`)
	f.Add("GET", "/v1//Dossier/?geheim=a", "", "", "{}")
	f.Add("HEAD", "/v1/openapi.json", "", "", "")
	handler := isolated(f, empty{})
	f.Fuzz(func(t *testing.T, method, target, contentType, accept, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") {
			return // net/http does not let it through
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Method, r.URL = method, u
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		checkAnswer(t, settled(answer{status: w.Code, header: w.Header(), body: w.Body.String()}))
	})
}
