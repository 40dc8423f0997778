package testenv_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func query[T any](t *testing.T, url, q string) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), q).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := testenv.Postgres(t), testenv.Postgres(t)
	a, b := query[string](t, one, "SELECT current_database()"), query[string](t, two, "SELECT current_database()")
	if a == b {
		t.Errorf("both are %s", a)
	}
}

func TestTheSharedServerIsNoLeakOfATest(t *testing.T) {
	testenv.Postgres(t)
	goleak.VerifyNone(t, testenv.LeaveShared())
	if goleak.Find() == nil {
		t.Error("there is nothing to except")
	}
}

func TestPostgresSortsAsDutchDoesUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	url := testenv.Postgres(t)
	if !query[bool](t, url, "SELECT 'a' < 'B'") || query[bool](t, url, `SELECT 'a' COLLATE "C" < 'B'`) {
		t.Error("a forgotten COLLATE would not show")
	}
}

func TestPostgresKeepsWhatWasCommittedWhenKilled(t *testing.T) {
	t.Parallel()
	server := testenv.StartPostgres(t)
	url := server.Database()
	for name, die := range map[string]func(){
		"kill":     func() { server.Kill(); server.Restart() },
		"stop":     func() { server.Stop(); server.Restart() },
		"backends": server.KillBackends,
	} {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "CREATE TABLE "+name+" (a int); INSERT INTO "+name+" VALUES (1)"); err != nil {
			t.Fatal(err)
		}
		die()
		if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
			t.Errorf("%s: the connection lives", name)
		}
		// After the death of a backend the server recovers by itself.
		await(t, name, func() error {
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				return err
			}
			return conn.Close(t.Context())
		})
		if n := query[int](t, url, "SELECT count(*) FROM "+name); n != 1 {
			t.Errorf("%s: %d rows", name, n)
		}
	}
}

func TestRedisKeepsWhatItIsToldToKeep(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		settings []string
		want     int64
	}{
		{"nothing by default", nil, 0},
		{"all with an append-only file", []string{"appendonly yes", "appendfsync always"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := testenv.StartRedis(t, tt.settings...)
			client := redis.NewClient(&redis.Options{Addr: server.Addr()})
			defer client.Close()
			if err := client.Set(t.Context(), "key", "value", 0).Err(); err != nil {
				t.Fatal(err)
			}
			server.Kill()
			server.Restart()
			if n, err := client.Exists(t.Context(), "key").Result(); err != nil || n != tt.want {
				t.Errorf("%d keys, %v; want %d", n, err, tt.want)
			}
		})
	}
}

func TestConformanceSuitesRunOnEveryEngineOfTheRun(t *testing.T) {
	t.Parallel()
	want := map[sqldb.Engine]bool{sqldb.SQLite: true}
	redises := 1
	if os.Getenv(testenv.EnvServers) == "require" {
		want[sqldb.Postgres] = true
		redises = 2
	}
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		if err := db.Ping(t.Context()); err != nil || !want[db.Engine()] {
			t.Errorf("%s: %v", db.Engine(), err)
		}
		delete(want, db.Engine())
	})
	testenv.EachRedis(t, func(t *testing.T, client redis.UniversalClient) {
		if n, err := client.DBSize(t.Context()).Result(); err != nil || n != 0 {
			t.Errorf("%d keys, %v", n, err)
		}
		redises--
	})
	if len(want) > 0 || redises > 0 {
		t.Errorf("left out: %v and %d of Redis", want, redises)
	}
}

// child is set in the process that TestServersDieWithTheTestProcess kills.
const child = "TESTENV_CHILD"

func TestServersDieWithTheTestProcess(t *testing.T) {
	if os.Getenv(child) != "" {
		fmt.Println("at", testenv.StartRedis(t).Addr())
		fmt.Println("at", strings.Split(strings.Split(testenv.Postgres(t), "@")[1], "/")[0])
		select {} // until killed
	}
	t.Parallel()
	testenv.Redis(t) // leaves the test out where there are no servers
	temp := t.TempDir()
	if err := errors.Join(os.Chmod(temp, 0o1777), os.Chmod(temp+"/..", 0o755)); err != nil { // #nosec: a folder for servers
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), child+"=1", "TMPDIR="+temp)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var addrs []string
	for lines := bufio.NewScanner(out); len(addrs) < 2 && lines.Scan(); {
		if addr, ok := strings.CutPrefix(lines.Text(), "at "); ok {
			addrs = append(addrs, addr)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if len(addrs) != 2 {
		t.Fatalf("servers at %v", addrs)
	}
	for _, addr := range addrs {
		await(t, addr, func() error {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				return nil // gone
			}
			return errors.Join(errors.New("still there"), conn.Close())
		})
	}
}

// await repeats try until it succeeds.
func await(t *testing.T, what string, try func() error) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for limit := time.After(30 * time.Second); ; {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("%s: %v", what, err)
		}
	}
}
