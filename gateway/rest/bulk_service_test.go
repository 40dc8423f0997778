package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"schakel.example/gateway/rest"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

func TestWhatIsAtHandGoesInOneBatch(t *testing.T) {
	t.Parallel()
	for _, size := range []int{500, 20_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			line := `{"titel":"` + strings.Repeat("x", size-len(`{"titel":""}`)-1) + `"}` + "\n"
			c := &busy{size: size, body: repeating(line, 5_000_000/size), read: make(chan int, 1), released: make(chan struct{})}
			r := httptest.NewRequest(http.MethodPost, "/v1/signalen/_bulk", c)
			r.Header.Set("Content-Type", "application/x-ndjson")
			w := httptest.NewRecorder()
			isolated(t, c).ServeHTTP(w, r)
			// The third and the fourth set out nearly together.
			if third := max(c.batches[2], c.batches[3]) * size; third < 300_000 || !strings.Contains(w.Body.String(), `"klaar":true`) {
				t.Errorf("batches %v", c.batches)
			}
		})
	}
}

// busy is a client that has everything at hand, and a service that holds the
// first two batches until enough for a third was read.
type busy struct {
	accepting
	size  int // of a line
	body  io.Reader
	read  chan int // how many bytes were, so far
	bytes int

	released chan struct{}
	mu       sync.Mutex
	batches  []int
}

// Read implements io.Reader.
func (b *busy) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.bytes += n
	select {
	case <-b.read:
	default:
	}
	b.read <- b.bytes
	return n, err
}

// Invoke implements grpc.ClientConnInterface.
func (b *busy) Invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	b.mu.Lock()
	b.batches = append(b.batches, len(request.(*signalsv1.BatchSubmitSignalsRequest).GetSignals()))
	nth := len(b.batches)
	b.mu.Unlock()
	if nth == 2 {
		for enough := (b.batches[0]+b.batches[1])*b.size + 400_000; <-b.read < enough; {
		}
		close(b.released)
	}
	<-b.released
	return b.accepting.Invoke(ctx, method, request, response, options...)
}

func TestAServiceThatIsAwayForAWhileIsAwaited(t *testing.T) {
	t.Parallel()
	soon := &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Millisecond)}
	busy := failure(codes.ResourceExhausted, "te-druk", "Te druk.", "too busy", soon)
	tests := []struct {
		name string
		fail func(*signals, error)
		with error
		// lost says that an answer is lost: then the signals were stored already.
		lost bool
	}{
		{"too busy for a call", func(s *signals, err error) { s.before = sometimes(err) }, busy, false},
		{"away", func(s *signals, err error) { s.before = sometimes(err) }, status.Error(codes.Unavailable, "x"), false},
		{"too busy for some signals", func(s *signals, err error) {
			some := sometimes(err)
			s.each = func(*signalsv1.Signal) error { return some(context.Background()) }
		}, busy, false},
		{"away before it answered", func(s *signals, err error) { s.after = sometimes(err) }, status.Error(codes.Unavailable, "x"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			tt.fail(g.signals, tt.with)
			lines, whole := g.upload(t, numbered(3000))
			r := g.signals.report()
			if !whole || len(lines) != 3001 || r.signals != 3000 || (r.again > 0) != tt.lost {
				t.Fatalf("whole %v, %d lines, %+v", whole, len(lines), r)
			}
			for i, line := range lines[:3000] {
				created, repeated := fmt.Sprintf("%d 201 a%d", i+1, i+1), fmt.Sprintf("%d 200 a%d", i+1, i+1)
				if line != created && (!tt.lost || line != repeated) {
					t.Fatalf("line %d: %q", i+1, line)
				}
			}
		})
	}
}

// sometimes fails every second time.
func sometimes(err error) func(context.Context) error {
	turns := make(chan struct{}, 1)
	return func(context.Context) error {
		select {
		case turns <- struct{}{}:
			return err
		default:
			<-turns
			return nil
		}
	}
}

