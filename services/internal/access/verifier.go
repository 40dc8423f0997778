package access

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"schakel.example/services/internal/fault"
	"schakel.example/services/reference"
)

// Audience is what a token must be meant for, unless configured otherwise.
const Audience = "schakel"

const (
	maxToken  = 16 << 10 // bytes; a longer one is not even parsed
	cacheSize = 4096     // tokens
	cacheTime = time.Minute
)

// tooi is how the URIs of organisations begin (TOOI, KOOP).
const tooi = "https://identifier.overheid.nl/tooi/id/"

// Faults of a token.
var (
	errBadToken = fault.New(fault.Unauthenticated, "token-ongeldig", fault.Text{
		NL: "Het token is ongeldig.",
		EN: "the token is not valid",
	})
	errExpired = fault.New(fault.Unauthenticated, "token-verlopen", fault.Text{
		NL: "Het token is verlopen; vraag een nieuw.",
		EN: "the token has expired; ask for a new one",
	})
	errNoKeys = fault.New(fault.Unavailable, "uitgever-onbereikbaar", fault.Text{
		NL: "Het token kan nu niet worden gecontroleerd, omdat de uitgever niet bereikbaar is.",
		EN: "the token cannot be verified now, since its issuer cannot be reached",
	})
)

// Claims is what a verified token says of its bearer. The zero value is a
// caller without token. Do not change its Roles: they are shared.
type Claims struct {
	Subject      string
	Organisation string // TOOI URI, or the URN of a sandbox, or empty
	Roles        []Role
}

// VerifierConfig says which tokens count.
type VerifierConfig struct {
	// Issuer is the iss claim.
	Issuer string
	// Keys holds the issuer's keys: those of Issuer.Keys, or RemoteKeys.
	Keys oidc.KeySet
	// Audience must be in the aud claim; empty is "schakel".
	Audience string
	// RolesClaim and OrganisationClaim name the claims with the roles (a list,
	// or words in a text) and the organisation; a dot leads into an object, as
	// in "realm_access.roles". Empty are "roles" and "organisatie".
	RolesClaim, OrganisationClaim string
	// Now is the clock.
	Now func() time.Time
}

// Verifier turns tokens into claims. It remembers what it verified for a
// minute at most, since checking a signature costs more than most calls. It is
// safe for concurrent use.
type Verifier struct {
	cfg  VerifierConfig
	oidc *oidc.IDTokenVerifier

	mu    sync.Mutex
	cache map[[sha256.Size]byte]verified
}

type verified struct {
	claims Claims
	until  time.Time
}

// NewVerifier makes a verifier.
func NewVerifier(cfg VerifierConfig) *Verifier {
	if cfg.Audience == "" {
		cfg.Audience = Audience
	}
	if cfg.RolesClaim == "" {
		cfg.RolesClaim = "roles"
	}
	if cfg.OrganisationClaim == "" {
		cfg.OrganisationClaim = "organisatie"
	}
	v := &Verifier{cfg: cfg, cache: map[[sha256.Size]byte]verified{}}
	v.oidc = oidc.NewVerifier(cfg.Issuer, cfg.Keys, &oidc.Config{
		ClientID: cfg.Audience,
		Now:      cfg.Now,
		SupportedSigningAlgs: []string{
			oidc.EdDSA, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.RS256, oidc.RS384, oidc.RS512,
		},
	})
	return v
}

// Verify checks a token's signature, issuer, audience and time, and returns
// what it says. The error is a fault: Unauthenticated for a bad token,
// Unavailable while the issuer's keys cannot be had.
func (v *Verifier) Verify(ctx context.Context, token string) (Claims, error) {
	if len(token) > maxToken {
		return Claims{}, errBadToken
	}
	key := sha256.Sum256([]byte(token))
	if claims, found := v.remembered(key); found {
		return claims, nil
	}
	var keysFailed bool
	checked, err := v.oidc.Verify(context.WithValue(ctx, keysFailedKey{}, &keysFailed), token)
	var expired *oidc.TokenExpiredError
	switch {
	case err == nil:
	case keysFailed:
		return Claims{}, errNoKeys.Because(err)
	case errors.As(err, &expired):
		return Claims{}, errExpired
	default:
		// The library's error quotes claims, so it is not kept as a cause.
		return Claims{}, errBadToken
	}
	var all map[string]any
	if err := checked.Claims(&all); err != nil || checked.Subject == "" {
		return Claims{}, errBadToken
	}
	claims := Claims{Subject: checked.Subject, Roles: roles(claim(all, v.cfg.RolesClaim))}
	organisation, _ := claim(all, v.cfg.OrganisationClaim).(string)
	if strings.HasPrefix(organisation, tooi) || reference.IsSandbox(organisation) {
		claims.Organisation = organisation
	}
	v.remember(key, claims, checked.Expiry)
	return claims, nil
}

func (v *Verifier) remembered(key [sha256.Size]byte) (Claims, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found, ok := v.cache[key]
	return found.claims, ok && v.cfg.Now().Before(found.until)
}

func (v *Verifier) remember(key [sha256.Size]byte, claims Claims, expiry time.Time) {
	until := v.cfg.Now().Add(cacheTime)
	if expiry.Before(until) {
		until = expiry
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.cache) >= cacheSize {
		clear(v.cache) // it fills again soon enough
	}
	v.cache[key] = verified{claims, until}
}

// claim follows a dotted path into the claims.
func claim(all map[string]any, path string) any {
	if value, found := all[path]; found {
		return value // a name with a dot of its own, as in a URI
	}
	first, rest, _ := strings.Cut(path, ".")
	inner, _ := all[first].(map[string]any)
	if inner == nil {
		return nil
	}
	return claim(inner, rest)
}

// roles reads the roles that are known; others are not ours to judge.
func roles(value any) []Role {
	var words []string
	switch value := value.(type) {
	case string:
		words = strings.Fields(value)
	case []any:
		for _, word := range value {
			text, _ := word.(string)
			words = append(words, text)
		}
	}
	var known []Role
	for _, word := range words {
		// Everyone is the public; nobody needs, or can narrow, that.
		if role, ok := ParseRole(word); ok && role != Publiek {
			known = append(known, role)
		}
	}
	return known
}
