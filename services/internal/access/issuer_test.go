package access_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"schakel.example/services/internal/access"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func static(key ed25519.PublicKey) oidc.KeySet {
	return &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{key}}
}

func TestTheKeyIsMadeOnceAndForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	path := filepath.Join(dir, "issuer.pem")
	issuers := make([]*access.Issuer, 16) // as many processes that start at once
	var wg sync.WaitGroup
	for i := range issuers {
		wg.Go(func() {
			var err error
			if issuers[i], err = access.OpenIssuer(path, c.now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	token := mint(t, issuers[0], access.Token{Subject: "s", Roles: []access.Role{access.Service}, Lifetime: time.Minute})
	for _, issuer := range issuers {
		if _, err := builtIn(issuer, c).Verify(context.Background(), token); err != nil {
			t.Fatalf("another key: %v", err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("files left: %v, %v", files, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v", info.Mode(), err)
	}
}

func TestABadKeyFileIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	c := newClock()
	tests := []struct {
		name, content string
		mode          os.FileMode
		want          string
	}{
		{"others may read it", "", 0o640, "chmod 600"},
		{"empty", "", 0o600, "no PEM file"},
		{"another kind of key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o600, "no Ed25519 key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "issuer.pem")
			if err := os.WriteFile(path, []byte(tt.content), tt.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := access.OpenIssuer(path, c.now); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v", err)
			}
			if content, err := os.ReadFile(path); err != nil || string(content) != tt.content {
				t.Errorf("the file changed: %q, %v", content, err)
			}
		})
	}
	if _, err := access.OpenIssuer(filepath.Join(t.TempDir(), "missing", "issuer.pem"), c.now); err == nil {
		t.Error("made a folder")
	}
}

func TestATokenWithoutMeaningIsNotMinted(t *testing.T) {
	t.Parallel()
	issuer := open(t, newClock())
	for name, token := range map[string]access.Token{
		"no subject":  {Roles: []access.Role{access.Service}, Lifetime: time.Hour},
		"no role":     {Subject: "s", Lifetime: time.Hour},
		"no lifetime": {Subject: "s", Roles: []access.Role{access.Service}},
		"the public":  {Subject: "s", Roles: []access.Role{access.Publiek}, Lifetime: time.Hour},
	} {
		if _, err := issuer.Mint(token); err == nil {
			t.Errorf("%s: minted", name)
		}
	}
}

func TestServiceCredentialsAreReusedAndRenewedInTime(t *testing.T) {
	t.Parallel()
	c := newClock()
	issuer := open(t, c)
	v := builtIn(issuer, c)
	credentials := access.NewCredentials(issuer.ServiceTokens("letters"), c.now)
	get := func() string {
		md, err := credentials.GetRequestMetadata(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		token := strings.TrimPrefix(md["authorization"], "Bearer ")
		claims, err := v.Verify(context.Background(), token)
		if err != nil || claims.Subject != "service:letters" || len(claims.Roles) != 1 || claims.Roles[0] != access.Service {
			t.Fatalf("claims = %+v, %v", claims, err)
		}
		return token
	}
	first := get()
	c.advance(3 * time.Minute)
	if get() != first {
		t.Error("renewed too early")
	}
	c.advance(30 * time.Second)
	if get() == first {
		t.Error("not renewed")
	}
	if !credentials.RequireTransportSecurity() || credentials.Plain().RequireTransportSecurity() {
		t.Error("the demand for TLS is wrong")
	}
}

func TestAnOldTokenServesWhileNoNewOneCanBeHad(t *testing.T) {
	t.Parallel()
	c := newClock()
	down := errors.New("down")
	var fails error
	credentials := access.NewCredentials(func(context.Context) (string, time.Time, error) {
		return "token", c.now().Add(3 * time.Minute), fails
	}, c.now)
	call := func() error { _, err := credentials.GetRequestMetadata(context.Background()); return err }
	if err := call(); err != nil {
		t.Fatal(err)
	}
	fails = down
	c.advance(150 * time.Second)
	if err := call(); err != nil {
		t.Errorf("while the old one is valid: %v", err)
	}
	c.advance(time.Minute)
	if err := call(); status.Code(err) != codes.Unavailable {
		t.Errorf("after it expired: %v", err)
	}
}

func BenchmarkVerify(b *testing.B) {
	c := newClock()
	issuer, err := access.OpenIssuer(b.TempDir()+"/k", c.now)
	if err != nil {
		b.Fatal(err)
	}
	token, err := issuer.Mint(access.Token{Subject: "s", Roles: []access.Role{access.Service}, Lifetime: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("anew", func(b *testing.B) {
		for b.Loop() {
			if _, err := builtIn(issuer, c).Verify(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("remembered", func(b *testing.B) {
		v := builtIn(issuer, c)
		for b.Loop() {
			if _, err := v.Verify(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
}
