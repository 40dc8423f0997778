package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

func TestACallerPostsOnOneConnectionAndReadsAnswersOfAnyLength(t *testing.T) {
	connections := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/in" || r.Header.Get("Authorization") != "Bearer me" {
			t.Errorf("%s with %q", r.URL, r.Header)
		}
		w.WriteHeader(http.StatusCreated)
		for part := range strings.SplitAfterSeq(string(body), " ") {
			_, _ = io.WriteString(w, part)
			if strings.HasPrefix(string(body), "in chunks") {
				w.(http.Flusher).Flush()
			}
		}
	}))
	defer server.Close()
	c, err := call(t.Context(), server.Listener.Addr().String(), "/in", "Authorization: Bearer me")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	for _, body := range []string{"short", "in chunks of words", "", strings.Repeat("long ", 10000), "short"} {
		status, answer, err := c.post([]byte(body))
		if err != nil || status != http.StatusCreated || string(answer) != body {
			t.Fatalf("%d %q, %v", status, answer, err)
		}
	}
	if len(connections) != 1 {
		t.Errorf("%d connections", len(connections))
	}
}

func TestARefusalIsAnError(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusTooManyRequests)
	}))
	defer server.Close()
	c, err := call(t.Context(), server.Listener.Addr().String(), "/")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.close() }()
	one, err := templates(1, organisations()[0], inJSON)
	if err != nil {
		t.Fatal(err)
	}
	n, err := single([]*caller{c}, []*source{{templates: one}}, http.StatusCreated)(t.Context(), 0)
	if err == nil || !strings.Contains(err.Error(), "429") || n != 0 {
		t.Error(n, err)
	}
}

func TestOnlyAWholeAnswerOfAcceptedLinesCounts(t *testing.T) {
	const one, two, end = `{"regel":1,"status":201,"kenmerk":"a"}` + "\n", `{"regel":2,"status":201,"kenmerk":"b"}` + "\n", `{"klaar":true,"regels":2}` + "\n"
	if n, err := acceptedLines(strings.NewReader(one+two+end), func() {}); n != 2 || err != nil {
		t.Error(n, err)
	}
	for name, answer := range map[string]string{
		"refused": one + `{"regel":2,"status":400,"probleem":{}}` + "\n" + end, "repeated": one + `{"regel":2,"status":200}` + "\n" + end,
		"missing": one + `{"regel":3,"status":201,"kenmerk":"c"}` + "\n" + end, "broken off": one, "with more after the end": one + end + two,
	} {
		if n, err := acceptedLines(strings.NewReader(answer), func() {}); n != 1 || err == nil {
			t.Errorf("%s: %d lines were accepted, %v", name, n, err)
		}
	}
}

func TestABatchCountsWhatWasAccepted(t *testing.T) {
	var lines, short int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		lines = strings.Count(string(body), "\n")
		for n := range lines - short {
			_, _ = fmt.Fprintf(w, `{"regel":%d,"status":201,"kenmerk":"a"}`+"\n", n+1)
		}
		_, _ = io.WriteString(w, `{"klaar":true,"regels":0}`+"\n")
	}))
	defer server.Close()
	one, err := templates(1, organisations()[0], inLine)
	if err != nil {
		t.Fatal(err)
	}
	p := &poster{http: server.Client(), url: server.URL, source: &source{templates: one}}
	n, err := batch([]*poster{p}, ndjson())(t.Context(), 0)
	if err != nil || n != batchSize || lines != batchSize {
		t.Error(n, lines, err)
	}
	short = 1
	if _, err := batch([]*poster{p}, ndjson())(t.Context(), 0); err == nil {
		t.Error("a signal without a result is no error")
	}
}

func TestAnAcknowledgementIsToldFromARefusal(t *testing.T) {
	for _, tt := range []struct {
		name string
		m    proto.Message
		want bool
	}{
		{"accepted", &signalsv1.SubmitSignalsResponse{Result: &signalsv1.SubmitResult{
			Number: 7, ExternalReference: "a", Outcome: &signalsv1.SubmitResult_Accepted{Accepted: &signalsv1.Acceptance{Id: "1"}},
		}}, true},
		{"refused", &signalsv1.SubmitSignalsResponse{Result: &signalsv1.SubmitResult{
			Number: 7, ExternalReference: "a", Outcome: &signalsv1.SubmitResult_Fault{Fault: &status.Status{Code: 3, Message: "no"}},
		}}, false},
		{"empty", &signalsv1.SubmitSignalsResponse{}, false},
	} {
		text, err := proto.Marshal(tt.m)
		if err != nil {
			t.Fatal(err)
		}
		if accepted(text) != tt.want {
			t.Errorf("%s: %v", tt.name, !tt.want)
		}
	}
	if accepted([]byte{0xff, 0xff}) {
		t.Error("what is no proto is accepted")
	}
}
