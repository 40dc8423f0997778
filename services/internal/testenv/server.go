package testenv

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to accept connections or to stop.
const patience = 60 * time.Second

// server is a program that listens on a port and keeps its data in a folder,
// over several lives.
type server struct {
	name  string
	home  *folder
	port  int
	owner *owner
	argv  func(port int) []string
	// ready succeeds when the server takes work.
	ready func(ctx context.Context) error
	// orderly asks the program to stop after finishing what it does; death is
	// what it gets when the test process dies.
	orderly, death syscall.Signal

	mu   sync.Mutex
	proc *process // nil when not running
}

// Addr is the address of the server, the same over all its lives.
func (s *server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// start runs the program until it takes work. A program that ends by itself is
// started again while there is time: PostgreSQL refuses to start as long as the
// children of a killed postmaster live.
func (s *server) start() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc != nil {
		return fmt.Errorf("%s runs already", s.name)
	}
	for {
		p, err := launch(s.home.path, s.owner, s.death, s.argv(s.port))
		if err != nil {
			return fmt.Errorf("starting %s: %w", s.name, err)
		}
		if err = s.await(ctx, p); err == nil {
			s.proc = p
			return nil
		}
		if ctx.Err() != nil || !exited(p) {
			return errors.Join(fmt.Errorf("%s does not start: %w\n%s", s.name, err, tail(s.home.path)), p.end(syscall.SIGKILL))
		}
	}
}

// await asks for readiness until it is given, the program ends or time is up.
func (s *server) await(ctx context.Context, p *process) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := s.ready(ctx)
		if err == nil && !exited(p) {
			return nil
		}
		select {
		case <-again.C:
		case <-p.done:
			return errors.Join(errors.New("it ended"), p.err)
		case <-ctx.Done():
			return err
		}
	}
}

func exited(p *process) bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// halt sends the signal to the program, if it runs, and waits for its end.
func (s *server) halt(signal syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.proc == nil {
		return nil
	}
	p := s.proc
	s.proc = nil
	slow := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer slow.Stop()
	if err := p.end(signal); err != nil {
		return err
	}
	if signal == s.orderly && p.err != nil {
		return fmt.Errorf("%s stopped badly: %w\n%s", s.name, p.err, tail(s.home.path))
	}
	return nil
}

// discard stops the server and removes its data.
func (s *server) discard() error {
	return errors.Join(s.halt(s.orderly), s.home.remove())
}

// Server is a server of one test, which may stop it, kill it and start it
// again. It is gone when the test ends. Its methods fail the test if they cannot
// do their work, and are called from the goroutine of the test.
type Server struct {
	*server
	tb testing.TB
}

// Stop lets the server shut down in good order and waits until it has. It must
// say that all went well.
func (s *Server) Stop() { s.check(s.halt(s.orderly)) }

// Kill ends the server with SIGKILL, as kill -9 does, and waits until it is
// gone. For PostgreSQL that is the postmaster; its children soon follow by
// themselves, but one may still finish what it was doing.
func (s *Server) Kill() { s.check(s.halt(syscall.SIGKILL)) }

// Restart starts a stopped or killed server on the same folder and port, and
// waits until it takes work again.
func (s *Server) Restart() { s.check(s.start()) }

func (s *Server) check(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
}

// freePort finds a port that nobody listens on, and that was not given out
// before: another test may be about to listen on it, or restart there. It is
// below the range from which systems draw the ports of outgoing connections: a
// client that keeps trying to reach a stopped server on a port within that range
// in the end connects to itself and takes the port away.
func freePort() (int, error) {
	const first, last = 15000, 30000
	var err error
	for range 100 {
		port := first + rand.IntN(last-first)
		if taken(port) {
			continue
		}
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no free port: %w", err)
}

// taken says whether the port was given out before, and gives it out.
func taken(port int) bool {
	_, before := given.LoadOrStore(port, true)
	return before
}
