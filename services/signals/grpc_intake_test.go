package signals_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/rpc"
)

// assorted are signals of every kind; S-1 is taken by the first.
func assorted() (all []*signalsv1.Signal) {
	for _, change := range []func(*signalsv1.Signal){
		func(*signalsv1.Signal) {},
		func(m *signalsv1.Signal) { m.Title = "Anders" },
		func(m *signalsv1.Signal) { m.ExternalReference = "S-2" },
		func(m *signalsv1.Signal) { m.ExternalReference, m.Title, m.Severity = "S-3", "", 9 },
		func(*signalsv1.Signal) {},
		func(m *signalsv1.Signal) { m.ExternalReference = "geen kenmerk" },
		func(m *signalsv1.Signal) { m.Organisation = svb },
		func(m *signalsv1.Signal) { m.Id = uuid.NewString() },
		func(m *signalsv1.Signal) { proto.Reset(m) },
		func(m *signalsv1.Signal) { m.Categories = make([]string, 6) },
		func(m *signalsv1.Signal) { m.ProtoReflect().SetUnknown([]byte{0xf8, 0x7f, 0x01}) },
		func(m *signalsv1.Signal) { m.Description = "Bel met 06-12345678." },
	} {
		m := message()
		change(m)
		all = append(all, m)
	}
	return all
}

// The ways to submit signals, each of which gives a result for each.
var ways = map[string]func(t *testing.T, client signalsv1.SignalServiceClient, all []*signalsv1.Signal, trial bool) []*signalsv1.SubmitResult{
	"one by one": func(t *testing.T, client signalsv1.SignalServiceClient, all []*signalsv1.Signal, trial bool) (results []*signalsv1.SubmitResult) {
		for i, m := range all {
			result := &signalsv1.SubmitResult{Number: int32(i + 1), ExternalReference: m.GetExternalReference()}
			got, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m, ValidateOnly: trial})
			if err != nil {
				result.Outcome = &signalsv1.SubmitResult_Fault{Fault: status.Convert(err).Proto()}
			} else {
				result.Outcome = &signalsv1.SubmitResult_Accepted{Accepted: &signalsv1.Acceptance{
					Id: got.GetSignal().GetId(), ReceivedAt: got.GetSignal().GetReceivedAt(), Receipt: got.GetReceipt(),
					RepeatedSubmission: got.GetRepeatedSubmission(),
				}}
			}
			results = append(results, result)
		}
		return results
	},
	"as a batch": func(t *testing.T, client signalsv1.SignalServiceClient, all []*signalsv1.Signal, trial bool) []*signalsv1.SubmitResult {
		got, err := client.BatchSubmitSignals(as(t, uwv), &signalsv1.BatchSubmitSignalsRequest{Signals: all, ValidateOnly: trial})
		if err != nil {
			t.Fatal(err)
		}
		return got.GetResults()
	},
	"on a stream": func(t *testing.T, client signalsv1.SignalServiceClient, all []*signalsv1.Signal, trial bool) (results []*signalsv1.SubmitResult) {
		stream, err := client.SubmitSignals(as(t, uwv))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if err := stream.Send(&signalsv1.SubmitSignalsRequest{Signal: m, ValidateOnly: trial}); err != nil {
				t.Fatal(err)
			}
		}
		if err := stream.CloseSend(); err != nil {
			t.Fatal(err)
		}
		for {
			got, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				return results
			}
			if err != nil {
				t.Fatal(err)
			}
			results = append(results, got.GetResult())
		}
	},
}

