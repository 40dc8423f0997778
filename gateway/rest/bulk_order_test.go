package rest_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// holding is a service that keeps each call but a trial until its test lets it go
// on.
type holding struct {
	accepting
	mu    sync.Mutex
	calls []heldCall
}

// heldCall is one call: its references, and what it comes to.
type heldCall struct {
	references string
	end        chan error
}

// Invoke implements grpc.ClientConnInterface.
func (s *holding) Invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	if request.(*signalsv1.BatchSubmitSignalsRequest).GetValidateOnly() {
		return s.accepting.Invoke(ctx, method, request, response, options...)
	}
	var references []string
	for _, signal := range request.(*signalsv1.BatchSubmitSignalsRequest).GetSignals() {
		references = append(references, signal.GetExternalReference())
	}
	call := heldCall{strings.Join(references, " "), make(chan error, 1)}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	s.mu.Unlock()
	if err := <-call.end; err != nil {
		return err
	}
	return s.accepting.Invoke(ctx, method, request, response, options...)
}

// asked gives the references of each call so far, when nothing moves any more.
func (s *holding) asked() (all []string) {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		all = append(all, call.references)
	}
	return all
}

// slowly uploads what its test writes, and gives the answer in the end.
func slowly(t *testing.T, s *holding) (body *io.PipeWriter, answer func() string) {
	t.Helper()
	in, body := io.Pipe()
	r := httptest.NewRequest(http.MethodPost, "/v1/signalen/_bulk", in)
	r.Header.Set("Content-Type", "application/x-ndjson")
	w, done, handler := httptest.NewRecorder(), make(chan struct{}), isolated(t, s)
	go func() {
		defer close(done)
		defer func() { _ = recover() }() // it is how an upload is broken off
		handler.ServeHTTP(w, r)
	}()
	return body, func() string {
		<-done
		return w.Body.String()
	}
}

func TestOfOneReferenceTheFirstLineIsKnownBeforeTheNextIsSent(t *testing.T) {
	t.Parallel()
	checker(t)
	for name, c := range map[string]struct {
		first, second string
		want          []string // the calls before the first is answered
	}{
		"the same":            {signal("a") + signal("b"), signal("c") + signal("a"), []string{"a b"}},
		"others":              {signal("a") + signal("b"), signal("c") + signal("d"), []string{"a b", "c d"}},
		"none":                {"{}\n", "{}\n", []string{"", ""}},
		"one that is refused": {signal("a"), `{"kenmerk":"a","x":1}` + "\n" + signal("b"), []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &holding{}
				body, answer := slowly(t, s)
				_, _ = io.WriteString(body, c.first)
				s.asked()
				_, _ = io.WriteString(body, c.second)
				_ = body.Close()
				if got := s.asked(); !slices.Equal(got, c.want) {
					t.Errorf("asked at once: %q", got)
				}
				s.calls[0].end <- nil
				if got := s.asked(); len(got) != 2 {
					t.Fatalf("asked after that: %q", got)
				}
				s.calls[1].end <- nil
				if got := answer(); !strings.Contains(got, `"klaar":true`) {
					t.Error(got)
				}
			})
		})
	}
}

func TestALineIsNotSentWhileNobodyKnowsWhatBecameOfTheOneBeforeIt(t *testing.T) {
	t.Parallel()
	checker(t)
	synctest.Test(t, func(t *testing.T) {
		s := &holding{}
		body, answer := slowly(t, s)
		_, _ = io.WriteString(body, signal("a"))
		s.asked()
		_, _ = io.WriteString(body, signal("a"))
		_ = body.Close()
		s.asked()
		for _, call := range s.calls {
			call.end <- status.Error(codes.Internal, "x")
		}
		if got := answer(); strings.Contains(got, "klaar") || len(s.asked()) != 1 {
			t.Errorf("asked %q, and answered %s", s.asked(), got)
		}
	})
}
