package rpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	echov1 "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

func TestAnOrganisationThatMakesTooManyCallsAtOnceLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	of := func(subject, organisation string) access.Claims {
		return access.Claims{Subject: subject, Organisation: organisation, Roles: []access.Role{access.Toezichthouder}}
	}
	b := start(t, settings{limits: Limits{MaxCalls: 8, MaxOwn: 2}, verify: verifier{
		"one": of("one", "a"), "two": of("two", "a"), "three": of("three", "a"), "other": of("other", "b"), "nobody's": of("n", ""),
		serviceToken: {Subject: "service:test", Roles: []access.Role{access.Service}},
	}})
	inside, release := make(chan struct{}), make(chan struct{})
	b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		inside <- struct{}{}
		<-release
		return nil
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		const held = 7
		done := make(chan error, held)
		for _, token := range []string{"one", "two", "other", "nobody's", serviceToken, serviceToken, serviceToken} {
			go func() {
				_, err := list(as(within(t), token), conn, &ledgerv1.ListEntriesRequest{})
				done <- err
			}()
			<-inside
		}
		_, err := list(as(within(t), "three"), conn, &ledgerv1.ListEntriesRequest{})
		refused(t, err, codes.ResourceExhausted, "te-veel-tegelijk")
		for range held {
			release <- struct{}{}
			if err := <-done; err != io.EOF {
				t.Error(err)
			}
		}
		go func() { <-inside; release <- struct{}{} }()
		if _, err := list(as(within(t), "three"), conn, &ledgerv1.ListEntriesRequest{}); err != io.EOF {
			t.Errorf("after the others ended: %v", err)
		}
	})
}

func TestABatchMayBeLargerThanAMessage(t *testing.T) {
	t.Parallel()
	g := newGate(Limits{MaxMessage: 1000, MaxBatch: 4000}.withDefaults())
	for method, most := range map[string]int{
		"/schakel.signals.v1.SignalService/SubmitSignal":       1000,
		"/schakel.signals.v1.SignalService/BatchSubmitSignals": 4000,
		"/schakel.signals.v1.BatchService/SubmitSignal":        1000,
	} {
		call := &Call{Method: method}
		err := g.layer().Run(t.Context(), call, func(context.Context) error {
			m := &echov1.Payload{Body: make([]byte, most-10)}
			if err := call.received(m); err != nil {
				t.Errorf("%s: %d bytes: %v", method, proto.Size(m), err)
			}
			m.Body = make([]byte, most)
			if err := call.received(m); !errors.Is(err, errTooLarge) {
				t.Errorf("%s: %d bytes: %v", method, proto.Size(m), err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAFaultOfAnItemIsToldAsThatOfACall(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	// told is a status in words. The reference of an internal fault must be in
	// the log, and is blank.
	told := func(s *status.Status) string {
		text := s.Proto().String()
		if reference := errorInfo(t, s.Err()).GetMetadata()[MetaReference]; reference != "" {
			if !strings.Contains(b.log.String(), `"reference":"`+reference+`"`) {
				t.Errorf("the reference %q is not in the log", reference)
			}
			text = strings.ReplaceAll(text, reference, "_")
		}
		return text
	}
	for _, fails := range []error{
		fault.New(fault.Conflict, "bezet", fault.Text{NL: "Bezet.", EN: "taken"}).About("resource-1"),
		fault.New(fault.Exhausted, "te-druk", fault.Text{NL: "Te druk.", EN: "too busy"}).Because(errors.New("secret inside")),
		context.DeadlineExceeded,
		errors.New("secret inside"),
	} {
		var item string
		b.fake.proof = func(ctx context.Context, _ *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
			item = told(ItemStatus(ctx, fails))
			return nil, fails
		}
		_, err := proof(within(t), b.ways["in process"])
		if call := told(status.Convert(err)); item != call || strings.Contains(item, "secret") {
			t.Errorf("%v: the item says\n%s\nand the call\n%s", fails, item, call)
		}
	}
	if st := ItemStatus(t.Context(), errors.New("secret")); st.Code() != codes.Internal || strings.Contains(st.Proto().String(), "secret") {
		t.Errorf("outside a call: %v", st.Proto())
	}
}

func TestAStreamIsToldThatTheServerStops(t *testing.T) {
	t.Parallel()
	b := start(t, settings{noServe: true})
	inside := make(chan struct{})
	b.fake.both = func(s grpc.BidiStreamingServer[echov1.StreamingOutputCallRequest, echov1.StreamingOutputCallResponse]) error {
		select {
		case <-Stopping(s.Context()):
			t.Error("the server stops already")
		default:
		}
		close(inside)
		<-Stopping(s.Context())
		return s.Send(&echov1.StreamingOutputCallResponse{})
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx, func() {}) }()
	s, err := echov1.NewTestServiceClient(b.ways["in process"]).FullDuplexCall(within(t))
	if err != nil {
		t.Fatal(err)
	}
	<-inside
	cancel()
	if _, err := s.Recv(); err != nil {
		t.Error(err)
	}
	if _, err := s.Recv(); err != io.EOF {
		t.Errorf("the end: %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if Stopping(t.Context()) != nil {
		t.Error("outside a call something stops")
	}
}
