package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// fake acknowledges what it gets, until it refuses.
type fake struct {
	signalsv1.SignalServiceServer
	refuse int // which one it refuses; none if 0
	got    map[string]bool
}

func (f *fake) SubmitSignals(stream grpc.BidiStreamingServer[signalsv1.SubmitSignalsRequest, signalsv1.SubmitSignalsResponse]) error {
	for n := int32(1); ; n++ {
		in, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		f.got[in.GetSignal().GetExternalReference()] = true
		out := &signalsv1.SubmitResult{
			Number: n, Outcome: &signalsv1.SubmitResult_Accepted{Accepted: &signalsv1.Acceptance{Id: "1"}},
		}
		if int(n) == f.refuse {
			out.Outcome = &signalsv1.SubmitResult_Fault{Fault: &status.Status{Code: 3}}
		}
		if err := stream.Send(&signalsv1.SubmitSignalsResponse{Result: out}); err != nil {
			return err
		}
	}
}

// serve gives a client of a fake.
func (f *fake) serve(t *testing.T) *streamer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	signalsv1.RegisterSignalServiceServer(server, f)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	all, err := templates(1, organisations()[0], inProto(streamed))
	if err != nil {
		t.Fatal(err)
	}
	return &streamer{conn: conn, source: &source{templates: all}}
}

func TestAStreamIsKeptFilledAndEverySignalOfItCounted(t *testing.T) {
	f := &fake{got: map[string]bool{}}
	s := f.serve(t)
	n, err := streams([]*streamer{s})(t.Context(), 0, time.Now().Add(100*time.Millisecond))
	if err != nil || n != len(f.got) || n != s.source.references.next {
		t.Errorf("%d were acknowledged, %d arrived, %d were sent: %v", n, len(f.got), s.source.references.next, err)
	}
}

func TestARefusalEndsTheStreamWithAnError(t *testing.T) {
	f := &fake{got: map[string]bool{}, refuse: 2}
	// Were it not to end by itself, the test would.
	n, err := streams([]*streamer{f.serve(t)})(t.Context(), 0, time.Now().Add(time.Hour))
	if err == nil || n != 1 {
		t.Error(n, err)
	}
}

func TestAFloodGoesOverOneConnectionWhileItIsAnswered(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		n := 0
		for lines := bufio.NewScanner(r.Body); lines.Scan(); {
			n++
			_, _ = fmt.Fprintf(w, `{"regel":%d,"status":201,"kenmerk":"a"}`+"\n", n)
		}
		_, _ = io.WriteString(w, `{"klaar":true,"regels":0}`+"\n")
	}))
	defer server.Close()
	all, err := templates(1, organisations()[0], inLine)
	if err != nil {
		t.Fatal(err)
	}
	const total = 20_000 // more than all buffers on the way can hold
	p := &poster{http: server.Client(), url: server.URL, source: &source{templates: all}}
	answered := 0
	n, err := p.flood(t.Context(), total, func() { answered++ })
	if err != nil || n != total || answered != total {
		t.Error(n, answered, err)
	}
}
