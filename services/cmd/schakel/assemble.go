package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"path/filepath"
	"time"

	"google.golang.org/grpc"

	"schakel.example/gateway/rest"
	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/contacts"
	contactstore "schakel.example/services/contacts/sqlstore"
	"schakel.example/services/internal/ledger/feed"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/run"
	"schakel.example/services/letters"
	"schakel.example/services/letters/edition"
	letterstore "schakel.example/services/letters/sqlstore"
	"schakel.example/services/reference/refserver"
	"schakel.example/services/signals"
	signalstore "schakel.example/services/signals/sqlstore"
)

// service is one service before it is joined to the others.
type service struct {
	*keeper
	// join gives it the others, once all are made.
	join func(peers) error
}

func (n *node) signals(ctx context.Context) (*service, error) {
	k, err := n.keep(ctx, signalsPart, signalstore.Migrate)
	if err != nil {
		return nil, err
	}
	s := signals.New(signals.Config{
		DB: k.db, Store: signalstore.New(k.db), Log: k.log, Signer: k.signer,
		Source: n.source(signalsPart), Now: time.Now, NewID: newID,
	})
	k.work("intake", s.Run)
	k.work("release", func(ctx context.Context) error { return s.Release(ctx, n.tel.Log) })
	k.work("publication", func(ctx context.Context) error { return s.Publish(ctx, n.tel.Log) })
	err = k.serve(func(r grpc.ServiceRegistrar) {
		signals.Register(r, s, n.rules, n.data)
		refserver.Register(r, n.data)
	})
	return &service{k, func(p peers) error {
		return errors.Join(
			k.follow(lettersPart, source(p, lettersPart), queue.ApplierConfig{Apply: s.Apply, Subject: signals.Subject}),
			k.follow(signalsPart, feed.NewLocal(k.log.Reader), queue.ApplierConfig{
				Name: signalsPart + " proposals", Apply: s.Propose, ApplyAll: s.ProposeAll, Subject: signals.OwnSubject,
				Batch: signals.ProposeBatch, Rest: s.Rest,
			}),
			k.follow(signalsPart, feed.NewLocal(k.log.Reader), queue.ApplierConfig{
				Name: signalsPart + " index", Apply: s.IndexEntry, ApplyAll: s.IndexEntries, Subject: signals.OwnSubject,
				Batch: signals.IndexBatch, Rest: s.Rest,
			}))
	}}, err
}

func (n *node) letters(ctx context.Context) (*service, error) {
	k, err := n.keep(ctx, lettersPart, letterstore.Migrate)
	if err != nil {
		return nil, err
	}
	s := letters.New(letters.Config{
		DB: k.db, Store: letterstore.New(k.db), Log: k.log, Data: n.data,
		Source: n.source(lettersPart), Now: time.Now, NewID: newID,
	})
	editions := &letters.Editions{Service: s, Signer: k.signer, Dir: filepath.Join(n.Data, "edities"), Logger: n.tel.Log}
	err = k.serve(func(r grpc.ServiceRegistrar) {
		letters.Register(r, s, n.rules)
		letters.RegisterEditions(r, editions)
	})
	return &service{k, func(p peers) error {
		editions.Ledgers = edition.Ledgers{
			Signals:  edition.NewRemote(ledgerv1.NewLedgerServiceClient(p.own[signalsPart])),
			Letters:  edition.Local{Reader: k.log.Reader},
			Contacts: edition.NewRemote(ledgerv1.NewLedgerServiceClient(p.own[contactsPart])),
		}
		k.work("editions", editions.Run)
		return k.follow(signalsPart, source(p, signalsPart), queue.ApplierConfig{Apply: s.Apply, Subject: letters.Subject})
	}}, err
}

func (n *node) contacts(ctx context.Context) (*service, error) {
	k, err := n.keep(ctx, contactsPart, contactstore.Migrate)
	if err != nil {
		return nil, err
	}
	s := contacts.New(contacts.Config{
		DB: k.db, Store: contactstore.New(k.db), Log: k.log, Data: n.data,
		Source: n.source(contactsPart), Now: time.Now, NewID: newID,
	})
	err = k.serve(func(r grpc.ServiceRegistrar) { contacts.Register(r, s, n.rules) })
	return &service{k, func(peers) error { return nil }}, err
}

