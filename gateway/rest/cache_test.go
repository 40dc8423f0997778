package rest_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"schakel.example/proto/openapi"
)

func TestWhatAnybodyMayReadMayBeKeptForOthers(t *testing.T) {
	t.Parallel()
	const minute, hour, never = "public, max-age=60", "public, max-age=3600", "no-store"
	tests := []struct {
		name, method, path, token string
		status                    int
		want                      string
	}{
		{"a list", "GET", "/v1/signalen", "", 200, minute},
		{"the head of a list", "HEAD", "/v1/signalen", "", 200, minute},
		{"counts", "GET", "/v1/signalen/_tel", "", 200, minute},
		{"one", "GET", "/v1/signalen/" + signalID, "", 200, minute},
		{"reference data", "GET", "/v1/organisaties?zoek=uwv", "", 200, hour},
		{"a list with a token", "GET", "/v1/signalen", "Bearer x", 200, never},
		{"counts with a token", "GET", "/v1/signalen/_tel", "Bearer x", 200, never},
		{"reference data with a token", "GET", "/v1/organisaties", "Bearer x", 200, never},
		{"a token that no service sees", "GET", "/v1/signalen", "Bearer \x80", 200, never},
		{"an export", "GET", "/v1/signalen/_export", "", 200, never},
		{"one that is not there", "GET", "/v1/signalen/0196a1b2-0000-7000-8000-000000000009", "", 404, never},
		{"a query at fault", "GET", "/v1/signalen?x=1", "", 400, never},
		{"what is not for anybody", "GET", "/v1/knelpuntenbrieven", "", 200, never},
		{"a case under protection", "GET", "/v1/dossier", "", 200, never},
		{"a submission", "POST", "/v1/signalen", "", 201, never},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			g.signals.public, g.signals.export = true, export(1, nil)
			body := ""
			if tt.method == http.MethodPost {
				body = "{}"
			}
			headers := []string{"Authorization", tt.token, "Schakel-Geheim", secret}
			r, err := http.NewRequestWithContext(t.Context(), tt.method, g.URL+tt.path, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for i := 0; i < len(headers); i += 2 {
				if headers[i+1] != "" {
					r.Header.Set(headers[i], headers[i+1])
				}
			}
			if body != "" {
				r.Header.Set("Content-Type", "application/json")
			}
			a := g.send(t, r)
			if a.status != tt.status || a.header.Get("Cache-Control") != tt.want {
				t.Errorf("status %d, Cache-Control %q, want %q: %s", a.status, a.header.Get("Cache-Control"), tt.want, a.body)
			}
			if kept := tt.want != never; kept && !slices.Contains(a.header.Values("Vary"), "Authorization") {
				t.Errorf("Vary %q", a.header.Values("Vary"))
			}
		})
	}
}

func TestReferenceDataThatTheCallerHasAreNotSentAgain(t *testing.T) {
	t.Parallel()
	g := start(t)
	first := g.do(t, http.MethodGet, "/v1/organisaties", "")
	tag := first.header.Get("ETag")
	if first.status != http.StatusOK || tag == "" {
		t.Fatalf("status %d, ETag %q: %s", first.status, tag, first.body)
	}
	if again := g.do(t, http.MethodGet, "/v1/organisaties", "", "If-None-Match", tag); again.status != http.StatusNotModified || again.body != "" || again.header.Get("ETag") != tag {
		t.Errorf("again: status %d, %q", again.status, again.body)
	}
	if other := g.do(t, http.MethodGet, "/v1/organisaties?zoek=uwv", "", "If-None-Match", tag); other.status != http.StatusOK || other.header.Get("ETag") == tag {
		t.Errorf("another list: status %d, ETag %q", other.status, other.header.Get("ETag"))
	}
	if one := g.do(t, http.MethodGet, "/v1/organisaties/zb000117", ""); one.header.Get("ETag") == "" {
		t.Errorf("one: status %d, no tag", one.status)
	}
	described(t, tag)
}

// described holds an entity tag of reference data to the description.
func described(t *testing.T, tag string) {
	t.Helper()
	var doc struct {
		Paths      map[string]map[string]struct{ Responses map[string]any }
		Components struct {
			Headers map[string]struct{ Schema struct{ Pattern string } }
		}
	}
	if err := json.Unmarshal(openapi.JSON, &doc); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/organisaties", "/organisaties/{code}", "/regelingen", "/begrippen/{lijst}/{code}"} {
		if _, told := doc.Paths[path]["get"].Responses["304"]; !told {
			t.Errorf("the description says nothing of a 304 of %s", path)
		}
	}
	if pattern := doc.Components.Headers["ETagInhoud"].Schema.Pattern; pattern == "" || !regexp.MustCompile(pattern).MatchString(tag) {
		t.Errorf("%s is no %q", tag, pattern)
	}
}
