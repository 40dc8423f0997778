package testenv

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Break says how a Breaker breaks a commit.
type Break string

// The ways in which a commit can break: not at all; before the server has got it;
// after the server has got it, and before the client knows; or so that the server
// never gets it and the client hears nothing.
const (
	BreakNot      Break = ""
	BreakBefore   Break = "before"
	BreakAfter    Break = "after"
	BreakSilently Break = "silent"
)

// Breaker is a proxy before PostgreSQL that breaks commits.
type Breaker struct {
	listener net.Listener
	server   string
	wait     sync.WaitGroup

	mu   sync.Mutex
	mode Break
	left int // how many commits it still breaks; below 0 all
}

// Breakable gives a way to a database by way of a breaker.
func Breakable(tb testing.TB, dsn string) (*Breaker, string) {
	tb.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	b := &Breaker{listener: l, server: u.Host}
	b.wait.Go(b.serve)
	tb.Cleanup(func() {
		if err := l.Close(); err != nil {
			tb.Error(err)
		}
		b.wait.Wait()
	})
	u.Host = l.Addr().String()
	return b, u.String()
}

// Set breaks every commit from now on.
func (b *Breaker) Set(mode Break) { b.SetNext(mode, -1) }

// SetNext breaks the next so many commits.
func (b *Breaker) SetNext(mode Break, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mode, b.left = mode, n
}

// Left is how many commits are still to be broken.
func (b *Breaker) Left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left
}

// next says how to break a commit that comes now.
func (b *Breaker) next() Break {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 {
		return BreakNot
	}
	b.left = max(b.left-1, -1)
	return b.mode
}

func (b *Breaker) serve() {
	for {
		client, err := b.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", b.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		cut := make(chan struct{}) // closed to break the connection after the server's next answer
		b.wait.Go(func() { b.forward(server, client, cut) })
		b.wait.Go(func() { backward(client, server, cut) })
	}
}

// forward carries what the client says, until a commit that is to be broken.
func (b *Breaker) forward(server, client net.Conn, cut chan struct{}) {
	defer server.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		mode := BreakNot
		if bytes.Contains(buf[:n], []byte("commit")) {
			mode = b.next()
		}
		if err != nil || mode == BreakBefore {
			_ = client.Close()
			return
		}
		if mode == BreakAfter {
			close(cut)
		}
		if mode == BreakSilently {
			continue
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// backward carries what the server says, or swallows it and hangs up.
func backward(client, server net.Conn, cut chan struct{}) {
	defer client.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := server.Read(buf)
		select {
		case <-cut:
			return
		default:
		}
		if _, werr := client.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}
