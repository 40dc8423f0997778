package testenv

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// PostgresServer is a running PostgreSQL server.
type PostgresServer struct {
	*Server
	password string
	count    atomic.Int64 // databases made
}

// Postgres returns the URL of a fresh, empty database on the server that the
// tests of this process share. It is dropped when the test ends.
func Postgres(tb testing.TB) string {
	tb.Helper()
	need(tb)
	return sharedPostgres(tb).database(tb)
}

// StartPostgres starts a server for this test alone. Settings are those of
// postgresql.conf, such as "fsync=off".
func StartPostgres(tb testing.TB, settings ...string) *PostgresServer {
	tb.Helper()
	need(tb)
	p, err := startPostgres(settings)
	if err != nil {
		tb.Fatal(err)
	}
	p.tb = tb
	tb.Cleanup(func() {
		if err := p.discard(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// Database returns the URL of a fresh, empty database on the server.
func (p *PostgresServer) Database() string {
	p.tb.Helper()
	name, err := p.create()
	p.check(err)
	return p.url(name)
}

// KillBackends ends the server process of every connection with SIGKILL. The
// postmaster then ends all others and recovers from the log.
func (p *PostgresServer) KillBackends() {
	p.tb.Helper()
	var pids []int
	p.check(p.admin(func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `SELECT pid FROM pg_stat_activity
			WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
		if err != nil {
			return err
		}
		pids, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	}))
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
			p.check(err)
		}
	}
}

func startPostgres(settings []string) (_ *PostgresServer, err error) {
	bin, err := postgresBin()
	if err != nil {
		return nil, err
	}
	user, err := unprivileged()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	home, err := makeFolder("postgres", user)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, home.remove())
		}
	}()
	p := &PostgresServer{password: rand.Text()}
	p.Server = &Server{server: &server{
		name: "PostgreSQL", home: home, port: port, owner: user,
		orderly: syscall.SIGINT,  // "fast": roll back and stop
		death:   syscall.SIGQUIT, // "immediate": stop, recover at the next start
		ready:   func(ctx context.Context) error { return p.connect(ctx, func(*pgx.Conn) error { return nil }) },
		argv: func(port int) []string {
			argv := []string{filepath.Join(bin, "postgres"), "-D", filepath.Join(home.path, "data")}
			for _, s := range append([]string{
				"listen_addresses=127.0.0.1", "port=" + strconv.Itoa(port), "unix_socket_directories=" + home.path,
				"fsync=on", "synchronous_commit=on", "full_page_writes=on",
				"shared_buffers=32MB", "max_connections=200",
			}, settings...) {
				argv = append(argv, "-c", s)
			}
			return argv
		},
	}}
	if err := p.initdb(bin); err != nil {
		return nil, err
	}
	return p, p.start()
}

// initdb makes the cluster. A password keeps other users of the machine out, who
// could otherwise run programs as the owner of the server.
func (p *PostgresServer) initdb(bin string) error {
	secret := filepath.Join(p.home.path, "password")
	if err := os.WriteFile(secret, []byte(p.password), 0o600); err != nil {
		return err
	}
	if err := give(secret, p.owner); err != nil {
		return err
	}
	proc, err := launch(p.home.path, p.owner, syscall.SIGKILL, []string{
		filepath.Join(bin, "initdb"), "-D", filepath.Join(p.home.path, "data"), "--no-sync",
		"-U", "schakel", "-A", "password", "--pwfile", secret,
		"-E", "UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=nl",
	})
	if err != nil {
		return err
	}
	if <-proc.done; proc.err != nil {
		return fmt.Errorf("initdb: %w\n%s", proc.err, tail(p.home.path))
	}
	return nil
}

// postgresBin is the folder with the newest PostgreSQL programs: Debian's, or
// those on the PATH.
func postgresBin() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, path)
	}
	if len(found) == 0 {
		return "", missing("PostgreSQL", "postgresql")
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for one on the PATH
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// database makes a database for a test on the shared server.
func (p *PostgresServer) database(tb testing.TB) string {
	tb.Helper()
	name, err := p.create()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.admin(func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
			return err
		}); err != nil {
			tb.Error(err)
		}
	})
	return p.url(name)
}

func (p *PostgresServer) create() (name string, err error) {
	name = "test" + strconv.FormatInt(p.count.Add(1), 10)
	return name, p.admin(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0")
		return err
	})
}

// admin runs f on a connection to the database postgres.
func (p *PostgresServer) admin(f func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return p.connect(ctx, func(conn *pgx.Conn) error { return f(ctx, conn) })
}

func (p *PostgresServer) connect(ctx context.Context, f func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return err
	}
	return errors.Join(f(conn), conn.Close(ctx))
}

func (p *PostgresServer) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("schakel", p.password), Host: p.Addr(),
		Path: database, RawQuery: "sslmode=disable",
	}
	return u.String()
}
