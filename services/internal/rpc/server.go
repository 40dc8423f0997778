package rpc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/fullstorydev/grpchan/inprocgrpc"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/stats"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/config"
	"schakel.example/services/internal/telemetry"
)

// Options say what a server serves and how.
type Options struct {
	// Register registers the services.
	Register func(grpc.ServiceRegistrar)
	// Verifier checks bearer tokens.
	Verifier Verifier
	// Rules are held against each message received.
	Rules *rules.Checker
	// Telemetry records calls.
	Telemetry *telemetry.Telemetry
	// Limits bound the server.
	Limits Limits
	// TLS is needed to listen beyond this machine.
	TLS *tls.Config
	// Reflection shows the contracts to tools of an administrator; off unless
	// asked for.
	Reflection bool
	// Now is the clock; NewID makes ids of requests and references, such as
	// UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Server serves over the network and in process. Make it with NewServer.
type Server struct {
	options Options
	gate    *gate
	health  *health.Server
	grpc    *grpc.Server
	local   *inprocgrpc.Channel
	// unobserved are the methods that nobody may watch.
	unobserved unobserved
}

// NewServer makes a server. It fails when a method of a service does not say
// who may call it.
func NewServer(o Options) (*Server, error) { return newServer(o, foreign()) }

func newServer(o Options, extra map[string][]access.Allowance) (*Server, error) {
	o.Limits = o.Limits.withDefaults()
	s := &Server{
		options: o, gate: newGate(o.Limits), health: health.NewServer(), local: &inprocgrpc.Channel{},
		unobserved: unobservedMethods(),
	}
	s.register(s.local)
	policy, err := policy(s.local.GetServiceInfo(), extra)
	if err != nil {
		return nil, err
	}
	layers, err := s.layers(policy)
	if err != nil {
		return nil, err
	}
	s.build(layers)
	return s, nil
}

// layers is the chain in its order; see the package's documentation.
func (s *Server) layers(policy *access.Policy) ([]Layer, error) {
	o := s.options
	metrics, err := metrics(o.Telemetry.Metrics)
	if err != nil {
		return nil, fmt.Errorf("rpc: metrics: %w", err)
	}
	return []Layer{
		request(o.Telemetry.Log, o.NewID, o.Now),
		metrics,
		s.outcome().errors(),
		recovery(),
		s.gate.layer(),
		authentication(o.Verifier),
		admission(policy),
		perCaller(o.Limits, o.Now),
		deadline(o.Limits),
		validation(o.Rules),
	}, nil
}

func (s *Server) outcome() outcome {
	return outcome{s.options.Telemetry.Log, s.options.NewID, s.options.Now, s.unobserved}
}

// build puts the chain and the stats handler before both ways in.
func (s *Server) build(layers []Layer) {
	o := s.options
	run := s.outcome().guard(compose(layers))
	tracing := watch{serverStats(o.Telemetry), s.unobserved}
	transport := insecure.NewCredentials()
	if o.TLS != nil {
		transport = credentials.NewTLS(o.TLS)
	}
	s.grpc = grpc.NewServer(
		grpc.Creds(transport),
		grpc.StatsHandler(tracing),
		grpc.UnaryInterceptor(run.unary),
		grpc.StreamInterceptor(run.stream),
		// The limits layer tells of what is too large; this one only keeps
		// much larger messages out of memory.
		grpc.MaxRecvMsgSize(max(4*o.Limits.MaxMessage, o.Limits.MaxBatch+o.Limits.MaxMessage)),
		grpc.MaxHeaderListSize(64<<10),
		grpc.ConnectionTimeout(10*time.Second),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 20 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			// Connections end now and then, so that clients find replicas that
			// were added.
			MaxConnectionAge: 15 * time.Minute, MaxConnectionAgeGrace: o.Limits.Stream,
			Time: time.Minute, Timeout: 20 * time.Second,
		}),
		grpc.WaitForHandlers(true),
	)
	s.register(s.grpc)
	if o.Reflection {
		reflection.RegisterV1(s.grpc)
	}
	s.local.WithServerUnaryInterceptor(run.unary).WithServerStreamInterceptor(run.stream).
		WithServerStatsHandler(tracing).WithClientStatsHandler(watch{clientStats(o.Telemetry), s.unobserved}).WithCloner(cloner{})
}

func (s *Server) register(r grpc.ServiceRegistrar) {
	healthv1.RegisterHealthServer(r, s.health)
	s.options.Register(r)
}

// foreign says who may call the services that are gRPC's own.
func foreign() map[string][]access.Allowance {
	anyone := []access.Allowance{{Role: access.Publiek, Reach: access.Openbaar}}
	return map[string][]access.Allowance{
		healthv1.Health_Check_FullMethodName:                              anyone,
		healthv1.Health_List_FullMethodName:                               anyone,
		healthv1.Health_Watch_FullMethodName:                              anyone,
		reflectionv1.ServerReflection_ServerReflectionInfo_FullMethodName: {{Role: access.Beheerder, Reach: access.Alle}},
	}
}

// policy reads who may call what from the descriptors of registered services.
func policy(info map[string]grpc.ServiceInfo, extra map[string][]access.Allowance) (*access.Policy, error) {
	var services []protoreflect.ServiceDescriptor
	for name := range info {
		descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, fmt.Errorf("rpc: service %s has no descriptor: %w", name, err)
		}
		services = append(services, descriptor.(protoreflect.ServiceDescriptor))
	}
	return access.NewPolicy(extra, services...)
}

func serverStats(t *telemetry.Telemetry) stats.Handler {
	return otelgrpc.NewServerHandler(otelgrpc.WithTracerProvider(t.Traces), otelgrpc.WithMeterProvider(t.Metrics),
		otelgrpc.WithPropagators(t.Propagator), otelgrpc.WithFilter(noHealth))
}

func clientStats(t *telemetry.Telemetry) stats.Handler {
	return otelgrpc.NewClientHandler(otelgrpc.WithTracerProvider(t.Traces), otelgrpc.WithMeterProvider(t.Metrics),
		otelgrpc.WithPropagators(t.Propagator), otelgrpc.WithFilter(noHealth))
}

func noHealth(info *stats.RPCTagInfo) bool { return !isHealth(info.FullMethodName) }

// Run serves the listeners, and calls in process also without any, until ctx
// ends. Then it says that it is not serving, refuses new calls, lets those in
// progress end within Limits.Drain, and stops. It closes the listeners. It has
// the form of a run.Part.
func (s *Server) Run(ctx context.Context, ready func(), listeners ...net.Listener) error {
	failed := make(chan error, len(listeners))
	for _, lis := range listeners {
		if s.options.TLS == nil && lis.Addr().Network() == "tcp" && !config.Loopback(lis.Addr().String()) {
			err := fmt.Errorf("rpc: listening on %s needs TLS, as tokens pass", lis.Addr())
			for _, lis := range listeners {
				err = errors.Join(err, lis.Close())
			}
			return err
		}
	}
	for _, lis := range listeners {
		go func() { failed <- s.grpc.Serve(lis) }()
	}
	ready()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	s.stop()
	return err
}

func (s *Server) stop() {
	s.health.Shutdown()
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Limits.Drain)
	defer cancel()
	// GracefulStop first refuses connections; the gate refuses calls on those
	// that exist, and in process.
	graceful := make(chan struct{})
	go func() { s.grpc.GracefulStop(); close(graceful) }()
	s.gate.close(ctx)
	select {
	case <-graceful:
	case <-ctx.Done():
		s.grpc.Stop()
		<-graceful
	}
}
