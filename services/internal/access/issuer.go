package access

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"

	"schakel.example/services/internal/config"
)

// BuiltIn is the iss claim of the built-in issuer.
const BuiltIn = "schakel-ingebouwd"

// Issuer is the built-in issuer of tokens, for the embedded mode: whoever can
// read its key file is the administrator of the machine anyway.
type Issuer struct {
	key    ed25519.PrivateKey
	signer jose.Signer
	now    func() time.Time
}

// OpenIssuer opens the key at path, and makes it when there is none: a PKCS #8
// PEM file that only its owner may read. Two processes that start at the same
// time end up with the same key. A key that others may read is refused.
func OpenIssuer(path string, now func() time.Time) (*Issuer, error) {
	text, err := config.KeyFile(path, generateKey)
	if err != nil {
		return nil, fmt.Errorf("key of the built-in issuer: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("key of the built-in issuer: %s is no PEM file", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("key of the built-in issuer: %s holds no Ed25519 key", path)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("key of the built-in issuer: %w", err)
	}
	return &Issuer{key: key, signer: signer, now: now}, nil
}

func generateKey() ([]byte, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// Keys are the public keys, for VerifierConfig.
func (i *Issuer) Keys() oidc.KeySet {
	return &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{i.key.Public()}}
}

// Token says what a token is to claim.
type Token struct {
	// Subject names who bears it.
	Subject string
	// Roles are what the bearer is.
	Roles []Role
	// Organisation is the TOOI URI that the bearer acts for; empty for none.
	Organisation string
	// Lifetime is how long it is valid.
	Lifetime time.Duration
}

// Mint signs a token.
func (i *Issuer) Mint(t Token) (string, error) {
	if t.Subject == "" || len(t.Roles) == 0 || t.Lifetime <= 0 {
		return "", errors.New("a token needs a subject, a role and a lifetime")
	}
	slugs := make([]string, len(t.Roles))
	for n, role := range t.Roles {
		if slugs[n] = role.String(); role == Publiek {
			return "", fmt.Errorf("the role %v needs no token", role)
		}
	}
	now := i.now()
	return jwt.Signed(i.signer).Claims(jwt.Claims{
		Issuer:   BuiltIn,
		Subject:  t.Subject,
		Audience: jwt.Audience{Audience},
		IssuedAt: jwt.NewNumericDate(now),
		Expiry:   jwt.NewNumericDate(now.Add(t.Lifetime)),
		ID:       uuid.NewString(),
	}).Claims(struct {
		Roles        []string `json:"roles"`
		Organisation string   `json:"organisatie,omitempty"`
	}{slugs, t.Organisation}).Serialize()
}
