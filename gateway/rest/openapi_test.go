package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"schakel.example/proto/openapi"
)

// TestWhatIsDescribedIsServedAndNothingElse compares the route table with the
// description: for every path, the methods that OPTIONS lists are those that
// are described.
func TestWhatIsDescribedIsServedAndNothingElse(t *testing.T) {
	t.Parallel()
	var description struct {
		Paths map[string]map[string]struct {
			Responses map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(openapi.JSON, &description); err != nil {
		t.Fatal(err)
	}
	if len(description.Paths) < 10 {
		t.Fatalf("only %d paths are described", len(description.Paths))
	}
	g := start(t)
	for path, operations := range description.Paths {
		real := "/v1" + strings.NewReplacer("{", "", "}", "").Replace(path)
		served := map[string]bool{}
		for method := range strings.SplitSeq(g.do(t, http.MethodOptions, real, "").header.Get("Allow"), ", ") {
			served[method] = method != http.MethodOptions && method != http.MethodHead
		}
		for method := range operations {
			method = strings.ToUpper(method)
			if !served[method] {
				t.Errorf("%s %s is described and not served", method, path)
			}
			delete(served, method)
		}
		for method, left := range served {
			if left {
				t.Errorf("%s %s is served and not described", method, path)
			}
		}
	}
}

func TestTheDescriptionIsServedToAnyone(t *testing.T) {
	t.Parallel()
	a := start(t).do(t, http.MethodGet, "/v1/openapi.json", "", "Authorization", "")
	if a.status != http.StatusOK || a.body != string(openapi.JSON) || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("status %d, %v", a.status, a.header)
	}
}

func TestSecurityTxtIsServedWhenThereIsOne(t *testing.T) {
	t.Parallel()
	a := start(t).do(t, http.MethodGet, "/.well-known/security.txt", "")
	if a.status != http.StatusOK || !strings.HasPrefix(a.body, "Contact: ") || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("status %d, %v", a.status, a.header)
	}
}
