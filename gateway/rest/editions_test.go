package rest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
)

const editionID = "0123456789abcdef0123456789abcdef"

// file is a file in pieces, which says that it has size bytes.
func file(path, mediaType string, size int, pieces ...string) []*lettersv1.ReadEditionFileResponse {
	sum := sha256.Sum256([]byte(strings.Join(pieces, "")))
	all := []*lettersv1.ReadEditionFileResponse{{
		File: &lettersv1.EditionFile{Path: path, MediaType: mediaType, Size: int32(size), Sha256: hex.EncodeToString(sum[:])},
	}}
	for _, p := range pieces {
		all = append(all, &lettersv1.ReadEditionFileResponse{Data: []byte(p)})
	}
	return all
}

// withFiles starts a gateway before an edition with files.
func withFiles(t *testing.T) *gateway {
	t.Helper()
	g := start(t)
	g.letters.files = map[string][]*lettersv1.ReadEditionFileResponse{
		"signalen.csv":         file("signalen.csv", "text/csv; charset=utf-8", 6, "abc", "def"),
		"grafieken/een.svg":    file("grafieken/een.svg", "image/svg+xml", 6, "<svg/>"),
		"verslag.html":         file("verslag.html", "text/html; charset=utf-8", 0),
		"zonder-type":          file("zonder-type", "geen type", 1, "x"),
		"te-kort":              file("te-kort", "text/csv", 9, "abc"),
		"te-lang":              file("te-lang", "text/csv", 2, "abc"),
		"zonder-bestand":       {{Data: []byte("abc")}},
		"leeg":                 {},
		"een map/met spatie.t": file("een map/met spatie.t", "text/plain", 1, "x"),
	}
	return g
}

func TestEditionFilesAreOpenData(t *testing.T) {
	t.Parallel()
	g := withFiles(t)
	a := g.do(t, http.MethodGet, "/edities/"+editionID+"/signalen.csv", "", "Authorization", "")
	sum := sha256.Sum256([]byte("abcdef"))
	want := map[string]string{
		"Content-Type":                "text/csv; charset=utf-8",
		"Content-Length":              "6",
		"Cache-Control":               "public, max-age=300",
		"Etag":                        `"` + hex.EncodeToString(sum[:]) + `"`,
		"Access-Control-Allow-Origin": "*",
		"Content-Security-Policy":     "default-src 'none'; frame-ancestors 'none'",
	}
	if a.status != http.StatusOK || a.body != "abcdef" {
		t.Errorf("status %d, body %q", a.status, a.body)
	}
	for name, value := range want {
		if got := a.header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func TestEditionFilesAnswer(t *testing.T) {
	t.Parallel()
	g := withFiles(t)
	etag := g.do(t, http.MethodGet, "/edities/"+editionID+"/signalen.csv", "").header.Get("ETag")
	tests := []struct {
		name, method, path string
		headers            []string
		status             int
		body               string
	}{
		{"a file in a folder", "GET", editionID + "/grafieken/een.svg", nil, 200, "<svg/>"},
		{"a name with a space", "GET", editionID + "/een%20map/met%20spatie.t", nil, 200, "x"},
		{"a type that is none", "GET", editionID + "/zonder-type", nil, 200, "x"},
		{"HEAD", "HEAD", editionID + "/signalen.csv", nil, 200, ""},
		{"a tag that the caller has", "GET", editionID + "/signalen.csv", []string{"If-None-Match", `"x", W/` + etag}, 304, ""},
		{"any tag", "GET", editionID + "/signalen.csv", []string{"If-None-Match", "*"}, 304, ""},
		{"a tag of something else", "GET", editionID + "/signalen.csv", []string{"If-None-Match", `"x"`}, 200, "abcdef"},
		{"a file that is not there", "GET", editionID + "/x", nil, 404, "onbekend-bestand"},
		{"an id that is none", "GET", "x/y", nil, 404, "niet-gevonden"},
		{"the folder above", "GET", editionID + "/../signalen.csv", nil, 404, "niet-gevonden"},
		{"the folder above, encoded", "GET", editionID + "/%2e%2e/signalen.csv", nil, 404, "niet-gevonden"},
		{"the folder above, encoded with its slash", "GET", editionID + "/..%2fsignalen.csv", nil, 404, "niet-gevonden"},
		{"a backslash", "GET", editionID + "/..%5csignalen.csv", nil, 404, "niet-gevonden"},
		{"U+0000", "GET", editionID + "/signalen.csv%00", nil, 404, "niet-gevonden"},
		{"an empty segment", "GET", editionID + "//signalen.csv", nil, 404, "niet-gevonden"},
		{"the edition itself", "GET", editionID, nil, 404, "niet-gevonden"},
		{"a slash at the end", "GET", editionID + "/", nil, 404, "niet-gevonden"},
		{"a change", "PUT", editionID + "/signalen.csv", nil, 405, "methode-niet-toegestaan"},
		{"a file that its service does not describe", "GET", editionID + "/zonder-bestand", nil, 500, "interne-fout"},
		{"a stream of nothing", "GET", editionID + "/leeg", nil, 500, "interne-fout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := g.do(t, tt.method, "/edities/"+tt.path, "", tt.headers...)
			if a.status != tt.status || !strings.Contains(a.body, tt.body) || tt.body == "" && a.body != "" {
				t.Errorf("status %d, body %q", a.status, a.body)
			}
		})
	}
}

func TestAReportMayHaveStyleButRunsNothing(t *testing.T) {
	t.Parallel()
	g := withFiles(t)
	policy := g.do(t, http.MethodGet, "/edities/"+editionID+"/verslag.html", "").header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "style-src 'self' 'unsafe-inline'", "frame-ancestors 'none'", "sandbox"} {
		if !strings.Contains(policy, part) {
			t.Errorf("policy %q lacks %s", policy, part)
		}
	}
}

func TestHalfAFileIsNotTakenForAWhole(t *testing.T) {
	t.Parallel()
	g := withFiles(t)
	for _, path := range []string{"te-kort", "te-lang"} {
		response, err := g.Client().Get(g.URL + "/edities/" + editionID + "/" + path)
		if err != nil {
			continue // cut before anything was sent
		}
		data, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err == nil {
			t.Errorf("%s: read %q without an error", path, data)
		}
	}
	if log := g.log.String(); !strings.Contains(log, "edition file broken off") || strings.Contains(log, "panic") {
		t.Errorf("log: %s", log)
	}
}
