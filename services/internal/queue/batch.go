package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

// refusal is an error that an entry of a batch gave.
type refusal struct {
	at  int // place in the batch
	err error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

// apply applies a batch in one transaction, which also moves the watermark. If
// an entry is refused for good, all is rolled back and the batch is done again in
// pieces: what came before it, it alone, and what comes after. Refused alone,
// it is parked. So a bad entry costs a few transactions, and cannot take a good
// one with it.
func (a *Applier) apply(ctx context.Context, l *lease, batch []Message) error {
	err := a.commit(ctx, l, batch)
	var refused *refusal
	if !errors.As(err, &refused) || passing(ctx, err) {
		return err
	}
	if len(batch) == 1 {
		return a.park(ctx, l, batch[0], refused.err)
	}
	at := refused.at
	for _, piece := range [][]Message{batch[:at], batch[at : at+1], batch[at+1:]} {
		if len(piece) == 0 {
			continue
		}
		if err := a.apply(ctx, l, piece); err != nil {
			return err
		}
	}
	return nil
}

// commit makes one transaction. The error is a *refusal if an entry is to blame.
func (a *Applier) commit(ctx context.Context, l *lease, batch []Message) error {
	next := l.applied + int64(len(batch))
	folded, waiting := false, 0
	err := a.cfg.DB.Write(ctx, func(tx *sqldb.Tx) error {
		folded, waiting = false, 0 // Write may call this again
		if err := l.advance(ctx, tx, next); err != nil {
			return err
		}
		subjects, err := a.parkedSubjects(ctx, tx, batch)
		if err != nil {
			return err
		}
		var together []Message
		for i, m := range batch {
			if subjects != nil {
				if s := a.subject(m); subjects[s] {
					waiting++
					if err := a.insertParked(ctx, tx, behind(m, s)); err != nil {
						return err
					}
					continue
				}
			}
			if a.cfg.ApplyAll != nil {
				together = append(together, m)
				continue
			}
			if err := a.fold(ctx, tx, m); err != nil {
				return &refusal{at: i, err: err}
			}
		}
		if len(together) > 0 {
			if err := a.foldAll(ctx, tx, together); err != nil {
				return &refusal{at: len(batch) / 2, err: err}
			}
		}
		folded = true
		return nil
	})
	if err == nil {
		l.applied = next
		a.metrics.applied(ctx, len(batch)-waiting)
		a.metrics.parked(ctx, waiting)
		return nil
	}
	if folded {
		// A deferred constraint, found by the commit: it does not say which
		// entry, so cut the batch in the middle.
		return &refusal{at: len(batch) / 2, err: err}
	}
	return err
}

// passing says whether an error may go away by itself.
func passing(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, errFenced) || fault.Of(err).Kind.Retryable()
}

// fold calls Apply.
func (a *Applier) fold(ctx context.Context, tx *sqldb.Tx, m Message) error {
	return caught(func() error { return a.cfg.Apply(ctx, tx, m) })
}

// foldAll calls ApplyAll.
func (a *Applier) foldAll(ctx context.Context, tx *sqldb.Tx, all []Message) error {
	return caught(func() error { return a.cfg.ApplyAll(ctx, tx, all) })
}

// caught makes an error of a panic: one entry must not bring the process down
// again and again.
func caught(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked.Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return do()
}

// subject is what an entry is about, in a form that both engines can store.
func (a *Applier) subject(m Message) (s string) {
	defer func() {
		if recover() != nil {
			s = "" // it stands alone; Apply will meet the same payload
		}
	}()
	return storable(a.cfg.Subject(m))
}

// storable makes a text acceptable to PostgreSQL, or parking itself could fail.
func storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// parkedSubjects gives those subjects of the batch that have an entry parked;
// nil when nothing is parked at all.
func (a *Applier) parkedSubjects(ctx context.Context, tx *sqldb.Tx, batch []Message) (map[string]bool, error) {
	_, some, err := sqldb.One(ctx, tx, scanText,
		`SELECT subject FROM queue_parked WHERE source = $1 LIMIT 1`, a.cfg.Name)
	if err != nil || !some {
		return nil, err
	}
	names := make([]string, 0, len(batch))
	for _, m := range batch {
		if s := a.subject(m); s != "" {
			names = append(names, s)
		}
	}
	list, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	rows, err := sqldb.All(ctx, tx, scanText, `
		SELECT DISTINCT subject FROM queue_parked WHERE source = $1 AND subject IN (`+
		tx.Pick(`SELECT value FROM json_each($2)`, `SELECT jsonb_array_elements_text($2::jsonb)`)+`)`,
		a.cfg.Name, string(list))
	found := make(map[string]bool, len(rows))
	for _, s := range rows {
		found[s] = true
	}
	return found, err
}

func scanText(s sqldb.Scanner) (text string, err error) {
	err = s.Scan(&text)
	return text, err
}
