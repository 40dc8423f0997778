package rest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// BenchmarkBulk measures what the gateway does for each line of an upload: a
// typical signal in, an answer with a receipt out, before a service that
// accepts everything at once.
func BenchmarkBulk(b *testing.B) {
	handler := isolated(b, accepting{})
	b.ReportAllocs()
	b.SetBytes(int64(len(typical) + 1))
	b.ResetTimer()
	r := httptest.NewRequest(http.MethodPost, "/v1/signalen/_bulk", repeating(typical+"\n", b.N))
	r.Header.Set("Content-Type", "application/x-ndjson")
	r.Header.Set("Authorization", "Bearer x")
	w := &discarding{header: http.Header{}}
	handler.ServeHTTP(w, r)
	if !strings.HasPrefix(w.last, `{"klaar":true,`) {
		b.Fatalf("status %d, ends in %q", w.status, w.last)
	}
}

// accepting is a connection to a service that accepts all signals at once.
type accepting struct{ grpc.ClientConnInterface }

// Invoke implements grpc.ClientConnInterface.
func (accepting) Invoke(_ context.Context, _ string, request, response any, _ ...grpc.CallOption) error {
	signals := request.(*signalsv1.BatchSubmitSignalsRequest).GetSignals()
	results := make([]*signalsv1.SubmitResult, len(signals))
	for i, signal := range signals {
		results[i] = &signalsv1.SubmitResult{
			Number: int32(i + 1), ExternalReference: signal.GetExternalReference(),
			Outcome: &signalsv1.SubmitResult_Accepted{Accepted: accepted},
		}
	}
	response.(*signalsv1.BatchSubmitSignalsResponse).Results = results
	return nil
}

// accepted is how most signals fare.
var accepted = &signalsv1.Acceptance{
	Id: signalID, ReceivedAt: &timestamppb.Timestamp{Seconds: 1767225600},
	Receipt: &ledgerv1.Receipt{
		Origin: "voorbeeld.nl/signalen", EntryId: requestID, LeafHash: make([]byte, 32), Salt: make([]byte, 32),
		AcceptedAt: &timestamppb.Timestamp{Seconds: 1767225600}, MergeDelaySeconds: 60, BatchIndex: 3, BatchSize: 1000,
		Path: [][]byte{make([]byte, 32), make([]byte, 32), make([]byte, 32), make([]byte, 32), make([]byte, 32)},
		Note: "schakel receipt v1\nvoorbeeld.nl/signalen\n1000\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n1767225600000\n60\n\n" +
			"— voorbeeld.nl/signalen AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
	},
}

// repeating reads as text n times over.
func repeating(text string, n int) io.Reader {
	block := strings.Repeat(text, 100)
	readers := make([]io.Reader, 0, n/100+1)
	for ; n > 100; n -= 100 {
		readers = append(readers, strings.NewReader(block))
	}
	return io.MultiReader(append(readers, strings.NewReader(block[:n*len(text)]))...)
}

// discarding is an answer that nobody reads but for its end.
type discarding struct {
	header http.Header
	status int
	last   string
}

func (d *discarding) Header() http.Header    { return d.header }
func (d *discarding) WriteHeader(status int) { d.status = status }
func (d *discarding) Flush()                 {}
func (d *discarding) Write(p []byte) (int, error) {
	d.last = string(p[strings.LastIndexByte(string(p[:len(p)-1]), '\n')+1:])
	return len(p), nil
}
