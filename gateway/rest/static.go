package rest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"schakel.example/gateway/problem"
	"schakel.example/proto/openapi"
)

// readyTimeout is how long a service may take to say that it is well.
const readyTimeout = 2 * time.Second

// openapi answers with the description of the interface (ADR
// /core/publish-openapi).
func (s *server) openapi(w http.ResponseWriter, _ *http.Request, _ []string) {
	write(w, "application/json", openapi.JSON)
}

// securityTxt answers with whom to tell of a leak (RFC 9116).
func (s *server) securityTxt(w http.ResponseWriter, _ *http.Request, _ []string) {
	write(w, "text/plain; charset=utf-8", s.SecurityTxt)
}

// live answers while the process can answer.
func (s *server) live(w http.ResponseWriter, _ *http.Request, _ []string) {
	write(w, "application/json", []byte(`{"status":"in-leven"}`))
}

// ready answers well when every service behind the gateway says it is well
// (gRPC health checking protocol).
func (s *server) ready(w http.ResponseWriter, r *http.Request, _ []string) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	answers := make(chan string, len(s.Backends)) // names of those not ready, or ""
	for _, b := range s.Backends {
		go func() {
			answer, err := healthpb.NewHealthClient(b.Conn).Check(ctx, &healthpb.HealthCheckRequest{})
			if err != nil || answer.GetStatus() != healthpb.HealthCheckResponse_SERVING {
				answers <- b.Name
				return
			}
			answers <- ""
		}()
	}
	var missing []string
	for range s.Backends {
		if name := <-answers; name != "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		write(w, "application/json", []byte(`{"status":"gereed"}`))
		return
	}
	slices.Sort(missing)
	p := problem.New(http.StatusServiceUnavailable)
	p.Reason = "niet-gereed"
	p.Text = problem.Text{
		NL: "Nog niet gereed: " + strings.Join(missing, ", ") + ".",
		EN: "not ready: " + strings.Join(missing, ", "),
	}
	s.fail(w, r, p)
}

func write(w http.ResponseWriter, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // whoever went away needs no answer
}
