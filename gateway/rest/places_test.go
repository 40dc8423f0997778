package rest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"schakel.example/gateway/rest"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// The addresses that clients call from.
const (
	here      = "127.0.0.1"
	elsewhere = "127.0.0.2"
)

// visitor is somebody without a token at an address.
type visitor struct {
	*gateway
	address string
}

// dial makes a connection of the visitor.
func (v visitor) dial(t *testing.T) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(v.address)}}
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(v.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// hold begins a request of which the body does not come. The server is waiting for
// it when hold returns.
func (v visitor) hold(t *testing.T, path string, headers ...string) net.Conn {
	t.Helper()
	conn := v.dial(t)
	v.send(t, conn, "POST", path, append(headers, "Content-Type", "application/json", "Content-Length", "10", "Expect", "100-continue")...)
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("%q, %v", line, err)
	}
	return conn
}

// stall sends a request, and reads no answer.
func (v visitor) stall(t *testing.T, method, path string, headers ...string) net.Conn {
	t.Helper()
	conn := v.dial(t)
	if err := conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	v.send(t, conn, method, path, headers...)
	return conn
}

func (v visitor) send(t *testing.T, conn net.Conn, method, path string, headers ...string) {
	t.Helper()
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\n", method, path)
	for i := 0; i < len(headers); i += 2 {
		text += headers[i] + ": " + headers[i+1] + "\r\n"
	}
	if _, err := io.WriteString(conn, text+"\r\n"); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request, and reads the answer.
func (v visitor) ask(t *testing.T, method, path string, headers ...string) answer {
	t.Helper()
	conn := v.dial(t)
	v.send(t, conn, method, path, append(headers, "Connection", "close")...)
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(data)}
}

// until asks until the answer has a status: what was before may still be ending.
func (v visitor) until(t *testing.T, status int, method, path string, headers ...string) {
	t.Helper()
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		a := v.ask(t, method, path, headers...)
		if a.status == status {
			return
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("%s %s: status %d: %s", method, path, a.status, a.body)
		}
	}
}

// public lets everybody read signals, of which there is no end.
func public(t *testing.T, change ...func(*rest.Config)) (g *gateway, began chan struct{}) {
	t.Helper()
	g = start(t, change...)
	began = make(chan struct{}, 1000)
	g.signals.public = true
	g.signals.export = func(_ *signalsv1.ExportSignalsRequest, stream exporting) error {
		began <- struct{}{}
		signal := &signalsv1.Signal{Title: strings.Repeat("x", 100_000)}
		for {
			if err := stream.Send(&signalsv1.ExportSignalsResponse{Signal: signal}); err != nil {
				return err
			}
		}
	}
	return g, began
}

