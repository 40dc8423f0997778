package rooms

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// isService says whether a package is the root of a service.
func isService(path string) bool {
	name, ok := strings.CutPrefix(path, module+"services/")
	return ok && !strings.Contains(name, "/") && !slices.Contains([]string{"cmd", "internal", "reference", "bench"}, name)
}

// isDomain says whether a file of a service's root holds the domain. What does
// not is named after its room (store.go, or with more words: grpc_letters.go).
func isDomain(file string) bool {
	rooms := []string{"doc", "store", "service", "grpc", "convert", "consumer", "fold", "test"}
	words := strings.Split(strings.TrimSuffix(file, ".go"), "_")
	return !slices.ContainsFunc(words, func(word string) bool { return slices.Contains(rooms, word) })
}

// impure says why a domain file must not import a package, or "" if it may.
func impure(path string) string {
	switch {
	case path == faults || path == module+"services/reference":
		return ""
	case room(path) != "":
		return "the domain knows of ours only fault and reference"
	case path == "database/sql" || strings.HasPrefix(path, "database/sql/"):
		return "the domain knows no SQL"
	case !standard(path):
		return "the domain holds with the standard library"
	default:
		return ""
	}
}

func TestTheRuleKnowsTheFilesOfTheDomain(t *testing.T) {
	for file, want := range map[string]bool{
		"signal.go": true, "emergency_signal.go": true, "services.go": true,
		"doc.go": false, "store.go": false, "service.go": false, "letter_service.go": false, "service_letters.go": false,
		"grpc.go": false, "convert.go": false, "consumer.go": false, "service_intake.go": false, "signal_test.go": false,
	} {
		if isDomain(file) != want {
			t.Errorf("%s: %v, want %v", file, !want, want)
		}
	}
}

func TestTheRuleKnowsWhatTheDomainMayImport(t *testing.T) {
	for path, want := range map[string]bool{
		"time":                                     true,
		module + "services/reference":              true,
		module + "services/internal/fault":         true,
		module + "services/internal/sqldb":         false,
		module + "services/internal/ledger":        false,
		module + "proto/gen/go/schakel/signals/v1": false,
		"database/sql":                             false,
		"database/sql/driver":                      false,
		"github.com/redis/go-redis/v9":             false,
		"google.golang.org/protobuf/proto":         false,
	} {
		if (impure(path) == "") != want {
			t.Errorf("%s: %v, want %v", path, !want, want)
		}
	}
}

func TestTheDomainIsPure(t *testing.T) {
	services := 0
	for _, p := range load(t) {
		if !isService(p.ImportPath) {
			continue
		}
		services++
		for _, file := range p.GoFiles {
			if !isDomain(file) {
				continue
			}
			for _, path := range importsOf(t, filepath.Join(p.Dir, file)) {
				if why := impure(path); why != "" {
					t.Errorf("%s: %s imports %s: %s", p.ImportPath, file, path, why)
				}
			}
		}
	}
	if services == 0 {
		t.Error("there is no service to look at")
	}
}

// importsOf lists the imports of a file.
func importsOf(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, path)
	}
	return all
}
