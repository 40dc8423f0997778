package rest

import (
	"net/http"
	"slices"
	"strings"
)

// setHeaders sets what every answer has: the version (ADR
// /core/version-header) and the security headers (/core/transport/
// security-headers). A handler may loosen those of its own content.
func (s *server) setHeaders(h http.Header, id string) {
	h.Set("API-Version", s.version)
	h.Set(requestIDHeader, id)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	// A year, as internet.nl asks. Whether subdomains follow is for whoever
	// owns the domain, in front of this.
	h.Set("Strict-Transport-Security", "max-age=31536000")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

// allowOrigin lets pages of other origins read the answer: of the listed ones,
// and of all for open data (ADR /core/transport/cors).
func (s *server) allowOrigin(h http.Header, r *http.Request, open bool) {
	if open {
		h.Set("Access-Control-Allow-Origin", "*")
	} else {
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !slices.Contains(s.Origins, origin) {
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
	}
	h.Set("Access-Control-Expose-Headers", "Accept-Patch, API-Version, Content-Language, ETag, Location, Retry-After, "+requestIDHeader)
}

// options answers OPTIONS: which methods there are, and what a page of another
// origin may send (Fetch standard, CORS-preflight).
func (s *server) options(w http.ResponseWriter, r *http.Request, place *node) {
	h := w.Header()
	h.Set("Allow", place.allow())
	if _, patches := place.methods[http.MethodPatch]; patches {
		h.Set("Accept-Patch", patchType) // RFC 5789 §3.1
	}
	if asked := r.Header.Get("Access-Control-Request-Method"); asked != "" {
		if wanted, ok := place.handler(asked); ok && wanted.open {
			s.allowOrigin(h, r, true)
		}
		if h.Get("Access-Control-Allow-Origin") != "" {
			h.Set("Access-Control-Allow-Methods", place.allow())
			h.Set("Access-Control-Allow-Headers", strings.Join(append(s.headers[:len(s.headers):len(s.headers)],
				"Accept", "Accept-Language", "Authorization", "Content-Type", "If-None-Match", "Traceparent", "Tracestate", requestIDHeader), ", "))
			h.Set("Access-Control-Max-Age", "600")
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
