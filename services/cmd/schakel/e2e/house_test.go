package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// services are the parts that keep a ledger, with the Dutch name of it.
var services = map[string]string{"signals": "signalen", "letters": "brieven", "contacts": "contacten"}

// house is a running Schakel of a test's own: its data folder, its addresses and
// the processes that it consists of.
type house struct {
	t    *testing.T
	data string
	// http is the base URL of REST; listen are the gRPC addresses by part.
	http   string
	listen map[string]string
	// settings are the flags that every process of the house gets.
	settings []string
	servers  []*testenv.Server
	redis    *testenv.RedisServer // nil where the queue is in the process
	rest     *http.Client
	conns    map[string]*grpc.ClientConn
}

// ways to run Schakel, by name: those that this run of the tests has.
func kinds() map[string]func(*testing.T) *house {
	all := map[string]func(*testing.T) *house{"all in one process": allInOne}
	if slices.Contains(testenv.Engines(), sqldb.Postgres) {
		all["four processes"] = fourProcesses
	}
	return all
}

// allInOne is `schakel serve`, on SQLite and with its own queue.
func allInOne(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, filepath.Join(t.TempDir(), "data"))
	h.start("all")
	return h
}

// fourProcesses is every part in a process of its own, on a PostgreSQL database
// each, with Redis between them.
func fourProcesses(t *testing.T) *house {
	t.Helper()
	return fourProcessesOn(t, func() string { return testenv.Postgres(t) })
}

// fourProcessesOn is fourProcesses on databases that are made for it, with settings
// besides.
func fourProcessesOn(t *testing.T, database func() string, settings ...string) *house {
	t.Helper()
	h := newHouse(t, filepath.Join(t.TempDir(), "data"))
	h.settings = append(h.settings, settings...)
	for part := range services {
		h.settings = append(h.settings, "--"+part+"-database="+database())
	}
	h.redis = testenv.StartRedis(t)
	h.settings = append(h.settings, "--redis=redis://"+h.redis.Addr())
	h.start("contacts", "gateway", "letters", "signals")
	return h
}

// newHouse is a house that is yet to be started.
func newHouse(t *testing.T, data string) *house {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32
	h := &house{
		t: t, data: data, listen: map[string]string{}, conns: map[string]*grpc.ClientConn{},
		rest: &http.Client{Transport: transport, Timeout: time.Minute},
	}
	t.Cleanup(transport.CloseIdleConnections)
	address := testenv.Address(t)
	h.http = "http://" + address
	h.settings = []string{"--data=" + data, "--http=" + address}
	for part := range services {
		h.dial(part)
	}
	return h
}

// dial gives a part an address, and connects to it.
func (h *house) dial(part string) {
	h.t.Helper()
	h.listen[part] = testenv.Address(h.t)
	h.settings = append(h.settings, "--"+part+"-listen="+h.listen[part])
	conn, err := grpc.NewClient(h.listen[part], grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(16<<20)))
	if err != nil {
		h.t.Fatal(err)
	}
	h.conns[part] = conn
	h.t.Cleanup(func() { _ = conn.Close() })
}

// replica starts a second replica of signals, on the same database and with the
// same keys, and a gateway to it. What it gives is the house as it is seen there.
func (h *house) replica() *house {
	h.t.Helper()
	address := testenv.Address(h.t)
	r := *h
	r.http, r.servers = "http://"+address, nil
	r.listen, r.conns = maps.Clone(h.listen), maps.Clone(h.conns)
	r.settings = slices.DeleteFunc(slices.Clone(h.settings), func(s string) bool {
		return strings.HasPrefix(s, "--http=") || strings.HasPrefix(s, "--signals-listen=")
	})
	r.settings = append(r.settings, "--http="+address)
	r.dial("signals")
	r.start("signals", "gateway")
	return &r
}

// start starts the parts, each in a process of its own, in this order: any one
// will do. A process is up when it answers; the house is when all are joined.
func (h *house) start(parts ...string) {
	h.t.Helper()
	bin := testenv.Build(h.t, program)
	for _, part := range parts {
		h.servers = append(h.servers, testenv.StartProgram(h.t, testenv.Program{
			Name:  "schakel serve " + part,
			Argv:  append([]string{bin, "serve", part, "--log-format=json"}, h.settings...),
			Ready: func(ctx context.Context) error { return h.up(ctx, part) },
		}))
	}
	h.ready()
}

// up says whether a process answers.
func (h *house) up(ctx context.Context, part string) error {
	if conn, ok := h.conns[part]; ok {
		conn.ResetConnectBackoff()
		_, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
		return err
	}
	path := "/healthz/live"
	if part == "all" {
		path = "/healthz/ready"
	}
	return h.healthy(ctx, path)
}

func (h *house) healthy(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.http+path, nil)
	if err != nil {
		return err
	}
	resp, err := h.rest.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return nil
}

// ready waits until every part works and the gateway reaches it.
func (h *house) ready() {
	h.t.Helper()
	await(h.t, "the house is ready", func() error { return h.healthy(h.t.Context(), "/healthz/ready") })
	for part := range services {
		await(h.t, part+" answers", func() error { return h.up(h.t.Context(), part) })
	}
}

// stop lets every process end in good order, the gateway first.
func (h *house) stop() {
	h.t.Helper()
	for _, server := range h.servers {
		server.Stop()
	}
}

// restart stops the house and starts it again on what it kept, which Redis does
// not: that comes back empty.
func (h *house) restart() {
	h.t.Helper()
	h.stop()
	if h.redis != nil {
		h.redis.Stop()
		h.redis.Restart()
	}
	for _, server := range h.servers {
		server.Restart()
	}
	h.ready()
}

// issuer is the built-in one of the house.
func (h *house) issuer(now func() time.Time) *access.Issuer {
	h.t.Helper()
	return must(access.OpenIssuer(filepath.Join(h.data, "sleutels", "uitgever.pem"), now))(h.t)
}

// token is one of a role at an organisation, which may be none.
func (h *house) token(role access.Role, organisation string) string {
	h.t.Helper()
	return must(h.issuer(time.Now).Mint(access.Token{
		Subject: "e2e " + role.String(), Roles: []access.Role{role}, Organisation: organisation, Lifetime: time.Hour,
	}))(h.t)
}

// as is the context of calls of a role at an organisation.
func (h *house) as(role access.Role, organisation string) context.Context {
	h.t.Helper()
	if role == access.Publiek {
		return h.t.Context()
	}
	return bearing(h.t.Context(), h.token(role, organisation))
}

// bearing is the context of calls with a token.
func bearing(ctx context.Context, token string) context.Context {
	return metadata.NewOutgoingContext(ctx, metadata.Pairs("authorization", "Bearer "+token))
}

// keys is the folder with the public keys of the house, and no others.
func (h *house) keys() string { return filepath.Join(h.data, "sleutels") }

// write writes a file for the program to read, and gives its path.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
