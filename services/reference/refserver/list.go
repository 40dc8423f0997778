package refserver

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"sync"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/reference"
)

// defaultSize is how many items a page holds when the client names no number.
const defaultSize = 50

// item is one thing of a list.
type item[T any] struct {
	message T
	id      string
	// group is what a list can be narrowed to, such as the kind; may be empty.
	group       string
	names       []string
	from, until reference.Date
	// successor is the id of what went on after until; may be empty.
	successor string
}

// list is all things of a kind, in the order in which they are shown.
type list[T any] struct {
	items []item[T]
	byID  map[string]int
	// ranked are the places of all items, those first that have not ended: of what
	// a text names equally well, that is what somebody means.
	ranked []int
	index  func() reference.Index // of ranked
	today  func() reference.Date
}

func newList[T any](items []item[T]) list[T] {
	l := list[T]{items: items, byID: make(map[string]int, len(items)), today: today}
	for i, one := range items {
		l.byID[one.id] = i
		l.ranked = append(l.ranked, i)
	}
	slices.SortStableFunc(l.ranked, func(a, b int) int {
		return cmp.Compare(ended(items[a].until), ended(items[b].until))
	})
	l.index = sync.OnceValue(func() reference.Index {
		return reference.NewIndex(len(items), func(i int) []string { return items[l.ranked[i]].names })
	})
	return l
}

// ended is 1 for a last day, and 0 for none.
func ended(until reference.Date) int {
	if until.IsZero() {
		return 0
	}
	return 1
}

func today() reference.Date { return reference.DutchDate(time.Now()) }

// sortedList is newList by name, and by id for the same name.
func sortedList[T any](items []item[T], name func(T) string) list[T] {
	folded := make(map[string]string, len(items))
	for _, one := range items {
		folded[one.id] = reference.Fold(name(one.message))
	}
	slices.SortFunc(items, func(a, b item[T]) int {
		return cmp.Or(strings.Compare(folded[a.id], folded[b.id]), strings.Compare(a.id, b.id))
	})
	return newList(items)
}

func (l list[T]) get(id string) (message T, ok bool) {
	i, ok := l.byID[id]
	if !ok {
		return message, false
	}
	return l.items[i].message, true
}

// query asks for one page; what is empty is no condition.
type query struct {
	size                     int32
	cursor, text, day, group string
}

// page gives the things that meet the conditions, and the cursor of the next
// page.
func (l list[T]) page(q query) (page []T, next string, err error) {
	found := l.find(q)
	if q.cursor != "" {
		after, err := l.place(q.cursor, found)
		if err != nil {
			return nil, "", err
		}
		found = found[after+1:]
	}
	size := int(q.size)
	if size == 0 {
		size = defaultSize
	}
	more := len(found) > size
	found = found[:min(len(found), size)]
	for _, i := range found {
		page = append(page, l.items[i].message)
	}
	if more {
		next = base64.RawURLEncoding.EncodeToString([]byte(l.items[found[size-1]].id))
	}
	return page, next, nil
}

// find gives the places of what meets the conditions, in order. A text without a
// day is somebody typing what to name today: what has ended is not offered then.
func (l list[T]) find(q query) []int {
	all := make([]int, len(l.items))
	for i := range all {
		all[i] = i
	}
	if strings.TrimSpace(q.text) != "" {
		all = l.index().Search(q.text)
		for i, hit := range all {
			all[i] = l.ranked[hit]
		}
		if q.day == "" {
			all = l.offered(all)
		}
	}
	day, err := reference.ParseDate(q.day)
	return slices.DeleteFunc(all, func(i int) bool {
		one := l.items[i]
		return q.group != "" && one.group != q.group || err == nil && !holds(one.from, one.until, day)
	})
}

// maxLine bounds a line of successors, of which a table may make a ring.
const maxLine = 50

// offered gives of what was found that which has not ended, and after it what
// took the place of the rest.
func (l list[T]) offered(found []int) []int {
	today := l.today()
	ended := func(i int) bool { return !l.items[i].until.IsZero() && today.After(l.items[i].until) }
	seen := make(map[int]bool, len(found))
	var now, next []int
	for _, i := range found {
		if !ended(i) {
			now, seen[i] = append(now, i), true
		}
	}
	for _, i := range found {
		at, ok := i, true
		for range maxLine {
			if !ok || !ended(at) {
				break
			}
			at, ok = l.byID[l.items[at].successor]
		}
		if ok && !ended(at) && !seen[at] {
			next, seen[at] = append(next, at), true
		}
	}
	return append(now, next...)
}

// holds says whether the day lies within the first and the last; zero is unknown
// or open.
func holds(from, until, day reference.Date) bool {
	return (from.IsZero() || !day.Before(from)) && (until.IsZero() || !day.After(until))
}

// place finds in what was found the item that a cursor names.
func (l list[T]) place(cursor string, found []int) (int, error) {
	id, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err == nil {
		// The encoding too, since it passes over line ends.
		if i, ok := l.byID[string(id)]; ok && base64.RawURLEncoding.EncodeToString(id) == cursor {
			if at := slices.Index(found, i); at >= 0 {
				return at, nil
			}
		}
	}
	return 0, errCursor
}

var errCursor = fault.New(fault.Invalid, "ongeldige-cursor", fault.Text{
	NL: "De cursor klopt niet. Gebruik de waarde die bij de vorige pagina stond, met dezelfde voorwaarden.",
	EN: "the cursor is not valid; use the one that came with the page before, with the same conditions",
}).With(fault.Field{Path: "page_token", Reason: "ongeldige-cursor", Text: fault.Text{
	NL: "is geen cursor van deze lijst", EN: "is not a cursor of this list",
}})
