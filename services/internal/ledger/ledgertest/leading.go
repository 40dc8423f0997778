package ledgertest

import (
	"errors"
	"sync"
	"time"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// leading are the cases about who sequences.
var leading = map[string]func(*rig){
	"a second process stands by while the first lives": func(r *rig) {
		first, second := r.log(long), r.log(long)
		r.grow(first, 2)
		r.append(Entries(r, 1))
		for range 3 {
			if _, err := second.Sequence(r.Context()); !errors.Is(err, ledger.ErrNotLeader) {
				r.Fatalf("the second process: %v", err)
			}
		}
		r.sequence(first, 1)
		r.all()
	},
	"a silent leader is replaced, and fenced when it comes back": func(r *rig) {
		first, second := r.log(short), r.log(short)
		r.grow(first, 3)
		r.append(Entries(r, 4))
		r.await("the second process takes over", func() bool {
			n, err := second.Sequence(r.Context())
			return err == nil && n == 4
		})
		r.append(Entries(r, 5))
		if n, err := first.Sequence(r.Context()); !errors.Is(err, ledger.ErrNotLeader) {
			r.Fatalf("the first process sequenced %d entries: %v", n, err)
		}
		r.sequence(second, 5)
		r.all()
	},
	"a leader without work is not taken for dead": func(r *rig) {
		r.run(r.log(short))
		r.await("the first process leads", func() bool { return r.state() != "" })
		leader := r.state()
		r.run(r.log(short))
		limit := time.Now().Add(2500 * time.Millisecond)
		r.await("time passes", func() bool { return time.Now().After(limit) })
		if now := r.state(); now != leader {
			r.Errorf("the leader changed from %s to %s", leader, now)
		}
	},
	"a leader that stops gives the lease back": func(r *rig) {
		first, second := r.log(long), r.log(long)
		stop := r.run(first)
		r.await("the first process leads", func() bool { return r.state() != "" })
		stop()
		r.grow(second, 1)
		r.all()
	},
	"a leader that restarts under its own name need not wait": func(r *rig) {
		named := func(c *ledger.Config) { c.Holder, c.Lease = "schakel-0", time.Hour }
		r.grow(r.log(named), 2)
		r.grow(r.log(named), 3)
		r.all()
	},
	"a leader that freezes in mid-round is replaced": func(r *rig) {
		frozen, thaw := make(chan struct{}), make(chan struct{})
		var once sync.Once
		first := r.log(short, func(c *ledger.Config) {
			c.Clock = func() time.Time { // asked when it signs, in the middle of its transaction
				if r.size() > 0 {
					once.Do(func() { close(frozen); <-thaw })
				}
				return time.Now()
			}
		})
		second := r.log(short)
		r.grow(first, 2)
		r.append(Entries(r, 3))
		outcome := make(chan error, 1)
		go func() {
			_, err := first.Sequence(r.Context())
			outcome <- err
		}()
		<-frozen
		r.await("the second process takes over and does the work", func() bool {
			n, err := second.Sequence(r.Context())
			return err == nil && n == 3
		})
		close(thaw)
		if err := <-outcome; err == nil {
			r.Error("the frozen process stored its round")
		}
		if _, err := first.Sequence(r.Context()); !errors.Is(err, ledger.ErrNotLeader) {
			r.Errorf("the frozen process: %v", err)
		}
		r.grow(second, 1)
		r.all()
	},
	"a log that was tampered with is not signed": func(r *rig) {
		for name, spoil := range map[string]string{
			"a tile was changed": "UPDATE ledger_tile SET hashes = " + r.pick("zeroblob(96)", "decode(repeat('00', 96), 'hex')"),
			"a tile is gone":     "DELETE FROM ledger_tile",
			"the size is wrong":  "UPDATE ledger_state SET size = 2",
			"a note is broken":   "UPDATE ledger_checkpoint SET note = " + r.pick("x'00'", `'\x00'`),
		} {
			r := newRig(r.T, r.open)
			r.grow(r.log(), 3)
			r.exec(spoil)
			r.append(Entries(r, 1))
			r.exec("UPDATE ledger_state SET leader = ''")
			if err := r.log().Run(r.Context()); !errors.Is(err, ledger.ErrDamaged) {
				r.Errorf("%s: %v", name, err)
			}
		}
	},
}

// state is who leads, empty for nobody.
func (r *rig) state() (leader string) {
	r.Helper()
	r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
		leader, _, err = sqldb.One(r.Context(), tx, func(row sqldb.Scanner) (s string, err error) {
			err = row.Scan(&s)
			return s, err
		}, "SELECT leader FROM ledger_state")
		return err
	}))
	return leader
}

// pick is the text for the engine at hand.
func (r *rig) pick(sqlite, postgres string) string {
	if r.db.Engine() == sqldb.Postgres {
		return postgres
	}
	return sqlite
}
