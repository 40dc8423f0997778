package rpc

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/telemetry"
)

// nothing does nothing with what it gets, so that what is measured is the way.
type nothing struct {
	signalsv1.UnimplementedSignalServiceServer
	ledgerv1.UnimplementedLedgerServiceServer
}

func (nothing) SubmitSignal(_ context.Context, r *signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
	return &signalsv1.SubmitSignalResponse{Signal: r.GetSignal(), Receipt: &ledgerv1.Receipt{LeafHash: make([]byte, 32), Salt: make([]byte, 32)}}, nil
}

func (nothing) ListEntries(_ *ledgerv1.ListEntriesRequest, s grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
	m := &ledgerv1.ListEntriesResponse{}
	for range 100 {
		m.Entries = append(m.Entries, &ledgerv1.Entry{Id: "id", Subject: "subject", Payload: make([]byte, 800), Salt: make([]byte, 32), LeafHash: make([]byte, 32)})
	}
	for range 10 {
		if err := s.Send(m); err != nil {
			return err
		}
	}
	return nil
}

func (n nothing) register(r grpc.ServiceRegistrar) {
	signalsv1.RegisterSignalServiceServer(r, n)
	ledgerv1.RegisterLedgerServiceServer(r, n)
}

// signal is about 1 KB, as in the intake.
func signal() *signalsv1.SubmitSignalRequest {
	return &signalsv1.SubmitSignalRequest{Signal: &signalsv1.Signal{
		Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117", ExternalReference: "K-1", Title: "Een titel",
		Description: strings.Repeat("tekst ", 130), Level: "professioneel", Categories: []string{"uitvoerbaarheid", "complexiteit"},
		Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Celex{Celex: "32004R0883"}}},
		Severity:   2, Approach: 2, Confidentiality: 1, Extent: &signalsv1.Extent{Minimum: 1, Maximum: 3, Certainty: 1},
	}}
}

// ways starts one server with the whole chain, and gives the ways to call it
// beside the bare minimum: no chain at all.
func ways(b *testing.B) map[string]grpc.ClientConnInterface {
	b.Helper()
	issuer, err := access.OpenIssuer(b.TempDir()+"/issuer.pem", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	s, err := NewServer(Options{
		Register: nothing{}.register, Rules: compiled(b), Telemetry: telemetry.None(slog.New(slog.DiscardHandler)),
		Verifier: access.NewVerifier(access.VerifierConfig{Issuer: access.BuiltIn, Keys: issuer.Keys(), Now: time.Now}),
		Now:      time.Now, NewID: uuid.NewString,
	})
	if err != nil {
		b.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	buffer := bufconn.Listen(1 << 20)
	bare := grpc.NewServer()
	nothing{}.register(bare)
	bareBuffer := bufconn.Listen(1 << 20)
	go func() { _ = bare.Serve(bareBuffer) }()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, func() {}, tcp, buffer) }()

	all := map[string]grpc.ClientConnInterface{"inprocess": s.InProcess(nil)}
	over, err := Dial(DialOptions{Target: tcp.Addr().String(), Telemetry: telemetry.None(slog.New(slog.DiscardHandler))})
	if err != nil {
		b.Fatal(err)
	}
	all["tcp"] = over
	conns := []*grpc.ClientConn{over}
	for name, lis := range map[string]*bufconn.Listener{"bufconn": buffer, "bufconn-without-chain": bareBuffer} {
		conn, err := grpc.NewClient("passthrough:///"+name, grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
		if err != nil {
			b.Fatal(err)
		}
		all[name], conns = conn, append(conns, conn)
	}
	b.Cleanup(func() {
		for _, conn := range conns {
			_ = conn.Close()
		}
		bare.Stop()
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	token, err := issuer.Mint(access.Token{
		Subject: "bench", Roles: []access.Role{access.Aanleveraar, access.Beheerder}, Lifetime: time.Hour,
		Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117",
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, conn := range all {
		all[name] = bearer{conn, token}
	}
	return all
}

// bearer calls under a token.
type bearer struct {
	grpc.ClientConnInterface
	token string
}

func (c bearer) Invoke(ctx context.Context, method string, req, resp any, opts ...grpc.CallOption) error {
	return c.ClientConnInterface.Invoke(as(ctx, c.token), method, req, resp, opts...)
}

func (c bearer) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	return c.ClientConnInterface.NewStream(as(ctx, c.token), desc, method, opts...)
}

func BenchmarkUnary(b *testing.B) {
	for name, conn := range ways(b) {
		client := signalsv1.NewSignalServiceClient(conn)
		b.Run(name+"/1", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.SubmitSignal(b.Context(), signal()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/64", func(b *testing.B) {
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := client.SubmitSignal(b.Context(), signal()); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkStream reads 1000 entries in 10 messages.
func BenchmarkStream(b *testing.B) {
	for name, conn := range ways(b) {
		client := ledgerv1.NewLedgerServiceClient(conn)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := client.ListEntries(b.Context(), &ledgerv1.ListEntriesRequest{})
				for err == nil {
					_, err = s.Recv()
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
