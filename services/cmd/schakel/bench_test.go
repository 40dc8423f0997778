package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/run"
)

// uwv is an organisation that submits.
const uwv = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"

// serveAll runs everything in this process, embedded, until the benchmark ends.
func serveAll(b *testing.B) *node {
	b.Helper()
	free := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	c := serveCmd{Part: "all", settings: settings{
		Data: b.TempDir(), HTTP: free(), SignalsListen: free(), LettersListen: free(), ContactsListen: free(),
		OIN: "00000099000000001000", Origin: "proef", LogFormat: "text", LogLevel: "warn",
	}}
	n, err := c.open(b.Context(), streams{out: io.Discard, err: b.Output()})
	if err != nil {
		b.Fatal(err)
	}
	parts, err := n.parts(b.Context(), "all")
	if err != nil {
		b.Fatal(err)
	}
	ready := make(chan struct{})
	parts = append(parts, run.Part{Name: "benchmark", Needs: []string{gatewayPart}, Run: func(ctx context.Context, isReady func()) error {
		isReady()
		close(ready)
		<-ctx.Done()
		return nil
	}})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run.Group{Log: n.tel.Log, StopWithin: time.Minute}.Run(ctx, parts...) }()
	b.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
		n.close()
	})
	select {
	case <-ready:
	case err := <-ended:
		b.Fatal(err)
	}
	return n
}

// nthSignal is a signal as rich as one of the demo's.
func nthSignal(n int64) *signalsv1.Signal {
	text, err := json.Marshal(map[string]any{
		"organisatie": uwv, "kenmerk": fmt.Sprintf("PROEF-%08d", n), "titel": "VOORBEELD: te hoog voorschot",
		"omschrijving": "VOORBEELD: door een late beslissing kreeg iemand een voorschot dat later hoger bleek dan het recht. " +
			"De schuld die zo ontstaat is niet zijn fout, en raakt hem in een periode van ziekte. De regel laat weinig ruimte.",
		"niveau": "organisatie", "categorieen": []string{"hardheid", "capaciteit"}, "ernst": "hoog", "aanpak": "solve",
		"publiekeWaarden": []string{"betrouwbaarheid"}, "doelgroepen": []string{}, "vertrouwelijkheid": "openbaar",
		"regelingen": []any{map[string]string{"jci": "jci1.3:c:BWBR0019057&artikel=77"}},
	})
	if err != nil {
		panic(err)
	}
	m := &signalsv1.Signal{}
	if err := wire.Unmarshal(text, m); err != nil {
		panic(err)
	}
	return m
}

// BenchmarkSubmitREST submits one signal a request, 64 clients at a time, from
// HTTP to disk, embedded.
func BenchmarkSubmitREST(b *testing.B) {
	n := serveAll(b)
	token, err := mint(n.Data, "proef", uwv, time.Hour, "aanleveraar")
	if err != nil {
		b.Fatal(err)
	}
	r := newRemote("http://"+n.HTTP, token)
	var count atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body, err := wire.Marshal(nthSignal(count.Add(1)))
			if err != nil {
				b.Error(err)
				return
			}
			if status, _, err := r.once(b.Context(), request{http.MethodPost, "/v1/signalen", "application/json", bytes.Clone(body)}); err != nil || status != http.StatusCreated {
				b.Error(status, err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signals/s")
}

// BenchmarkSubmitGRPC submits one signal a call, 64 callers at a time over one
// connection, from gRPC to disk, embedded.
func BenchmarkSubmitGRPC(b *testing.B) {
	n := serveAll(b)
	token, err := mint(n.Data, "proef", uwv, time.Hour, "aanleveraar")
	if err != nil {
		b.Fatal(err)
	}
	conn, err := grpc.NewClient(n.SignalsListen, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	client := signalsv1.NewSignalServiceClient(conn)
	ctx := metadata.AppendToOutgoingContext(b.Context(), "authorization", "Bearer "+token)
	var count atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := client.SubmitSignal(ctx, &signalsv1.SubmitSignalRequest{Signal: nthSignal(count.Add(1))}); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "signals/s")
}
