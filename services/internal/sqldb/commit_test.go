package sqldb_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// breaker is a proxy before PostgreSQL that breaks the connection at a commit,
// before or after the server has got it, or keeps the commit and says nothing.
type breaker struct {
	listener net.Listener
	server   string
	wait     sync.WaitGroup

	mu   sync.Mutex
	mode string // "", "before", "after" or "silent"
}

// proxied returns url by way of a breaker.
func proxied(t *testing.T, dsn string) (*breaker, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	must(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	b := &breaker{listener: l, server: u.Host}
	b.wait.Go(b.serve)
	t.Cleanup(func() {
		must(t, l.Close())
		b.wait.Wait()
	})
	u.Host = l.Addr().String()
	return b, u.String()
}

func (b *breaker) set(mode string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mode = mode
}

func (b *breaker) serve() {
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
		b.wait.Go(func() { b.backward(client, server, cut) })
	}
}

// forward carries what the client says, until a commit that is to be broken.
func (b *breaker) forward(server, client net.Conn, cut chan struct{}) {
	defer server.Close()
	buf := make([]byte, 1<<16)
	for {
		n, err := client.Read(buf)
		b.mu.Lock()
		mode := b.mode
		b.mu.Unlock()
		commit := bytes.Contains(buf[:n], []byte("commit"))
		if err != nil || commit && mode == "before" {
			_ = client.Close()
			return
		}
		if commit && mode == "after" {
			close(cut)
		}
		if commit && mode == "silent" {
			continue
		}
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
	}
}

// backward carries what the server says, or swallows it and hangs up.
func (b *breaker) backward(client, server net.Conn, cut chan struct{}) {
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

func TestACommitWithoutAnAnswerIsNeitherSuccessNorFailure(t *testing.T) {
	dsn := testenv.Postgres(t)
	proxy, through := proxied(t, dsn)
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: through})
	table(t, db)
	ctx := t.Context()
	db.SetCommitLimit(200 * time.Millisecond)
	for _, mode := range []string{"before", "after", "silent"} {
		runs := 0
		proxy.set(mode)
		err := db.Write(ctx, func(tx *sqldb.Tx) error {
			runs++
			return add(ctx, tx, mode, 1)
		})
		proxy.set("")
		if f := fault.Of(err); f == nil || f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonUnknown {
			t.Errorf("%s: %v", mode, err)
		}
		if runs != 1 {
			t.Errorf("%s: the function ran %d times", mode, runs)
		}
	}
	if diff := cmp.Diff([]string{"after"}, ids(t, db)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// The context that carries a request often ends just when its answer is ready.
func TestACommitThatHasBegunIsCarriedThrough(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		var want []string
		for i := range 200 {
			ctx, cancel := context.WithCancel(t.Context())
			id := string(rune('a'+i/26)) + string(rune('a'+i%26))
			ended := make(chan struct{})
			err := db.Write(ctx, func(tx *sqldb.Tx) error {
				defer func() {
					go func() { cancel(); close(ended) }() // at about the time of the commit
				}()
				return add(ctx, tx, id, 1)
			})
			<-ended
			switch {
			case err == nil:
				want = append(want, id)
			case !errors.Is(err, context.Canceled):
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, ids(t, db)); diff != "" {
			t.Errorf("acknowledged and stored differ (-acknowledged +stored):\n%s", diff)
		}
	})
}

func TestALostConnectionIsUnavailableAndTheNextTransactionGetsAnother(t *testing.T) {
	server := testenv.StartPostgres(t)
	db := testenv.OpenConfig(t, sqldb.Config{Engine: sqldb.Postgres, DSN: server.Database()})
	table(t, db)
	ctx := t.Context()
	runs := 0
	err := db.Write(ctx, func(tx *sqldb.Tx) error {
		runs++
		must(t, add(ctx, tx, "lost", 1))
		server.KillBackends()
		return add(ctx, tx, "lost too", 1)
	})
	if f := fault.Of(err); f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonUnreachable || runs != 1 {
		t.Errorf("in the transaction, run %d times: %v", runs, err)
	}
	server.Kill()
	write := func(id string) error {
		return db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, id, 1) })
	}
	if f := fault.Of(write("down")); f == nil || f.Kind != fault.Unavailable || f.Reason != sqldb.ReasonUnreachable {
		t.Errorf("while it is down: %v", f)
	}
	if err := db.Ping(ctx); fault.Of(err).Reason != sqldb.ReasonUnreachable {
		t.Errorf("ping while it is down: %v", err)
	}
	server.Restart()
	must(t, write("up"))
	if diff := cmp.Diff([]string{"up"}, ids(t, db)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}
