package table

import (
	"maps"
	"slices"
	"strconv"
)

// A signal in the making is a tree of map[string]any; a list of objects in it is
// a map by place until tidy makes a list of it.

// put puts a value at a path.
func put(tree map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		next, ok := tree[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			tree[name] = next
		}
		tree = next
	}
	tree[path[len(path)-1]] = value
}

// clone copies a tree as deep as put writes.
func clone(tree map[string]any) map[string]any {
	out := maps.Clone(tree)
	for name, value := range out {
		if below, ok := value.(map[string]any); ok {
			out[name] = clone(below)
		}
	}
	return out
}

// tidy makes lists of what has places for names, without the places that a row
// left empty.
func tidy(value any) any {
	tree, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if len(tree) > 0 && onlyPlaces(tree) {
		keys := slices.SortedFunc(maps.Keys(tree), func(a, b string) int { return place(a) - place(b) })
		list := make([]any, len(keys))
		for i, key := range keys {
			list[i] = tidy(tree[key])
		}
		return list
	}
	out := make(map[string]any, len(tree))
	for name, below := range tree {
		out[name] = tidy(below)
	}
	return out
}

func onlyPlaces(tree map[string]any) bool {
	for name := range tree {
		if !isIndex(name) {
			return false
		}
	}
	return true
}

func place(name string) int {
	n, _ := strconv.Atoi(name)
	return n
}
