package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// table is a table that Schakel writes when it accepts a signal, with what it
// wrote of some signals: row i of each table is of the same signal.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// capture reads from the database of Schakel what the transaction that accepts
// a signal wrote for each of at most so many, the last: their batches were as
// large as they are under load.
func capture(ctx context.Context, db *sql.DB, limit int) ([]table, error) {
	const accepted = ` FROM signal s JOIN ledger_entry e ON e.subject = s.id AND e.revision = 1 ORDER BY e.seq DESC LIMIT `
	signal, err := read(ctx, db, "signal", fmt.Sprintf("SELECT s.*%s%d", accepted, limit))
	if err != nil {
		return nil, err
	}
	entry, err := read(ctx, db, "ledger_entry", fmt.Sprintf("SELECT e.*%s%d", accepted, limit))
	if err != nil {
		return nil, err
	}
	// Of what waits for its place in the log nothing is left by now; all of it
	// stands in the entry too.
	pending, err := read(ctx, db, "ledger_pending", "SELECT * FROM ledger_pending LIMIT 0")
	if err != nil {
		return nil, err
	}
	if pending.rows, err = pick(entry, pending.columns); err != nil {
		return nil, err
	}
	if len(entry.rows) == 0 {
		return nil, errors.New("bench: Schakel wrote nothing")
	}
	return []table{signal, entry, pending}, nil
}

// read reads rows of a table.
func read(ctx context.Context, db *sql.DB, name, query string) (table, error) {
	t := table{name: name}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return t, err
	}
	defer rows.Close()
	if t.columns, err = rows.Columns(); err != nil {
		return t, err
	}
	for rows.Next() {
		values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return t, err
		}
		for i := range values {
			if b, ok := values[i].([]byte); ok {
				values[i] = slices.Clone(b)
			}
		}
		t.rows = append(t.rows, values)
	}
	return t, rows.Err()
}

// pick takes columns of a table.
func pick(t table, columns []string) ([][]any, error) {
	rows := make([][]any, len(t.rows))
	for _, column := range columns {
		at := slices.Index(t.columns, column)
		if at < 0 {
			return nil, fmt.Errorf("bench: %s has no column %s", t.name, column)
		}
		for i, row := range t.rows {
			rows[i] = append(rows[i], row[at])
		}
	}
	return rows, nil
}

// identity is what a signal has for itself alone.
type identity struct {
	id, entry, reference string
	seq, now             int64
}

// renew gives a row of a table the identity of another signal. What has to be
// unique or rises is new; all else is as it was written, byte for byte.
func renew(table, column string, value any, i identity) any {
	switch table + "." + column {
	case "signal.id", "ledger_entry.subject":
		return i.id
	case "signal.external_reference":
		return i.reference
	case "signal.received_at", "signal.state_at":
		return i.now
	case "ledger_entry.id":
		return i.entry
	case "ledger_entry.seq", "ledger_pending.seq":
		return i.seq
	}
	return value
}

// copies makes rows of new signals out of captured ones. It is for one
// goroutine.
type copies struct {
	tables     []table
	references references
	// seqs gives a number that nobody else has.
	seqs func() int64
	now  func() int64
	n    int
}

// next gives the rows of another signal, one for each table.
func (c *copies) next() [][]any {
	i := identity{
		id: uuid.Must(uuid.NewV7()).String(), entry: uuid.Must(uuid.NewV7()).String(),
		reference: c.references.take(), seq: c.seqs(), now: c.now(),
	}
	out := make([][]any, len(c.tables))
	for n, t := range c.tables {
		captured := t.rows[c.n%len(t.rows)]
		row := make([]any, len(captured))
		for k, value := range captured {
			row[k] = renew(t.name, t.columns[k], value, i)
		}
		out[n] = row
	}
	c.n++
	return out
}

// sizes counts the rows of every table, so that one that Schakel fills and the
// bare loop does not comes to light.
func sizes(ctx context.Context, db *sql.DB, names string) (map[string]int, error) {
	list, err := read(ctx, db, "", names)
	if err != nil {
		return nil, err
	}
	all := map[string]int{}
	for _, row := range list.rows {
		name, ok := row[0].(string)
		if !ok {
			return nil, fmt.Errorf("bench: a table called %v", row[0])
		}
		var n int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM "`+name+`"`).Scan(&n); err != nil {
			return nil, err
		}
		all[name] = n
	}
	return all, nil
}
