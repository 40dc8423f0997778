// Package page cuts lists in pages by a cursor: the place of the last item of
// the page before. A cursor stays right while items are added, and asks no more
// of the store on the hundredth page than on the first.
//
// A cursor is opaque to clients and may change form between versions; it holds
// nothing that the client has not seen. It must not carry the conditions of the
// list, nor anything about the caller.
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

// Position is a place in a list that is ordered from the newest to the oldest,
// and by id within a millisecond. The zero Position is before the newest.
type Position struct {
	At time.Time
	ID string // a UUID
}

// IsZero says whether it is the place before the newest item.
func (p Position) IsZero() bool { return p.ID == "" }

// Page asks for a part of a list.
type Page struct {
	Size  int
	After Position
}

var errCursor = fault.New(fault.Invalid, "ongeldige-cursor", fault.Text{
	NL: "De cursor klopt niet. Gebruik de waarde die bij de vorige pagina stond.",
	EN: "the cursor is not valid; use the one that came with the page before",
}).With(fault.Field{Path: "page_token", Reason: "ongeldige-cursor", Text: fault.Text{
	NL: "is geen cursor van deze lijst", EN: "is not a cursor of this list",
}})

// Parse reads a request for a page; size 0 is Default, an empty token the first
// page. The fault is Invalid.
func Parse(size int32, token string) (Page, error) {
	p := Page{Size: int(size)}
	if p.Size == 0 {
		p.Size = Default
	}
	if token == "" {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	// The length too, since base64 passes over line ends.
	if err != nil || len(raw) != 24 || len(token) != 32 {
		return Page{}, errCursor
	}
	p.After = Position{
		At: time.UnixMilli(int64(binary.BigEndian.Uint64(raw))).UTC(),
		ID: uuid.UUID(raw[8:]).String(),
	}
	return p, nil
}

// token is the position as cursor.
func (p Position) token() string {
	id, err := uuid.Parse(p.ID)
	if err != nil {
		return ""
	}
	raw := binary.BigEndian.AppendUint64(nil, uint64(p.At.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(raw, id[:]...))
}

// Cut takes the page out of items, of which the store gave one more than the
// page holds if there are more, and says with which cursor the next one begins;
// empty on the last.
func Cut[T any](p Page, items []T, place func(T) Position) (page []T, next string) {
	if len(items) <= p.Size {
		return items, ""
	}
	return items[:p.Size], place(items[p.Size-1]).token()
}
