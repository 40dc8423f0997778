package rpc

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/config"
	"schakel.example/services/internal/telemetry"
)

// maxResponse bounds what a server of ours may answer in one message.
const maxResponse = 16 << 20

// DialOptions say how to reach a server.
type DialOptions struct {
	// Target is the address, "host:port" or a gRPC name such as
	// "dns:///signals:9000".
	Target string
	// TLS is needed beyond this machine.
	TLS *tls.Config
	// Credentials make the calls those of a service; without, they are made
	// under the token that the caller puts in the metadata.
	Credentials *access.Credentials
	// Telemetry records calls.
	Telemetry *telemetry.Telemetry
}

// Dial makes a client connection. It does not wait for the server: it may
// start later, and calls until then fail as Unavailable. Reads are repeated a
// few times by themselves; nothing else is, as only the caller knows whether
// it may be done twice.
func Dial(o DialOptions) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if o.TLS != nil {
		transport = credentials.NewTLS(o.TLS)
	} else if !local(o.Target) {
		return nil, fmt.Errorf("rpc: calling %s needs TLS, as tokens pass", o.Target)
	}
	serviceConfig, err := serviceConfig()
	if err != nil {
		return nil, err
	}
	hidden := unobservedMethods()
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithStatsHandler(watch{clientStats(o.Telemetry), hidden}),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxResponse)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second, PermitWithoutStream: true}),
		grpc.WithUnaryInterceptor(hidden.unaryClient),
		grpc.WithStreamInterceptor(hidden.streamClient),
	}
	switch {
	case o.Credentials != nil && o.TLS != nil:
		options = append(options, grpc.WithPerRPCCredentials(o.Credentials))
	case o.Credentials != nil:
		options = append(options, grpc.WithPerRPCCredentials(o.Credentials.Plain()))
	}
	conn, err := grpc.NewClient(o.Target, options...)
	if err != nil {
		return nil, fmt.Errorf("rpc: %w", err)
	}
	return conn, nil
}

// local says whether a target stays on this machine.
func local(target string) bool {
	if strings.HasPrefix(target, "unix:") {
		return true
	}
	for _, scheme := range []string{"dns:///", "passthrough:///"} {
		target = strings.TrimPrefix(target, scheme)
	}
	return config.Loopback(target)
}

// serviceConfig spreads calls over the replicas, and repeats reads: the standard methods Get and List, which have no side effects
// (AIP-131, AIP-132).
func serviceConfig() (string, error) {
	type name struct {
		Service string `json:"service"`
		Method  string `json:"method"`
	}
	reads := []name{}
	for _, service := range access.Linked() {
		for i := range service.Methods().Len() {
			method := string(service.Methods().Get(i).Name())
			if strings.HasPrefix(method, "Get") || strings.HasPrefix(method, "List") {
				reads = append(reads, name{string(service.FullName()), method})
			}
		}
	}
	text, err := json.Marshal(map[string]any{
		"loadBalancingConfig": []any{map[string]any{"round_robin": map[string]any{}}},
		"methodConfig": []any{map[string]any{
			"name": reads,
			"retryPolicy": map[string]any{
				"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "2s", "backoffMultiplier": 2,
				"retryableStatusCodes": []string{"UNAVAILABLE"},
			},
		}},
	})
	return string(text), err
}

func (u unobserved) unaryClient(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	err := invoke(u.withRequestID(ctx, method), method, req, reply, conn, options...)
	if err != nil {
		// After some repetitions gRPC puts their number before the message.
		err = innermost(err).Err()
	}
	return err
}

func (u unobserved) streamClient(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	return open(u.withRequestID(ctx, method), desc, conn, method, options...)
}

// innermost returns the status in an error as the server sent it, without what
// was wrapped around it since.
func innermost(err error) *status.Status {
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return s.GRPCStatus()
	}
	return status.FromContextError(err)
}
