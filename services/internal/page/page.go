// Package page cuts lists in pages by a cursor: the place of the last item of
// the page before. A cursor stays right while items are added, and asks no more
// of the store on the hundredth page than on the first.
//
// A cursor is opaque to clients and may change form between versions; it holds
// nothing that the client has not seen. A list that has several orders gives each
// a Kind, and a cursor of one is refused by another. It must not carry the
// conditions of the list, nor anything about the caller.
package page

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/fault"
)

// Default is how many items a page holds when the client names no number.
const Default = 50

// Kind tells lists and orders apart whose cursors are not to be mixed up. The zero
// Kind is that of lists from the newest to the oldest, which need no other.
type Kind uint8

// Position is a place in a list that is ordered by time, and by id within a
// millisecond; a list of a Kind may be ordered by a rank before that. The zero
// Position is before the first.
type Position struct {
	Rank uint8 // 0 in a list of the zero Kind
	At   time.Time
	ID   string // a UUID
}

// IsZero says whether it is the place before the first item.
func (p Position) IsZero() bool { return p.ID == "" }

// Page asks for a part of a list.
type Page struct {
	Size  int
	After Position
	Kind  Kind
}

var errCursor = fault.New(fault.Invalid, "ongeldige-cursor", fault.Text{
	NL: "De cursor klopt niet. Gebruik de waarde die bij de vorige pagina stond.",
	EN: "the cursor is not valid; use the one that came with the page before",
}).With(fault.Field{Path: "page_token", Reason: "ongeldige-cursor", Text: fault.Text{
	NL: "is geen cursor van deze lijst", EN: "is not a cursor of this list",
}})

// Parse reads a request for a page of a list of the zero Kind; size 0 is Default,
// an empty token the first page. The fault is Invalid.
func Parse(size int32, token string) (Page, error) { return Kind(0).Parse(size, token) }

// Parse reads a request for a page of a list of the kind, as Parse.
func (k Kind) Parse(size int32, token string) (Page, error) {
	p := Page{Size: int(size), Kind: k}
	if p.Size == 0 {
		p.Size = Default
	}
	if token == "" {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	head := k.head(0)
	// The length too, since base64 passes over line ends.
	if err != nil || len(raw) != len(head)+24 || len(token) != base64.RawURLEncoding.EncodedLen(len(raw)) {
		return Page{}, errCursor
	}
	if k != 0 {
		if Kind(raw[0]) != k {
			return Page{}, errCursor
		}
		p.After.Rank = raw[1]
	}
	raw = raw[len(head):]
	p.After.At = time.UnixMilli(int64(binary.BigEndian.Uint64(raw))).UTC()
	p.After.ID = uuid.UUID(raw[8:]).String()
	return p, nil
}

// head is what a cursor begins with: nothing, or the kind and the rank.
func (k Kind) head(rank uint8) []byte {
	if k == 0 {
		return nil
	}
	return []byte{byte(k), rank}
}

// token is the position as cursor of a list of a kind.
func (p Position) token(k Kind) string {
	id, err := uuid.Parse(p.ID)
	if err != nil {
		return ""
	}
	raw := binary.BigEndian.AppendUint64(k.head(p.Rank), uint64(p.At.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(raw, id[:]...))
}

// Cut takes the page out of items, of which the store gave one more than the
// page holds if there are more, and says with which cursor the next one begins;
// empty on the last.
func Cut[T any](p Page, items []T, place func(T) Position) (page []T, next string) {
	if len(items) <= p.Size {
		return items, ""
	}
	return items[:p.Size], place(items[p.Size-1]).token(p.Kind)
}
