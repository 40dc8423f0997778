package ledgertest

import (
	"context"
	"net"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/feed"
	"schakel.example/services/internal/queue"
)

// serving are the cases about the LedgerService and who reads it.
var serving = map[string]func(*rig){
	"the service answers with what can be verified": func(r *rig) {
		l, m := r.grown(350)
		client := r.serve(l)
		c, err := client.GetCheckpoint(r.Context(), &ledgerv1.GetCheckpointRequest{})
		r.must(err)
		opened, err := ledger.OpenCheckpoint([]byte(c.GetCheckpoint().GetNote()), r.keys)
		r.must(err)
		if opened.Size != 350 || c.GetCheckpoint().GetSize() != 350 || string(opened.Root[:]) != string(c.GetCheckpoint().GetRootHash()) {
			r.Errorf("%v", c)
		}
		p, err := client.GetInclusionProof(r.Context(), &ledgerv1.GetInclusionProofRequest{Index: 200, Size: 350})
		r.must(err)
		if err := tlog.CheckRecord(hashes(p.GetPath()), 350, opened.Root, 200, tlog.Hash(p.GetLeafHash())); err != nil {
			r.Error(err)
		}
		q, err := client.GetConsistencyProof(r.Context(), &ledgerv1.GetConsistencyProofRequest{From: 77, To: 350})
		r.must(err)
		if err := tlog.CheckTree(hashes(q.GetPath()), 350, opened.Root, 77, m.root(r, 77)); err != nil {
			r.Error(err)
		}
		if _, err := client.GetInclusionProof(r.Context(), &ledgerv1.GetInclusionProofRequest{Index: 350, Size: 350}); err == nil {
			r.Error("a proof of what is not there")
		}
		if _, err := client.GetConsistencyProof(r.Context(), &ledgerv1.GetConsistencyProofRequest{From: 9, To: 8}); err == nil {
			r.Error("a proof of sizes out of order")
		}
	},
	"a source gives the entries of the log": func(r *rig) {
		l, _ := r.grown(350)
		r.erase(20)
		var want []queue.Message
		for _, e := range r.all() {
			want = append(want, queue.Message{Index: e.Index, Payload: e.Payload, Erased: e.Erased})
		}
		remote := feed.NewSource(r.serve(l))
		for _, source := range []queue.Source{remote, feed.NewLocal(l.Reader)} {
			size, err := source.Size(r.Context())
			r.must(err)
			var got []queue.Message
			for int64(len(got)) < size {
				page, err := source.Entries(r.Context(), int64(len(got)), 130)
				r.must(err)
				if len(page) == 0 || len(page) > 130 {
					r.Fatalf("a page of %d before the end", len(page))
				}
				got = append(got, page...)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				r.Errorf("%T (-log +source):\n%s", source, diff)
			}
			if page, err := source.Entries(r.Context(), size, 10); err != nil || len(page) != 0 {
				r.Errorf("%T beyond the end: %v, %v", source, page, err)
			}
		}
		if _, err := remote.Entries(r.Context(), -1, 10); err == nil {
			r.Error("from before the start")
		}
	},
	"large entries are cut into messages and pages": func(r *rig) {
		entries := Entries(r, 100)
		for i := range entries {
			entries[i].Payload = append(entries[i].Payload, make([]byte, 60<<10)...)
		}
		r.append(entries)
		l := r.log()
		r.sequence(l, 100)
		for _, source := range []queue.Source{feed.NewSource(r.serve(l)), feed.NewLocal(l.Reader)} {
			n := 0
			for n < 100 {
				page, err := source.Entries(r.Context(), int64(n), 100)
				r.must(err)
				if _, remote := source.(feed.Source); len(page) == 0 || remote && len(page) == 100 {
					r.Fatalf("%T: a page of %d entries", source, len(page))
				}
				for i, m := range page {
					if m.Index != int64(n+i) {
						r.Fatalf("%T: index %d at %d", source, m.Index, n+i)
					}
				}
				n += len(page)
			}
		}
	},
	"a publisher passes entries on as messages": func(r *rig) {
		l, _ := r.grown(3)
		r.erase(1)
		entries, err := l.Entries(r.Context(), 0, 3)
		r.must(err)
		var got stream
		r.must(feed.NewPublisher(&got).Publish(r.Context(), entries))
		want := stream{{Index: 0, Payload: entries[0].Payload}, {Index: 1, Erased: true}, {Index: 2, Payload: entries[2].Payload}}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Errorf("(-want +got):\n%s", diff)
		}
	},
}

type stream []queue.Message

func (s *stream) Publish(_ context.Context, messages []queue.Message) error {
	*s = append(*s, messages...)
	return nil
}

// serve serves the log on a connection in memory, without the server's chain.
func (r *rig) serve(l *ledger.Log) ledgerv1.LedgerServiceClient {
	r.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	ledger.Register(server, l.Reader)
	go func() {
		if err := server.Serve(listener); err != nil {
			r.Error(err)
		}
	}()
	r.Cleanup(server.Stop)
	conn, err := grpc.NewClient("passthrough:///log",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	r.must(err)
	r.Cleanup(func() { _ = conn.Close() })
	return ledgerv1.NewLedgerServiceClient(conn)
}

func hashes(path [][]byte) []tlog.Hash {
	var hashes []tlog.Hash
	for _, h := range path {
		hashes = append(hashes, tlog.Hash(h))
	}
	return hashes
}

func (s *stream) Erase(context.Context, []int64) error { return nil }
