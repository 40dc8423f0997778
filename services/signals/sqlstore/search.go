package sqlstore

import (
	"context"
	"errors"
	"strings"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// List implements signals.Reader. Each part of what the grant reaches gives its
// first ones by an index of its own; the first of all of these are the page, and
// of them alone the content is read.
func (s *Store) List(ctx context.Context, grant access.Grant, f signals.Filter) (all []signals.Signal, err error) {
	var w sqldb.Where
	conditions := s.selects(&w, f)
	order := sorted(f)
	order += " LIMIT " + w.Arg(f.Page.Size+1)
	if after := afterPage(&w, f); after != "" {
		conditions = append(conditions, after)
	}
	var found []string
	for _, p := range listed(grant, f) {
		found = append(found, `SELECT * FROM (SELECT `+p.columns()+`, s.severity FROM signal s WHERE `+
			strings.Join(append([]string{number(&w, p)}, conditions...), " AND ")+order+`) AS one`)
	}
	q := `SELECT ` + row + `, e.payload, NULL FROM (SELECT * FROM (` + strings.Join(found, " UNION ALL ") + `) AS s` + order + `) AS s
		JOIN ledger_entry e ON e.subject = s.id AND e.revision = s.revision` + sorted(f)
	err = s.db.Read(ctx, func(tx *sqldb.Tx) error {
		all, err = sqldb.All(ctx, tx, func(row sqldb.Scanner) (signals.Signal, error) {
			one, err := scan(row)
			return one.Signal, err
		}, q, w.Args()...)
		return err
	})
	return all, err
}

// Count implements signals.Reader: one pass over what is selected. Grouping by
// each property in SQL costs several times as much on both engines.
func (s *Store) Count(ctx context.Context, grant access.Grant, f signals.Filter, take func(signals.Counted) error) error {
	var w sqldb.Where
	conditions := s.selects(&w, f)
	var found []string
	for _, p := range listed(grant, f) {
		found = append(found, `SELECT s.state, s.severity, s.confidentiality, s.organisation, s.facets FROM signal s WHERE `+
			strings.Join(append([]string{number(&w, p)}, conditions...), " AND "))
	}
	return s.db.Read(ctx, func(tx *sqldb.Tx) error {
		return sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
			// As the driver gives them: anything else would be converted, a hundred
			// thousand times.
			var state, severity, confidentiality, organisation, facets any
			if err := row.Scan(&state, &severity, &confidentiality, &organisation, &facets); err != nil {
				return err
			}
			var c signals.Counted
			n1, ok1 := state.(int64)
			n2, ok2 := severity.(int64)
			n3, ok3 := confidentiality.(int64)
			c.State, c.Severity, c.Confidentiality = signals.State(n1), signals.Severity(n2), signals.Confidentiality(n3)
			var ok4, ok5 bool
			c.Organisation, ok4 = organisation.(string)
			c.Facets, ok5 = facets.(string)
			if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
				return errors.New("sqlstore: a signal is not stored as it should be")
			}
			return take(c)
		}, strings.Join(found, " UNION ALL "), w.Args()...)
	})
}

// number is the condition of a part with numbered placeholders.
func number(w *sqldb.Where, p part) string { return w.Number(p.condition, p.args...) }

// selects are the conditions of a filter on signal s, for every part the same.
func (s *Store) selects(w *sqldb.Where, f signals.Filter) (conditions []string) {
	add := func(condition string, args ...any) { conditions = append(conditions, w.Number(condition, args...)) }
	equal := func(column, value string) {
		if value != "" {
			add(column+" = ?", value)
		}
	}
	equal("s.organisation", f.Organisation)
	equal("s.external_reference", f.ExternalReference)
	equal("s.bottleneck", f.Bottleneck)
	oneOf(add, "s.state IN ", f.States)
	oneOf(add, "s.level IN ", f.Levels)
	oneOf(add, "s.severity IN ", f.Severities)
	oneOf(add, "s.confidentiality IN ", f.Confidentialities)
	if f.Approach != 0 {
		add("s.approach = ?", int(f.Approach))
	}
	if !f.From.IsZero() {
		add("s.received_at >= ?", sqldb.Millis(f.From))
	}
	if !f.Before.IsZero() {
		add("s.received_at < ?", sqldb.Millis(f.Before))
	}
	for _, term := range []struct {
		kind   string
		values []string
	}{
		{signals.KindCategory, f.Categories}, {signals.KindValue, f.PublicValues},
		{signals.KindTargetGroup, f.TargetGroups}, {signals.KindProvision, some(f.Provision)},
	} {
		if len(term.values) > 0 {
			oneOf(func(condition string, args ...any) { add(condition+")", args...) },
				`s.id IN (SELECT t.signal FROM signal_term t WHERE t.kind = '`+term.kind+`' AND t.value IN `, term.values)
		}
	}
	if len(f.Tokens) > 0 {
		add(s.matches(), s.question(f.Tokens))
	}
	return conditions
}

func some(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// oneOf adds a condition that ends with a list of values; no values is no
// condition.
func oneOf[T any](add func(string, ...any), condition string, values []T) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	add(condition+"("+strings.Repeat("?, ", len(values)-1)+"?)", args...)
}

// matches is the condition that a signal's texts hold what question asks.
func (s *Store) matches() string {
	if s.db.Engine() == sqldb.Postgres {
		return `s.id IN (SELECT i.signal FROM signal_index i WHERE i.tokens @@ CAST(? AS tsquery))`
	}
	return `s.id IN (SELECT i.signal FROM signal_index i WHERE i.n IN (SELECT rowid FROM signal_text WHERE signal_text MATCH ?))`
}

// question asks for texts that hold each of the tokens, which are letters and
// digits and nothing else.
func (s *Store) question(tokens []string) string {
	if s.db.Engine() == sqldb.Postgres {
		return "'" + strings.Join(tokens, "' & '") + "'"
	}
	return `"` + strings.Join(tokens, `" AND "`) + `"`
}

// sorted is the order that is asked for.
func sorted(f signals.Filter) string {
	switch f.Order {
	case signals.Oldest:
		return " ORDER BY s.received_at, s.id"
	case signals.Severest:
		return " ORDER BY s.severity DESC, s.received_at DESC, s.id DESC"
	}
	return " ORDER BY s.received_at DESC, s.id DESC"
}

// afterPage is the condition that a signal comes after the pages before.
func afterPage(w *sqldb.Where, f signals.Filter) string {
	after := f.Page.After
	at := sqldb.Millis(after.At)
	switch {
	case after.IsZero():
		return ""
	case f.Order == signals.Oldest:
		return w.Number("(s.received_at, s.id) > (?, ?)", at, after.ID)
	case f.Order == signals.Severest:
		return w.Number("(s.severity, s.received_at, s.id) < (?, ?, ?)", int(after.Rank), at, after.ID)
	}
	return w.Number("(s.received_at, s.id) < (?, ?)", at, after.ID)
}
