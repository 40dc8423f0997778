package queue

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc/test/bufconn"
)

const (
	// EmbeddedLen bounds each stream of the embedded server, in entries. It is
	// far below MaxLen because miniredis finds its place in a stream by walking
	// it from the start.
	EmbeddedLen = 1024
	trimEvery   = 250 * time.Millisecond
	// pipeSize is the room between client and server, in bytes each way. A
	// client sends a whole pipeline before it reads an answer, so the answers to
	// publishChunk commands, of some 20 bytes each, must fit; else the two would
	// wait for each other.
	pipeSize = 128 << 10
)

// Embedded starts a Redis within this process and gives a client of it. No port
// is opened: they speak over pipes. Nothing of it is durable, and nothing needs
// to be: an applier reads from the ledger whatever a stream does not have, so a
// restart looks to it like a FLUSHALL.
//
// The server is miniredis, made for tests: it neither expires keys nor bounds
// streams by itself. So its clock is made to run, and a goroutine holds every
// stream near EmbeddedLen. Close ends the server, the goroutine and the client.
func Embedded() (client redis.UniversalClient, closeAll func() error, err error) {
	mini := miniredis.NewMiniRedis()
	mini.ClockTTL(true)
	// Starts the server; the connection itself, a pipe without room, is of no use.
	first, err := mini.Dial()
	if err != nil {
		return nil, nil, err
	}
	if err := first.Close(); err != nil {
		return nil, nil, err
	}
	listener, to := bufconn.Listen(pipeSize), mini.Server()
	var parts sync.WaitGroup
	parts.Go(func() { accept(listener, to) })
	c := redis.NewClient(settings(&redis.Options{
		Addr:   "embedded",
		Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) { return listener.DialContext(ctx) },
	}))
	ctx, cancel := context.WithCancel(context.Background())
	parts.Go(func() { keepShort(ctx, mini, c) })
	return c, func() error {
		cancel()
		err := errors.Join(c.Close(), listener.Close())
		parts.Wait() // no connection comes after this
		mini.Close()
		return err
	}, nil
}

// accept hands connections to the server until the listener is closed.
func accept(listener net.Listener, to *server.Server) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		to.ServeConn(conn)
	}
}

// keepShort trims all streams now and then. Publish bounds what it writes to
// MaxLen, which is too much here.
func keepShort(ctx context.Context, mini *miniredis.Miniredis, client *redis.Client) {
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, key := range mini.Keys() {
			if mini.Type(key) == "stream" {
				// The server is in this process: it fails only when closing.
				_ = client.XTrimMaxLen(ctx, key, EmbeddedLen).Err()
			}
		}
	}
}
