package bench

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // sql.Open("pgx")
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals/sqlstore"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// builds are the paths of the programs that take part.
type builds struct{ schakel, pocketbase, jetstream string }

// build builds each program in its own module, as it is shipped.
func build(b *testing.B) builds {
	b.Helper()
	folder := b.TempDir()
	one := func(name, module, pkg, workspace string) string {
		path := filepath.Join(folder, name)
		cmd := exec.Command("go", "build", "-C", module, "-o", path, pkg)
		cmd.Env = append(os.Environ(), "GOWORK="+workspace)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("building %s: %v\n%s", name, err, out)
		}
		return path
	}
	return builds{
		schakel:    one("schakel", "..", "./cmd/schakel", ""),
		pocketbase: one("pocketbase", "pocketbase", ".", "off"),
		jetstream:  one("jetstream", ".", "./jetstream", "off"),
	}
}

// house is a running Schakel: everything in one process, on SQLite and with its
// own queue, or with the signals on PostgreSQL and with Redis.
type house struct {
	bin, http, grpc string
	// driver and dsn are how its database of signals is opened.
	driver, dsn string
	tokens      []string // by organisation
	database    func() string
}

func startHouse(b *testing.B, bin string, engine sqldb.Engine, database func() string) *house {
	b.Helper()
	data := filepath.Join(b.TempDir(), "data")
	h := &house{bin: bin, http: testenv.Address(b), grpc: testenv.Address(b), database: database}
	argv := []string{
		bin, "serve", "--data=" + data, "--http=" + h.http, "--signals-listen=" + h.grpc,
		"--letters-listen=" + testenv.Address(b), "--contacts-listen=" + testenv.Address(b),
	}
	if engine == sqldb.Postgres {
		h.driver, h.dsn = "pgx", database()
		argv = append(argv, "--signals-database="+h.dsn, "--redis=redis://"+testenv.Redis(b))
	} else {
		h.driver, h.dsn = "sqlite", filepath.Join(data, "signals.db")
	}
	testenv.StartProgram(b, testenv.Program{Name: "schakel serve", Argv: argv, Ready: answers("http://" + h.http + "/healthz/ready")})
	for _, organisation := range organisations() {
		token, err := exec.Command(bin, "token", "--data="+data, "--role=aanleveraar", "--organisation="+organisation).Output()
		if err != nil {
			b.Fatal("schakel token: ", err)
		}
		h.tokens = append(h.tokens, strings.TrimSpace(string(token)))
	}
	return h
}

// answers is whether a URL gives 200.
func answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			err = errors.New(resp.Status)
		}
		return errors.Join(err, resp.Body.Close())
	}
}

// open opens the database of signals.
func (h *house) open(b *testing.B) *sql.DB {
	b.Helper()
	db, err := sql.Open(h.driver, h.dsn)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return db
}

// stored counts the signals that are in the database.
func (h *house) stored(b *testing.B) (n int) {
	b.Helper()
	if err := h.open(b).QueryRowContext(b.Context(), "SELECT count(*) FROM signal").Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// sources are those of so many clients, whose organisations take turns.
func sourcesOf(b *testing.B, clients int, message func([]byte) ([]byte, error)) []*source {
	b.Helper()
	var kinds [][]template
	for i, organisation := range organisations() {
		all, err := templates(uint64(i), organisation, message)
		if err != nil {
			b.Fatal(err)
		}
		kinds = append(kinds, all)
	}
	all := make([]*source, clients)
	for i := range all {
		all[i] = &source{templates: kinds[i%len(kinds)], references: references{source: i}}
	}
	return all
}

// token is that of a client.
func (h *house) token(client int) string { return h.tokens[client%len(h.tokens)] }

// callers are connections to post single messages over.
func callers(b *testing.B, n int, address, path string, token func(int) string) []*caller {
	b.Helper()
	all := make([]*caller, n)
	for i := range all {
		headers := []string{"Content-Type: application/json"}
		if token != nil {
			headers = append(headers, "Authorization: Bearer "+token(i))
		}
		var err error
		if all[i], err = call(b.Context(), address, path, headers...); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = all[i].close() })
	}
	return all
}

