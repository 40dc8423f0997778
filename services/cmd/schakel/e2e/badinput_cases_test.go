package e2e

import (
	"net/http"
	"strings"

	"schakel.example/services/internal/access"
)

// badRequests are requests that are refused. What is wrong with signals stands in
// testdata/intake; here is one of each kind.
func badRequests() []bad {
	return []bad{
		{name: "a signal with faults", body: spoilt(map[string]any{"titel": nil, "ernst": canary, "niveau": canary}),
			status: 400, reason: "ongeldige-invoer", faults: []string{"/ernst onbekende-waarde", "/niveau string-slug", "/titel required"}},
		{name: "no JSON", body: text(func(string) string { return canary }),
			status: 400, reason: "ongeldige-invoer", faults: []string{" ongeldige-json"}},
		{name: "nothing at all", body: text(func(string) string { return "" }),
			status: 400, reason: "ongeldige-invoer", faults: []string{" geen-inhoud"}},
		{name: "nothing but white space", body: text(func(string) string { return " \n\t" }),
			status: 400, reason: "ongeldige-invoer", faults: []string{" geen-inhoud"}},
		{name: "an object with nothing in it", body: text(func(string) string { return "{}" }),
			status: 400, reason: "ongeldige-invoer", faults: []string{"/aanpak required", "/categorieen repeated-min-items", "/ernst required", "/kenmerk required", "/niveau required", "/omschrijving required", "/organisatie required", "/titel required", "/vertrouwelijkheid required"}},
		{name: "2 MB of which the length is told", body: text(func(s string) string { return s + strings.Repeat(" ", 2<<20) }),
			status: 413, reason: "te-groot"},
		{name: "2 MB of which the length is not told", chunked: true, body: text(func(s string) string { return s + strings.Repeat(" ", 2<<20) }),
			status: 413, reason: "te-groot"},
		{name: "no token", token: nobody, status: 401, reason: "token-ontbreekt"},
		{name: "an expired token", token: expired, status: 401, reason: "token-verlopen"},
		{name: "a forged token", token: forged, status: 401, reason: "token-ongeldig"},
		{name: "no token at all, but a word", header: map[string]string{"Authorization": "Basic " + canary}, status: 401, reason: "token-ongeldig"},
		{name: "a token of another organisation", token: bearer(access.Aanleveraar, svb), status: 403, reason: "andere-organisatie"},
		{name: "a token of no organisation", token: bearer(access.Aanleveraar, ""), status: 403, reason: "organisatie-ontbreekt"},
		{name: "a token of another role", token: bearer(access.Beantwoorder, szw), status: 403, reason: "rol-ontbreekt"},
		{name: "no token and a bad signal", token: nobody, body: spoilt(map[string]any{"titel": nil}), status: 401, reason: "token-ontbreekt"},
		{name: "no content type", header: map[string]string{"Content-Type": ""}, status: 415, reason: "vorm-niet-leesbaar"},
		{name: "a form", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, status: 415, reason: "vorm-niet-leesbaar"},
		{name: "another character set", header: map[string]string{"Content-Type": "application/json; charset=iso-8859-1"}, status: 415, reason: "vorm-niet-leesbaar"},
		{name: "compressed", header: map[string]string{"Content-Encoding": "gzip"}, status: 415, reason: "vorm-niet-leesbaar"},
		{name: "an answer in XML", header: map[string]string{"Accept": "application/xml"}, status: 406, reason: "vorm-niet-leverbaar"},
		{name: "an unknown path", path: "/v1/" + canary, status: 404, reason: "niet-gevonden"},
		{name: "no version", path: "/signalen", status: 404, reason: "niet-gevonden"},
		{name: "a slash at the end", path: "/v1/signalen/", status: 404, reason: "niet-gevonden"},
		{name: "two slashes", path: "/v1//signalen", status: 404, reason: "niet-gevonden"},
		{name: "dots in the path", path: "/v1/signalen/../signalen", status: 404, reason: "niet-gevonden"},
		{name: "PUT on the list", method: http.MethodPut, status: 405, reason: "methode-niet-toegestaan"},
		{name: "DELETE of a signal", method: http.MethodDelete, path: "/v1/signalen/01a20011-b7b6-76be-8f99-5166bf01f269", status: 405, reason: "methode-niet-toegestaan"},
		{name: "a method that there is not", method: canary, status: 405, reason: "methode-niet-toegestaan"},
		{name: "a query on a POST", path: "/v1/signalen?bron=" + canary, status: 400, reason: "ongeldige-invoer", faults: []string{"bron onbekende-parameter"}},
		{name: "an id that is none", method: http.MethodGet, path: "/v1/signalen/" + canary, status: 400, reason: "ongeldige-invoer", faults: []string{"id string-uuid"}},
		{name: "a list with faults", method: http.MethodGet, path: "/v1/signalen?paginaGrootte=9999&status=" + canary + "&pageSize=3&cursor=" + canary + "&status=ontvangen",
			status: 400, reason: "ongeldige-invoer", faults: []string{"pageSize engelse-naam", "paginaGrootte int32-gte-lte", "status onbekende-waarde"}},
		{name: "a cursor that is none", method: http.MethodGet, path: "/v1/signalen?cursor=" + canary, status: 400, reason: "ongeldige-cursor", faults: []string{"cursor ongeldige-cursor"}},
		{name: "broken escapes in a query", method: http.MethodGet, path: "/v1/signalen?kenmerk=%zz", status: 400, reason: "ongeldige-invoer", faults: []string{"kenmerk ongeldige-codering"}},
		{name: "a file of no edition", method: http.MethodGet, path: "/edities/" + canary + "/index.html", token: nobody, status: 404, reason: "niet-gevonden"},
		{name: "a file outside the editions", method: http.MethodGet, path: "/edities/..%2f..%2fsleutels/uitgever.pem", token: nobody, status: 404, reason: "niet-gevonden"},
	}
}
