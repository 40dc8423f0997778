package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/config"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/rpc"
	"schakel.example/services/internal/run"
	"schakel.example/services/internal/telemetry"
	"schakel.example/services/reference"
)

// serveCmd is `schakel serve`: its flags are the whole configuration of a
// server. Zero configuration serves everything on this machine alone.
type serveCmd struct {
	Part        string `arg:"" name:"onderdeel" optional:"" enum:"all,signals,letters,contacts,gateway" default:"all" help:"Wat er draait: all, signals, letters, contacts of gateway."`
	PrintConfig bool   `help:"Toon de instellingen die gelden en stop."`
	settings
}

// settings is what every part may need to know.
type settings struct {
	Data      string `default:"schakel-data" type:"path" help:"Map voor gegevens, sleutels en edities."`
	Reference string `type:"path" help:"Map met eigen referentiegegevens, die over de ingebouwde gaan; dezelfde voor elk onderdeel (zie: schakel reference import)." placeholder:"MAP"`

	HTTP           string `name:"http" default:"127.0.0.1:8080" help:"Adres van de REST-ingang."`
	SignalsListen  string `default:"127.0.0.1:8081" help:"gRPC-adres van signals."`
	LettersListen  string `default:"127.0.0.1:8082" help:"gRPC-adres van letters."`
	ContactsListen string `default:"127.0.0.1:8083" help:"gRPC-adres van contacts."`

	SignalsDatabase  config.Secret `placeholder:"URL" help:"PostgreSQL-URL van signals; zonder is het SQLite in de gegevensmap."`
	LettersDatabase  config.Secret `placeholder:"URL" help:"PostgreSQL-URL van letters; zonder is het SQLite in de gegevensmap."`
	ContactsDatabase config.Secret `placeholder:"URL" help:"PostgreSQL-URL van contacts; zonder is het SQLite in de gegevensmap."`
	Redis            config.Secret `placeholder:"URL" help:"URL van Redis; zonder draait de wachtrij in het proces zelf (alleen bij all)."`

	OIN     string   `name:"oin" default:"00000099000000001000" help:"OIN van de organisatie die Schakel draait: staat als bron in gebeurtenissen."`
	Origin  string   `default:"schakel.example" help:"Naam waaronder de logboeken hun controlepunten ondertekenen, uniek voor deze installatie."`
	Origins []string `name:"cors-origins" help:"Webadressen waarvan pagina's de REST-ingang mogen gebruiken."`

	TrustedProxies []network `name:"trusted-proxies" placeholder:"CIDR" help:"Netwerken van de reverse proxy’s die voor de REST-ingang staan, zoals 10.0.0.0/8: van hen wordt geloofd vanaf welk adres een aanvraag komt (X-Forwarded-For, Forwarded). Zonder deze optie tellen alle aanvragen zonder token achter een proxy als die van één adres, waarvan er hoogstens 16 tegelijk mogen lopen."`

	Rate  float64 `name:"rate" default:"0" help:"Hoeveel aanroepen per seconde één client van een onderdeel mag doen; 0 is geen grens. Een batch of stroom is één aanroep."`
	Burst int     `name:"burst" default:"100" help:"Hoeveel aanroepen een client ineens mag doen, als er een grens is."`

	LogFormat    string `default:"text" enum:"text,json" help:"Vorm van het log: text of json."`
	LogLevel     string `default:"info" enum:"debug,info,warn,error" help:"Vanaf welk belang er wordt gelogd."`
	OTELEndpoint string `name:"otel-endpoint" placeholder:"URL" help:"URL van een OpenTelemetry-collector (OTLP over gRPC)."`
}

// garbage is how much of what is in use may lie about before it is collected, in
// percent. Little is in use, so that collecting it at Go's 100 took a tenth of the
// processor time of the intake.
const garbage = 400

