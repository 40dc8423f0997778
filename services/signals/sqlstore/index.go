package sqlstore

import (
	"context"
	"encoding/json"
	"strings"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// Subjects implements signals.IndexStore.
func (s *Store) Subjects(ctx context.Context, tx *sqldb.Tx, indexes []int64) ([]string, error) {
	list, err := json.Marshal(indexes)
	if err != nil {
		return nil, err
	}
	return sqldb.All(ctx, tx, scanText, `SELECT DISTINCT e.subject FROM ledger_order o JOIN ledger_entry e ON e.seq = o.seq WHERE o.idx IN (`+
		tx.Pick(`SELECT value FROM json_each($1)`, `SELECT jsonb_array_elements($1::jsonb)::bigint`)+`)`, string(list))
}

// among is a list of texts as one argument, $1, whose number does not change the
// statement.
func among(tx *sqldb.Tx) string {
	return tx.Pick(`(SELECT value FROM json_each($1))`, `(SELECT jsonb_array_elements_text($1::jsonb))`)
}

// Contents implements signals.IndexStore.
func (s *Store) Contents(ctx context.Context, tx *sqldb.Tx, ids []string) ([]signals.Content, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	// Of two who index one signal at once the later sees what the first did.
	if err := tx.Lock(ctx, "signal_index"); err != nil {
		return nil, err
	}
	return sqldb.All(ctx, tx, func(row sqldb.Scanner) (c signals.Content, err error) {
		err = row.Scan(&c.ID, &c.Revision, &c.Payload, &c.Indexed, &c.Bare)
		return c, err
	}, `SELECT s.id, s.revision, e.payload, coalesce(i.revision, 0), s.facets = ''
		FROM signal s JOIN ledger_entry e ON e.subject = s.id AND e.revision = s.revision
		LEFT JOIN signal_index i ON i.signal = s.id
		WHERE s.id IN `+among(tx)+` ORDER BY s.id`, string(list))
}

// Fill implements signals.IndexStore.
func (s *Store) Fill(ctx context.Context, tx *sqldb.Tx, all []signals.Signal) error {
	for i := range all {
		args := append(beside(&all[i]), all[i].ID)
		_, err := tx.Exec(ctx, `UPDATE signal SET confidentiality = $1, severity = $2, protected = $3, level = $4, approach = $5, facets = $6
			WHERE id = $7`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// indexed is what the index has of a signal.
type indexed struct {
	signal, terms string
	n             int64 // on SQLite
}

// Index implements signals.IndexStore.
func (s *Store) Index(ctx context.Context, tx *sqldb.Tx, all []signals.Document) error {
	if len(all) == 0 {
		return nil
	}
	if err := takeOut(ctx, tx, all); err != nil {
		return err
	}
	var rows, terms [][]any
	for _, d := range all {
		if d.Revision == 0 {
			continue
		}
		lines := make([]string, len(d.Terms))
		for i, t := range d.Terms {
			lines[i] = t.Kind + " " + t.Value
			terms = append(terms, []any{t.Kind, t.Value, d.Signal})
		}
		rows = append(rows, []any{d.Signal, d.Revision, strings.Join(lines, "\n"), strings.Join(d.Tokens, " ")})
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "signal_term", Columns: []string{"kind", "value", "signal"}, Values: terms,
	}); err != nil {
		return err
	}
	if tx.Engine() == sqldb.Postgres {
		return putPostgres(ctx, tx, rows)
	}
	return putSQLite(ctx, tx, rows)
}

// putPostgres adds rows of signal, revision, terms and tokens.
func putPostgres(ctx context.Context, tx *sqldb.Tx, rows [][]any) error {
	var columns [4][]any
	for _, row := range rows {
		for i, value := range row {
			columns[i] = append(columns[i], value)
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO signal_index (signal, revision, terms, tokens)
		SELECT signal, revision, terms, array_to_tsvector(string_to_array(tokens, ' '))
		FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) AS row (signal, revision, terms, tokens)`,
		columns[0], columns[1], columns[2], columns[3])
	return err
}

// putSQLite adds the same rows, under numbers that join the index to its words.
func putSQLite(ctx context.Context, tx *sqldb.Tx, rows [][]any) error {
	last, _, err := sqldb.One(ctx, tx, scanNumber, `SELECT coalesce(max(n), 0) FROM signal_index`)
	if err != nil {
		return err
	}
	var index, text [][]any
	for _, row := range rows {
		last++
		index = append(index, append([]any{last}, row[:3]...))
		text = append(text, []any{last, row[3]})
	}
	if _, err := sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "signal_index", Columns: []string{"n", "signal", "revision", "terms"}, Values: index,
	}); err != nil {
		return err
	}
	_, err = sqldb.Insert(ctx, tx, sqldb.Rows{Table: "signal_text", Columns: []string{"rowid", "tokens"}, Values: text})
	return err
}

func scanNumber(row sqldb.Scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

// takeOut takes signals out of the index.
func takeOut(ctx context.Context, tx *sqldb.Tx, all []signals.Document) error {
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = d.Signal
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	held, err := sqldb.All(ctx, tx, func(row sqldb.Scanner) (one indexed, err error) {
		err = row.Scan(&one.signal, &one.terms, &one.n)
		return one, err
	}, `SELECT signal, terms, `+tx.Pick("n", "0")+` FROM signal_index WHERE signal IN `+among(tx), string(list))
	if err != nil {
		return err
	}
	for _, one := range held {
		if err := takeOutOne(ctx, tx, one); err != nil {
			return err
		}
	}
	return nil
}

func takeOutOne(ctx context.Context, tx *sqldb.Tx, one indexed) error {
	for line := range strings.Lines(one.terms) {
		kind, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, err := tx.Exec(ctx, `DELETE FROM signal_term WHERE kind = $1 AND value = $2 AND signal = $3`, kind, value, one.signal); err != nil {
			return err
		}
	}
	if tx.Engine() == sqldb.SQLite {
		if _, err := tx.Exec(ctx, `DELETE FROM signal_text WHERE rowid = $1`, one.n); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM signal_index WHERE signal = $1`, one.signal)
	return err
}

// EmptyIndex implements signals.IndexStore.
func (s *Store) EmptyIndex(ctx context.Context, tx *sqldb.Tx) error {
	if err := tx.Lock(ctx, "signal_index"); err != nil {
		return err
	}
	tables := []string{"signal_term", "signal_index"}
	if tx.Engine() == sqldb.SQLite {
		tables = append(tables, "signal_text")
	}
	for _, table := range tables {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
			return err
		}
	}
	return nil
}
