package screen

import (
	"cmp"
	"slices"
)

// Kind is a kind of identifier.
type Kind uint8

// The kinds.
const (
	BSN Kind = iota
	IBAN
	Email
	Phone
	Plate
	Address
	VNumber
	ANumber
	Client
	Document
	BirthDate
)

// Finding is an identifier in a text: what it is and where, but not which.
type Finding struct {
	Kind Kind
	// Start and End are the places of its first and last character: Unicode code
	// points, counted from 1. A character that is not seen counts too.
	Start, End int
}

// bound is how many findings are told of one text; there may be more.
const bound = 64

// inline is how long a text, in bytes, is screened without asking for memory.
const inline = 2048

// Text finds the identifiers in a text, in order and without overlap, at most 64
// of them; nil when there are none.
func Text(text string) []Finding {
	if look := glance(text); look != 0 {
		return thorough(text, look)
	}
	return nil
}

// Reference is Text for what somebody's system calls something: in a code of one
// word a plate, an address or a number with an area code is there by accident,
// unless its word stands with it.
func Reference(text string) []Finding {
	if look := glance(text); look != 0 {
		return thorough(text, look|lookCode)
	}
	return nil
}

// thorough is Text for what has something to look at. It is apart so that other
// texts do not pay for its room on the stack.
//
//go:noinline
func thorough(text string, look looks) []Finding {
	var room [inline]byte
	var s scanner
	var escaped bool
	s.v, escaped = unescape(fold(room[:0], text))
	s.code = look&lookCode != 0 && isCode(s.v)
	s.numbers()
	if escaped || look&(lookAt|lookOdd) != 0 {
		s.addresses()
	}
	if look&(lookWords|lookOdd) != 0 {
		s.disguises()
	}
	if s.n == 0 {
		return nil
	}
	found := make([]span, s.n) // no clone, which would move the view to the heap
	copy(found, s.found[:])
	found = settle(found)
	if escaped {
		restore(fold(nil, text), found)
	}
	return place(text, found)
}

// isCode says whether a view is one word, and no URI.
func isCode(v []byte) bool {
	for i, c := range v {
		switch c {
		case ' ', '\n', '\r', '\t':
			return false
		case '/':
			if i > 1 && v[i-1] == '/' && v[i-2] == ':' {
				return false
			}
		}
	}
	return true
}

// span is a finding in the view: from its first character up to the one after
// its last.
type span struct {
	kind       Kind
	start, end int
}

// settle sorts findings, and of those that overlap keeps the one that starts
// first, or else the longest: the e-mail address rather than the number in it.
func settle(found []span) []span {
	slices.SortFunc(found, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	kept := found[:1]
	for _, f := range found[1:] {
		if f.start >= kept[len(kept)-1].end {
			kept = append(kept, f)
		}
	}
	return kept
}

// place says where findings in the view are in the text.
func place(text string, found []span) []Finding {
	all := make([]Finding, 0, len(found))
	seen, characters := 0, 0 // of the view, and of the text
	start := 0
	for _, r := range text {
		characters++
		if foldRune(r) == unseen {
			continue
		}
		f := found[len(all)]
		if seen == f.start {
			start = characters
		}
		if seen++; seen == f.end {
			if all = append(all, Finding{f.kind, start, characters}); len(all) == len(found) {
				break
			}
		}
	}
	return all
}
