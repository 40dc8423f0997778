package access

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"

	"schakel.example/services/internal/config"
)

// keyTimeout bounds one request to an issuer.
const keyTimeout = 5 * time.Second

// remoteKeys are the keys of an issuer elsewhere, found when first needed: a
// service starts whether or not the issuer runs.
type remoteKeys struct {
	issuer string
	ctx    context.Context // carries the HTTP client, as oidc wants it; never ends
	flight singleflight.Group
	keys   atomic.Pointer[oidc.RemoteKeySet]
}

// RemoteKeys returns the keys of an issuer: at jwksURL, or when that is empty
// at the place that the issuer's discovery document tells. They are fetched
// anew when a token names a key that is not known, yet not oftener than a few
// times a minute, so that bad tokens do not become a flood of requests. Only
// HTTPS will do, except to this machine.
func RemoteKeys(issuer, jwksURL string, transport http.RoundTripper) oidc.KeySet {
	client := &http.Client{
		Timeout:   keyTimeout,
		Transport: &careful{transport, rate.NewLimiter(rate.Every(10*time.Second), 6)},
	}
	r := &remoteKeys{issuer: issuer, ctx: oidc.ClientContext(context.Background(), client)}
	if jwksURL != "" {
		r.keys.Store(oidc.NewRemoteKeySet(r.ctx, jwksURL))
	}
	return r
}

// VerifySignature implements oidc.KeySet.
func (r *remoteKeys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	keys, err := r.discover(ctx)
	if err != nil {
		markKeysFailed(ctx)
		return nil, err
	}
	payload, err := keys.VerifySignature(ctx, token)
	// The library has no type for this error; a test holds the text.
	if err != nil && strings.HasPrefix(err.Error(), "fetching keys") {
		markKeysFailed(ctx)
	}
	return payload, err
}

// discover returns the key set, after asking the issuer where it is. Callers
// at the same time share one request.
func (r *remoteKeys) discover(ctx context.Context) (*oidc.RemoteKeySet, error) {
	if keys := r.keys.Load(); keys != nil {
		return keys, nil
	}
	asked := r.flight.DoChan("", func() (any, error) {
		provider, err := oidc.NewProvider(r.ctx, r.issuer)
		if err != nil {
			return nil, fmt.Errorf("discover the issuer: %w", err)
		}
		var document struct {
			JWKS string `json:"jwks_uri"`
		}
		if err := provider.Claims(&document); err != nil || document.JWKS == "" {
			return nil, fmt.Errorf("the issuer's discovery document has no jwks_uri: %w", err)
		}
		r.keys.Store(oidc.NewRemoteKeySet(r.ctx, document.JWKS))
		return nil, nil
	})
	select {
	case result := <-asked:
		return r.keys.Load(), result.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// keysFailedKey leads to a *bool in the context: the library drops the cause
// when it wraps the error of a key set.
type keysFailedKey struct{}

func markKeysFailed(ctx context.Context) {
	if failed, ok := ctx.Value(keysFailedKey{}).(*bool); ok {
		*failed = true
	}
}

// careful limits requests and refuses those that anyone could answer.
type careful struct {
	http.RoundTripper
	limit *rate.Limiter
}

func (c *careful) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && !config.Loopback(net.JoinHostPort(req.URL.Hostname(), "0")) {
		return nil, errors.New("an issuer is asked over https only")
	}
	if !c.limit.Allow() {
		return nil, errors.New("the issuer was asked too often")
	}
	return c.RoundTripper.RoundTrip(req)
}
