package rooms

import (
	"slices"
	"strings"
	"testing"
)

const (
	// module is the prefix of all that is ours.
	module = "schakel.example/"
	// faults is the package in whose words everything says what is wrong.
	faults = module + "services/internal/fault"
)

// room says in which room of the house a package is: "proto", "gateway",
// "reference", "internal", "cmd", or the name of a service. Subpackages of
// reference are "reference/". What is not ours is in no room: "".
func room(path string) string {
	rest, ours := strings.CutPrefix(path, module)
	if !ours {
		return ""
	}
	parts := strings.Split(rest, "/")
	switch {
	case parts[0] != "services" || len(parts) == 1:
		return parts[0]
	case parts[1] == "reference" && len(parts) > 2:
		return "reference/"
	default:
		return parts[1]
	}
}

// forbidden says why from must not import to, or "" if it may. Both are import
// paths; third-party packages are no business of this rule, except for
// reference's.
func forbidden(from, to string) string {
	in, into := room(from), room(to)
	if in == "reference" && into != in && !standard(to) && to != faults {
		return "reference imports the standard library and fault alone"
	}
	if into == "" || into == in || in == "reference" || in == "reference/" && to == faults {
		return ""
	}
	var allowed []string
	switch in {
	case "proto":
	case "gateway":
		allowed = []string{"proto"}
	case "reference/":
		allowed = []string{"proto", "reference"}
	case "internal":
		allowed = []string{"proto", "reference", "reference/"}
	case "cmd":
		return ""
	default:
		allowed = []string{"proto", "internal", "reference", "reference/"}
	}
	if slices.Contains(allowed, into) {
		return ""
	}
	if len(allowed) == 0 {
		return in + " imports nothing of ours"
	}
	return in + " imports of ours only " + strings.Join(allowed, ", ") + " and itself"
}

// standard says whether a path is of the standard library, whose first part
// has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// forTests says whether a package is made for tests: testenv, and the suites
// that are named after what they test.
func forTests(path string) bool {
	last := path[strings.LastIndexByte(path, '/')+1:]
	return strings.HasPrefix(path, module) && (last == "testenv" || strings.HasSuffix(last, "test"))
}

func TestTheRuleKnowsEachRoom(t *testing.T) {
	const services = module + "services/"
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{module + "proto/wire", module + "proto/gen/go/schakel/signals/v1", true},
		{module + "proto/wire", services + "internal/fault", false},
		{module + "proto/wire", module + "gateway/rest", false},
		{module + "gateway/rest", module + "proto/wire", true},
		{module + "gateway/rest", module + "gateway/problem", true},
		{module + "gateway/rest", services + "internal/fault", false},
		{module + "gateway/rest", services + "reference", false},
		{services + "reference", "time", true},
		{services + "reference", module + "proto/wire", false},
		{services + "reference", "golang.org/x/text/language", false},
		{services + "reference", services + "internal/fault", true},
		{services + "reference", services + "internal/sqldb", false},
		{services + "reference/refproto", module + "proto/wire", true},
		{services + "reference/refproto", services + "reference", true},
		{services + "reference/refserver", services + "internal/fault", true},
		{services + "reference/refserver", services + "internal/sqldb", false},
		{services + "internal/ledger", module + "proto/wire", true},
		{services + "internal/ledger", services + "internal/sqldb", true},
		{services + "internal/ledger", "github.com/redis/go-redis/v9", true},
		{services + "internal/ledger", services + "signals", false},
		{services + "internal/ledger", module + "gateway/rest", false},
		{services + "internal/ledger", services + "cmd/schakel", false},
		{services + "signals", services + "internal/ledger", true},
		{services + "signals", services + "reference", true},
		{services + "signals", services + "reference/refproto", true},
		{services + "signals/sqlstore", services + "signals", true},
		{services + "signals", services + "letters", false},
		{services + "signals", services + "letters/edition", false},
		{services + "signals", module + "gateway/rest", false},
		{services + "signals", services + "cmd/schakel", false},
		{services + "cmd/schakel", services + "signals", true},
		{services + "cmd/schakel", module + "gateway/rest", true},
	} {
		if why := forbidden(c.from, c.to); (why == "") != c.allowed {
			t.Errorf("%s → %s: allowed %v (%s), want %v", c.from, c.to, why == "", why, c.allowed)
		}
	}
}

func TestTheRuleKnowsWhatIsMadeForTests(t *testing.T) {
	for path, want := range map[string]bool{
		module + "services/internal/testenv":         true,
		module + "services/internal/queue/queuetest": true,
		module + "services/signals/storetest":        true,
		module + "services/signals":                  false,
		"net/http/httptest":                          false,
	} {
		if forTests(path) != want {
			t.Errorf("%s: %v, want %v", path, !want, want)
		}
	}
}

func TestEachPackageKeepsToItsRoom(t *testing.T) {
	for _, p := range load(t) {
		for _, to := range p.allImports() {
			if p.tests(to) && room(to) == "" {
				continue // tests import what they like of others
			}
			if why := forbidden(p.ImportPath, to); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, to, why)
			}
		}
		for _, to := range p.Imports {
			if forTests(to) && !forTests(p.ImportPath) {
				t.Errorf("%s imports %s, which is made for tests", p.ImportPath, to)
			}
		}
	}
}
