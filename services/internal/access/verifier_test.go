package access_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
)

const organisation = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"

// clock is a clock that the test sets.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d)) }

// sign signs claims as whoever holds key.
func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func open(t *testing.T, c *clock) *access.Issuer {
	t.Helper()
	issuer, err := access.OpenIssuer(t.TempDir()+"/issuer.pem", c.now)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

func builtIn(issuer *access.Issuer, c *clock) *access.Verifier {
	return access.NewVerifier(access.VerifierConfig{Issuer: access.BuiltIn, Keys: issuer.Keys(), Now: c.now})
}

func mint(t *testing.T, issuer *access.Issuer, token access.Token) string {
	t.Helper()
	text, err := issuer.Mint(token)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAMintedTokenIsUnderstood(t *testing.T) {
	t.Parallel()
	c := newClock()
	issuer := open(t, c)
	v := builtIn(issuer, c)
	token := mint(t, issuer, access.Token{
		Subject: "demo", Roles: []access.Role{access.Aanleveraar, access.Redacteur}, Organisation: organisation, Lifetime: time.Hour,
	})
	want := access.Claims{Subject: "demo", Organisation: organisation, Roles: []access.Role{access.Aanleveraar, access.Redacteur}}
	for range 2 { // the second time from memory
		got, err := v.Verify(context.Background(), token)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("claims (-want +got):\n%s", diff)
		}
	}
}

func TestATokenExpiresAlsoWhenItWasVerifiedBefore(t *testing.T) {
	t.Parallel()
	c := newClock()
	issuer := open(t, c)
	v := builtIn(issuer, c)
	for _, lifetime := range []time.Duration{30 * time.Second, time.Hour} {
		token := mint(t, issuer, access.Token{Subject: "s", Roles: []access.Role{access.Service}, Lifetime: lifetime})
		if _, err := v.Verify(context.Background(), token); err != nil {
			t.Fatal(err)
		}
		c.advance(lifetime + time.Second)
		if _, err := v.Verify(context.Background(), token); err == nil || fault.Of(err).Reason != "token-verlopen" {
			t.Errorf("after %v: err = %v", lifetime, err)
		}
	}
}

func TestBadTokensAreRefusedWithoutTellingWhy(t *testing.T) {
	t.Parallel()
	c := newClock()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	v := access.NewVerifier(access.VerifierConfig{Issuer: "iss", Keys: static(public), Now: c.now})
	claims := func(change map[string]any) map[string]any {
		all := map[string]any{"iss": "iss", "sub": "geheim", "aud": "schakel", "exp": c.now().Add(time.Hour).Unix(), "roles": []string{"service"}}
		for k, value := range change {
			if value == nil {
				delete(all, k)
			} else {
				all[k] = value
			}
		}
		return all
	}
	good := sign(t, jose.EdDSA, key, claims(nil))
	if _, err := v.Verify(context.Background(), good); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"nothing":                        "",
		"no JWT":                         "abc",
		"another's signature":            sign(t, jose.EdDSA, stranger, claims(nil)),
		"the algorithm none":             none,
		"HMAC with the public key":       sign(t, jose.HS256, []byte(public), claims(nil)),
		"HMAC with the public key's DER": sign(t, jose.HS256, der, claims(nil)),
		"a cut signature":                parts[0] + "." + parts[1] + "." + parts[2][:20],
		"a changed payload":              parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x"}`)) + "." + parts[2],
		"another issuer":                 sign(t, jose.EdDSA, key, claims(map[string]any{"iss": "other"})),
		"another audience":               sign(t, jose.EdDSA, key, claims(map[string]any{"aud": "other"})),
		"no audience":                    sign(t, jose.EdDSA, key, claims(map[string]any{"aud": nil})),
		"no subject":                     sign(t, jose.EdDSA, key, claims(map[string]any{"sub": nil})),
		"not valid yet":                  sign(t, jose.EdDSA, key, claims(map[string]any{"nbf": c.now().Add(time.Hour).Unix()})),
		"too long":                       sign(t, jose.EdDSA, key, claims(map[string]any{"pad": strings.Repeat("x", 20<<10)})),
	} {
		_, err := v.Verify(context.Background(), token)
		if err == nil || fault.Of(err).Reason != "token-ongeldig" || !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: err = %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "other") {
			t.Errorf("%s: the error tells: %v", name, err)
		}
	}
	for name, token := range map[string]string{
		"expired":   sign(t, jose.EdDSA, key, claims(map[string]any{"exp": c.now().Add(-time.Second).Unix()})),
		"no expiry": sign(t, jose.EdDSA, key, claims(map[string]any{"exp": nil})),
	} {
		if _, err := v.Verify(context.Background(), token); err == nil || fault.Of(err).Reason != "token-verlopen" {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

func TestClaimsAreFoundUnderTheirConfiguredNames(t *testing.T) {
	t.Parallel()
	c := newClock()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name                string
		rolesClaim, orgName string
		claims              map[string]any
		want                access.Claims
	}{
		{"by default", "", "", map[string]any{"roles": []string{"service", "koning", "publiek", "SERVICE"}, "organisatie": organisation},
			access.Claims{Subject: "s", Organisation: organisation, Roles: []access.Role{access.Service}}},
		{"within an object", "realm_access.roles", "org.tooi", map[string]any{
			"realm_access": map[string]any{"roles": []string{"redacteur"}}, "org": map[string]any{"tooi": organisation}},
			access.Claims{Subject: "s", Organisation: organisation, Roles: []access.Role{access.Redacteur}}},
		{"a name with dots", "https://x.example/roles", "", map[string]any{"https://x.example/roles": []string{"redacteur"}},
			access.Claims{Subject: "s", Roles: []access.Role{access.Redacteur}}},
		{"words in a text", "scope", "", map[string]any{"scope": "openid redacteur bestuurder"},
			access.Claims{Subject: "s", Roles: []access.Role{access.Redacteur, access.Bestuurder}}},
		{"other types are none", "", "", map[string]any{"roles": []any{1, nil, "service"}, "organisatie": 7},
			access.Claims{Subject: "s", Roles: []access.Role{access.Service}}},
		{"a sandbox is an organisation", "", "", map[string]any{"organisatie": "urn:nld:oin:00000099000000001000"},
			access.Claims{Subject: "s", Organisation: "urn:nld:oin:00000099000000001000"}},
		{"another OIN is none", "", "", map[string]any{"organisatie": "urn:nld:oin:00000001003214345000"}, access.Claims{Subject: "s"}},
		{"an organisation that is no TOOI URI is none", "", "", map[string]any{"organisatie": "UWV"}, access.Claims{Subject: "s"}},
		{"nothing at all", "a.b.c", "d.e", map[string]any{}, access.Claims{Subject: "s"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := access.NewVerifier(access.VerifierConfig{
				Issuer: "iss", Audience: "aud", Keys: static(public), RolesClaim: tt.rolesClaim, OrganisationClaim: tt.orgName, Now: c.now,
			})
			all := map[string]any{"iss": "iss", "sub": "s", "aud": []string{"x", "aud"}, "exp": c.now().Add(time.Hour).Unix()}
			for k, value := range tt.claims {
				all[k] = value
			}
			got, err := v.Verify(context.Background(), sign(t, jose.EdDSA, key, all))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}

// remote is an issuer elsewhere.
type remote struct {
	*httptest.Server
	down     atomic.Bool
	requests atomic.Int32
	keys     atomic.Pointer[jose.JSONWebKeySet]
}

func startRemote(t *testing.T) *remote {
	t.Helper()
	r := &remote{}
	r.keys.Store(&jose.JSONWebKeySet{})
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.requests.Add(1)
		switch {
		case r.down.Load():
			http.Error(w, "down", http.StatusBadGateway)
		case req.URL.Path == "/.well-known/openid-configuration":
			_ = json.NewEncoder(w).Encode(map[string]string{"issuer": r.URL, "jwks_uri": r.URL + "/keys"})
		default:
			_ = json.NewEncoder(w).Encode(r.keys.Load())
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *remote) newKey(t *testing.T, id string) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	r.keys.Store(&jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: id, Algorithm: "RS256"}}})
	return key
}

func TestARemoteIssuerMayStartLaterAndChangeItsKeys(t *testing.T) {
	t.Parallel()
	c, r := newClock(), startRemote(t)
	r.down.Store(true)
	key := r.newKey(t, "1")
	v := access.NewVerifier(access.VerifierConfig{Issuer: r.URL, Keys: access.RemoteKeys(r.URL, "", r.Client().Transport), Now: c.now})
	claims := map[string]any{"iss": r.URL, "sub": "s", "aud": "schakel", "exp": c.now().Add(time.Hour).Unix()}
	token := sign(t, jose.RS256, jose.JSONWebKey{Key: key, KeyID: "1"}, claims)

	if _, err := v.Verify(context.Background(), token); !fault.Is(err, fault.Unavailable) {
		t.Errorf("while the issuer is down: %v", err)
	}
	r.down.Store(false)
	if _, err := v.Verify(context.Background(), token); err != nil {
		t.Errorf("after it came up: %v", err)
	}
	key = r.newKey(t, "2")
	token = sign(t, jose.RS256, jose.JSONWebKey{Key: key, KeyID: "2"}, claims)
	if _, err := v.Verify(context.Background(), token); err != nil {
		t.Errorf("with a new key: %v", err)
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	token = sign(t, jose.RS256, jose.JSONWebKey{Key: stranger, KeyID: "2"}, claims)
	if _, err := v.Verify(context.Background(), token); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("with a stranger's key: %v", err)
	}
	r.down.Store(true)
	token = sign(t, jose.RS256, jose.JSONWebKey{Key: stranger, KeyID: "3"}, claims)
	// For a moment after a fetch the library hands its answer to whoever comes
	// next, instead of fetching.
	_, err = v.Verify(context.Background(), token)
	for deadline := time.Now().Add(10 * time.Second); !fault.Is(err, fault.Unavailable) && time.Now().Before(deadline); {
		_, err = v.Verify(context.Background(), token)
	}
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("with an unknown key while the issuer is down: %v", err)
	}
}

