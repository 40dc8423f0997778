// Package testenv gives tests the real engines: it starts PostgreSQL and Redis
// from the system's packages, each on a free port of 127.0.0.1 in a folder of
// its own, and stops what it started.
//
// The environment variable SCHAKEL_TEST_SERVERS decides which engines a test
// run has:
//
//	unset     SQLite and miniredis only; Main prints what is left out (make test)
//	require   PostgreSQL and redis-server too; it is a failure if they are not
//	          installed (make check, CI)
//
// A package that uses it begins with
//
//	func TestMain(m *testing.M) { testenv.Main(m) }
//
// and runs one conformance suite on every engine with EachDB or EachRedis.
// Tests of what happens when a server dies take a server of their own with
// StartPostgres or StartRedis. Programs of ours are built with Build, and run as
// servers with StartProgram.
//
// Invariants:
//   - A test gets a database, or a Redis, that nobody else uses.
//   - PostgreSQL runs with fsync, synchronous_commit and full_page_writes on, and
//     sorts text as Dutch does unless told otherwise, so that a forgotten
//     COLLATE "C" shows.
//   - Nothing is ever skipped in a run that requires the servers.
//   - Servers that are not ours run as an unprivileged user, also when the tests
//     run as root. All die with the test process, even if that is killed (Linux).
//   - Several test processes can run side by side.
//
// What the tests of a process share is the only state of the package: one
// PostgreSQL server, the programs that were built, the ports given out. It must
// not be imported by anything but tests.
package testenv
