package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"schakel.example/gateway/rest"
)

func quick(c *rest.Config) { c.Stall = time.Second }

func TestAClientThatFallsSilentIsNotAwaitedForEver(t *testing.T) {
	t.Parallel()
	g := start(t, quick)
	k := g.talk(t.Context(), t)
	k.say(signal("a") + `{"kenmerk":"half`)
	if lines, whole := k.rest(); whole || !slices.Equal(lines, []string{"1 201 a", "2 400  inhoud-afgebroken"}) {
		t.Errorf("whole %v, %q", whole, lines)
	}
	if r := g.signals.report(); r.signals != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAClientThatSaysNothingAtAllGetsAProblem(t *testing.T) {
	t.Parallel()
	k := start(t, quick).talk(t.Context(), t)
	if status := k.begin(); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
}

func TestASlowClientIsNotCutOff(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(*httptest.Server){"HTTP/1.1": (*httptest.Server).Start, "HTTP/2": (*httptest.Server).StartTLS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// More than a busy machine lets a client wait, and less than each half takes.
			g := start(t, func(c *rest.Config) { c.Stall = 3 * time.Second })
			g.Server = httptest.NewUnstartedServer(g.Config.Handler)
			g.Config.ReadTimeout = 100 * time.Millisecond
			g.EnableHTTP2 = true
			serve(g.Server)
			t.Cleanup(g.Close)
			k := g.talk(t.Context(), t)
			n := 0
			exchange := func() {
				n++
				k.say(signal(fmt.Sprintf("a%d", n)))
				if line, _ := k.hear(); line != fmt.Sprintf("%d 201 a%[1]d", n) {
					t.Fatal(line)
				}
			}
			for begin := time.Now(); time.Since(begin) < 3500*time.Millisecond; {
				exchange()
			}
			if k.response.Proto[:6] != name[:6] {
				t.Error(k.response.Proto)
			}
			for begin := time.Now(); time.Since(begin) < 3500*time.Millisecond; {
				k.say("\n") // nothing to answer
				n++
			}
			exchange()
			_ = k.body.Close()
			if lines, whole := k.rest(); !whole || len(lines) != 1 {
				t.Errorf("whole %v, %q", whole, lines)
			}
		})
	}
}

func TestUploadsGoOverHTTP2(t *testing.T) {
	t.Parallel()
	g := start(t, quick)
	g.Server = httptest.NewUnstartedServer(g.Config.Handler)
	g.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	g.EnableHTTP2 = true
	g.StartTLS()
	t.Cleanup(g.Close)
	if lines, whole := g.upload(t, numbered(3000)); !whole || !slices.Equal(lines, accepts(3000)) {
		t.Errorf("whole %v, %d lines", whole, len(lines))
	}
	k := g.talk(t.Context(), t)
	k.say(signal("a1") + `{"kenmerk":"half`)
	if lines, whole := k.rest(); whole || !slices.Equal(lines, []string{"1 200 a1", "2 400  inhoud-afgebroken"}) {
		t.Errorf("whole %v, %q", whole, lines)
	}
	if k.response.ProtoMajor != 2 {
		t.Error(k.response.Proto)
	}
	if a := g.do(t, http.MethodPost, "/v1/signalen/_bulk", signal("b"), "Content-Type", "application/x-ndjson", "Authorization", ""); a.status != http.StatusUnauthorized {
		t.Errorf("status %d", a.status)
	}
}

func TestAnEndlessLineEndsTheUpload(t *testing.T) {
	t.Parallel()
	g := start(t)
	k := g.talk(t.Context(), t)
	k.say(signal("a"))
	sent := make(chan int)
	go func() {
		n, chunk := 0, strings.Repeat("x", 64<<10)
		for err := error(nil); err == nil; n++ {
			_, err = io.WriteString(k.body, chunk)
		}
		sent <- n * len(chunk)
	}()
	if lines, whole := k.rest(); whole || !slices.Equal(lines, []string{"1 201 a", "2 413  te-groot"}) {
		t.Errorf("whole %v, %q", whole, lines)
	}
	_ = k.response.Body.Close()
	if n := <-sent; n > 1<<30 { // what comes while the answer is read is discarded
		t.Errorf("%d bytes were taken", n)
	}
}

// dial sends the head of an upload over a connection of its own.
func (g *gateway) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "POST /v1/signalen/_bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n"+
		"Content-Type: application/x-ndjson\r\nContent-Length: 1000000000\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestAClientThatNeverReadsHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	g := start(t, quick)
	deaf := g.dial(t)
	stuck := make(chan struct{})
	go func() {
		defer close(stuck)
		some := numbered(1000)
		for err := error(nil); err == nil; {
			_, err = io.WriteString(deaf, some)
		}
	}()
	if lines, whole := g.upload(t, numbered(2000)); !whole || len(lines) != 2001 {
		t.Errorf("meanwhile: whole %v, %d lines", whole, len(lines))
	}
	// Its connection is cut. Until then as many lines were taken of it as there
	// is room for their answers in the buffers of both sides.
	<-stuck
	if r := g.signals.report(); r.total > 100_000 {
		t.Errorf("%+v", r)
	}
}

func TestAClientThatLeavesEndsWhatItAskedFor(t *testing.T) {
	t.Parallel()
	for name, whole := range map[string]bool{"midway": false, "after all is sent": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			begun, ended := make(chan struct{}), make(chan struct{})
			g.signals.before = func(ctx context.Context) error {
				close(begun)
				<-ctx.Done()
				close(ended)
				return ctx.Err()
			}
			ctx, cancel := context.WithCancel(t.Context())
			k := g.talk(ctx, t)
			k.say(signal("a"))
			if whole {
				_ = k.body.Close()
			}
			<-begun
			cancel()
			<-ended
			_ = k.body.Close() // or the client would wait for it
			<-k.answered
		})
	}
}