func TestBadTokensDoNotFloodTheIssuer(t *testing.T) {
	t.Parallel()
	c, r := newClock(), startRemote(t)
	r.newKey(t, "1")
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	v := access.NewVerifier(access.VerifierConfig{Issuer: r.URL, Keys: access.RemoteKeys(r.URL, r.URL+"/keys", r.Client().Transport), Now: c.now})
	token := sign(t, jose.RS256, jose.JSONWebKey{Key: stranger, KeyID: "x"}, map[string]any{"iss": r.URL, "sub": "s"})
	for range 50 {
		if _, err := v.Verify(context.Background(), token); err == nil {
			t.Fatal("accepted")
		}
	}
	if n := r.requests.Load(); n > 10 {
		t.Errorf("%d requests to the issuer", n)
	}
}

func TestKeysAreAskedOverHTTPSOnly(t *testing.T) {
	t.Parallel()
	reached := errors.New("reached")
	transport := roundTripper(func(*http.Request) (*http.Response, error) { return nil, reached })
	for url, want := range map[string]bool{"http://issuer.example": false, "https://issuer.example": true, "http://127.0.0.1:1": true} {
		_, err := access.RemoteKeys(url, "", transport).VerifySignature(context.Background(), "a.b.c")
		if got := errors.Is(err, reached); got != want {
			t.Errorf("%s: reached = %v (%v)", url, got, err)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
