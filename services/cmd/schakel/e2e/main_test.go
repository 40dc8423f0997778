// Package e2e tests the one program as its users meet it: the real binary, built
// once, run as everything in one process on SQLite and as four processes on
// PostgreSQL and Redis, and spoken to over REST, over gRPC and from the command
// line.
//
// A house is a running Schakel of a test's own. Over REST and over gRPC it is
// called through the same generated clients (see way), so that every test of a
// call is written once and held against both.
//
// What becomes of a signal that comes in stands in testdata/intake, in case files
// that are held against every way in.
//
// The tests know the interface, not the code behind it: what they take from
// services/internal is only what an outsider also has, such as verifying a
// receipt, or stands in for one, such as the built-in issuer of tokens.
//
// -seed repeats the kills of an earlier run, -update writes the golden files, and
// with GOFLAGS=-race the program itself is built with the race detector.
package e2e

import (
	"flag"
	"testing"
	"time"

	"schakel.example/services/internal/testenv"
)

const program = "schakel.example/services/cmd/schakel"

func TestMain(m *testing.M) {
	// The tests wait for processes more than they work. Whoever gives -parallel
	// has it their way: it is parsed after this.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	testenv.Main(m)
}

// soon is how long to wait for what follows by itself, on a busy machine.
const soon = 60 * time.Second

// await repeats try until it succeeds.
func await(t *testing.T, what string, try func() error) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	limit := time.NewTimer(soon)
	defer limit.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-limit.C:
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// must gives a value, or fails the test.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