func TestAProgramThatStopsEndsUploadsAfterWhatItHas(t *testing.T) {
	t.Parallel()
	stopping := make(chan struct{})
	g := start(t, func(c *rest.Config) { c.Stopping = stopping })
	hold, begun := make(chan struct{}), make(chan struct{})
	g.signals.before = func(context.Context) error {
		close(begun)
		<-hold
		return nil
	}
	k := g.talk(t.Context(), t)
	k.say(signal("a") + `{"kenmerk":"half`)
	<-begun
	close(stopping)
	close(hold)
	if lines, whole := k.rest(); whole || !slices.Equal(lines, []string{"1 201 a", "2 503  niet-bereikbaar"}) {
		t.Errorf("whole %v, %q", whole, lines)
	}
}

// Whatever is at hand when the program stops, what is answered is a beginning of
// what was sent, and only all of it is whole.
func TestAProgramThatStopsForgetsNoLine(t *testing.T) {
	t.Parallel()
	const n = 4000
	want := accepts(n)
	for at := range 12 {
		t.Run(fmt.Sprintf("at batch %d", at), func(t *testing.T) {
			t.Parallel()
			stopping := make(chan struct{})
			g := start(t, func(c *rest.Config) { c.Stopping = stopping })
			var turn atomic.Int32
			g.signals.before = func(context.Context) error {
				if turn.Add(1) == int32(at/3+1) {
					close(stopping)
					for range at % 3 * 100 {
						runtime.Gosched() // now the upload learns of it, now it does not yet
					}
				}
				return nil
			}
			k := g.talk(t.Context(), t)
			go func() {
				_, _ = io.WriteString(k.body, numbered(n))
				_ = k.body.Close()
			}()
			lines, whole := k.rest()
			if !whole {
				last := len(lines) - 1
				if want := fmt.Sprintf("%d 503  niet-bereikbaar", last+1); lines[last] != want {
					t.Errorf("in the end %q, want %q", lines[last], want)
				}
				lines = lines[:last]
			}
			if !slices.Equal(lines, want[:len(lines)]) || whole != (len(lines) == n+1) {
				t.Errorf("whole %v, %d lines", whole, len(lines))
			}
		})
	}
}

func TestAConnectionServesAnotherRequestAfterAnUpload(t *testing.T) {
	t.Parallel()
	g := start(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	answers := bufio.NewReader(conn)
	for range 3 {
		body := numbered(10)
		if _, err := fmt.Fprintf(conn, "POST /v1/signalen/_bulk HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\n"+
			"Content-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(data), `{"klaar":true,"regels":10`) {
			t.Errorf("status %d, %v: %s", response.StatusCode, err, data)
		}
	}
}

func TestMemoryStaysFlatHoweverMuchIsSent(t *testing.T) {
	g := start(t)
	before := heap()
	var peak atomic.Uint64
	turn := 0
	var turns sync.Mutex
	g.signals.before = func(context.Context) error {
		turns.Lock()
		turn++
		look := turn%50 == 0
		turns.Unlock()
		if look {
			peak.Store(max(peak.Load(), heap()))
		}
		return nil
	}
	line := strings.Replace(typical, "VOORBEELD", "a", 1) + "\n"
	k := g.talk(t.Context(), t)
	go func() {
		_, _ = io.Copy(k.body, repeating(line, 100_000))
		_ = k.body.Close()
	}()
	n, last := 0, ""
	for k.begin(); k.lines.Scan(); last = k.lines.Text() {
		n++
	}
	if n != 100_001 || !strings.HasPrefix(last, `{"klaar":true,"regels":100000,`) {
		t.Errorf("%d lines, the last %q", n, last)
	}
	// Twice what three batches and their answers take.
	if grown := int64(peak.Load()) - int64(before); grown > 40<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	if r := g.signals.report(); r.most > 2 || r.size > 1000 {
		t.Errorf("%+v", r)
	}
}

// heap is the size of what is reachable.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// FuzzUpload sends arbitrary bodies: each line that holds anything gets one
// answer, in order, and the last line says how many.
func FuzzUpload(f *testing.F) {
	f.Add([]byte("{}\n\n{\n\ufeff{}"), uint16(3))
	f.Add([]byte("\ufeff\r\n{\"kenmerk\":\"a\"}\r\n \t\r\n[]"), uint16(1))
	f.Add([]byte("\n\n\x00\n\xff"), uint16(100))
	handler := isolated(f, accepting{})
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		r := httptest.NewRequest(http.MethodPost, "/v1/signalen/_bulk", &pieces{body, int(size) + 1})
		r.Header.Set("Content-Type", "application/x-ndjson")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		var want []int
		for i, line := range strings.Split(strings.TrimPrefix(string(body), "\ufeff"), "\n") {
			if strings.Trim(line, " \t\r") != "" {
				want = append(want, i+1)
			}
		}
		answers := strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
		for i, answer := range answers[:len(answers)-1] {
			if i >= len(want) || !strings.HasPrefix(answer, fmt.Sprintf(`{"regel":%d,"status":`, want[i])) || !json.Valid([]byte(answer)) {
				t.Fatalf("answer %d of %d: %s", i+1, len(want), answer)
			}
		}
		if last := answers[len(answers)-1]; !strings.HasPrefix(last, fmt.Sprintf(`{"klaar":true,"regels":%d,`, len(want))) {
			t.Fatalf("after %d of %d answers: %s", len(answers)-1, len(want), last)
		}
	})
}

// pieces reads a few bytes at a time.
type pieces struct {
	left []byte
	size int
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.left[:min(p.size, len(p.left))])
	p.left = p.left[n:]
	return n, nil
}