func TestEveryWayInGivesTheSameVerdicts(t *testing.T) {
	t.Parallel()
	for _, trial := range []bool{false, true} {
		told := map[string][]*signalsv1.SubmitResult{}
		for name, submit := range ways {
			client, keys := serve(t)
			told[name] = submit(t, client, assorted(), trial)
			for i, r := range told[name] {
				a := r.GetAccepted()
				switch {
				case a == nil:
					continue
				case trial:
					if a.GetId() != "" || a.GetReceipt() != nil || a.GetReceivedAt() != nil || name != "one by one" && len(a.GetContentHash()) != 32 {
						t.Errorf("%s, trial %d: %v", name, i, a)
					}
					continue
				}
				receipt, err := client.GetReceipt(as(t, uwv), &signalsv1.GetReceiptRequest{Id: a.GetId()})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(receipt.GetReceipt(), a.GetReceipt(), protocmp.Transform()); diff != "" {
					t.Errorf("%s, signal %d: the receipt (-stored +given):\n%s", name, i, diff)
				}
				stored, err := proto.Marshal(a.GetReceipt())
				if err == nil {
					_, err = ledger.VerifyReceipt(stored, receipt.GetPayload(), keys)
				}
				if err != nil {
					t.Errorf("%s, signal %d: %v", name, i, err)
				}
			}
		}
		for name, got := range told {
			if diff := cmp.Diff(comparable(told["one by one"], trial), comparable(got, trial), protocmp.Transform()); diff != "" {
				t.Errorf("%s, trial %v (-one by one +got):\n%s", name, trial, diff)
			}
		}
	}
}

// comparable leaves out what differs each time. In trials one by one nothing is
// before the second.
func comparable(results []*signalsv1.SubmitResult, trial bool) (all []*signalsv1.SubmitResult) {
	for i, r := range results {
		r = proto.CloneOf(r)
		if a := r.GetAccepted(); a != nil {
			a.Id, a.ReceivedAt, a.Receipt, a.ContentHash = "", nil, nil, nil
		}
		if f := told(status.FromProto(r.GetFault()).Err()); f != nil && f.Resource != "" {
			f.Resource = "id"
			r.Outcome = &signalsv1.SubmitResult_Fault{Fault: rpc.ToStatus(f).Proto()}
		}
		if i == 5 { // as what it holds may be what should not be told
			r.ExternalReference = ""
		}
		if trial && (i == 1 || i == 4) {
			continue
		}
		all = append(all, r)
	}
	return all
}

func TestAReferenceThatIsNotGoodIsNotToldAgain(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	for _, name := range []string{"as a batch", "on a stream"} {
		results := ways[name](t, client, assorted(), false)
		if r := results[5]; r.GetExternalReference() != "" || r.GetFault() == nil || r.GetNumber() != 6 {
			t.Errorf("%s: %v", name, r)
		}
		if r := results[3]; r.GetExternalReference() != "S-3" || r.GetFault() == nil {
			t.Errorf("%s: of a good one: %v", name, r)
		}
		long := message()
		long.Provisions, long.ExternalReference = make([]*referencev1.Provision, 21), "BSN-999990019"
		for i := range long.Provisions {
			long.Provisions[i] = &referencev1.Provision{}
		}
		fine := proto.CloneOf(long)
		fine.ExternalReference = "S-4"
		results = ways[name](t, client, []*signalsv1.Signal{long, fine}, false)
		if r := results[0]; r.GetExternalReference() != "" || len(told(status.FromProto(r.GetFault()).Err()).Fields) != 2 {
			t.Errorf("%s: beside a list that is too long: %v", name, r)
		}
		if r := results[1]; r.GetExternalReference() != "S-4" || len(told(status.FromProto(r.GetFault()).Err()).Fields) != 1 {
			t.Errorf("%s: a good one beside a list that is too long: %v", name, r)
		}
	}
}

func TestABatchHoldsFromOneToAThousandSignals(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	for n, good := range map[int]bool{0: false, 1: true, 1000: true, 1001: false} {
		req := &signalsv1.BatchSubmitSignalsRequest{}
		for i := range n {
			m := message()
			m.ExternalReference, m.Description = fmt.Sprintf("%d-%d", n, i), string(make([]byte, 0))+"Een omschrijving."
			req.Signals = append(req.Signals, m)
		}
		got, err := client.BatchSubmitSignals(as(t, uwv), req)
		if !good && status.Code(err) != codes.InvalidArgument || good && (err != nil || len(got.GetResults()) != n) {
			t.Errorf("%d signals: %d results, %v", n, len(got.GetResults()), err)
		}
		for i, r := range got.GetResults() {
			if r.GetAccepted() == nil || r.GetNumber() != int32(i+1) {
				t.Errorf("%d signals: %v", n, r)
			}
		}
	}
}

