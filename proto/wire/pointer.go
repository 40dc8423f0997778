package wire

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Locate turns the proto path of a fault in a request, such as
// "signal.provisions[0].jci", into where the caller finds it: a JSON pointer
// into the body ("/regelingen/0/jci"), or else a parameter or a header. What
// is not a field, such as the name of a oneof, is cut off, so that no English
// name gets out. A field mask is the body as a whole, from which it follows.
func (b Binding) Locate(md protoreflect.MessageDescriptor, path string) Place {
	first, _, _ := strings.Cut(path, ".")
	first, _, _ = strings.Cut(first, "[")
	pointer := Pointer(md, path)
	s, err := schemaOf(md)
	if err != nil {
		return Place{}
	}
	i := slices.IndexFunc(s.fields, func(f *field) bool { return string(f.desc.Name()) == first })
	if i < 0 {
		return Place{Pointer: pointer}
	}
	top := s.fields[i]
	switch b.placeOf(top) {
	case nowhere:
		return Place{}
	case inHeader:
		return Place{Header: top.header}
	case inBody:
		if b.Body != "*" {
			pointer = strings.TrimPrefix(pointer, string(appendToken(nil, top.name)))
		}
		return Place{Pointer: pointer}
	}
	f, err := variable(md, path)
	if err != nil {
		return Place{Parameter: top.name}
	}
	return Place{Parameter: f.name}
}

// Pointer turns the proto path of a field of a message (as protovalidate writes
// it: names with dots between, indexes and map keys in brackets) into a JSON
// pointer in Dutch names, as far as the path leads to fields.
func Pointer(md protoreflect.MessageDescriptor, path string) string {
	var pointer []byte
	for path != "" && md != nil {
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		f := md.Fields().ByName(protoreflect.Name(path[:end]))
		if f == nil {
			break
		}
		pointer = appendToken(pointer, f.JSONName())
		path = path[end:]
		if strings.HasPrefix(path, "[") {
			var key string
			if key, path = subscript(path[1:]); key == "" {
				break
			}
			pointer = appendToken(pointer, key)
		}
		path = strings.TrimPrefix(path, ".")
		if md = f.Message(); f.IsMap() {
			md = f.MapValue().Message()
		}
	}
	return string(pointer)
}

// subscript reads an index or a quoted map key up to its closing bracket. An
// empty key says that there is none.
func subscript(s string) (key, rest string) {
	if quoted, err := strconv.QuotedPrefix(s); err == nil {
		key, _ = strconv.Unquote(quoted)
		return key, strings.TrimPrefix(s[len(quoted):], "]")
	}
	key, rest, _ = strings.Cut(s, "]")
	return key, rest
}

// appendToken adds a name to a JSON pointer, escaped (RFC 6901 §3).
func appendToken(path []byte, name string) []byte {
	path = append(path, '/')
	for _, r := range cut(name) {
		switch r {
		case '~':
			path = append(path, "~0"...)
		case '/':
			path = append(path, "~1"...)
		default:
			path = utf8.AppendRune(path, r)
		}
	}
	return path
}

// maxName is how many bytes of a name from the input are repeated.
const maxName = 64

// cut makes a name from the input fit to be repeated.
func cut(name string) string {
	if len(name) > maxName {
		return strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}
