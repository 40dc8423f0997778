package rest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
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
		for method := range strings.SplitSeq(g.do(t, http.MethodOptions, real, "", "Authorization", "").header.Get("Allow"), ", ") {
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

// shape is a JSON Schema of an object, as far as it says which members there
// are.
type shape struct {
	Required   []string
	Properties map[string]struct {
		Items *shape
	}
}

// differs says how an object differs from its shape, or nothing.
func (s shape) differs(object map[string]any) []string {
	var all []string
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			all = append(all, name+" is lacking")
		}
	}
	for name, value := range object {
		property, ok := s.Properties[name]
		if !ok {
			all = append(all, name+" is not described")
		}
		list, _ := value.([]any)
		for _, element := range list {
			all = append(all, property.Items.differs(element.(map[string]any))...)
		}
	}
	return all
}

func TestProblemsAreAsDescribed(t *testing.T) {
	t.Parallel()
	var description struct {
		Components struct{ Schemas map[string]shape }
	}
	if err := json.Unmarshal(openapi.JSON, &description); err != nil {
		t.Fatal(err)
	}
	described := description.Components.Schemas["Problem"]
	if len(described.Required) == 0 || described.Properties["fouten"].Items == nil {
		t.Fatalf("described: %+v", described)
	}
	files, err := filepath.Glob("testdata/cases/*.http")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, answer, _ := strings.Cut(string(data), "\n=== answer\n")
		head, body, _ := strings.Cut(answer, "\n\n")
		if !strings.Contains(head, "application/problem+json") {
			continue
		}
		compared++
		var problem map[string]any
		if err := json.Unmarshal([]byte(body), &problem); err != nil {
			t.Fatal(err)
		}
		if all := described.differs(problem); all != nil {
			t.Errorf("%s: %q", file, all)
		}
	}
	if compared < 20 {
		t.Errorf("only %d problems are compared", compared)
	}
}
