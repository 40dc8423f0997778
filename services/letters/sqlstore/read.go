package sqlstore

import (
	"context"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters"
)

// reachBottleneck and reachLetter limit a statement to what the grant reaches:
// an organisation's own, and what was sent to a department. What is missing and
// what is another's run the same statement.
func reachBottleneck(w *sqldb.Where, grant access.Grant) {
	if !grant.All() {
		w.And(`(b.organisation = ? OR EXISTS (SELECT 1 FROM letter_item i JOIN letter l ON l.id = i.letter
			WHERE i.bottleneck = b.id AND l.department = ? AND l.state >= ?))`,
			grant.Organisation, grant.Organisation, int(letters.LetterSent))
	}
}

func reachLetter(w *sqldb.Where, grant access.Grant) {
	if !grant.All() {
		w.And(`(l.organisation = ? OR (l.department = ? AND l.state >= ?))`,
			grant.Organisation, grant.Organisation, int(letters.LetterSent))
	}
}

// equal adds that a column has a value, if one is asked for.
func equal(w *sqldb.Where, column, value string) {
	if value != "" {
		w.And(column+" = ?", value)
	}
}

// paged adds the place to begin at, and returns the order and the limit: the
// newest first, and one more than the page holds.
func paged(w *sqldb.Where, p page.Page, at, id string) string {
	if !p.After.IsZero() {
		w.And("("+at+", "+id+") < (?, ?)", sqldb.Millis(p.After.At), p.After.ID)
	}
	return " ORDER BY " + at + " DESC, " + id + " DESC LIMIT " + w.Arg(p.Size+1)
}

// Bottleneck implements letters.Reader.
func (s *Store) Bottleneck(ctx context.Context, grant access.Grant, id string) (letters.Bottleneck, bool, error) {
	var w sqldb.Where
	w.And("b.id = ?", id)
	reachBottleneck(&w, grant)
	return one(ctx, s.db, bottleneckRows, w)
}

// ListBottlenecks implements letters.Reader.
func (s *Store) ListBottlenecks(ctx context.Context, grant access.Grant, f letters.BottleneckFilter) ([]letters.Bottleneck, error) {
	var w sqldb.Where
	reachBottleneck(&w, grant)
	equal(&w, "b.organisation", f.Organisation)
	if f.ExternalReference != "" {
		equal(&w, "b.external_reference", f.ExternalReference)
		// The reference is the organisation's own: nobody else learns it by asking.
		if !grant.All() {
			w.And("b.organisation = ?", grant.Organisation)
		}
	}
	sqldb.In(&w, "b.state", f.States)
	order := paged(&w, f.Page, "b.opened_at", "b.id")
	return read(ctx, s.db, bottleneckRows, w, order)
}

// Letter implements letters.Reader.
func (s *Store) Letter(ctx context.Context, grant access.Grant, id string) (letters.Letter, bool, error) {
	var w sqldb.Where
	w.And("l.id = ?", id)
	reachLetter(&w, grant)
	return one(ctx, s.db, letterRows, w)
}

// ListLetters implements letters.Reader.
func (s *Store) ListLetters(ctx context.Context, grant access.Grant, f letters.LetterFilter) ([]letters.Letter, error) {
	var w sqldb.Where
	reachLetter(&w, grant)
	equal(&w, "l.organisation", f.Organisation)
	equal(&w, "l.department", f.Department)
	equal(&w, "l.external_reference", f.ExternalReference)
	sqldb.In(&w, "l.state", f.States)
	order := paged(&w, f.Page, "l.drafted_at", "l.id")
	return read(ctx, s.db, letterRows, w, order)
}

// query reads what the conditions select; rest follows them.
type query[T any] func(ctx context.Context, tx *sqldb.Tx, w sqldb.Where, rest string) ([]T, error)

func read[T any](ctx context.Context, db *sqldb.DB, q query[T], w sqldb.Where, rest string) (all []T, err error) {
	err = db.Read(ctx, func(tx *sqldb.Tx) error {
		all, err = q(ctx, tx, w, rest)
		return err
	})
	return all, err
}

func one[T any](ctx context.Context, db *sqldb.DB, q query[T], w sqldb.Where) (T, bool, error) {
	all, err := read(ctx, db, q, w, "")
	if err != nil || len(all) == 0 {
		var none T
		return none, false, err
	}
	return all[0], true, nil
}

