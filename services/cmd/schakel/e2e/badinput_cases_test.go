package e2e

import (
	"net/http"
	"strings"

	"schakel.example/services/internal/access"
)

// badSignals are requests to submit a signal that is not right.
func badSignals() []bad {
	const invalid = "ongeldige-invoer"
	return []bad{
		{name: "an unknown field", body: spoilt(map[string]any{"tietel": canary}),
			status: 400, reason: invalid, faults: []string{"/tietel onbekend-veld"}},
		{name: "an unknown field within a field", body: spoilt(map[string]any{"omvang": map[string]any{"zekerheid": "geteld", "hoeveel": canary}}),
			status: 400, reason: invalid, faults: []string{"/omvang/hoeveel onbekend-veld"}},
		{name: "an English name", body: spoilt(map[string]any{"title": canary, "titel": nil}),
			status: 400, reason: invalid, faults: []string{"/title engelse-naam", "/titel required"}},
		{name: "a name of the proto", body: spoilt(map[string]any{"external_reference": canary}),
			status: 400, reason: invalid, faults: []string{"/external_reference engelse-naam"}},
		{name: "a wrong enum", body: spoilt(map[string]any{"ernst": canary}),
			status: 400, reason: invalid, faults: []string{"/ernst onbekende-waarde"}},
		{name: "an enum by its name in the proto", body: spoilt(map[string]any{"ernst": "SEVERITY_HOOG"}),
			status: 400, reason: invalid, faults: []string{"/ernst onbekende-waarde"}},
		{name: "an enum by its number", body: spoilt(map[string]any{"ernst": 3}),
			status: 400, reason: invalid, faults: []string{"/ernst verkeerd-type"}},
		{name: "a field that Schakel fills in", body: spoilt(map[string]any{"status": "gebundeld"}),
			status: 400, reason: invalid, faults: []string{"/status alleen-lezen"}},
		{name: "faults of JSON and of rules at once", body: spoilt(map[string]any{
			"titel": 5, "onbekend": canary, "kenmerk": "spatie mag niet", "omvang": map[string]any{"minimum": 5, "maximum": 3}, "aanpak": nil,
		}), status: 400, reason: invalid, faults: []string{"/onbekend onbekend-veld", "/aanpak required", "/kenmerk string-pattern", "/omvang extent-order", "/omvang/zekerheid required", "/titel verkeerd-type"}},
		{name: "faults of rules and of reference data at once", body: spoilt(map[string]any{
			"titel": nil, "niveau": canary, "veroorzakendeOrganisaties": []string{strings.Replace(uwv, "117", "999", 1)},
			"regelingen":       []any{map[string]string{"jci": "jci1.3:c:BWBR9999999"}, map[string]string{"jci": canary}, map[string]string{"celex": "32016R0679"}},
			"bekendSindsDatum": "2026-02-30",
		}), status: 400, reason: invalid, faults: []string{"/bekendSindsDatum string-calendar-date", "/niveau string-slug", "/regelingen/0/jci regeling-onbekend", "/regelingen/1/jci jci-vorm", "/titel required", "/veroorzakendeOrganisaties/0 onbekende-organisatie"}},
		{name: "an unknown organisation", body: spoilt(map[string]any{"andereOrganisaties": []string{strings.Replace(uwv, "117", "999", 1)}}),
			status: 400, reason: invalid, faults: []string{"/andereOrganisaties/0 onbekende-organisatie"}},
		{name: "an unknown organisation as its own", body: spoilt(map[string]any{"organisatie": strings.Replace(uwv, "117", "999", 1)}),
			status: 400, reason: invalid, faults: []string{"/organisatie onbekende-organisatie"}},
		{name: "an organisation that is no TOOI URI", body: spoilt(map[string]any{"organisatie": canary}),
			status: 400, reason: invalid, faults: []string{"/organisatie string-tooi"}},
		{name: "a provision to nowhere", body: spoilt(map[string]any{"regelingen": []any{map[string]string{"jci": "jci1.3:c:BWBR9999999"}}}),
			status: 400, reason: invalid, faults: []string{"/regelingen/0/jci regeling-onbekend"}},
		{name: "a provision of two registers", body: spoilt(map[string]any{"regelingen": []any{map[string]string{"jci": "jci1.3:c:BWBR0019057", "celex": "32016R0679"}}}),
			status: 400, reason: invalid, faults: []string{"/regelingen/0/jci meer-dan-een-keuze"}},
		{name: "control characters", body: spoilt(map[string]any{"titel": "een " + canary + "\x07bel"}),
			status: 400, reason: invalid, faults: []string{"/titel string-prose"}},
		{name: "U+0000", body: replaced(`"Voorschot`, `"Voor\u0000schot`),
			status: 400, reason: invalid, faults: []string{"/titel ongeldige-tekst"}},
		{name: "half a surrogate pair", body: replaced(`"Voorschot`, `"Voor\ud800schot`),
			status: 400, reason: invalid, faults: []string{"/titel ongeldige-tekst"}},
		{name: "invalid UTF-8", body: replaced(`"Voorschot`, "\"Voor\xff\xfeschot"),
			status: 400, reason: invalid, faults: []string{"/titel ongeldige-tekst"}},
		{name: "a number that is too large", body: spoilt(map[string]any{"omvang": map[string]any{"minimum": 1, "maximum": 5000000000, "zekerheid": "geteld"}}),
			status: 400, reason: invalid, faults: []string{"/omvang/maximum buiten-bereik"}},
		{name: "a duplicate field", body: replaced(`{`, `{"titel":"`+canary+`",`),
			status: 400, reason: invalid, faults: []string{"/titel dubbel-veld"}},
		{name: "broken JSON", body: text(func(s string) string { return s[:len(s)/2] }),
			status: 400, reason: invalid, faults: []string{" ongeldige-json"}},
		{name: "text after the end", body: text(func(s string) string { return s + canary }),
			status: 400, reason: invalid, faults: []string{" tekst-na-einde"}},
		{name: "two signals at once", body: text(func(s string) string { return s + s }),
			status: 400, reason: invalid, faults: []string{" tekst-na-einde"}},
		{name: "a list instead of a signal", body: text(func(s string) string { return "[" + s + "]" }),
			status: 400, reason: invalid, faults: []string{" verkeerd-type"}},
		{name: "no signal at all", body: text(func(string) string { return "" }),
			status: 400, reason: invalid, faults: []string{"/aanpak required", "/categorieen repeated-min-items", "/ernst required", "/kenmerk required", "/niveau required", "/omschrijving required", "/organisatie required", "/titel required", "/vertrouwelijkheid required"}},
		{name: "null", body: text(func(string) string { return "null" }),
			status: 400, reason: invalid, faults: []string{" verkeerd-type"}},
		{name: "nesting without end", body: text(func(string) string { return strings.Repeat("[", 100_000) }),
			status: 400, reason: invalid, faults: []string{" ongeldige-json", " verkeerd-type"}},
		{name: "nesting within a field", body: replaced(`{`, `{"omvang":`+strings.Repeat(`{"omvang":`, 20_000)+strings.Repeat("}", 20_000)+`,`),
			status: 400, reason: invalid, faults: []string{" ongeldige-json", "/omvang/omvang onbekend-veld"}},
		{name: "2 MB", body: text(func(s string) string {
			return strings.Replace(s, "Voorschot", strings.Repeat("Voorschot ", 2<<20/10), 1)
		}),
			status: 413, reason: "te-groot"},
		{name: "2 MB of which the length is not told", chunked: true,
			body:   text(func(s string) string { return s + strings.Repeat(" ", 2<<20) }),
			status: 413, reason: "te-groot"},
	}
}

// badRequests are requests that are refused for something else than the signal.
func badRequests() []bad {
	return []bad{
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
