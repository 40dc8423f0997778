package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/prototext"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/testenv"
)

// planted is who a protected reporter is: a name, and what leads to it, in
// letters that no id or hash of ours has.
const planted = "Zzyqx-Planterman"

// plantedTrace and plantedID are an identity in the form of a trace and of a
// request id.
const (
	plantedTrace = "0af7651916cd43dd8448eb211c80319c"
	plantedSpan  = "b7ad6b7169203331"
	watched      = "1bf7651916cd43dd8448eb211c80319d" // the trace of an ordinary call
)

// TestNothingLeadsToAProtectedReporter plants an identity in every place where a
// request can carry one, and finds it in no file, log, trace, metric or answer.
func TestNothingLeadsToAProtectedReporter(t *testing.T) {
	t.Parallel()
	for kind := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			nothingLeadsToAReporter(t, kind == "four processes")
		})
	}
}

func nothingLeadsToAReporter(t *testing.T, apart bool) {
	gathered := collect(t)
	watching := []string{"--otel-endpoint=http://" + gathered.address, "--log-level=debug"}
	var h *house
	if apart {
		h = fourProcessesOn(t, func() string { return testenv.Postgres(t) }, watching...)
	} else {
		h = newHouse(t, filepath.Join(t.TempDir(), "data"))
		h.settings = append(h.settings, watching...)
		h.start("all")
	}
	r := newReporter(t, h)
	r.report()
	r.say("Is er al iets bekend?")
	r.mistakes()
	r.overGRPC()
	if seen := h.protectedOnes(t); len(seen) != 0 {
		t.Error("the report is seen on the day of reporting")
	}
	for _, released := range []bool{false, true} {
		if released {
			h.overnight(t)
		}
		if found := r.follow(); len(found.Messages) != 1 || found.State != "ontvangen" {
			t.Errorf("the case says %+v", found)
		}
	}
	if seen := h.protectedOnes(t); len(seen) != 1 {
		t.Errorf("the board sees %d reports later", len(seen))
	}
	// An ordinary call shows that there is where it would be found.
	req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, h.http+"/v1/begrippen", nil))(t)
	req.Header.Set("Traceparent", "00-"+watched+"-"+plantedSpan[:15]+"9-01")
	if status, body, err := h.do(req); err != nil || status != http.StatusOK {
		t.Fatalf("%d %v %s", status, err, body)
	}
	h.stop()

	texts := map[string][]byte{"traces and metrics": gathered.text(), "Redis": nil}
	if h.redis != nil {
		texts["Redis"] = []byte(everyEntry(t, h.redis.Addr()))
	}
	for _, setting := range h.settings {
		if name, dsn, ok := strings.Cut(setting, "-database="); ok {
			texts[name] = []byte(strings.Join(everyRow(t, dsn), "\n"))
		}
	}
	for _, server := range h.servers {
		texts["the log"] = append(texts["the log"], server.Log()...)
	}
	if !bytes.Contains(texts["the log"], []byte("/v1/begrippen")) || !bytes.Contains(texts["traces and metrics"], []byte(watched)) {
		t.Fatal("an ordinary call is not logged or traced: this test shows nothing")
	}
	err := filepath.WalkDir(h.data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			texts[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for place, text := range texts {
		for _, secret := range r.secrets() {
			if bytes.Contains(bytes.ToLower(text), bytes.ToLower([]byte(secret))) {
				t.Errorf("%q stands in %s", secret, place)
			}
		}
	}
	for _, word := range []string{"beschermde-meldingen", "/dossier", "ReportUnderProtection", "GetCase", "AddCaseMessage"} {
		for _, place := range []string{"the log", "traces and metrics"} {
			if bytes.Contains(texts[place], []byte(word)) {
				t.Errorf("%s tells of %s", place, word)
			}
		}
	}
}

// reporter reports under protection, as carelessly as a client can.
type reporter struct {
	*testing.T
	*house
	code, secret, requestID string
	ports                   map[string]bool // that it called from
	mu                      sync.Mutex
}

func newReporter(t *testing.T, h *house) *reporter {
	t.Helper()
	r := &reporter{T: t, house: h, requestID: uuid.NewString(), ports: map[string]bool{}}
	var random [32]byte
	rand.Read(random[:])
	r.secret = base64.RawURLEncoding.EncodeToString(random[:])
	var made struct {
		Codes []string `json:"meldcodes"`
	}
	req := must(http.NewRequestWithContext(t.Context(), http.MethodPost, h.http+"/v1/meldcodes/_maak", strings.NewReader(`{"aantal":1}`)))(t)
	req.Header.Set("Authorization", "Bearer "+h.token(access.Bestuurder, uwv))
	req.Header.Set("Content-Type", "application/json")
	status, body, err := h.do(req)
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &made) != nil || len(made.Codes) != 1 {
		t.Fatalf("%d %v %s", status, err, body)
	}
	r.code = made.Codes[0]
	return r
}

