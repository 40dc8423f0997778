package rpc

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	_ "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/telemetry"
)

func TestTokensAreNotSentInTheClearBeyondThisMachine(t *testing.T) {
	t.Parallel()
	for target, local := range map[string]bool{
		"127.0.0.1:9000": true, "localhost:9000": true, "dns:///localhost:9000": true, "passthrough:///[::1]:9000": true,
		"unix:///run/schakel.sock": true, "signals:9000": false, "dns:///signals:9000": false, "10.0.0.1:9000": false,
	} {
		conn, err := Dial(DialOptions{Target: target, Telemetry: telemetry.None(slog.New(slog.DiscardHandler))})
		if (err == nil) != local {
			t.Errorf("%s: %v", target, err)
		}
		if err == nil {
			_ = conn.Close()
		}
		conn, err = Dial(DialOptions{Target: target, TLS: &tls.Config{MinVersion: tls.VersionTLS13}, Telemetry: telemetry.None(slog.New(slog.DiscardHandler))})
		if err != nil {
			t.Errorf("%s over TLS: %v", target, err)
			continue
		}
		_ = conn.Close()
	}
}

func TestOnlyReadsAreRepeated(t *testing.T) {
	t.Parallel()
	text, err := serviceConfig()
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct {
		MethodConfig []struct {
			Name []struct{ Service, Method string }
		}
	}
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	found := false
	for _, name := range parsed.MethodConfig[0].Name {
		if !strings.HasPrefix(name.Method, "Get") && !strings.HasPrefix(name.Method, "List") {
			t.Errorf("%s/%s is repeated", name.Service, name.Method)
		}
		found = found || name.Method == "GetSignal"
	}
	if !found {
		t.Errorf("GetSignal is not among %v", parsed.MethodConfig[0].Name)
	}
}

func TestAReadIsRepeatedWhenAPartIsAwayForAMoment(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	var calls atomic.Int32
	b.fake.proof = func(ctx context.Context, r *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
		if calls.Add(1) == 1 {
			return nil, fault.New(fault.Unavailable, "even-weg", fault.Text{NL: "Even weg.", EN: "away"})
		}
		return ok(ctx, r)
	}
	if _, err := proof(within(t), b.ways["over TCP"]); err != nil || calls.Load() != 2 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}
