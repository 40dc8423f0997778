package rest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// handler serves one method of one path.
type handler struct {
	template string
	// open says that it is open data, which pages of all origins may fetch.
	open bool
	// unobserved says that nobody may watch it, see unobserved.go.
	unobserved bool
	// use is what a caller without a token takes a place for, see places.go.
	use   use
	serve func(w http.ResponseWriter, r *http.Request, values []string)
}

// node is a place in the tree of paths: what lies below each segment.
type node struct {
	literals map[string]*node
	variable *node // any one segment
	rest     *node // any number of segments, at least one
	methods  map[string]handler
}

// A variable is a whole segment, such as "{id}", and takes one segment; at the
// end "{path=**}" takes all that is left. That is the part of google.api.http
// that the ADR leaves room for.
var (
	variableSegment = regexp.MustCompile(`^\{([a-z][a-z0-9_.]*)\}$`)
	restSegment     = regexp.MustCompile(`^\{([a-z][a-z0-9_]*)=\*\*\}$`)
	// literalSegment is kebab-case, an action in one word, or a file
	// (ADR /core/path-segments-kebab-case).
	literalSegment = regexp.MustCompile(`^[a-z0-9._-]+$`)
)

// variables lists the fields that a template's variables stand for.
func variables(template string) []string {
	var names []string
	for segment := range strings.SplitSeq(template, "/") {
		if m := variableSegment.FindStringSubmatch(segment); m != nil {
			names = append(names, m[1])
		}
	}
	return names
}

// add adds a route; the same path, whatever its variables are called, has one
// handler per method.
func (n *node) add(method, template string, h handler) error {
	path, ok := strings.CutPrefix(template, "/")
	if !ok {
		return fmt.Errorf("rest: %q is no path", template)
	}
	at, ended := n, false
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case ended:
			return fmt.Errorf("rest: %q goes on after its end", template)
		case restSegment.MatchString(segment):
			if at.rest == nil {
				at.rest = &node{}
			}
			at, ended = at.rest, true
		case variableSegment.MatchString(segment):
			if at.variable == nil {
				at.variable = &node{}
			}
			at = at.variable
		case literalSegment.MatchString(segment):
			if at.literals == nil {
				at.literals = map[string]*node{}
			}
			if at.literals[segment] == nil {
				at.literals[segment] = &node{}
			}
			at = at.literals[segment]
		default:
			return fmt.Errorf("rest: %q: segment %q is neither a word nor a variable", template, segment)
		}
	}
	if _, taken := at.methods[method]; taken {
		return fmt.Errorf("rest: %s %s is there twice", method, template)
	}
	if at.methods == nil {
		at.methods = map[string]handler{}
	}
	at.methods[method] = h
	return nil
}

// find finds the place of a path in its escaped form, and the text of its
// variables. A word goes before a variable. It gives nil for a path that does
// not exist: one that ends in a slash, or has an empty segment, never does.
func (n *node) find(escaped string) (*node, []string) {
	path, ok := strings.CutPrefix(escaped, "/")
	if !ok {
		return nil, nil
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		text, err := url.PathUnescape(s)
		if err != nil || text == "" {
			return nil, nil
		}
		segments[i] = text
	}
	var values []string
	at := n
	for i, s := range segments {
		switch next := at.literals[s]; {
		case next != nil:
			at = next
		case at.variable != nil:
			at, values = at.variable, append(values, s)
		case at.rest != nil:
			return at.rest, append(values, segments[i:]...)
		default:
			return nil, nil
		}
	}
	if at.methods == nil {
		return nil, nil
	}
	return at, values
}

// walk follows a template to its place; nil when there is none.
func (n *node) walk(template string) *node {
	at := n
	for segment := range strings.SplitSeq(strings.TrimPrefix(template, "/"), "/") {
		switch {
		case at == nil:
			return nil
		case variableSegment.MatchString(segment):
			at = at.variable
		default:
			at = at.literals[segment]
		}
	}
	return at
}

// handler finds the handler of a method; HEAD is served by GET, of which
// net/http leaves out the body.
func (n *node) handler(method string) (handler, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	h, ok := n.methods[method]
	return h, ok
}

// allow lists the methods of the place, for the header Allow.
func (n *node) allow() string {
	methods := append(slices.Collect(maps.Keys(n.methods)), http.MethodOptions)
	if _, ok := n.methods[http.MethodGet]; ok {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}