// source reads the ledger of a part that is behind a connection.
func source(p peers, name string) feed.Source {
	return feed.NewSource(ledgerv1.NewLedgerServiceClient(p.own[name]))
}

// gateway is the REST way in.
func (n *node) gateway(p peers, needs ...string) (run.Part, error) {
	stopping := make(chan struct{})
	handler, err := rest.New(rest.Config{
		Backends: []rest.Backend{
			{Name: signalsPart, Conn: p.passing[signalsPart], Services: []*grpc.ServiceDesc{
				&signalsv1.SignalService_ServiceDesc, &signalsv1.TriageService_ServiceDesc, &signalsv1.ProtectedSignalService_ServiceDesc,
				&referencev1.ReferenceService_ServiceDesc,
			}},
			{Name: lettersPart, Conn: p.passing[lettersPart], Services: []*grpc.ServiceDesc{
				&lettersv1.BottleneckService_ServiceDesc, &lettersv1.LetterService_ServiceDesc, &lettersv1.EditionService_ServiceDesc,
				&lettersv1.ProposalService_ServiceDesc,
			}},
			{Name: contactsPart, Conn: p.passing[contactsPart], Services: []*grpc.ServiceDesc{&contactsv1.ContactService_ServiceDesc}},
		},
		Editions: lettersv1.NewEditionServiceClient(p.passing[lettersPart]),
		Rules:    n.rules, Origins: n.Origins, TrustedProxies: networks(n.TrustedProxies), Logger: n.tel.Log, Traces: n.tel.Traces, NewID: newID, Stopping: stopping,
	})
	return run.Part{Name: gatewayPart, Needs: needs, Run: func(ctx context.Context, ready func()) error {
		defer context.AfterFunc(ctx, func() { close(stopping) })()
		return n.serveHTTP(ctx, ready, handler)
	}}, err
}

// serveHTTP serves the REST way in until ctx ends, and lets requests in progress
// end.
func (n *node) serveHTTP(ctx context.Context, ready func(), handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		// What net/http has to say names the addresses of callers.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(n.listeners[n.HTTP]) }()
	ready()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(stop)
}

// parts puts together what a process runs: everything, or one part.
func (n *node) parts(ctx context.Context, which string) ([]run.Part, error) {
	makers := map[string]func(context.Context) (*service, error){
		signalsPart: n.signals, lettersPart: n.letters, contactsPart: n.contacts,
	}
	names := []string{signalsPart, lettersPart, contactsPart}
	addresses := []string{n.HTTP}
	switch {
	case which == "all":
		addresses = append(addresses, n.SignalsListen, n.LettersListen, n.ContactsListen)
	case which != gatewayPart:
		addresses = []string{n.address(which)}
	}
	if err := n.listen(addresses...); err != nil {
		return nil, err
	}
	if make, ok := makers[which]; ok {
		return n.alone(ctx, make)
	}
	if which == gatewayPart {
		p, err := overLoopback(n)
		if err != nil {
			return nil, err
		}
		part, err := n.gateway(p)
		return []run.Part{part}, err
	}
	keepers, services := map[string]*keeper{}, []*service{}
	for _, name := range names {
		s, err := makers[name](ctx)
		if err != nil {
			return nil, err
		}
		keepers[name], services = s.keeper, append(services, s)
	}
	p := inProcess(n, keepers)
	var parts []run.Part
	var servers []string
	for _, s := range services {
		if err := s.join(p); err != nil {
			return nil, err
		}
		parts, servers = append(parts, s.parts()...), append(servers, serverPart(s.name))
	}
	part, err := n.gateway(p, servers...)
	return append(parts, part), err
}

// alone is one service, joined to the others over the network.
func (n *node) alone(ctx context.Context, make func(context.Context) (*service, error)) ([]run.Part, error) {
	s, err := make(ctx)
	if err != nil {
		return nil, err
	}
	p, err := overLoopback(n)
	if err != nil {
		return nil, err
	}
	if err := s.join(p); err != nil {
		return nil, err
	}
	return s.parts(), nil
}
