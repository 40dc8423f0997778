package rpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/access"
)

// order is the order that the package documents.
var order = []string{
	"(OpenTelemetry)", "request", "metrics", "errors", "recovery", "limits",
	"authentication", "access", "rate", "deadline", "validation", "handler",
}

func TestTheOrderOfTheLayersIsTheDocumentedOneByEveryWayIn(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	note := func(name string) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, name)
	}
	b := start(t, settings{
		onSpan: func() {
			mu.Lock()
			defer mu.Unlock()
			// In process the client records a span, too, just before.
			if len(seen) == 0 {
				seen = append(seen, "(OpenTelemetry)")
			}
		},
		wrap: func(l Layer) Layer {
			return Layer{l.Name, func(ctx context.Context, call *Call, next Next) error {
				note(l.Name)
				return l.Run(ctx, call, next)
			}}
		},
	})
	b.fake.proof = func(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		note("handler")
		return ok(ctx, r)
	}
	b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		note("handler")
		return nil
	}
	// Not parallel: they share what was seen.
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for shape, call := range map[string]func() error{
			"unary": func() error { _, err := proof(within(t), conn); return err },
			"stream": func() error {
				_, err := list(as(within(t), serviceToken), conn, &ledgerv1.ListEntriesRequest{})
				return err
			},
		} {
			seen = nil
			if err := call(); err != nil && err != io.EOF {
				t.Fatal(err)
			}
			mu.Lock()
			if diff := cmp.Diff(order, seen); diff != "" {
				t.Errorf("%s: order (-want +got):\n%s", shape, diff)
			}
			mu.Unlock()
		}
	})
}

func TestAPanicInAnyLayerBecomesAMaskedFault(t *testing.T) {
	t.Parallel()
	for _, name := range order[1:] {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, settings{wrap: func(l Layer) Layer {
				if l.Name != name {
					return l
				}
				return Layer{l.Name, func(context.Context, *Call, Next) error { panic("secret inside") }}
			}})
			b.fake.proof = func(context.Context, *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
				panic("secret inside")
			}
			b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
				panic("secret inside")
			}
			b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
				_, err := proof(within(t), conn)
				maskedWithReference(t, b, err)
				_, err = list(as(within(t), serviceToken), conn, &ledgerv1.ListEntriesRequest{})
				maskedWithReference(t, b, err)
			})
			if n := strings.Count(b.log.String(), "secret inside"); n != 4 {
				t.Errorf("the log tells of %d panics, want 4", n)
			}
		})
	}
}

// maskedWithReference holds an internal fault to what it may tell.
func maskedWithReference(t *testing.T, b *bed, err error) {
	t.Helper()
	if status.Code(err) != codes.Internal {
		t.Fatalf("err = %v, want an internal one", err)
	}
	info := errorInfo(t, err)
	reference := info.GetMetadata()[MetaReference]
	if info.GetReason() != "interne-fout" || reference == "" || !strings.Contains(err.Error(), reference) {
		t.Errorf("no reference in %v, %v", err, info)
	}
	if strings.Contains(status.Convert(err).Proto().String(), "secret") {
		t.Errorf("the inside shows: %v", status.Convert(err).Proto())
	}
	if !strings.Contains(b.log.String(), `"reference":"`+reference+`"`) {
		t.Errorf("reference %s is not in the log", reference)
	}
}

// An early refusal races with the request that is still on its way.
func TestAnErrorBeforeTheRequestOfAStreamArrivedIsNotLost(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for range 300 {
			if _, err := list(within(t), conn, &ledgerv1.ListEntriesRequest{}); status.Code(err) != codes.Unauthenticated {
				t.Fatalf("err = %v", err)
			}
		}
	})
}