// Run serves until ctx ends.
func (c *serveCmd) Run(ctx context.Context, app *kong.Kong, s streams) error {
	if c.PrintConfig {
		return config.Print(s.out, app.Model.Children[0].Flags)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	n, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer n.close()
	parts, err := n.parts(ctx, c.Part)
	if err != nil {
		return err
	}
	return run.Group{Log: n.tel.Log, StopWithin: 30 * time.Second}.Run(ctx, parts...)
}

// node is what the parts of one process share.
type node struct {
	settings
	tel         *telemetry.Telemetry
	data        *reference.Data
	rules       *rules.Checker
	verifier    *access.Verifier
	credentials *access.Credentials
	redis       redis.UniversalClient
	keepers     []*keeper
	listeners   map[string]net.Listener // by address
	closers     []func() error
}

// open makes what the parts share.
func (c *serveCmd) open(ctx context.Context, s streams) (n *node, err error) {
	n = &node{settings: c.settings}
	defer func() {
		if err != nil {
			n.close()
		}
	}()
	if err = os.MkdirAll(filepath.Dir(issuerKey(c.Data)), 0o700); err != nil {
		return n, fmt.Errorf("de gegevensmap: %w", err)
	}
	var level slog.Level
	if err = level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return n, err
	}
	log, err := telemetry.NewLogger(s.err, c.LogFormat, level)
	if err != nil {
		return n, err
	}
	n.tel, err = telemetry.Start(ctx, telemetry.Config{
		Service: "schakel-" + c.Part, Version: version(), Log: log, Endpoint: c.OTELEndpoint,
	})
	if err != nil {
		return n, err
	}
	n.onClose(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return n.tel.Shutdown(ctx)
	})
	if n.data, err = loadReference(c.Reference); err != nil {
		return n, err
	}
	if n.rules, err = rules.New(); err != nil {
		return n, err
	}
	if err = n.openAccess(); err != nil {
		return n, err
	}
	return n, n.openRedis(c.Part)
}

// openAccess decides whose tokens count, and gives the parts their own.
func (n *node) openAccess() error {
	issuer, err := access.OpenIssuer(issuerKey(n.Data), time.Now)
	if err != nil {
		return err
	}
	n.credentials = access.NewCredentials(issuer.ServiceTokens("schakel"), time.Now)
	n.verifier = access.NewVerifier(access.VerifierConfig{Issuer: access.BuiltIn, Keys: issuer.Keys(), Now: time.Now})
	return nil
}

// issuerKey is where the key of the built-in issuer stands.
func issuerKey(data string) string { return filepath.Join(data, "sleutels", "uitgever.pem") }

// openRedis finds the queue. A part on its own shares it with the others, so it
// cannot have one of its own.
func (n *node) openRedis(part string) (err error) {
	switch {
	case part == "gateway":
		return nil
	case n.Redis.IsSet():
		// go-redis has no other place for its troubles than a global one.
		redis.SetLogger(redisLog{n.tel.Log})
		if n.redis, err = queue.Connect(n.Redis.Reveal()); err == nil {
			n.onClose(n.redis.Close)
		}
		return err
	case part != "all":
		return fmt.Errorf("een los onderdeel heeft Redis nodig: geef --redis=redis://host:poort")
	}
	client, closeAll, err := queue.Embedded()
	if err == nil {
		n.redis = client
		n.onClose(closeAll)
	}
	return err
}

func (n *node) onClose(f func() error) { n.closers = append(n.closers, f) }

// close closes what open and the parts opened, the last first.
func (n *node) close() {
	for i := len(n.closers) - 1; i >= 0; i-- {
		if err := n.closers[i](); err != nil && n.tel != nil {
			n.tel.Log.Warn("closing", "error", err)
		}
	}
}

// server makes the gRPC server of a part.
func (n *node) server(o rpc.Options) (*rpc.Server, error) {
	o.Limits.Rate, o.Limits.Burst = n.Rate, n.Burst
	o.Verifier, o.Rules, o.Telemetry, o.Now, o.NewID = n.verifier, n.rules, n.tel, time.Now, newID
	return rpc.NewServer(o)
}

// newID makes a UUIDv7.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// redisLog puts what go-redis has to say in the log: it reconnects by itself, so
// it is no more than a remark.
type redisLog struct{ log *slog.Logger }

// Printf implements the logger of go-redis.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "redis", "says", fmt.Sprintf(format, args...))
}
