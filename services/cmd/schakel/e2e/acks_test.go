package e2e

import (
	"bufio"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
)

// ack is what the server said of one signal.
type ack struct {
	id      string
	receipt *ledgerv1.Receipt
}

// acks stands between push and the server, and notes every acknowledgement that
// the server gave, whether or not it reached push. A server that dies looks to
// push as it would without: the connection breaks. It lets pass so many lines of
// an upload before their answers, as a slow line does, so that whoever kills the
// server does so in the midst of one.
type acks struct {
	t   *testing.T
	url string

	mu    sync.Mutex
	order []string // references, as they were first acknowledged
	given map[string]ack
	more  chan struct{} // gets one when there is another

	broken atomic.Int32 // uploads that were not answered to the end
	ahead  int          // how many lines pass before they are answered
}

func watch(t *testing.T, h *house, ahead int) *acks {
	t.Helper()
	a := &acks{t: t, given: map[string]ack{}, more: make(chan struct{}, 1), ahead: ahead}
	transport := h.rest.Transport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.pass(w, r, h.http, transport) {
			a.broken.Add(1)
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// pass passes an upload on, and says whether it was answered to the end.
func (a *acks) pass(w http.ResponseWriter, r *http.Request, to string, transport http.RoundTripper) bool {
	if http.NewResponseController(w).EnableFullDuplex() != nil {
		return false
	}
	body := &paced{in: bufio.NewReader(r.Body), passes: make(chan struct{}, a.ahead), over: make(chan struct{})}
	defer body.end(w)
	req, err := http.NewRequestWithContext(r.Context(), r.Method, to+r.URL.RequestURI(), body)
	if err != nil {
		return false
	}
	req.Header = r.Header.Clone()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	answers := bufio.NewReader(resp.Body)
	for {
		line, err := answers.ReadBytes('\n')
		if err != nil {
			return false
		}
		last := a.note(line)
		if _, err := w.Write(line); err != nil {
			return false
		}
		_ = http.NewResponseController(w).Flush()
		if last {
			return true
		}
		select {
		case <-body.passes:
		default: // it was answered unread
		}
	}
}

// paced gives a line at a time, and no more than ahead before one is answered.
type paced struct {
	passes chan struct{} // holds one for each line that is not answered
	over   chan struct{} // closed when the request is

	mu   sync.Mutex // held while the body is read
	in   *bufio.Reader
	line []byte
}

// end lets nobody read any more: a transport may do so after it gave up.
func (p *paced) end(w http.ResponseWriter) {
	close(p.over)
	_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in.Reset(strings.NewReader(""))
}

// Read implements io.Reader.
func (p *paced) Read(into []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.line) == 0 {
		if p.line, err = p.in.ReadBytes('\n'); err != nil {
			return 0, err
		}
		select {
		case p.passes <- struct{}{}:
		case <-p.over:
			return 0, io.ErrUnexpectedEOF
		}
	}
	n = copy(into, p.line)
	p.line = p.line[n:]
	return n, nil
}

// note notes an answer to a line, and says whether it is the last.
func (a *acks) note(line []byte) (last bool) {
	r, err := lineOf(line)
	if err != nil {
		a.t.Errorf("an unreadable acknowledgement: %v: %s", err, line)
	}
	if r.Done || r.Status >= http.StatusBadRequest {
		return r.Done
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	got := ack{r.ID, r.receipt}
	if before, ok := a.given[r.Reference]; !ok {
		a.given[r.Reference] = got
		a.order = append(a.order, r.Reference)
	} else if before.id != got.id || !proto.Equal(before.receipt, got.receipt) {
		a.t.Errorf("%s was acknowledged as %s, and then as %s", r.Reference, before.id, got.id)
	}
	select {
	case a.more <- struct{}{}:
	default:
	}
	return false
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