func TestWhatAHandlerDidNotMeanToTellIsMasked(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.fake.proof = func(context.Context, *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		return nil, errors.New("secret inside")
	}
	b.fake.list = func(*ledgerv1.ListEntriesRequest, grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		return status.Error(codes.PermissionDenied, "secret inside: of a call to another part")
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		_, err := proof(within(t), conn)
		maskedWithReference(t, b, err)
		_, err = list(as(within(t), serviceToken), conn, &ledgerv1.ListEntriesRequest{})
		maskedWithReference(t, b, err)
	})
}

func TestEachCallHasARequestIDInAndOut(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.fake.proof = func(context.Context, *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		return nil, errors.New("fails")
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for _, tt := range []struct {
			name, given string
			kept        bool
		}{
			{"none", "", false},
			{"a harmless one", "abc-DEF_1.2", true},
			{"one that would break the log", "a\"b", false},
			{"one that is too long", strings.Repeat("a", 65), false},
		} {
			ctx := within(t)
			if tt.given != "" {
				ctx = metadata.AppendToOutgoingContext(ctx, RequestIDHeader, tt.given)
			}
			var trailer metadata.MD
			if _, err := proof(ctx, conn, grpc.Trailer(&trailer)); err == nil {
				t.Fatal("no error")
			}
			got := trailer.Get(RequestIDHeader)
			if len(got) != 1 || got[0] == "" || (got[0] == tt.given) != tt.kept {
				t.Errorf("%s: %q became %q", tt.name, tt.given, got)
			}
			if len(got) == 1 && !strings.Contains(b.log.String(), `"request_id":"`+got[0]+`"`) {
				t.Errorf("%s: %q is not in the log", tt.name, got[0])
			}
		}
	})
}

func TestTheLogLineOfACallTellsNothingOfTheCaller(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.fake.proof = ok
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		if _, err := proof(as(within(t), readerToken), conn); err != nil {
			t.Fatal(err)
		}
		if _, err := proof(as(within(t), "wrong-token"), conn); status.Code(err) != codes.Unauthenticated {
			t.Fatal(err)
		}
	})
	for _, secret := range []string{"reader", "token-ongeldig:", "wrong-token", "127.0.0.1"} {
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, b.log.String())
		}
	}
	if !strings.Contains(b.log.String(), `"code":"OK"`) || !strings.Contains(b.log.String(), `"reason":"token-ongeldig"`) {
		t.Errorf("log = %s", b.log.String())
	}
}

func TestTheGrantReachesTheHandler(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	got := make(chan access.Grant, 1)
	b.fake.list = func(_ *ledgerv1.ListEntriesRequest, s grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
		grant, _ := access.From(s.Context())
		got <- grant
		return nil
	}
	b.fake.proof = func(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		grant, _ := access.From(ctx)
		got <- grant
		return ok(ctx, r)
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		if _, err := list(as(within(t), serviceToken), conn, &ledgerv1.ListEntriesRequest{}); err != io.EOF {
			t.Fatal(err)
		}
		if diff := cmp.Diff(access.Grant{Caller: "service:test", Role: access.Service, Reach: access.Alle}, <-got); diff != "" {
			t.Errorf("grant (-want +got):\n%s", diff)
		}
		if _, err := proof(within(t), conn); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(access.Grant{Role: access.Publiek, Reach: access.Openbaar}, <-got); diff != "" {
			t.Errorf("grant (-want +got):\n%s", diff)
		}
	})
}

func TestCancellingACallEndsItsHandler(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	begun, ended := make(chan struct{}), make(chan error)
	b.fake.proof = func(ctx context.Context, _ *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		begun <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		ctx, cancel := context.WithCancel(within(t))
		go func() { <-begun; cancel() }()
		if _, err := proof(ctx, conn); status.Code(err) != codes.Canceled {
			t.Errorf("err = %v", err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the handler saw %v", err)
		}
		ctx, cancel = context.WithTimeout(within(t), 20*time.Millisecond)
		defer cancel()
		go func() { <-begun }()
		if _, err := proof(ctx, conn); status.Code(err) != codes.DeadlineExceeded {
			t.Errorf("err = %v", err)
		}
		<-ended
	})
}
