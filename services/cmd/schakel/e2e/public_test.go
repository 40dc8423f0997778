package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// from begins a request without a token, which a proxy says to be from an address.
func (h *house) from(client, head string) (net.Conn, *bufio.Reader) {
	h.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.http, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "%s\r\nHost: x\r\nX-Forwarded-For: %s\r\n\r\n", head, client); err != nil {
		h.t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

// crowd has a client begin as many requests as one may, and more that are refused.
func (h *house) crowd(client string) {
	h.t.Helper()
	const body = "POST /v1/signalen HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue"
	for i := range 20 {
		_, answers := h.from(client, body)
		line, err := answers.ReadString('\n')
		if want := map[bool]string{true: "100 ", false: "429 "}[i < 16]; err != nil || !strings.Contains(line, want) {
			h.t.Fatalf("request %d: %q, %v, want %s", i, line, err, want)
		}
	}
}

// ask is the status of a list for a client.
func (h *house) ask(client string) int {
	h.t.Helper()
	_, answers := h.from(client, "GET /v1/signalen HTTP/1.1\r\nConnection: close")
	resp, err := http.ReadResponse(answers, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		h.t.Fatal(err)
	}
	return resp.StatusCode
}

func TestOneClientWithoutATokenDoesNotShutOutOthers(t *testing.T) {
	t.Parallel()
	const one, other = "192.0.2.1", "192.0.2.2"
	for _, tt := range []struct {
		name     string
		settings []string
		want     int // for another client
	}{
		{"behind a proxy that is trusted", []string{"--trusted-proxies=10.0.0.0/8,127.0.0.1"}, http.StatusOK},
		{"behind what says it is a proxy", nil, http.StatusTooManyRequests},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, filepath.Join(t.TempDir(), "data"))
			h.settings = append(h.settings, tt.settings...)
			h.start("all")
			h.crowd(one)
			if got := h.ask(one); got != http.StatusTooManyRequests {
				t.Errorf("one more: status %d", got)
			}
			if got := h.ask(other); got != tt.want {
				t.Errorf("another client: status %d, want %d", got, tt.want)
			}
			logs := ""
			for _, s := range h.servers {
				logs += s.Log()
			}
			if strings.Contains(logs, one) || strings.Contains(logs, other) {
				t.Errorf("the log names a client: %s", logs)
			}
		})
	}
}
