package rules

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "schakel.example/proto/gen/go/schakel/contacts/v1"
	_ "schakel.example/proto/gen/go/schakel/events/v1"
	_ "schakel.example/proto/gen/go/schakel/ledger/v1"
	_ "schakel.example/proto/gen/go/schakel/letters/v1"
	_ "schakel.example/proto/gen/go/schakel/reference/v1"
	_ "schakel.example/proto/gen/go/schakel/signals/v1"
)

func TestEachProtoOfSchakelIsLinkedIntoTheseTests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../schakel/*/v*/*.proto")
	if err != nil || len(files) == 0 {
		t.Fatalf("no protos found: %v", err)
	}
	for _, file := range files {
		path := strings.TrimPrefix(filepath.ToSlash(file), "../")
		if _, err := protoregistry.GlobalFiles.FindFileByPath(path); err != nil {
			t.Errorf("%s: import its Go package in this file", path)
		}
	}
}

// used collects the ids of all rules in the protos of Schakel, with the place
// of one use.
type used map[string]string

func (u used) files() {
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "schakel.") {
			u.messages(file.Messages())
		}
		return true
	})
}

func (u used) messages(all protoreflect.MessageDescriptors) {
	for i := range all.Len() {
		m := all.Get(i)
		rules, _ := protovalidate.ResolveMessageRules(m)
		for _, cel := range rules.GetCel() {
			u[cel.GetId()] = string(m.FullName())
		}
		if len(rules.GetOneof()) > 0 {
			u["message.oneof"] = string(m.FullName())
		}
		if len(rules.GetCelExpression()) > 0 {
			u["a cel_expression has no id"] = string(m.FullName())
		}
		for j := range m.Fields().Len() {
			field := m.Fields().Get(j)
			rules, _ := protovalidate.ResolveFieldRules(field)
			u.field(rules, string(field.FullName()))
		}
		u.messages(m.Messages())
	}
}

func (u used) field(rules *validate.FieldRules, at string) {
	if rules.GetIgnore() == validate.Ignore_IGNORE_ALWAYS {
		return
	}
	if rules.GetRequired() {
		u["required"] = at
	}
	for _, cel := range rules.GetCel() {
		u[cel.GetId()] = at
	}
	if len(rules.GetCelExpression()) > 0 {
		u["a cel_expression has no id"] = at
	}
	if items := rules.GetRepeated().GetItems(); items != nil {
		u.field(items, at)
	}
	if rules.HasMap() {
		u.field(rules.GetMap().GetKeys(), at)
		u.field(rules.GetMap().GetValues(), at)
	}
	r := rules.ProtoReflect()
	if kind := r.WhichOneof(r.Descriptor().Oneofs().ByName("type")); kind != nil {
		u.kind(string(kind.Name()), r.Get(kind).Message(), at)
	}
}

// kind collects the rules of one type, such as StringRules. Two bounds of a
// number make one rule.
func (u used) kind(kind string, rules protoreflect.Message, at string) {
	set := map[string]bool{}
	rules.Range(func(rule protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
		set[string(rule.Name())] = true
		return true
	})
	for _, lower := range []string{"gt", "gte"} {
		for _, upper := range []string{"lt", "lte"} {
			if set[lower] && set[upper] {
				delete(set, lower)
				delete(set, upper)
				set[lower+"_"+upper] = true
			}
		}
	}
	delete(set, "items")
	for name := range set {
		u[kind+"."+name] = at
	}
	if set["pattern"] {
		u["pattern "+rules.Get(rules.Descriptor().Fields().ByName("pattern")).String()] = at
	}
}

func TestEachPatternOfTheProtosIsSaidInWords(t *testing.T) {
	t.Parallel()
	all := used{}
	all.files()
	unused := maps.Clone(patterns)
	for id, at := range all {
		if pattern, is := strings.CutPrefix(id, "pattern "); is {
			delete(unused, pattern)
			if patterns[pattern].dutch == "" || patterns[pattern].english == "" {
				t.Errorf("%s (%s) has no words: add it to dutch.go", pattern, at)
			}
		}
	}
	if len(unused) > 0 {
		t.Errorf("remove from dutch.go: %v", slices.Sorted(maps.Keys(unused)))
	}
}

func TestEachRuleOfTheProtosHasADutchText(t *testing.T) {
	t.Parallel()
	all := used{}
	all.files()
	if len(all) < 10 {
		t.Fatalf("found only %v", all)
	}
	for id, at := range all {
		if tableID(id) == "" && !strings.HasPrefix(id, "pattern ") {
			t.Errorf("%s (%s) has no Dutch text: add it to dutch.go", id, at)
		}
	}
}

func TestTheTableHoldsNoRuleThatIsNotUsed(t *testing.T) {
	t.Parallel()
	all := used{}
	all.files()
	unused := maps.Clone(dutch)
	for id := range all {
		delete(unused, tableID(id))
	}
	if len(unused) > 0 {
		t.Errorf("remove from dutch.go: %v", slices.Sorted(maps.Keys(unused)))
	}
}

func TestEachSharedStringRuleIsWordedToo(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../schakel/options/v1/rules.proto")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if _, id, found := strings.Cut(line, `id: "`); found {
			id, _, _ = strings.Cut(id, `"`)
			if tableID(id) == "" {
				t.Errorf("%s has no Dutch text", id)
			}
		}
	}
}