func TestAStreamEndsByItselfWhenItsTimeIsNearlyOver(t *testing.T) {
	t.Parallel()
	server, _ := serverAt(t, func() time.Time { return now }, rpc.Limits{Stream: 2 * time.Second})
	stream, err := signalsv1.NewSignalServiceClient(server.InProcess(nil)).SubmitSignals(as(t, uwv))
	if err != nil {
		t.Fatal(err)
	}
	const few = 10
	for i := range few {
		m := message()
		m.ExternalReference = fmt.Sprint("S-", i)
		if err := stream.Send(&signalsv1.SubmitSignalsRequest{Signal: m}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range few {
		if got, err := stream.Recv(); err != nil || got.GetResult().GetAccepted() == nil {
			t.Errorf("acknowledgement %d: %v, %v", i, got, err)
		}
	}
	_, err = stream.Recv() // though the client neither ends nor goes on
	refused(t, err, fault.Unavailable, "opnieuw-verbinden")
}

// listen serves over TCP until stop is called.
func listen(t *testing.T, server *rpc.Server) (client signalsv1.SignalServiceClient, stop func()) {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- server.Run(ctx, func() { close(ready) }, lis) }()
	<-ready
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	var stopped atomic.Bool
	stop = func() {
		if stopped.Swap(true) {
			return
		}
		cancel()
		if err := errors.Join(<-ended, conn.Close()); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return signalsv1.NewSignalServiceClient(conn), stop
}

func TestAStreamIsAnsweredToTheEndWhenTheServerStops(t *testing.T) {
	t.Parallel()
	server, _ := serverAt(t, func() time.Time { return now }, rpc.Limits{})
	client, stop := listen(t, server)
	stream, err := client.SubmitSignals(as(t, uwv))
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	for i := range 500 {
		m := message()
		m.ExternalReference = fmt.Sprint("S-", i)
		if err := stream.Send(&signalsv1.SubmitSignalsRequest{Signal: m}); err != nil {
			t.Fatal(err)
		}
	}
	for n := 0; ; n++ {
		got, err := stream.Recv()
		if err != nil {
			refused(t, err, fault.Unavailable, "opnieuw-verbinden")
			if n < 3 {
				t.Errorf("%d were acknowledged", n)
			}
			break
		}
		if got.GetResult().GetAccepted() == nil {
			t.Errorf("acknowledgement %d: %v", n, got)
		}
		if n == 2 {
			go func() { stop(); close(stopped) }()
		}
	}
	<-stopped
}

func TestAClientThatDoesNotReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	server, _ := serverAt(t, func() time.Time { return now }, rpc.Limits{Drain: time.Millisecond})
	client, _ := listen(t, server)
	ctx, cancel := context.WithCancel(as(t, uwv))
	defer cancel()
	stalled, err := client.SubmitSignals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := range 100_000 {
			m := message()
			m.ExternalReference = fmt.Sprint("S-", i)
			if stalled.Send(&signalsv1.SubmitSignalsRequest{Signal: m}) != nil {
				return
			}
			sent.Add(1)
		}
	}()
	// The one connection that they share has room for acknowledgements, until
	// they fill what is kept for a stream; the others go on all the while.
	for i, before := 0, int64(-1); before != sent.Load() || i < 20; i++ {
		before = sent.Load()
		m := message()
		m.ExternalReference = fmt.Sprint("S-other-", i)
		if _, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m}); err != nil {
			t.Fatal(err)
		}
	}
	if n := sent.Load(); n == 100_000 {
		t.Error("all was read of a client that reads nothing")
	}
	cancel()
	<-ended
}
