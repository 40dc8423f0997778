package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// intakeFile is a file of testdata/intake; its README says how they are written.
type intakeFile struct {
	name string
	// JSON says that the cases can be said in JSON alone.
	JSON  bool         `yaml:"json"`
	Cases []intakeCase `yaml:"cases"`
}

// intakeCase is something that is submitted, and what is to become of it.
type intakeCase struct {
	Name string `yaml:"name"`
	// Call says that it is refused as a call, and not as a signal.
	Call  bool `yaml:"call"`
	Steps []step
	step  `yaml:",inline"`
}

// step is one signal of a case.
type step struct {
	As      string         `yaml:"as"`
	Signal  map[string]any `yaml:"signal"`
	Text    string         `yaml:"text"`
	Replace []string       `yaml:"replace"`
	Trial   bool           `yaml:"trial"`
	Verdict string         `yaml:"verdict"`
	Faults  []string       `yaml:"faults"`
	// Over has other verdicts over some ways.
	Over map[string]string `yaml:"over"`
}

// invalid is the verdict of whatever has faults.
const invalid = "refused 400 ongeldige-invoer"

// attempt is a step as it is submitted over one way.
type attempt struct {
	of      string // the case
	step    int    // of it, from 0
	as      string
	json    bool
	call    bool
	trial   bool
	verdict string
	faults  []string

	text []byte
	// tree is what the text says, unless it was given as such; and message the
	// same in the form of gRPC, if that can be.
	tree    map[string]any
	message *signalsv1.Signal
}

// intakeFiles reads the case files, by name.
func intakeFiles(t *testing.T) (all []intakeFile) {
	t.Helper()
	paths := must(filepath.Glob("testdata/intake/*.yaml"))(t)
	seen := map[string]bool{}
	for _, path := range paths {
		f := intakeFile{name: strings.TrimSuffix(filepath.Base(path), ".yaml")}
		d := yaml.NewDecoder(bytes.NewReader(must(os.ReadFile(path))(t)))
		d.KnownFields(true)
		if err := d.Decode(&f); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for i, c := range f.Cases {
			if c.Name == "" || seen[c.Name] {
				t.Fatalf("%s: case %d has no name of its own: %q", path, i+1, c.Name)
			}
			seen[c.Name] = true
			if len(c.Steps) == 0 {
				f.Cases[i].Steps = []step{c.step}
			}
		}
		all = append(all, f)
	}
	return all
}

// attempts are the steps of all cases as they go over a way, which has its own
// references.
func attempts(t *testing.T, way string) (all []attempt) {
	t.Helper()
	number := 0
	for _, f := range intakeFiles(t) {
		for _, c := range f.Cases {
			number++
			reference := fmt.Sprintf("%s-%03d", strings.ToUpper(strings.ReplaceAll(way, " ", "-")), number)
			for i, s := range c.Steps {
				if s.As == "" {
					s.As = c.step.As
				}
				a := s.attempt(t, way, reference)
				a.of, a.step, a.call, a.json = f.name+": "+c.Name, i, c.Call, f.JSON
				if len(c.Steps) > 1 {
					a.of += fmt.Sprintf(" (%d)", i+1)
				}
				if a.message == nil && (!f.JSON || a.stores()) {
					t.Fatalf("%s: it can be said in JSON alone", a.of)
				}
				all = append(all, a)
			}
		}
	}
	return all
}

// attempt makes the signal of a step.
func (s step) attempt(t *testing.T, way, reference string) attempt {
	t.Helper()
	a := attempt{as: s.As, trial: s.Trial, verdict: s.Verdict, faults: slices.Sorted(slices.Values(s.Faults))}
	if a.as == "" {
		a.as = "aanleveraar uwv"
	}
	switch {
	case a.verdict == "" && len(a.faults) > 0:
		a.verdict = invalid
	case a.verdict == "":
		a.verdict = "accepted"
	}
	if other, ok := s.Over[way]; ok {
		a.verdict, a.faults = other, nil
		if words := strings.SplitN(other, " ", 4); len(words) == 4 {
			a.verdict, a.faults = strings.Join(words[:3], " "), words[3:]
		}
	}
	tree := fields(t)
	tree["kenmerk"] = reference
	maps.Copy(tree, expand(s.Signal, reference).(map[string]any))
	maps.DeleteFunc(tree, func(_ string, value any) bool { return value == nil })
	a.text = must(json.Marshal(tree))(t)
	switch {
	case s.Text != "":
		a.text = []byte(expand(s.Text, reference).(string))
	case len(s.Replace) > 0:
		text := string(a.text)
		for i := 0; i+1 < len(s.Replace); i += 2 {
			old, new := s.Replace[i], expand(s.Replace[i+1], reference).(string)
			if !strings.Contains(text, old) {
				t.Fatalf("a signal does not say %s", old)
			}
			text = strings.Replace(text, old, new, 1)
		}
		a.text = []byte(text)
	}
	if s.Text == "" && len(s.Replace) == 0 {
		a.tree = tree
	}
	var m signalsv1.Signal
	if wire.Unmarshal(a.text, &m) == nil {
		a.message = &m
	}
	return a
}

// times is something that is repeated: {é*200}.
var times = regexp.MustCompile(`\{([^{}*]+)\*(\d+)\}`)

// expand writes out what case files abbreviate.
func expand(value any, reference string) any {
	switch v := value.(type) {
	case string:
		v = strings.ReplaceAll(v, "{kenmerk}", reference)
		v = strings.ReplaceAll(v, "{byte}", "\xff")
		return times.ReplaceAllStringFunc(v, func(s string) string {
			parts := times.FindStringSubmatch(s)
			n, _ := strconv.Atoi(parts[2])
			return strings.Repeat(parts[1], n)
		})
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = expand(v[i], reference)
		}
		return out
	case map[string]any:
		if n, ok := v["maal"].(int); ok {
			out := make([]any, n)
			for i := range out {
				out[i] = numberedAs(expand(v["dit"], reference), i)
			}
			return out
		}
		out := map[string]any{}
		for name := range v {
			out[name] = expand(v[name], reference)
		}
		return out
	}
	return value
}

// numberedAs writes the number of an element of a list wherever it says {n}.
func numberedAs(value any, n int) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, "{n}", strconv.Itoa(n))
	case map[string]any:
		out := map[string]any{}
		for name := range v {
			out[name] = numberedAs(v[name], n)
		}
		return out
	}
	return value
}
