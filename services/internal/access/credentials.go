package access

import (
	"context"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

// serviceLifetime is how long a token between parts is valid: short, since it
// reaches everything.
const serviceLifetime = 5 * time.Minute

// Source gives a fresh token and when it expires.
type Source func(ctx context.Context) (token string, expires time.Time, err error)

// ServiceTokens is the source of tokens with which the part called name calls
// others, in the role service.
func (i *Issuer) ServiceTokens(name string) Source {
	return func(context.Context) (string, time.Time, error) {
		expires := i.now().Add(serviceLifetime)
		token, err := i.Mint(Token{Subject: "service:" + name, Roles: []Role{Service}, Lifetime: serviceLifetime})
		return token, expires, err
	}
}

// Credentials puts a bearer token on every call of a channel. A token is used
// until two thirds of its life are over, and longer when no new one can be
// had. It is safe for concurrent use.
type Credentials struct {
	source Source
	now    func() time.Time

	mu             sync.Mutex
	token          string
	renew, expires time.Time
}

var _ credentials.PerRPCCredentials = (*Credentials)(nil)

// NewCredentials makes credentials out of a source. They demand TLS; see
// Plain.
func NewCredentials(source Source, now func() time.Time) *Credentials {
	return &Credentials{source: source, now: now}
}

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (c *Credentials) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := c.current(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

func (c *Credentials) current(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Before(c.renew) {
		return c.token, nil
	}
	token, expires, err := c.source(ctx)
	if err != nil {
		if now.Before(c.expires) {
			return c.token, nil
		}
		return "", status.Errorf(codes.Unavailable, "no token to call with: %v", err)
	}
	c.token, c.expires, c.renew = token, expires, now.Add(expires.Sub(now)*2/3)
	return token, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (*Credentials) RequireTransportSecurity() bool { return true }

// Plain returns the same credentials for a channel without TLS. It is for
// channels that do not leave this machine: in process, or over loopback.
func (c *Credentials) Plain() credentials.PerRPCCredentials { return plain{c} }

type plain struct{ *Credentials }

func (plain) RequireTransportSecurity() bool { return false }
