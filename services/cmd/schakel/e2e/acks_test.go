package e2e

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// ack is what the server said of one signal.
type ack struct {
	id      string
	receipt *ledgerv1.Receipt
}

// acks stands between push and the server, and notes every acknowledgement that
// the server gave, whether or not it reached push. A server that dies looks to
// push as it would without: the connection breaks.
type acks struct {
	t   *testing.T
	url string

	mu    sync.Mutex
	order []string // references, as they were first acknowledged
	given map[string]ack
	more  chan struct{} // gets one when there is another

	broken atomic.Int32 // submissions that were not answered
}

func watch(t *testing.T, h *house) *acks {
	t.Helper()
	a := &acks{t: t, given: map[string]ack{}, more: make(chan struct{}, 1)}
	transport := h.rest.Transport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	proxy := httputil.NewSingleHostReverseProxy(must(url.Parse(h.http))(t))
	proxy.Transport, proxy.ModifyResponse = transport, a.note
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) {
		a.broken.Add(1)
		panic(http.ErrAbortHandler)
	}
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// note notes an answer that came whole.
func (a *acks) note(resp *http.Response) error {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if resp.StatusCode >= 300 {
		return nil
	}
	var m signalsv1.SubmitSignalResponse
	if err := wire.Unmarshal(body, &m); err != nil {
		a.t.Errorf("an unreadable acknowledgement: %v", err)
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	reference, got := m.GetSignal().GetExternalReference(), ack{m.GetSignal().GetId(), m.GetReceipt()}
	if before, ok := a.given[reference]; !ok {
		a.given[reference] = got
		a.order = append(a.order, reference)
	} else if before.id != got.id || !proto.Equal(before.receipt, got.receipt) {
		a.t.Errorf("%s was acknowledged as %s, and then as %s", reference, before.id, got.id)
	}
	select {
	case a.more <- struct{}{}:
	default:
	}
	return nil
}

// await waits until more than n signals are acknowledged, and a moment longer;
// or until push has ended.
func (a *acks) await(n int, moment time.Duration, done <-chan struct{}) {
	limit := time.NewTimer(soon)
	defer limit.Stop()
	for a.count() <= n {
		select {
		case <-a.more:
		case <-done:
			return
		case <-limit.C:
			a.t.Fatalf("%d signals were acknowledged in time, not %d", a.count(), n)
		}
	}
	instant := time.NewTimer(moment)
	defer instant.Stop()
	select {
	case <-instant.C:
	case <-done:
	}
}

func (a *acks) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.order)
}

// since gives the acknowledgements from the n-th on.
func (a *acks) since(n int) map[string]ack {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[string]ack{}
	for _, reference := range a.order[min(n, len(a.order)):] {
		all[reference] = a.given[reference]
	}
	return all
}

func (a *acks) get(reference string) ack {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.given[reference]
}

// String says how far it is, for failures.
func (a *acks) String() string {
	return fmt.Sprintf("%d acknowledged: %s", a.count(), strings.Join(a.order, " "))
}
