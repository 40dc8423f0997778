package queuetest

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
)

// link is the network between a client and its Redis, which a test can break.
type link struct {
	mu      sync.Mutex
	cut     bool
	stalled bool
	conns   map[net.Conn]struct{}
}

var errCut = errors.New("queuetest: the link is cut")

// newLink gives a client to the same server, over a link.
func newLink(t *testing.T, to redis.UniversalClient) (*link, redis.UniversalClient) {
	t.Helper()
	single, ok := to.(*redis.Client)
	if !ok {
		t.Fatalf("no link can be made for a %T", to)
	}
	l := &link{conns: map[net.Conn]struct{}{}}
	options := *single.Options()
	dial := options.Dialer
	options.Dialer = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if l.isCut() {
			return nil, errCut
		}
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return l.watch(conn), nil
	}
	// As Connect does.
	options.ContextTimeoutEnabled, options.DialerRetries, options.MaxRetries = true, 1, 1
	client := redis.NewClient(&options)
	t.Cleanup(func() {
		l.heal()
		_ = client.Close()
	})
	return l, client
}

func (l *link) isCut() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

func (l *link) isStalled() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stalled
}

func (l *link) watch(conn net.Conn) net.Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[conn] = struct{}{}
	return &linked{Conn: conn, link: l}
}

// breakOff ends all connections and refuses new ones.
func (l *link) breakOff() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for conn := range l.conns {
		_ = conn.Close()
	}
	clear(l.conns)
}

// stall keeps connections open, but nothing comes back over them.
func (l *link) stall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stalled = true
}

// heal undoes breakOff and stall.
func (l *link) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.stalled = false, false
}

type linked struct {
	net.Conn
	link *link
}

// Read drops what arrives while the link is stalled, until the deadline of the
// connection, as a network does that loses packets.
func (c *linked) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if err != nil || !c.link.isStalled() {
			return n, err
		}
	}
}
