package queue

import (
	"context"
	"fmt"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

// Parked is an entry that was set aside. Its payload is not kept here but read
// from the source again: content lives once, and an erasure reaches it.
type Parked struct {
	// Index of the entry in the ledger.
	Index int64
	// Subject of the entry; empty when it stands alone.
	Subject string
	// Reason is that of the fault, or ReasonBehind.
	Reason string
	// Detail is the text of the error, for the administrator, cut short.
	Detail string
	// Tries is how often it was refused; 0 for one that waits behind another.
	Tries int64
	// ParkedAt and TriedAt are when it was set aside and last tried.
	ParkedAt, TriedAt time.Time
}

// ReasonBehind is the reason of an entry that nothing is wrong with, but whose
// subject has an earlier entry parked.
const ReasonBehind = "wacht-op-eerdere"

const maxDetail = 1000

// panicked is the fault of an entry that made Apply panic.
var panicked = fault.New(fault.Internal, "verwerking-ontspoord", fault.Text{
	NL: "De verwerking van deze regel ontspoorde door een fout in Schakel.",
	EN: "applying this entry panicked: a defect of ours",
})

// errNotParked answers a retry of an entry that is not parked.
var errNotParked = fault.New(fault.NotFound, "niet-geparkeerd", fault.Text{
	NL: "Deze regel staat niet (meer) geparkeerd.",
	EN: "this entry is not parked (any more)",
})

// park moves the watermark past an entry and sets it aside, in one transaction.
func (a *Applier) park(ctx context.Context, l *lease, m Message, cause error) error {
	p := Parked{Index: m.Index, Subject: a.subject(m), Reason: fault.Of(cause).Reason, Detail: detail(cause), Tries: 1}
	err := a.cfg.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := l.advance(ctx, tx, l.applied+1); err != nil {
			return err
		}
		return a.insertParked(ctx, tx, p)
	})
	if err != nil {
		return err
	}
	l.applied++
	a.metrics.parked(ctx, 1)
	a.log.ErrorContext(ctx, "an entry is parked", "index", p.Index, "subject", p.Subject, "reason", p.Reason, "error", cause)
	return nil
}

func behind(m Message, subject string) Parked {
	return Parked{Index: m.Index, Subject: subject, Reason: ReasonBehind}
}

func (a *Applier) insertParked(ctx context.Context, tx *sqldb.Tx, p Parked) error {
	now := sqldb.Millis(a.cfg.Clock())
	_, err := tx.Exec(ctx, `
		INSERT INTO queue_parked (source, idx, subject, reason, detail, tries, parked_at, tried_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
		a.cfg.Name, p.Index, p.Subject, storable(p.Reason), p.Detail, p.Tries, now)
	return err
}

func detail(err error) string {
	s := storable(err.Error())
	if len(s) > maxDetail {
		s = storable(s[:maxDetail])
	}
	return s
}

// Parked lists at most max parked entries from an index on, in order.
func (a *Applier) Parked(ctx context.Context, from int64, max int) (list []Parked, err error) {
	err = a.cfg.DB.Read(ctx, func(tx *sqldb.Tx) error {
		list, err = sqldb.All(ctx, tx, scanParked, `
			SELECT idx, subject, reason, detail, tries, parked_at, tried_at FROM queue_parked
			WHERE source = $1 AND idx >= $2 ORDER BY idx LIMIT $3`, a.cfg.Name, from, max)
		return err
	})
	return list, err
}

func scanParked(s sqldb.Scanner) (p Parked, err error) {
	var parked, tried int64
	err = s.Scan(&p.Index, &p.Subject, &p.Reason, &p.Detail, &p.Tries, &parked, &tried)
	p.ParkedAt, p.TriedAt = sqldb.Time(parked), sqldb.Time(tried)
	return p, err
}

// Retry applies a parked entry and all that is parked of its subject, earliest
// first, each in a transaction that also takes it off the list. It returns how
// many it applied, and stops at the first that is refused again. It may be
// called in any process, beside a running applier. An index that is not parked
// is a fault.NotFound.
func (a *Applier) Retry(ctx context.Context, index int64) (applied int, err error) {
	p, found, err := a.firstOfSubject(ctx, index)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, errNotParked
	}
	for subject := p.Subject; found; {
		a.metrics.retried(ctx)
		done, err := a.retryOne(ctx, p)
		if err != nil {
			return applied, err
		}
		if done {
			applied++
		}
		if subject == "" {
			break
		}
		if p, found, err = a.first(ctx, `subject = $2`, subject); err != nil {
			return applied, err
		}
	}
	return applied, nil
}

// firstOfSubject gives the earliest parked entry of the subject of the one named.
func (a *Applier) firstOfSubject(ctx context.Context, index int64) (Parked, bool, error) {
	p, found, err := a.first(ctx, `idx = $2`, index)
	if err != nil || !found || p.Subject == "" {
		return p, found, err
	}
	return a.first(ctx, `subject = $2`, p.Subject)
}

func (a *Applier) first(ctx context.Context, where string, arg any) (p Parked, found bool, err error) {
	err = a.cfg.DB.Read(ctx, func(tx *sqldb.Tx) error {
		p, found, err = sqldb.One(ctx, tx, scanParked, `
			SELECT idx, subject, reason, detail, tries, parked_at, tried_at FROM queue_parked
			WHERE source = $1 AND `+where+` ORDER BY idx LIMIT 1`, a.cfg.Name, arg)
		return err
	})
	return p, found, err
}

// retryOne applies one parked entry; done is false if another retry was first.
func (a *Applier) retryOne(ctx context.Context, p Parked) (done bool, err error) {
	page, err := a.cfg.Source.Entries(ctx, p.Index, 1)
	if err != nil {
		return false, err
	}
	if len(page) == 0 || page[0].Index != p.Index {
		return false, fmt.Errorf("the source did not give entry %d", p.Index)
	}
	var refused error
	err = a.cfg.DB.Write(ctx, func(tx *sqldb.Tx) error {
		done, refused = false, nil
		// Locks the row that each batch locks: while this entry is applied, no
		// batch can look whether its subject is parked.
		if _, err := tx.Exec(ctx, `UPDATE queue_watermark SET applied = applied WHERE source = $1`+unlessStopped(tx), a.cfg.Name); err != nil {
			return err
		}
		gone, err := tx.Exec(ctx, `DELETE FROM queue_parked WHERE source = $1 AND idx = $2`, a.cfg.Name, p.Index)
		if err != nil || gone == 0 {
			return err
		}
		refused, done = a.fold(ctx, tx, page[0]), true
		return refused
	})
	if refused != nil && !passing(ctx, refused) {
		return false, a.refusedAgain(ctx, p, refused)
	}
	return done && err == nil, err
}

// refusedAgain notes the new reason and returns it, joined with a fault of the
// note itself.
func (a *Applier) refusedAgain(ctx context.Context, p Parked, cause error) error {
	err := a.cfg.DB.Write(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE queue_parked SET reason = $1, detail = $2, tries = tries + 1, tried_at = $3
			WHERE source = $4 AND idx = $5`,
			storable(fault.Of(cause).Reason), detail(cause), sqldb.Millis(a.cfg.Clock()), a.cfg.Name, p.Index)
		return err
	})
	if err != nil {
		return fmt.Errorf("%w (and noting it failed: %w)", cause, err)
	}
	return cause
}
