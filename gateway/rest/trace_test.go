package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"schakel.example/gateway/rest"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "00-" + traceID + "-b7ad6b7169203331-01"
)

func TestATraceGoesOnInTheService(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*rest.Config){
		"without spans of our own": func(*rest.Config) {},
		"with spans of our own":    func(c *rest.Config) { c.Traces = sdktrace.NewTracerProvider() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, change)
			g.do(t, http.MethodGet, "/v1/signalen", "", "Traceparent", parent, "Tracestate", "a=b")
			seen, _ := g.signals.seen()
			if got := seen.Get("traceparent"); len(got) != 1 || !strings.HasPrefix(got[0], "00-"+traceID) {
				t.Errorf("traceparent %q", got)
			}
			if got := seen.Get("tracestate"); len(got) != 1 || got[0] != "a=b" {
				t.Errorf("tracestate %q", got)
			}
		})
	}
}

func TestASpanTellsOfTheRouteAlone(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	g := start(t, func(c *rest.Config) { c.Traces = sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)) })
	g.do(t, http.MethodGet, "/v1/signalen/geheim?x=geheim", "")
	g.do(t, "GEHEIM", "/geheim", "")
	g.signals.submit = nil
	g.do(t, http.MethodPost, "/v1/signalen", `{"kenmerk":"stuk"}`)
	g.Close() // a span ends after its answer is sent
	tests := []struct {
		name, route string
		status      int64
		code        codes.Code
	}{
		{"GET /v1/signalen/{id}", "/v1/signalen/{id}", 400, codes.Unset},
		{"other", "", 404, codes.Unset},
		{"POST /v1/signalen", "/v1/signalen", 500, codes.Error},
	}
	ended := spans.Ended()
	if len(ended) != len(tests) {
		t.Fatalf("%d spans", len(ended))
	}
	for i, want := range tests {
		attributes := attribute.NewSet(ended[i].Attributes()...)
		route, _ := attributes.Value("http.route")
		status, _ := attributes.Value("http.response.status_code")
		if ended[i].Name() != want.name || route.AsString() != want.route || status.AsInt64() != want.status || ended[i].Status().Code != want.code {
			t.Errorf("span %q: %v, %v", ended[i].Name(), ended[i].Attributes(), ended[i].Status())
		}
	}
}
