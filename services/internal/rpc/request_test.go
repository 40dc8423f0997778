package rpc

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
)

func TestCallsAreCountedByTheirOutcome(t *testing.T) {
	t.Parallel()
	reader := sdkmetric.NewManualReader()
	b := start(t, settings{noServe: true, metrics: sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))})
	b.fake.proof = ok
	conn := b.ways["in process"]
	for range 2 {
		if _, err := proof(within(t), conn); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := list(within(t), conn, &ledgerv1.ListEntriesRequest{}); err == nil {
		t.Fatal("no error")
	}
	b.gate.awaitEmpty(t)

	const service = "/schakel.ledger.v1.LedgerService/"
	want := map[string]int64{
		"calls " + service + "GetInclusionProof OK ":                       2,
		"calls " + service + "ListEntries Unauthenticated token-ontbreekt": 1,
		"active " + service + "GetInclusionProof":                          0,
		"active " + service + "ListEntries":                                0,
	}
	if diff := cmp.Diff(want, counts(t, reader)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// counts reads our own instruments.
func counts(t *testing.T, reader sdkmetric.Reader) map[string]int64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, _ := m.Data.(metricdata.Sum[int64])
			for _, point := range sum.DataPoints {
				method, _ := point.Attributes.Value("rpc.method")
				switch m.Name {
				case "schakel.rpc.calls":
					code, _ := point.Attributes.Value("code")
					reason, _ := point.Attributes.Value("reason")
					got["calls "+method.AsString()+" "+code.AsString()+" "+reason.AsString()] = point.Value
				case "schakel.rpc.active":
					got["active "+method.AsString()] = point.Value
				}
			}
		}
	}
	return got
}
