package rpc

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	echov1 "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/peer"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/fault"
)

func TestStreamsOfThePublicLeaveRoomForItsOtherCalls(t *testing.T) {
	t.Parallel()
	b := start(t, settings{limits: Limits{MaxCalls: 32, MaxOwn: 8}})
	b.fake.proof = ok
	inside, release := make(chan struct{}), make(chan struct{})
	b.fake.upload = func(s grpc.ClientStreamingServer[echov1.StreamingInputCallRequest, echov1.StreamingInputCallResponse]) error {
		inside <- struct{}{}
		<-release
		return readAll(s)
	}
	b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		return nil
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		done := make(chan error)
		for range 2 {
			go func() { _, err := upload(within(t), conn); done <- err }()
			<-inside
		}
		_, err := upload(within(t), conn)
		refused(t, err, codes.ResourceExhausted, "te-druk-zonder-token")
		if _, err := proof(within(t), conn); err != nil {
			t.Errorf("another call: %v", err)
		}
		if _, err := list(as(within(t), readerToken), conn, &ledgerv1.ListEntriesRequest{}); err != io.EOF {
			t.Errorf("a stream of who has a token: %v", err)
		}
		for range 2 {
			release <- struct{}{}
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// at is the context of a call from an address.
func at(address string) context.Context {
	addr := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(address), 4711))
	return peer.NewContext(context.Background(), &peer.Peer{Addr: addr})
}

func TestOneAddressCannotTakeAllThatIsThePublics(t *testing.T) {
	t.Parallel()
	c := newCallers(Limits{MaxOwn: 16}.withDefaults(), nil)
	// try says how calls end that are made while others are in progress.
	var try func(within func(), addresses ...string) error
	try = func(within func(), addresses ...string) error {
		if len(addresses) == 0 {
			within()
			return nil
		}
		return c.public(at(addresses[0]), &Call{}, func() error { return try(within, addresses[1:]...) })
	}
	tests := []struct {
		name      string
		addresses []string
		refused   *fault.Error
	}{
		{"two of one", []string{"192.0.2.1", "192.0.2.1"}, nil},
		{"three of one", []string{"192.0.2.1", "192.0.2.1", "192.0.2.1"}, errTooMany},
		{"three of two", []string{"192.0.2.1", "192.0.2.2", "192.0.2.1"}, nil},
		{"three of one network", []string{"2001:db8::1", "2001:db8::2", "2001:db8::ffff:0:3"}, errTooMany},
		{"three of two networks", []string{"2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"}, nil},
		{"three of this machine, where the gateway is", []string{"127.0.0.1", "127.0.0.1", "::1", "127.0.0.1"}, nil},
	}
	for _, tt := range tests {
		made := false
		err := try(func() { made = true }, tt.addresses...)
		if tt.refused == nil && (err != nil || !made) || tt.refused != nil && !errors.Is(err, tt.refused) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if len(c.calls) > 0 {
			t.Errorf("%s: afterwards there is %v", tt.name, c.calls)
		}
	}
}

func TestTheGatewayIsNotTakenForOneWhoCallsTooOften(t *testing.T) {
	t.Parallel()
	b := start(t, settings{limits: Limits{Rate: 0.001, Burst: 1}})
	b.fake.proof = ok
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for range 3 {
			if _, err := proof(within(t), conn); err != nil {
				t.Error(err)
			}
		}
	})
}
