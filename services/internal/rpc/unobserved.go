package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/protobuf/proto"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

// unobserved are the methods that nobody may watch, by full method (design §4.9;
// schakel.options.v1.unobserved). A call of one has no id, log line, span or
// count, and no limit by caller; it is made without a token; and what it says of
// where it came from does not get past the first layer.
type unobserved map[string]bool

// unobservedMethods reads them from the services that are linked into the
// program.
func unobservedMethods() unobserved {
	found := unobserved{}
	for _, service := range access.Linked() {
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			if hidden, _ := proto.GetExtension(method.Options(), optionsv1.E_Unobserved).(bool); hidden {
				found[fmt.Sprintf("/%s/%s", service.FullName(), method.Name())] = true
			}
		}
	}
	return found
}

// errIdentified refuses a caller who says who they are.
var errIdentified = fault.New(fault.Invalid, "token-ongewenst", fault.Text{
	NL: "Stuur hier geen token mee: het zegt wie u bent.",
	EN: "send no token here, for it says who you are",
})

// stripped is the context of a call without what it tells of the caller: its
// address, certificate and metadata. Only a token stays, to be refused.
func stripped(ctx context.Context) context.Context {
	kept := metadata.MD{}
	if shown := metadata.ValueFromIncomingContext(ctx, "authorization"); len(shown) > 0 {
		kept.Set("authorization", shown...)
	}
	return peer.NewContext(metadata.NewIncomingContext(ctx, kept), &peer.Peer{Addr: nowhere{}, LocalAddr: nowhere{}})
}

// nowhere is the address of whom nobody may know.
type nowhere struct{}

var _ net.Addr = nowhere{}

// Network implements net.Addr.
func (nowhere) Network() string { return "unobserved" }

// String implements net.Addr.
func (nowhere) String() string { return "unobserved" }

// failedUnobserved logs that a call failed that nobody may watch: neither which,
// nor why, nor when but for the day. Why may hold what was said.
func (o outcome) failedUnobserved(f *fault.Error) {
	ctx := context.Background()
	if !o.log.Enabled(ctx, slog.LevelError) {
		return
	}
	record := slog.NewRecord(o.now().UTC().Truncate(24*time.Hour), slog.LevelError, "unobserved call failed", 0)
	record.AddAttrs(slog.String("code", f.Kind.Code().String()))
	_ = o.log.Handler().Handle(ctx, record) // as slog itself does
}

// watch is a stats handler that turns away from what is unobserved, and from
// calls that are made for it.
type watch struct {
	stats.Handler
	except unobserved
}

type unwatchedKey struct{}

// TagRPC implements stats.Handler.
func (w watch) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	if w.except[info.FullMethodName] {
		return context.WithValue(ctx, unwatchedKey{}, true)
	}
	if unwatched(ctx) {
		return ctx
	}
	return w.Handler.TagRPC(ctx, info)
}

// HandleRPC implements stats.Handler.
func (w watch) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if !unwatched(ctx) {
		w.Handler.HandleRPC(ctx, s)
	}
}

func unwatched(ctx context.Context) bool {
	is, _ := ctx.Value(unwatchedKey{}).(bool)
	return is
}
