package testenv

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// EnvServers is the variable that decides whether real servers are used; see
// the package documentation.
const EnvServers = "SCHAKEL_TEST_SERVERS"

const leftOut = "left out: PostgreSQL and redis-server (" + EnvServers + " is not \"require\"; `make check` uses them)"

const noMain = "the package needs: func TestMain(m *testing.M) { testenv.Main(m) }"

// shared is what the tests of this process share: the PostgreSQL server and the
// programs, made when the first test asks for them and discarded by Main. It is
// a variable because tests share nothing else than the process.
var shared struct {
	sync.Mutex
	main     bool
	postgres *PostgresServer
	programs map[string]*folder // by package
}

// given are the ports that were given out in this process.
var given sync.Map

// Main runs the tests of a package, stops the shared server and then looks for
// goroutines that the tests left behind. It does not return.
func Main(m *testing.M, ignore ...goleak.Option) {
	switch mode := os.Getenv(EnvServers); mode {
	case "require":
	case "":
		fmt.Fprintln(os.Stderr, "testenv: "+leftOut)
	default:
		fmt.Fprintf(os.Stderr, "testenv: %s is %q; it must be \"require\" or unset\n", EnvServers, mode)
		os.Exit(2)
	}
	shared.Lock()
	shared.main = true
	shared.Unlock()
	code := m.Run()
	if err := discardShared(); err != nil {
		fmt.Fprintln(os.Stderr, "testenv:", err)
		code = max(code, 1)
	}
	// After a failure a leak is no news: failed tests do not tidy up.
	if code == 0 {
		if err := goleak.Find(ignore...); err != nil {
			fmt.Fprintln(os.Stderr, "testenv:", err)
			code = 1
		}
	}
	os.Exit(code)
}

// required says whether this run must have the real servers.
func required() bool { return os.Getenv(EnvServers) == "require" }

// need leaves out the test if this run goes without servers, and says so.
func need(tb testing.TB) {
	tb.Helper()
	if !required() {
		tb.Skip(leftOut)
	}
}

// sharedPostgres returns the server of this process.
func sharedPostgres(tb testing.TB) *PostgresServer {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.main {
		tb.Fatal(noMain)
	}
	if shared.postgres == nil {
		p, err := startPostgres(nil)
		if err != nil {
			tb.Fatal(err)
		}
		shared.postgres = p
	}
	return shared.postgres
}

func discardShared() (err error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.postgres != nil {
		err = shared.postgres.discard()
	}
	for _, home := range shared.programs {
		err = errors.Join(err, home.remove())
	}
	return err
}

// LeaveShared is for tests that check for leaked goroutines themselves: it
// excepts the one that waits for the shared server.
func LeaveShared() goleak.Option {
	return goleak.IgnoreAnyFunction("schakel.example/services/internal/testenv.(*process).live")
}
