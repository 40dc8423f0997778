package queue

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Connect makes a client for the Redis at a URL, such as
// redis://user:secret@host:6379/0 (rediss: over TLS), with the settings that
// this package needs. It does not wait for the server: Redis may come later.
func Connect(url string) (redis.UniversalClient, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		// The error of the parser may hold the URL, and that the password.
		return nil, fmt.Errorf("the URL of Redis is not of the form redis://user:secret@host:port/db")
	}
	return redis.NewClient(settings(options)), nil
}

// settings makes a client fail fast. Redis is a fast path: whoever waits long
// for it loses more than by going without.
func settings(o *redis.Options) *redis.Options {
	// Without this a server that answers nothing holds a blocking read for ten
	// seconds beyond its block, whatever the deadline of the context.
	o.ContextTimeoutEnabled = true
	o.DialTimeout = time.Second
	o.DialerRetries, o.MaxRetries = 1, 1
	return o
}