// secrets is all that may be found nowhere.
func (r *reporter) secrets() []string {
	all := []string{planted, plantedTrace, plantedSpan, r.requestID, r.secret, r.code, strings.ReplaceAll(r.code, "-", "")}
	for port := range r.ports {
		all = append(all, "127.0.0.1:"+port)
	}
	return all
}

// call makes a request with an identity wherever one fits, and holds the answer
// to not giving it back.
func (r *reporter) call(method, path, body string, change ...func(http.Header)) (int, []byte) {
	r.Helper()
	req := must(http.NewRequestWithContext(r.Context(), method, r.http+path, strings.NewReader(body)))(r.T)
	for name, value := range map[string]string{
		"User-Agent": planted + "/1.0", "Referer": "https://intranet.example/" + planted, "From": planted + "@voorbeeld.nl",
		"Cookie": "sessie=" + planted, "X-Forwarded-For": planted, "Forwarded": "for=" + planted, "X-Real-Ip": planted,
		"Via": "1.1 " + planted, "X-Forwarded-Host": planted, "X-Client-Cert": planted, "Client-Cert": planted,
		"Traceparent": "00-" + plantedTrace + "-" + plantedSpan + "-01", "Tracestate": "x=" + planted, "Baggage": "user=" + planted,
		"X-Request-Id": r.requestID, "X-Correlation-Id": planted, "Accept-Language": "nl, x-" + planted, "Grpc-Metadata-User": planted,
		"Content-Type": "application/json", "Origin": "https://" + planted + ".example", "If-None-Match": `"` + planted + `"`,
	} {
		req.Header.Set(name, value)
	}
	for _, f := range change {
		f(req.Header)
	}
	client := http.Client{Timeout: soon, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err == nil {
				_, port, _ := net.SplitHostPort(conn.LocalAddr().String())
				r.mu.Lock()
				r.ports[port] = true
				r.mu.Unlock()
			}
			return conn, err
		},
	}}
	resp, err := client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	answer := must(io.ReadAll(resp.Body))(r.T)
	head := prototextOf(resp.Header)
	for _, secret := range []string{planted, plantedTrace, r.requestID} {
		if strings.Contains(strings.ToLower(head+string(answer)), strings.ToLower(secret)) {
			r.Errorf("%s %s gives %q back: %s", method, path, secret, answer)
		}
	}
	return resp.StatusCode, answer
}

func prototextOf(h http.Header) string {
	text, _ := json.Marshal(h)
	return string(text)
}

func (r *reporter) withSecret(h http.Header) { h.Set("Schakel-Geheim", r.secret) }

