package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"google.golang.org/grpc"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/config"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/feed"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/rpc"
	"schakel.example/services/internal/run"
	"schakel.example/services/internal/sqldb"
)

// The services, by the name of their part, with the name of each one's ledger.
const (
	signalsPart  = "signals"
	lettersPart  = "letters"
	contactsPart = "contacts"
	gatewayPart  = "gateway"
)

// logName is the Dutch name of a part's ledger.
func logName(part string) string {
	return map[string]string{signalsPart: "signalen", lettersPart: "brieven", contactsPart: "contacten"}[part]
}

// address is where a part's gRPC server listens.
func (s settings) address(part string) string {
	return map[string]string{
		signalsPart: s.SignalsListen, lettersPart: s.LettersListen, contactsPart: s.ContactsListen,
	}[part]
}

// database is the configured PostgreSQL of a part; not set is SQLite.
func (s settings) database(part string) config.Secret {
	return map[string]config.Secret{
		signalsPart: s.SignalsDatabase, lettersPart: s.LettersDatabase, contactsPart: s.ContactsDatabase,
	}[part]
}

// source names a part in events (NL GOV profile for CloudEvents).
func (s settings) source(part string) string {
	return "urn:nld:oin:" + s.OIN + ":systeem:schakel-" + logName(part)
}

// openDatabase opens a part's database, without migrating it.
func (s settings) openDatabase(ctx context.Context, part string) (*sqldb.DB, error) {
	c := sqldb.Config{Engine: sqldb.SQLite, DSN: filepath.Join(s.Data, part+".db")}
	if url := s.database(part); url.IsSet() {
		c = sqldb.Config{Engine: sqldb.Postgres, DSN: url.Reveal()}
	}
	db, err := sqldb.Open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("de database van %s: %w", part, err)
	}
	return db, nil
}

// keeper is one service in this process: its database, its ledger, its server.
type keeper struct {
	*node
	name   string
	db     *sqldb.DB
	signer *ledger.Signer
	log    *ledger.Log
	server *rpc.Server
	// works are what the service does beside answering calls.
	works []run.Part
}

// keep opens a service's database, brings its tables up to date, and makes its
// ledger.
func (n *node) keep(ctx context.Context, name string, migrations ...func(context.Context, *sqldb.DB) error) (*keeper, error) {
	if err := n.reserve(name); err != nil {
		return nil, err
	}
	db, err := n.openDatabase(ctx, name)
	if err != nil {
		return nil, err
	}
	n.onClose(db.Close)
	for _, migrate := range append(migrations, ledger.Migrate, queue.Migrate) {
		if err := migrate(ctx, db); err != nil {
			return nil, fmt.Errorf("de database van %s: %w", name, err)
		}
	}
	k := &keeper{node: n, name: name, db: db}
	if k.signer, err = n.signer(ctx, name, db); err != nil {
		return nil, err
	}
	k.log, err = ledger.New(ledger.Config{
		DB: db, Signer: k.signer, Publisher: feed.NewPublisher(n.stream(name)), Holder: n.holder(name), Logger: n.tel.Log,
	})
	if err != nil {
		return nil, err
	}
	k.work("log", k.log.Run)
	n.keepers = append(n.keepers, k)
	return k, nil
}

// holder names a part of this process in leases. One that runs embedded is the
// only one on its database, and gets its lease back at once after a restart.
func (n *node) holder(part string) string {
	if n.database(part).IsSet() {
		return ""
	}
	return "ingebed"
}

// stream is the fast path of a part's ledger.
func (n *node) stream(part string) *queue.Stream {
	return queue.NewStream(n.redis, n.Origin+"/"+logName(part))
}

// work adds something that the service does until it is stopped.
func (k *keeper) work(name string, do func(context.Context) error, needs ...string) {
	k.works = append(k.works, run.Part{Name: k.name + " " + name, Needs: needs, Run: func(ctx context.Context, ready func()) error {
		ready()
		return do(ctx)
	}})
}

// serve makes the service's server.
func (k *keeper) serve(register func(grpc.ServiceRegistrar)) (err error) {
	k.server, err = k.node.server(rpc.Options{Register: func(r grpc.ServiceRegistrar) {
		register(r)
		ledger.Register(r, k.log.Reader)
	}})
	return err
}

// follow applies the ledger of a part to the service, under the name of the part
// unless apply has one.
func (k *keeper) follow(source string, from queue.Source, apply queue.ApplierConfig) error {
	apply.Name = cmp.Or(apply.Name, source)
	apply.DB, apply.Stream, apply.Source = k.db, k.stream(source), from
	apply.Holder, apply.Logger = k.holder(k.name), k.tel.Log
	apply.Meter = k.tel.Metrics.Meter("schakel/queue")
	applier, err := queue.NewApplier(apply)
	if err != nil {
		return err
	}
	k.work("follows "+apply.Name, applier.Run)
	return nil
}

// serverPart is the name of the part that answers a service's calls.
func serverPart(name string) string { return name + " server" }

// parts are what runs of the service: first what it does beside answering, so
// that it goes on until the last call is answered.
func (k *keeper) parts() []run.Part {
	var needs []string
	for _, w := range k.works {
		needs = append(needs, w.Name)
	}
	server := run.Part{Name: serverPart(k.name), Needs: needs, Run: func(ctx context.Context, ready func()) error {
		return k.server.Run(ctx, ready, k.listeners[k.address(k.name)])
	}}
	return append(slices.Clone(k.works), server)
}

// peers are connections to the services. Those of calls of our own bear our
// token; those of the gateway pass on the caller's.
type peers struct {
	own, passing map[string]grpc.ClientConnInterface
}

// inProcess connects the parts of this process.
func inProcess(n *node, keepers map[string]*keeper) peers {
	p := peers{map[string]grpc.ClientConnInterface{}, map[string]grpc.ClientConnInterface{}}
	for name, k := range keepers {
		p.own[name], p.passing[name] = k.server.InProcess(n.credentials), k.server.InProcess(nil)
	}
	return p
}

// overLoopback connects to parts in other processes.
func overLoopback(n *node) (peers, error) {
	p := peers{map[string]grpc.ClientConnInterface{}, map[string]grpc.ClientConnInterface{}}
	dial := func(name string, credentials *access.Credentials) (grpc.ClientConnInterface, error) {
		conn, err := rpc.Dial(rpc.DialOptions{Target: n.address(name), Credentials: credentials, Telemetry: n.tel})
		if err == nil {
			n.onClose(conn.Close)
		}
		return conn, err
	}
	for _, name := range []string{signalsPart, lettersPart, contactsPart} {
		var err error
		if p.own[name], err = dial(name, n.credentials); err != nil {
			return p, err
		}
		if p.passing[name], err = dial(name, nil); err != nil {
			return p, err
		}
	}
	return p, nil
}
