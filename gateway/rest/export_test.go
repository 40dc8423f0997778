package rest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"schakel.example/gateway/rest"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

type exporting = grpc.ServerStreamingServer[signalsv1.ExportSignalsResponse]

// export streams n signals, and then fails, if err says so.
func export(n int, err error) func(*signalsv1.ExportSignalsRequest, exporting) error {
	return func(r *signalsv1.ExportSignalsRequest, stream exporting) error {
		for i := range n {
			signal := &signalsv1.Signal{ExternalReference: fmt.Sprintf("a%d", i+1), Title: r.GetText()}
			if err := stream.Send(&signalsv1.ExportSignalsResponse{Signal: signal}); err != nil {
				return err
			}
		}
		return err
	}
}

func TestAnExportIsALineASignal(t *testing.T) {
	t.Parallel()
	g := start(t)
	for _, n := range []int{0, 1, 2, 5000} {
		g.signals.export = export(n, nil)
		a := g.do(t, http.MethodGet, "/v1/signalen/_export?zoek=huur", "")
		var want strings.Builder
		for i := range n {
			fmt.Fprintf(&want, `{"kenmerk":"a%d","titel":"huur"}`+"\n", i+1)
		}
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/x-ndjson" || a.body != want.String() {
			t.Errorf("%d signals: status %d, %.200q", n, a.status, a.body)
		}
		checkAnswer(t, a)
	}
}

func TestAnExportThatCannotBeginIsAProblem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		headers     []string
		export      func(*signalsv1.ExportSignalsRequest, exporting) error
		status      int
		body        string
	}{
		{"a query at fault", "?zoek=a&ernst=erg&pagina=1", nil, export(1, nil), 400, `"parameter":"pagina"`},
		{"one that may not", "", nil, export(0, failure(codes.PermissionDenied, "geen-rol", "Dit mag u niet.", "you may not")), 403, "geen-rol"},
		{"one without a token", "", []string{"Authorization", ""}, export(1, nil), 401, "niet-aangemeld"},
		{"what breaks early", "", nil, export(3, status.Error(codes.Internal, "sql: secret")), 500, "interne-fout"},
		{"a service that is away", "", nil, export(0, status.Error(codes.Unavailable, "dial: secret")), 503, "niet-bereikbaar"},
		{"what the wire cannot hold", "", nil, func(_ *signalsv1.ExportSignalsRequest, s exporting) error {
			return s.Send(&signalsv1.ExportSignalsResponse{Signal: &signalsv1.Signal{ReceivedAt: &timestamppb.Timestamp{Nanos: -1}}})
		}, 500, "interne-fout"},
		{"JSON as a whole", "", []string{"Accept", "application/json"}, export(1, nil), 406, "application/x-ndjson"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.signals.export = tt.export
			a := g.do(t, http.MethodGet, "/v1/signalen/_export"+tt.query, "", tt.headers...)
			if a.status != tt.status || !strings.Contains(a.body, tt.body) || strings.Contains(a.body, "secret") {
				t.Errorf("status %d: %s", a.status, a.body)
			}
			checkAnswer(t, a)
		})
	}
}

func TestHalfAnExportIsNotTakenForAWhole(t *testing.T) {
	t.Parallel()
	g := start(t)
	g.signals.export = export(5000, status.Error(codes.Internal, "sql: secret"))
	response, err := g.get(t.Context(), t)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(response.Body)
	if err == nil || response.StatusCode != http.StatusOK {
		t.Errorf("status %d, %d bytes, no error", response.StatusCode, len(data))
	}
	if log := g.log.String(); !strings.Contains(log, "export broken off") || strings.Count(log, "msg=request") != 1 || strings.Contains(log, "panic") {
		t.Errorf("log: %s", log)
	}
}

// get begins an export.
func (g *gateway) get(ctx context.Context, t *testing.T) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.URL+"/v1/signalen/_export", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer x")
	response, err := g.Client().Do(r)
	if err == nil {
		t.Cleanup(func() { _ = response.Body.Close() })
	}
	return response, err
}

func TestAnExportIsSentOnWhileTheServiceLooksForMore(t *testing.T) {
	t.Parallel()
	g := start(t)
	heard := make(chan struct{})
	g.signals.export = func(r *signalsv1.ExportSignalsRequest, stream exporting) error {
		for range 3 {
			if err := export(1, nil)(r, stream); err != nil {
				return err
			}
			<-heard
		}
		return nil
	}
	response, err := g.get(t.Context(), t)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(response.Body)
	for range 3 {
		if line, err := lines.ReadString('\n'); err != nil || line != `{"kenmerk":"a1"}`+"\n" {
			t.Fatalf("%q, %v", line, err)
		}
		heard <- struct{}{}
	}
	if _, err := lines.ReadByte(); err != io.EOF {
		t.Error(err)
	}
}

func TestTheHeadersOfAnExportCanBeAskedFor(t *testing.T) {
	t.Parallel()
	g := start(t)
	ended := make(chan error, 1)
	g.signals.export = func(r *signalsv1.ExportSignalsRequest, stream exporting) error {
		ended <- export(1_000_000, nil)(r, stream)
		return nil
	}
	a := g.do(t, http.MethodHead, "/v1/signalen/_export", "")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/x-ndjson" || a.body != "" {
		t.Errorf("status %d, %v, %q", a.status, a.header, a.body)
	}
	if err := <-ended; err == nil {
		t.Error("all was exported")
	}
	g.signals.export = export(0, failure(codes.PermissionDenied, "geen-rol", "Dit mag u niet.", "you may not"))
	if a := g.do(t, http.MethodHead, "/v1/signalen/_export", ""); a.status != http.StatusForbidden || a.body != "" {
		t.Errorf("status %d, %q", a.status, a.body)
	}
}

func TestAServiceThatFallsSilentEndsTheExport(t *testing.T) {
	t.Parallel()
	g := start(t, func(c *rest.Config) { c.Timeout = 300 * time.Millisecond })
	g.signals.export = func(_ *signalsv1.ExportSignalsRequest, stream exporting) error {
		<-stream.Context().Done()
		return stream.Context().Err()
	}
	a := g.do(t, http.MethodGet, "/v1/signalen/_export", "")
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("status %d, %v", a.status, a.header)
	}
	checkAnswer(t, a)
}

func TestAClientThatLeavesEndsItsExport(t *testing.T) {
	t.Parallel()
	g := start(t, func(c *rest.Config) { c.Timeout = time.Hour })
	ended := make(chan struct{})
	g.signals.export = func(r *signalsv1.ExportSignalsRequest, stream exporting) error {
		defer close(ended)
		if err := export(1, nil)(r, stream); err != nil {
			return err
		}
		<-stream.Context().Done()
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	response, err := g.get(ctx, t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(response.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-ended
}

func TestAClientThatDoesNotReadItsExportIsCutOff(t *testing.T) {
	t.Parallel()
	g := start(t, quick)
	ended := make(chan error, 1)
	g.signals.export = func(_ *signalsv1.ExportSignalsRequest, stream exporting) error {
		signal := &signalsv1.Signal{Title: strings.Repeat("x", 100_000)}
		for {
			if err := stream.Send(&signalsv1.ExportSignalsResponse{Signal: signal}); err != nil {
				ended <- err
				return err
			}
		}
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, "GET /v1/signalen/_export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("the service was not told")
	}
}
