package testenv

import (
	"context"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"
)

// RedisServer is a running redis-server.
type RedisServer struct{ *Server }

// Redis returns the address of an empty redis-server that only this test uses
// and that keeps nothing on disk.
func Redis(tb testing.TB) string {
	tb.Helper()
	return StartRedis(tb).Addr()
}

// StartRedis starts a redis-server for this test. Settings are lines of
// redis.conf, such as "appendonly yes" and "appendfsync always"; without them
// nothing is kept on disk, so that Restart finds it empty.
func StartRedis(tb testing.TB, settings ...string) *RedisServer {
	tb.Helper()
	need(tb)
	s, err := startRedis(settings)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.discard(); err != nil {
			tb.Error(err)
		}
	})
	return &RedisServer{&Server{server: s, tb: tb}}
}

func startRedis(settings []string) (_ *server, err error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, missing("redis-server", "redis-server")
	}
	user, err := unprivileged()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	home, err := makeFolder("redis", user)
	if err != nil {
		return nil, err
	}
	s := &server{
		name: "redis-server", home: home, port: port, owner: user,
		orderly: syscall.SIGTERM, death: syscall.SIGKILL,
		argv: func(port int) []string {
			argv := []string{program, "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--dir", home.path, "--save", ""}
			for _, line := range settings {
				argv = append(argv, strings.Fields("--"+line)...)
			}
			return argv
		},
	}
	s.ready = func(ctx context.Context) error {
		client := redis.NewClient(&redis.Options{Addr: s.Addr()})
		return errors.Join(client.Ping(ctx).Err(), client.Close())
	}
	if err := s.start(); err != nil {
		return nil, errors.Join(err, home.remove())
	}
	return s, nil
}