// bottleneckRows reads bottlenecks: their rows, and their content in the ledger.
func bottleneckRows(ctx context.Context, tx *sqldb.Tx, w sqldb.Where, rest string) ([]letters.Bottleneck, error) {
	return sqldb.All(ctx, tx, func(row sqldb.Scanner) (b letters.Bottleneck, err error) {
		var payload []byte
		var state int
		var at int64
		if err := row.Scan(&payload, &state, &at); err != nil {
			return b, err
		}
		b, err = letters.DecodeBottleneck(payload)
		b.State, b.StateAt = letters.BottleneckState(state), sqldb.Time(at)
		return b, err
	}, `SELECT e.payload, b.state, b.state_at FROM bottleneck b
		JOIN ledger_entry e ON e.subject = b.id AND e.revision = b.revision`+w.String()+rest, w.Args()...)
}

// letterRows reads letters with their items and answers.
func letterRows(ctx context.Context, tx *sqldb.Tx, w sqldb.Where, rest string) ([]letters.Letter, error) {
	found, err := sqldb.All(ctx, tx, func(row sqldb.Scanner) (l letters.Letter, err error) {
		var payload []byte
		var state int
		if err := row.Scan(&payload, &state); err != nil {
			return l, err
		}
		l, err = letters.DecodeLetter(payload)
		l.State = letters.LetterState(state)
		return l, err
	}, `SELECT e.payload, l.state FROM letter l
		JOIN ledger_entry e ON e.subject = l.id AND e.revision = l.revision`+w.String()+rest, w.Args()...)
	if err != nil || len(found) == 0 {
		return found, err
	}
	byID := make(map[string]*letters.Letter, len(found))
	var of sqldb.Where
	ids := make([]string, len(found))
	for i := range found {
		byID[found[i].ID], ids[i] = &found[i], found[i].ID
	}
	sqldb.In(&of, "letter", ids)
	if err := fillItems(ctx, tx, byID, of); err != nil {
		return nil, err
	}
	return found, fillResponses(ctx, tx, byID, of)
}

// fillItems puts in the states of items, and the words that were frozen.
func fillItems(ctx context.Context, tx *sqldb.Tx, byID map[string]*letters.Letter, of sqldb.Where) error {
	return sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
		var id string
		var number, state int
		var at int64
		var payload []byte
		if err := row.Scan(&id, &number, &state, &at, &payload); err != nil {
			return err
		}
		item := &byID[id].Items[number-1]
		if payload != nil {
			frozen, err := letters.DecodeItem(payload)
			if err != nil {
				return err
			}
			*item = frozen
		}
		item.State, item.StateAt = letters.ItemState(state), sqldb.Time(at)
		return nil
	}, `SELECT i.letter, i.number, i.state, i.state_at, e.payload FROM letter_item i
		LEFT JOIN ledger_entry e ON e.subject = i.letter || '/' || CAST(i.number AS TEXT) AND e.revision = 1`+of.String(), of.Args()...)
}

// fillResponses puts in the answers, the oldest first.
func fillResponses(ctx context.Context, tx *sqldb.Tx, byID map[string]*letters.Letter, of sqldb.Where) error {
	return sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
		var id string
		var number int
		var payload []byte
		if err := row.Scan(&id, &number, &payload); err != nil {
			return err
		}
		response, err := letters.DecodeResponse(payload)
		item := &byID[id].Items[number-1]
		item.Responses = append(item.Responses, response)
		return err
	}, `SELECT r.letter, r.number, e.payload FROM response r
		JOIN ledger_entry e ON e.subject = r.id AND e.revision = 1`+of.String()+` ORDER BY r.letter, r.number, r.answered_at, r.id`, of.Args()...)
}

const editionPayload = `SELECT e.payload FROM edition d JOIN ledger_entry e ON e.subject = d.id AND e.revision = 1`

func scanPayload(row sqldb.Scanner) (payload []byte, err error) {
	err = row.Scan(&payload)
	return payload, err
}

// Edition implements letters.Reader.
func (s *Store) Edition(ctx context.Context, tx *sqldb.Tx, id string) ([]byte, bool, error) {
	return sqldb.One(ctx, tx, scanPayload, editionPayload+` WHERE d.id = $1`, id)
}

// ListEditions implements letters.Reader.
func (s *Store) ListEditions(ctx context.Context, p page.Page) ([][]byte, error) {
	var w sqldb.Where
	order := paged(&w, p, "d.compiled_at", "d.id")
	return read(ctx, s.db, func(ctx context.Context, tx *sqldb.Tx, w sqldb.Where, rest string) ([][]byte, error) {
		return sqldb.All(ctx, tx, scanPayload, editionPayload+w.String()+rest, w.Args()...)
	}, w, order)
}
