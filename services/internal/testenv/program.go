package testenv

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
)

// Build builds the main package at an import path, as it is shipped, and gives
// the path of the program. The tests of this process share it.
func Build(tb testing.TB, pkg string) string {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.main {
		tb.Fatal(noMain)
	}
	if home := shared.programs[pkg]; home != nil {
		return filepath.Join(home.path, path.Base(pkg))
	}
	home, err := makeFolder("build", nil)
	if err != nil {
		tb.Fatal(err)
	}
	program := filepath.Join(home.path, path.Base(pkg))
	if out, err := exec.Command("go", "build", "-o", program, pkg).CombinedOutput(); err != nil {
		tb.Fatalf("building %s: %v\n%s", pkg, errors.Join(err, home.remove()), out)
	}
	if shared.programs == nil {
		shared.programs = map[string]*folder{}
	}
	shared.programs[pkg] = home
	return program
}

// Execute runs a command to its end. It dies with the test process, as servers
// do.
func Execute(cmd *exec.Cmd) error {
	cmd.SysProcAttr = attributes(nil, syscall.SIGKILL)
	ended := make(chan error)
	go func() {
		runtime.LockOSThread() // see live
		ended <- cmd.Run()
	}()
	return <-ended
}

// Program is a program of ours that a test runs as a server.
type Program struct {
	// Name is for messages.
	Name string
	// Argv is the program with its arguments. It is asked to stop by SIGTERM.
	Argv []string
	// Ready succeeds when the program takes work.
	Ready func(ctx context.Context) error
}

// StartProgram starts a program for this test alone, as the present user, and
// waits until it takes work. When the test fails, what it logged is shown.
func StartProgram(tb testing.TB, p Program) *Server {
	tb.Helper()
	home, err := makeFolder("program", nil)
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{server: &server{
		name: p.Name, home: home, orderly: syscall.SIGTERM, death: syscall.SIGKILL,
		argv: func(int) []string { return p.Argv }, ready: p.Ready,
	}, tb: tb}
	tb.Cleanup(func() {
		if err := s.halt(s.orderly); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			tb.Logf("%s logged:\n%s", p.Name, tail(home.path))
		}
		if err := home.remove(); err != nil {
			tb.Error(err)
		}
	})
	if err := s.start(); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Log is all that the server wrote on its output, over all its lives.
func (s *Server) Log() string {
	s.tb.Helper()
	text, err := os.ReadFile(filepath.Join(s.home.path, "log"))
	s.check(err)
	return string(text)
}

// Address gives an address of this machine that nobody listens on, for a server
// that the test is about to start. It is given out once.
func Address(tb testing.TB) string {
	tb.Helper()
	port, err := freePort()
	if err != nil {
		tb.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