// refusedFor checks that there was no place, and what is said of it.
func refusedFor(t *testing.T, a answer) {
	t.Helper()
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" ||
		!strings.Contains(a.body, `"reden":"te-veel-tegelijk"`) || !strings.Contains(a.body, "zonder token") {
		t.Errorf("status %d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
	}
	checkAnswer(t, answer{a.status, withID(a.header), strings.ReplaceAll(a.body, a.header.Get("X-Request-Id"), requestID)})
}

func withID(h http.Header) http.Header {
	h = h.Clone()
	h.Set("X-Request-Id", requestID)
	return h
}

func TestOneAddressCannotTakeThePlacesOfOthers(t *testing.T) {
	t.Parallel()
	g, began := public(t)
	one, other := visitor{g, here}, visitor{g, elsewhere}
	for range 2 {
		one.stall(t, "GET", "/v1/signalen/_export")
		<-began
	}
	for range 20 {
		refusedFor(t, one.ask(t, "GET", "/v1/signalen/_export"))
	}
	if a := one.ask(t, "GET", "/v1/signalen"); a.status != http.StatusOK {
		t.Errorf("another call from there: status %d: %s", a.status, a.body)
	}
	other.stall(t, "GET", "/v1/signalen/_export")
	<-began
	if a := g.do(t, "HEAD", "/v1/signalen/_export", ""); a.status != http.StatusOK {
		t.Errorf("with a token: status %d", a.status)
	}
	if log := g.log.String(); strings.Contains(log, here) || strings.Contains(log, elsewhere) {
		t.Errorf("the log names an address: %s", log)
	}
}

func TestCallsOfAllKindsFromOneAddressAreFew(t *testing.T) {
	t.Parallel()
	g, _ := public(t)
	one, other := visitor{g, here}, visitor{g, elsewhere}
	var held []net.Conn
	for range 16 {
		held = append(held, one.hold(t, "/v1/signalen"))
	}
	refusedFor(t, one.ask(t, "GET", "/v1/signalen"))
	for _, path := range []string{"/healthz/live", "/v1/openapi.json", "/.well-known/security.txt"} {
		if a := one.ask(t, "GET", path); a.status != http.StatusOK {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
	// Nor does a header that no service gets to see make a caller of its own.
	refusedFor(t, one.ask(t, "GET", "/v1/signalen", "Authorization", "Bearer \x80"))
	if a := one.ask(t, "GET", "/v1/signalen", "Authorization", "Bearer x"); a.status != http.StatusOK {
		t.Errorf("with a token: status %d", a.status)
	}
	if a := other.ask(t, "GET", "/v1/signalen"); a.status != http.StatusOK {
		t.Errorf("from another address: status %d", a.status)
	}
	for _, conn := range held {
		_ = conn.Close()
	}
	one.until(t, http.StatusOK, "GET", "/v1/signalen")
}

// Whoever shares an address with somebody must not learn that they report.
func TestReportsUnderProtectionTakeNoPlaceAndNeedNone(t *testing.T) {
	t.Parallel()
	g, _ := public(t)
	one := visitor{g, here}
	for range 40 {
		one.hold(t, "/v1/beschermde-meldingen")
	}
	if a := one.ask(t, "GET", "/v1/dossier", "Schakel-Geheim", secret); a.status != http.StatusOK {
		t.Errorf("a case: status %d: %s", a.status, a.body)
	}
	for range 16 {
		one.hold(t, "/v1/signalen")
	}
	refusedFor(t, one.ask(t, "GET", "/v1/signalen"))
	if a := one.ask(t, "GET", "/v1/dossier", "Schakel-Geheim", secret); a.status != http.StatusOK {
		t.Errorf("a case while others are refused: status %d: %s", a.status, a.body)
	}
}

func TestCountsFromOneAddressAreFew(t *testing.T) {
	t.Parallel()
	g, _ := public(t)
	counting, release := make(chan struct{}), make(chan struct{})
	g.signals.count = func(ctx context.Context) {
		select {
		case counting <- struct{}{}:
		case <-ctx.Done():
		}
		<-release
	}
	one, other := visitor{g, here}, visitor{g, elsewhere}
	for range 2 {
		one.stall(t, "GET", "/v1/signalen/_tel")
		<-counting
	}
	refusedFor(t, one.ask(t, "GET", "/v1/signalen/_tel"))
	other.stall(t, "GET", "/v1/signalen/_tel")
	<-counting
	close(release)
	go func() { <-counting }()
	one.until(t, http.StatusOK, "GET", "/v1/signalen/_tel")
}

func TestBehindAProxyEachClientHasItsOwnPlaces(t *testing.T) {
	t.Parallel()
	trusting := func(c *rest.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8:ffff::/48")}
	}
	const (
		xff = "X-Forwarded-For"
		fwd = "Forwarded"
	)
	type headers = []string
	tests := []struct {
		name        string
		from        string // which address the connection is from
		full, other headers
		apart       bool // whether they have places of their own
	}{
		{"two clients", here, headers{xff, "192.0.2.1"}, headers{xff, "192.0.2.2"}, true},
		{"two clients, told by the standard", here, headers{fwd, "for=192.0.2.1;proto=https"}, headers{fwd, `by=10.0.0.1;For="192.0.2.2:4711"`}, true},
		{"what a client makes up", here, headers{xff, "192.0.2.1"}, headers{xff, "198.51.100.7, 192.0.2.1"}, false},
		{"what a client makes up in the standard", here, headers{fwd, "for=192.0.2.1"}, headers{fwd, "for=198.51.100.7, for=192.0.2.1"}, false},
		{"on a line of its own", here, headers{xff, "192.0.2.1"}, headers{xff, "198.51.100.7", xff, "192.0.2.1"}, false},
		{"through two proxies of ours", here, headers{xff, "192.0.2.1"}, headers{xff, "192.0.2.2, 10.1.2.3, 127.0.0.1"}, true},
		{"through a proxy of somebody", here, headers{xff, "192.0.2.2, 192.0.2.1"}, headers{xff, "192.0.2.1"}, false},
		{"one network of IPv6", here, headers{xff, "2001:db8:1:2::1"}, headers{fwd, `for="[2001:db8:1:2:ffff::9]:443"`}, false},
		{"two networks of IPv6", here, headers{xff, "2001:db8:1:2::1"}, headers{xff, "[2001:db8:1:3::1]:80"}, true},
		{"IPv4 in IPv6", here, headers{xff, "::ffff:192.0.2.1"}, headers{xff, "192.0.2.1:99"}, false},
		{"a string that a client does not end", here, headers{fwd, `for=198.51.100.1;x=", for=192.0.2.1`}, headers{fwd, `for=198.51.100.2;x=", for=192.0.2.1`}, false},
		{"what says nothing", here, headers{xff, "unknown"}, headers{fwd, "for=_hidden"}, false},
		{"a header that the proxy does not write", here, headers{xff, "192.0.2.1", fwd, "for=198.51.100.1"}, headers{xff, "192.0.2.1", fwd, "for=198.51.100.2"}, false},
		{"no proxy at all", elsewhere, headers{xff, "192.0.2.1"}, headers{xff, "192.0.2.2", fwd, "for=192.0.2.2"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g, _ := public(t, trusting)
			v := visitor{g, tt.from}
			for range 16 {
				v.hold(t, "/v1/signalen", tt.full...)
			}
			refusedFor(t, v.ask(t, "GET", "/v1/signalen", tt.full...))
			if a := v.ask(t, "GET", "/v1/signalen", tt.other...); (a.status == http.StatusOK) != tt.apart {
				t.Errorf("status %d: %s", a.status, a.body)
			}
		})
	}
}

func TestWhoDoesNotReadAFileOfAnEditionIsCutOff(t *testing.T) {
	t.Parallel()
	g, _ := public(t, quick, func(c *rest.Config) { c.Timeout = time.Hour })
	const pieces = 1000
	ended := make(chan error, 1)
	g.letters.read = func(stream grpc.ServerStreamingServer[lettersv1.ReadEditionFileResponse]) error {
		data := make([]byte, 64<<10)
		first := &lettersv1.EditionFile{Path: "x.csv", MediaType: "text/csv", Size: pieces * 64 << 10, Sha256: strings.Repeat("a", 64)}
		for i := range pieces {
			message := &lettersv1.ReadEditionFileResponse{Data: data}
			if i == 0 {
				message.File = first
			}
			if err := stream.Send(message); err != nil {
				ended <- err
				return err
			}
		}
		ended <- nil
		return nil
	}
	visitor{g, here}.stall(t, "GET", "/edities/"+editionID+"/x.csv")
	if err := <-ended; err == nil {
		t.Error("the file was sent to nobody")
	}
}
