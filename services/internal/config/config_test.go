package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"schakel.example/services/internal/config"
)

const hidden = "hunter2"

func TestASecretIsNeverShown(t *testing.T) {
	t.Parallel()
	secret := config.NewSecret(hidden)
	type outer struct{ inner config.Secret } // fmt calls no methods on it
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	log.Info("start", "secret", secret, "within", outer{secret})
	slog.New(slog.NewTextHandler(&logged, nil)).Info("start", "secret", secret)

	shown := []string{logged.String(), secret.String(), fmt.Sprint(secret, &secret, outer{secret})}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%U", "%o"} {
		shown = append(shown, fmt.Sprintf(verb, secret), fmt.Sprintf(verb, outer{secret}), fmt.Sprintf(verb, []config.Secret{secret}))
	}
	for _, encode := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		text, err := encode(map[string]any{"a": secret, "b": &secret})
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, string(text))
	}
	for _, s := range shown {
		// %x of the text, too.
		if strings.Contains(s, hidden) || strings.Contains(strings.ToLower(s), fmt.Sprintf("%x", hidden)) {
			t.Errorf("shown in %q", s)
		}
	}
	if secret.Reveal() != hidden || !secret.IsSet() {
		t.Error("the text is lost")
	}
}

func TestAnEmptySecretShowsThatItIsNotSet(t *testing.T) {
	t.Parallel()
	var none config.Secret
	if none.IsSet() || none.String() != "" || !none.Equal(config.NewSecret("")) {
		t.Errorf("none = %q", none)
	}
}

// cli is a small program with the kinds of flag that Schakel has.
type cli struct {
	Config kong.ConfigFlag `hidden:""`
	Listen string          `default:"127.0.0.1:8080" env:"CONFIG_TEST_LISTEN"`
	DSN    config.Secret
	Otel   struct {
		Endpoint string
	} `embed:"" prefix:"otel-"`
	Serve struct {
		Wait time.Duration `default:"5s"`
	} `cmd:"" default:"1"`
	Other struct {
		Deep int
	} `cmd:""`
}

func parse(t *testing.T, file string, args ...string) (*cli, *kong.Context, error) {
	t.Helper()
	var c cli
	k, err := kong.New(&c, kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}
	resolver, err := config.YAML(strings.NewReader(file))
	if err != nil {
		return nil, nil, err
	}
	kong.Resolvers(resolver).Apply(k)
	ctx, err := k.Parse(args)
	return &c, ctx, err
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	file := "listen: file:1\notel:\n  endpoint: collector:4317\nwait: 7s\ndeep: 3\n"
	c, _, err := parse(t, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "file:1" || c.Otel.Endpoint != "collector:4317" || c.Serve.Wait != 7*time.Second {
		t.Errorf("file over default: %+v", c)
	}
	t.Setenv("CONFIG_TEST_LISTEN", "env:1")
	if c, _, _ = parse(t, file); c.Listen != "env:1" {
		t.Errorf("environment over file: %q", c.Listen)
	}
	if c, _, _ = parse(t, file, "--listen=flag:1"); c.Listen != "flag:1" {
		t.Errorf("flag over environment: %q", c.Listen)
	}
	if err := os.Unsetenv("CONFIG_TEST_LISTEN"); err != nil { // t.Setenv puts it back
		t.Fatal(err)
	}
	if c, _, _ = parse(t, ""); c.Listen != "127.0.0.1:8080" {
		t.Errorf("default: %q", c.Listen)
	}
}

func TestAFileWithFaultsIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, want string }{
		{"unknown keys are named", "lisen: x\notel: {endpont: y}\n", "unknown: lisen, otel-endpont"},
		{"broken YAML", "listen: [", "read configuration"},
		{"a list at the top", "- a\n", "read configuration"},
		{"a value of the wrong type", "wait: soon\n", "wait"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := parse(t, tt.file); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPrintedConfigurationReadsBackAndMasks(t *testing.T) {
	t.Parallel()
	_, ctx, err := parse(t, "otel: {endpoint: 'collector:4317'}", "--dsn="+hidden)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := config.Print(&out, ctx.Flags()); err != nil {
		t.Fatal(err)
	}
	want := "listen: 127.0.0.1:8080\ndsn: '********'\notel-endpoint: collector:4317\nwait: 5s\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	if _, _, err := parse(t, out.String()); err != nil {
		t.Errorf("reading back: %v", err)
	}
}

func TestOnlyAnAddressOfThisMachineIsLoopback(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"127.0.0.1:8080":          true,
		"127.9.9.9:0":             true,
		"[::1]:8080":              true,
		"[::ffff:127.0.0.1]:8080": true,
		"localhost:8080":          true,
		":8080":                   false,
		"0.0.0.0:8080":            false,
		"[::]:8080":               false,
		"10.0.0.1:8080":           false,
		"localhost.example:8080":  false,
		"127.0.0.1":               false,
		"":                        false,
	} {
		if got := config.Loopback(address); got != want {
			t.Errorf("Loopback(%q) = %v", address, got)
		}
	}
}