// posters are clients to post batches.
func posters(b *testing.B, n int, url string, token func(int) string, message func([]byte) ([]byte, error)) []*poster {
	b.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = n
	transport.WriteBufferSize, transport.ReadBufferSize = 64<<10, 64<<10
	b.Cleanup(transport.CloseIdleConnections)
	all := make([]*poster, n)
	for i, source := range sourcesOf(b, n, message) {
		all[i] = &poster{http: &http.Client{Transport: transport}, url: url, source: source}
		if token != nil {
			all[i].token = token(i)
		}
	}
	return all
}

// streamers are clients with a connection each.
func (h *house) streamers(b *testing.B, n int) []*streamer {
	b.Helper()
	all := make([]*streamer, n)
	for i, source := range sourcesOf(b, n, inProto(streamed)) {
		conn, err := grpc.NewClient(h.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		all[i] = &streamer{conn: conn, token: h.token(i), source: source}
	}
	return all
}

// writers makes writers to a database of their own, with the tables that Schakel
// makes.
func (h *house) writers(b *testing.B, n int, tables []table) []writer {
	b.Helper()
	config := sqldb.Config{Engine: sqldb.SQLite, DSN: filepath.Join(b.TempDir(), "bare.db")}
	if h.driver == "pgx" {
		config = sqldb.Config{Engine: sqldb.Postgres, DSN: h.database()}
	}
	db, err := sqldb.Open(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(ledger.Migrate(b.Context(), db), sqlstore.Migrate(b.Context(), db), db.Close()); err != nil {
		b.Fatal(err)
	}
	all := make([]writer, n)
	for i := range all {
		w, err := newWriter(b.Context(), config, tables)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() {
			if err := w.close(context.Background()); err != nil {
				b.Error(err)
			}
		})
		all[i] = w
	}
	return all
}

func newWriter(ctx context.Context, c sqldb.Config, tables []table) (writer, error) {
	if c.Engine == sqldb.Postgres {
		return newPostgresWriter(ctx, c.DSN, tables)
	}
	db, err := openSQLite(c.DSN)
	if err != nil {
		return nil, err
	}
	return newSQLiteWriter(ctx, db, tables)
}

// startPocketBase gives the address of a PocketBase.
func startPocketBase(b *testing.B, bin string) string {
	b.Helper()
	address := testenv.Address(b)
	testenv.StartProgram(b, testenv.Program{
		Name: "PocketBase", Argv: []string{bin, "serve", "--dir=" + b.TempDir(), "--http=" + address},
		Ready: answers("http://" + address + "/api/health"),
	})
	return address
}

// joinedJetStream gives clients of a JetStream.
func joinedJetStream(b *testing.B, bin, subject string, n int) (all []nats.JetStreamContext) {
	b.Helper()
	address := testenv.Address(b)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		b.Fatal(err)
	}
	testenv.StartProgram(b, testenv.Program{
		Name: "JetStream", Argv: []string{bin, "-data=" + b.TempDir(), "-port=" + port},
		Ready: func(context.Context) error {
			conn, _, err := joinJetStream(address, subject)
			if err == nil {
				conn.Close()
			}
			return err
		},
	})
	for range n {
		conn, js, err := joinJetStream(address, subject)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(conn.Close)
		all = append(all, js)
	}
	return all
}

// onDisk refuses to measure what no disk is behind.
func onDisk(b *testing.B) {
	b.Helper()
	memory, err := inMemory(os.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	if memory {
		b.Fatalf("%s is in memory, where nothing is ever flushed: set TMPDIR to a folder on a disk", os.TempDir())
	}
}