func (r *reporter) hash() string {
	sum := sha256.Sum256([]byte(r.secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// melding is the body of a report.
func (r *reporter) melding() map[string]any {
	return map[string]any{"meldcode": r.code, "geheimHash": r.hash(), "melding": map[string]any{
		"titel": "Wie belt, wordt niet gehoord", "omschrijving": "Het team mag niet afwijken van het script.",
		"categorieen": []string{"hardheid"}, "ernst": "hoog",
	}}
}

// report reports twice, as whoever lost the answer does.
func (r *reporter) report() {
	r.Helper()
	body := string(must(json.Marshal(r.melding()))(r.T))
	for range 2 {
		if status, answer := r.call(http.MethodPost, "/v1/beschermde-meldingen", body); status != http.StatusOK && status != http.StatusCreated {
			r.Fatalf("%d %s", status, answer)
		}
	}
}

func (r *reporter) say(text string) {
	r.Helper()
	body := string(must(json.Marshal(map[string]string{"berichtId": uuid.NewString(), "tekst": text}))(r.T))
	if status, answer := r.call(http.MethodPost, "/v1/dossier/berichten", body, r.withSecret); status != http.StatusOK && status != http.StatusCreated {
		r.Fatalf("%d %s", status, answer)
	}
}

// dossier is what a case says.
type dossier struct {
	State    string `json:"status"`
	Messages []struct {
		Text string `json:"tekst"`
	} `json:"berichten"`
}

func (r *reporter) follow() (found dossier) {
	r.Helper()
	status, answer := r.call(http.MethodGet, "/v1/dossier", "", r.withSecret)
	if status != http.StatusOK {
		r.Fatalf("%d %s", status, answer)
	}
	// The answer is all that it takes to prove the report.
	schakel(r.T, "verify", "receipt", write(r.T, "dossier.json", answer), "--key="+r.keys()).ends(r.T, 0, "dit ontvangstbewijs is echt")
	if err := json.Unmarshal(answer, &found); err != nil {
		r.Fatal(err)
	}
	return found
}

// mistakes puts the identity where it is a fault.
func (r *reporter) mistakes() {
	r.Helper()
	spoil := func(name string, value any) string {
		body := r.melding()
		body[name] = value
		return string(must(json.Marshal(body))(r.T))
	}
	for _, m := range []struct {
		method, path, body string
		header             func(http.Header)
	}{
		{http.MethodPost, "/v1/beschermde-meldingen", spoil(planted, planted), nil},
		{http.MethodPost, "/v1/beschermde-meldingen", strings.Replace(spoil("meldcode", planted), r.hash(), strings.Repeat("A", 43), 1), nil},
		{http.MethodPost, "/v1/beschermde-meldingen", spoil("melding", map[string]any{"titel": planted, "ernst": planted}), nil},
		{http.MethodPost, "/v1/beschermde-meldingen", spoil("melding", map[string]any{
			"titel": "x", "omschrijving": "x", "ernst": "hoog", "categorieen": []string{strings.ToLower(planted)},
			"regelingen": []any{map[string]any{"jci": "artikel 1 van " + planted}, map[string]any{planted: planted}, map[string]any{"celex": planted}},
		}), nil},
		{http.MethodPost, "/v1/beschermde-meldingen", `{"melding": "` + planted, nil},
		{http.MethodPost, "/v1/beschermde-meldingen", `{"` + planted + `": {"` + planted, nil},
		{http.MethodPost, "/v1/beschermde-meldingen?naam=" + planted, spoil("x", 1), nil},
		{http.MethodGet, "/v1/dossier?naam=" + planted, "", r.withSecret},
		{http.MethodGet, "/v1/dossier/" + planted, "", r.withSecret},
		{http.MethodGet, "/v1/Dossier/" + planted + "/", "", r.withSecret},
		{http.MethodDelete, "/v1/dossier", planted, r.withSecret},
		{http.MethodGet, "/v1/dossier", "", func(h http.Header) { h.Set("Schakel-Geheim", planted) }},
		{http.MethodGet, "/v1/dossier", "", func(h http.Header) { h.Set("Authorization", "Bearer "+planted) }},
		{http.MethodGet, "/v1/dossier", "", func(h http.Header) { h.Set("Authorization", "Basic "+planted) }},
		{http.MethodPost, "/v1/dossier/berichten", `{"berichtId":"` + planted + `","tekst":"x"}`, r.withSecret},
		{http.MethodPost, "/v1/dossier/berichten", `{"berichtId":"01a20011-b7b6-76be-8f99-5166bf01f269","tekst":"x"}`, r.withSecret},
		{http.MethodPost, "/v1/beschermde-meldingen", spoil("x", 1), func(h http.Header) { h.Set("Content-Type", "text/"+planted) }},
	} {
		var change []func(http.Header)
		if m.header != nil {
			change = append(change, m.header)
		}
		if status, answer := r.call(m.method, m.path, m.body, change...); status < 400 || status >= 500 {
			r.Errorf("%s %s: %d %s", m.method, m.path, status, answer)
		}
	}
}

// overGRPC makes the same calls past the gateway.
func (r *reporter) overGRPC() {
	r.Helper()
	client := signalsv1.NewProtectedSignalServiceClient(r.conns["signals"])
	ctx := metadata.NewOutgoingContext(r.Context(), metadata.Pairs("user", planted, "x-request-id", r.requestID,
		"traceparent", "00-"+plantedTrace+"-"+plantedSpan+"-01", "baggage", "user="+planted, "x-forwarded-for", planted))
	if _, err := client.GetCase(ctx, &signalsv1.GetCaseRequest{Secret: r.secret}); err != nil {
		r.Error(err)
	}
	if _, err := client.GetCase(ctx, &signalsv1.GetCaseRequest{Secret: planted}); err == nil {
		r.Error("a secret that is none has a case")
	}
}

// gatherer is a collector of OpenTelemetry that keeps what it gets.
type gatherer struct {
	collectortrace.UnimplementedTraceServiceServer
	address string
	mu      sync.Mutex
	all     strings.Builder
}

// metrics is its other half.
type metrics struct {
	collectormetrics.UnimplementedMetricsServiceServer
	*gatherer
}

// collect starts a collector for the test.
func collect(t *testing.T) *gatherer {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	g := &gatherer{address: l.Addr().String()}
	server := grpc.NewServer()
	collectortrace.RegisterTraceServiceServer(server, g)
	collectormetrics.RegisterMetricsServiceServer(server, metrics{gatherer: g})
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return g
}

// Export implements the trace service.
func (g *gatherer) Export(_ context.Context, req *collectortrace.ExportTraceServiceRequest) (*collectortrace.ExportTraceServiceResponse, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, resource := range req.GetResourceSpans() {
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				g.all.WriteString(hex.EncodeToString(span.GetTraceId()) + " " + hex.EncodeToString(span.GetParentSpanId()) + "\n")
			}
		}
	}
	g.all.WriteString(prototext.Format(req))
	return &collectortrace.ExportTraceServiceResponse{}, nil
}

// Export implements the metrics service.
func (m metrics) Export(_ context.Context, req *collectormetrics.ExportMetricsServiceRequest) (*collectormetrics.ExportMetricsServiceResponse, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all.WriteString(prototext.Format(req))
	return &collectormetrics.ExportMetricsServiceResponse{}, nil
}

func (g *gatherer) text() []byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	return []byte(g.all.String())
}
