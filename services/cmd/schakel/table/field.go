package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// field is a place in a signal on the wire.
type field struct {
	// path has names, and numbers for items of a list of objects.
	path []string
	kind kind
	// list says that it takes several values.
	list bool
}

// kind is what a cell must hold.
type kind int

const (
	text kind = iota
	number
	boolean
	date
)

// findField finds a field by its path, such as "omvang/minimum".
func findField(path string) (field, error) {
	f := field{path: strings.Split(strings.TrimPrefix(path, "/"), "/")}
	message := (&signalsv1.Signal{}).ProtoReflect().Descriptor()
	for i := 0; i < len(f.path); i++ {
		if message == nil {
			return f, fmt.Errorf("veld %q: %q heeft geen onderdelen", path, f.path[i-1])
		}
		found := message.Fields().ByJSONName(f.path[i])
		if found == nil {
			return f, fmt.Errorf("veld %q: een signaal heeft geen %q", path, f.path[i])
		}
		if isOutput(found) {
			return f, fmt.Errorf("veld %q vult Schakel zelf in: laat de kolom weg", path)
		}
		message = found.Message()
		f.list = found.IsList() && message == nil
		if found.IsList() && message != nil {
			i++
			if i >= len(f.path)-1 || !isIndex(f.path[i]) {
				return f, fmt.Errorf("veld %q: noem welk, en wat ervan, zoals %q", path, found.JSONName()+"/0/…")
			}
		}
		f.kind = kindOf(found)
	}
	if message != nil {
		return f, fmt.Errorf("veld %q bestaat uit onderdelen: noem welk", path)
	}
	return f, nil
}

// isOutput says whether only Schakel fills a field in.
func isOutput(f protoreflect.FieldDescriptor) bool {
	behaviour, _ := proto.GetExtension(f.Options(), annotations.E_FieldBehavior).([]annotations.FieldBehavior)
	return slices.Contains(behaviour, annotations.FieldBehavior_OUTPUT_ONLY)
}

// isIndex says whether a part of a path is the place of an item, from 0.
func isIndex(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n < 100 && strconv.Itoa(n) == s
}

func kindOf(f protoreflect.FieldDescriptor) kind {
	switch f.Kind() {
	case protoreflect.Int32Kind:
		return number
	case protoreflect.BoolKind:
		return boolean
	}
	if strings.HasSuffix(f.JSONName(), "Datum") {
		return date
	}
	return text
}

// pointer is the field as JSON pointer.
func (f field) pointer() string { return "/" + strings.Join(f.path, "/") }

// layouts gives the forms in which dates may be written, as for time.Parse.
func layouts(form string) ([]string, error) {
	switch form {
	case "":
		return []string{time.DateOnly, "2-1-2006", "2/1/2006", "2.1.2006"}, nil
	case "jjjj-mm-dd":
		return []string{time.DateOnly}, nil
	case "dd-mm-jjjj", "dd/mm/jjjj", "dd.mm.jjjj":
		return []string{"2-1-2006", "2/1/2006", "2.1.2006"}, nil
	case "mm/dd/jjjj", "mm-dd-jjjj":
		return []string{"1/2/2006", "1-2-2006"}, nil
	}
	return nil, fmt.Errorf("datumvorm %q: kies jjjj-mm-dd, dd-mm-jjjj of mm/dd/jjjj", form)
}
