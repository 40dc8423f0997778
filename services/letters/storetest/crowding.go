package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/letters"
)

// crowding are the cases about many who do the same at once.
var crowding = map[string]func(*rig){
	"of those who open a bottleneck of one signal at once exactly one wins": func(r *rig) {
		const callers = 12
		ids, replicas := r.signals(uwv, 1), r.replicas(3)
		var won atomic.Int64
		r.must(atOnce(callers, func(i int) error {
			given := r.bottleneck(uwv, fmt.Sprintf("K-%d", i), ids...)
			_, _, err := replicas[i%3].OpenBottleneck(r.Context(), ofUWV, given)
			return countUnless(&won, err, "signalen-al-gebundeld")
		}))
		r.same("how many won", won.Load(), int64(1))
		r.same("how many are stored", len(r.bottlenecks(overseer, letters.BottleneckFilter{}, 99)), 1)
	},
	"those who open bottlenecks of the same signals in any order wait for each other": func(r *rig) {
		const callers = 16
		ids, replicas := r.signals(uwv, 8), r.replicas(3)
		var won atomic.Int64
		r.must(atOnce(callers, func(i int) error {
			var some []string
			for _, n := range rand.Perm(len(ids))[:3] {
				some = append(some, ids[n])
			}
			_, _, err := replicas[i%3].OpenBottleneck(r.Context(), ofUWV, r.bottleneck(uwv, fmt.Sprintf("K-%d", i), some...))
			return countUnless(&won, err, "signalen-al-gebundeld")
		}))
		if n := won.Load(); n < 1 || n > 2 {
			r.Errorf("%d bottlenecks of three signals each, out of eight", n)
		}
		r.same("how many signals are bundled", int64(len(testenv.Rows(r.T, r.db, "bundled_signal"))), 3*won.Load())
	},
	"the same bottleneck and the same letter at once are made once": func(r *rig) {
		const callers = 12
		given, replicas := r.bottleneck(uwv, "K-1", r.signals(uwv, 2)...), r.replicas(3)
		var opened, drafted atomic.Int64
		var mu sync.Mutex
		ids := map[string]bool{}
		r.must(atOnce(callers, func(i int) error {
			b, before, err := replicas[i%3].OpenBottleneck(r.Context(), ofUWV, given)
			if err != nil {
				return err
			}
			count(&opened, !before)
			l, before, err := replicas[i%3].DraftLetter(r.Context(), ofUWV, letter("L-1", b))
			if err != nil {
				return err
			}
			count(&drafted, !before)
			mu.Lock()
			defer mu.Unlock()
			ids[b.ID+l.ID] = true
			return nil
		}))
		r.same("opened, drafted, seen", []int64{opened.Load(), drafted.Load(), int64(len(ids))}, []int64{1, 1, 1})
	},
	"those who adopt and send a letter at once all succeed, and it happens once": func(r *rig) {
		const callers = 12
		l, replicas := r.draft(letter("L-1", r.open("K-1", 1))), r.replicas(3)
		r.must(atOnce(callers, func(i int) error {
			return second(replicas[i%3].AdoptLetter(r.Context(), ofUWV, l.ID, board))
		}))
		r.must(atOnce(callers, func(i int) error {
			return second(replicas[i%3].SendLetter(r.Context(), ofUWV, l.ID))
		}))
		r.same("the letter", r.get(l.ID).Revision, 3)
		r.same("the events", r.types(), []string{
			"knelpunt-geopend", "brief-opgesteld", "brief-vastgesteld", "brief-verzonden", "knelpunt-voorgelegd",
		})
	},
	"a letter whose last items are answered at once is answered": func(r *rig) {
		var about []letters.Bottleneck
		for i := range 8 {
			about = append(about, r.open(fmt.Sprintf("K-%d", i), 1))
		}
		l, replicas := r.send(letter("L-1", about...)), r.replicas(3)
		r.must(atOnce(16, func(i int) error {
			return third(replicas[i%3].AnswerItem(r.Context(), ofSZW, l.ID, i%8+1, response(letters.Adopted)))
		}))
		got := r.get(l.ID)
		r.same("the letter", got.State, letters.LetterAnswered)
		for _, item := range got.Items {
			r.same("answers to an item", len(item.Responses), 2)
		}
		r.rebuilt(r.fresh)
	},
	"the same answer at once is given once": func(r *rig) {
		l, replicas, given := r.send(letter("L-1", r.open("K-1", 1))), r.replicas(3), response(letters.Adopted)
		var fresh atomic.Int64
		r.must(atOnce(12, func(i int) error {
			_, before, err := replicas[i%3].AnswerItem(r.Context(), ofSZW, l.ID, 1, given)
			count(&fresh, err == nil && !before)
			return err
		}))
		r.same("how many were new", fresh.Load(), int64(1))
		r.same("the answers", len(r.get(l.ID).Items[0].Responses), 1)
	},
	"two letters on one bottleneck leave the tables as their entries do": func(r *rig) {
		b := r.open("K-1", 1)
		answered := r.send(letter("L-1", b))
		r.answer(answered, 1, letters.Exploring)
		waiting := r.draft(letter("L-2", b))
		_, err := r.AdoptLetter(r.Context(), ofUWV, waiting.ID, board)
		r.must(err)

		// An answer is held up once it is in the tables and before it is in the
		// ledger. Meanwhile the other letter is sent, or waits.
		sent := make(chan error, 1)
		send := sync.OnceFunc(func() {
			go func() { sent <- second(r.SendLetter(r.Context(), ofUWV, waiting.ID)) }()
		})
		slow := r.service(r.db, pausing{r.Store, func() error {
			send()
			return await(func() (bool, error) {
				waits, err := r.someoneWaits()
				return len(sent) > 0 || waits, err
			})
		}})
		_, _, err = slow.AnswerItem(r.Context(), ofSZW, answered.ID, 1, response(letters.Adopted))
		r.must(errors.Join(err, <-sent))
		r.rebuilt(r.fresh)
	},
}

// countUnless counts a success; the refusal with a reason is none, and no error
// either.
func countUnless(n *atomic.Int64, err error, reason string) error {
	if f := fault.Of(err); f != nil && f.Kind == fault.Precondition && f.Reason == reason && len(f.Fields) > 0 {
		return nil
	}
	count(n, err == nil)
	return err
}

func count(n *atomic.Int64, really bool) {
	if really {
		n.Add(1)
	}
}

// pausing is a store that pauses after an answer.
type pausing struct {
	letters.Store
	pause func() error
}

func (p pausing) PutResponse(ctx context.Context, tx *sqldb.Tx, letter string, number int, r letters.Response) error {
	if err := p.Store.PutResponse(ctx, tx, letter, number, r); err != nil {
		return err
	}
	return p.pause()
}

// someoneWaits says whether a transaction on the database waits for a lock.
func (r *rig) someoneWaits() (waits bool, err error) {
	err = r.db.Read(r.Context(), func(tx *sqldb.Tx) error {
		_, waits, err = sqldb.One(r.Context(), tx, func(sqldb.Scanner) (any, error) { return nil, nil },
			`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1`)
		return err
	})
	return waits, err
}

// await waits until a condition holds that others bring about.
func await(holds func() (bool, error)) error {
	for limit := time.Now().Add(30 * time.Second); time.Now().Before(limit); runtime.Gosched() {
		if ok, err := holds(); ok || err != nil {
			return err
		}
	}
	return errors.New("waited in vain")
}