func TestAServiceThatStaysAwayEndsTheUpload(t *testing.T) {
	t.Parallel()
	unavailable := status.Error(codes.Unavailable, "dial tcp: secret")
	busy := failure(codes.ResourceExhausted, "te-druk", "Te druk.", "too busy", &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Hour)})
	expired := failure(codes.Unauthenticated, "token-verlopen", "Uw token is verlopen.", "the token has expired")
	tests := []struct {
		name  string
		err   error
		each  bool // whether the error is of each signal
		after string
		alone int // the status when nothing was answered before
	}{
		{"away", unavailable, false, "2 503  niet-bereikbaar", 503},
		{"too busy for longer than can be waited", busy, false, "2 429  te-druk", 429},
		{"too busy for each", busy, true, "2 429  te-druk", 429},
		{"whose token expired", expired, false, "2 401  token-verlopen", 401},
		{"that broke", status.Error(codes.Internal, "sql: secret"), false, "2 500  interne-fout", 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t, func(c *rest.Config) { c.Patience = 200 * time.Millisecond })
			g.signals.fail(tt.err, tt.each)
			a := g.do(t, http.MethodPost, "/v1/signalen/_bulk", signal("b"), "Content-Type", "application/x-ndjson")
			if a.status != tt.alone || strings.Contains(a.body+g.log.String(), "klaar") || strings.Contains(a.body, "secret") {
				t.Errorf("status %d: %s", a.status, a.body)
			}
			checkAnswer(t, a)

			g.signals.fail(nil, false)
			k := g.talk(t.Context(), t)
			k.say(signal("a"))
			if line, _ := k.hear(); line != "1 201 a" {
				t.Fatal(line)
			}
			g.signals.fail(tt.err, tt.each)
			k.say(signal("b") + signal("c"))
			if lines, whole := k.rest(); whole || !slices.Equal(lines, []string{tt.after}) {
				t.Errorf("whole %v, %q", whole, lines)
			}
		})
	}
}

// fail makes calls fail from now on, as a whole or for each signal.
func (s *signals) fail(err error, each bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing, s.failingEach = err, each
	if s.before == nil {
		s.before = func(context.Context) error { return s.failed(false) }
		s.each = func(*signalsv1.Signal) error { return s.failed(true) }
	}
}

func (s *signals) failed(each bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if each != s.failingEach {
		return nil
	}
	return s.failing
}

func TestResultsThatDoNotFitAreADefect(t *testing.T) {
	t.Parallel()
	for name, distort := range map[string]func(*signalsv1.BatchSubmitSignalsRequest, *signalsv1.BatchSubmitSignalsResponse){
		"too few": func(_ *signalsv1.BatchSubmitSignalsRequest, r *signalsv1.BatchSubmitSignalsResponse) {
			r.Results = r.Results[1:]
		},
		"out of order": func(_ *signalsv1.BatchSubmitSignalsRequest, r *signalsv1.BatchSubmitSignalsResponse) {
			slices.Reverse(r.Results)
		},
		"without a word": func(_ *signalsv1.BatchSubmitSignalsRequest, r *signalsv1.BatchSubmitSignalsResponse) {
			r.Results[0].Outcome = nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.signals.distort = distort
			a := g.do(t, http.MethodPost, "/v1/signalen/_bulk", numbered(3), "Content-Type", "application/x-ndjson")
			if a.status != http.StatusInternalServerError || !strings.Contains(g.log.String(), "rest: ") {
				t.Errorf("status %d: %s", a.status, a.body)
			}
		})
	}
}

func TestAPanicEndsOneUpload(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/v1/signalen/_bulk", strings.NewReader(numbered(3)))
	r.Header.Set("Content-Type", "application/x-ndjson")
	w := httptest.NewRecorder()
	isolated(t, panicking{}).ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
