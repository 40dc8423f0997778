package rest

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"schakel.example/gateway/problem"
)

// The media types of bodies.
const (
	jsonType = "application/json"
	// patchType is that of a merge patch (RFC 7396). A PATCH takes no other:
	// what application/json would mean for it is not said anywhere.
	patchType = "application/merge-patch+json"
)

// mediaType is what the body of the call must be.
func (c *call) mediaType() string {
	if c.binding.Patch {
		return patchType
	}
	return jsonType
}

// unsupported is the problem of a body of another type.
func (x *exchange) unsupported() *problem.Problem {
	p := problem.New(http.StatusUnsupportedMediaType)
	if x.binding.Patch {
		x.w.Header().Set("Accept-Patch", patchType) // RFC 5789 §2.2
		p.Text = problem.Text{
			NL: "Stuur de wijziging als application/merge-patch+json (RFC 7396) in UTF-8, ongecomprimeerd, met de header Content-Type.",
			EN: "send the change as application/merge-patch+json (RFC 7396) in UTF-8, not compressed, with the header Content-Type",
		}
	}
	return p
}

func acceptsJSON(r *http.Request) bool { return accepts(r, jsonType) }

// accepts says whether the header Accept allows a kind of application/… (RFC
// 9110 §12.5.1): the most specific range that matches decides. No header allows
// all.
func accepts(r *http.Request, wanted string) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if accept == "" {
		return true
	}
	best, allowed := 0, false
	for part := range strings.SplitSeq(accept, ",") {
		mediaType, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		specific := map[string]int{"*/*": 1, "application/*": 2, wanted: 3}[mediaType]
		if specific > best {
			best, allowed = specific, quality(params["q"]) > 0
		}
	}
	return allowed
}

// quality reads a weight; none, or one that is no number, is 1.
func quality(q string) float64 {
	if n, err := strconv.ParseFloat(q, 64); err == nil {
		return n
	}
	return 1
}

// sends says whether the body is of one of these types in UTF-8, as it is.
func sends(r *http.Request, types ...string) bool {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(types, mediaType) {
		return false
	}
	charset := params["charset"]
	encoding := r.Header.Get("Content-Encoding")
	return (charset == "" || strings.EqualFold(charset, "utf-8")) &&
		(encoding == "" || strings.EqualFold(encoding, "identity"))
}
