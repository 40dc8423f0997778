package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// releasing are the cases about what protected reporters sent, and that waits for
// its day to be over.
var releasing = map[string]func(*rig){
	"what is reported waits for its day to be over, and only its reporter sees it": func(r *rig) {
		r.run(r.Service)
		r.accept(signal(uwv, "S-1"))
		r.index()
		code := r.codes(1)[0]
		before := slices.Concat(r.everything(), r.indexRows())
		r.must(second(r.Report(r.Context(), code, secret(1), report())))
		r.must(second(r.Say(r.Context(), secret(1), uuid.NewString(), "Is er al iets bekend?")))
		r.release()
		r.index() // sequences, too
		r.same("what others could see", slices.Concat(r.everything(), r.indexRows()), before)
		r.same("the editor's list", r.seen(editor), []string{"S-1"})
		r.same("the overseer's list", r.seen(overseer), []string{"S-1"})
		c, err := r.Case(r.Context(), secret(1))
		r.must(err)
		r.same("what the reporter sees", []any{c.Signal.Title, c.Signal.State, len(c.Messages)}, []any{report().Title, signals.Received, 1})
		_, err = r.Redact(r.Context(), editor, c.Signal.ID, 1, nil, "Naam.")
		r.refused(err, fault.NotFound, "onbekend-signaal")
		r.overnight()
		r.index()
		now, err := r.Case(r.Context(), secret(1))
		r.must(err)
		r.same("what the reporter sees once it was released", now, c)
		r.same("the editor's list the next day", r.seen(editor), []string{"S-1", now.Signal.ExternalReference})
		r.same("what waits", r.waiting(), []string(nil))
	},
	"a day ends at Dutch midnight, and is released an hour later, all year": func(r *rig) {
		for i, tt := range []struct{ reported, released string }{
			{"2026-11-20T23:30:00Z", "2026-11-22T00:00:00Z"}, // the 21st already
			{"2026-11-21T22:59:59Z", "2026-11-22T00:00:00Z"},
			{"2027-03-27T22:59:59Z", "2027-03-28T00:00:00Z"},
			{"2027-03-27T23:00:00Z", "2027-03-28T23:00:00Z"}, // a day of 23 hours
			{"2027-03-28T21:59:59Z", "2027-03-28T23:00:00Z"},
			{"2027-10-30T21:59:59Z", "2027-10-30T23:00:00Z"},
			{"2027-10-30T22:00:00Z", "2027-11-01T00:00:00Z"}, // one of 25
			{"2027-10-31T22:59:59Z", "2027-11-01T00:00:00Z"},
		} {
			r.at(tt.reported)
			r.must(second(r.Report(r.Context(), r.codes(1)[0], secret(i), report())))
			until := r.at(tt.released)
			r.pass(-time.Millisecond)
			r.same("how many before "+tt.released, r.release(), 0)
			r.pass(time.Millisecond)
			r.same("how many at "+tt.released, r.release(), 2)
			c, err := r.Case(r.Context(), secret(i))
			r.must(err)
			receipt, err := ledger.VerifyReceipt(c.First.Receipt, c.First.Payload, r.keys)
			r.must(err)
			if promised := promise(receipt); until.After(promised) {
				r.Errorf("released at %v, promised for %v", until, promised)
			}
		}
	},
	"a day comes out together, in an order that says nothing of when it came": func(r *rig) {
		r.run(r.Service)
		const n = 90 // of three entries each: more than one transaction
		codes := r.codes(n)
		var want, arrived []string
		for i := range n {
			r.must(second(r.Report(r.Context(), codes[i], secret(i), report())))
			r.accept(signal(uwv, fmt.Sprintf("S-%03d", i)))
			message := uuid.NewString()
			r.must(second(r.Say(r.Context(), secret(i), message, "Hallo?")))
			c, err := r.Case(r.Context(), secret(i))
			r.must(err)
			arrived = append(arrived, c.Signal.ID)
			want = append(want, strings.Join([]string{c.Signal.ID, c.Signal.ID + "/dossier", message}, " "))
			r.pass(time.Minute)
		}
		r.overnight()
		r.sequence()
		entries, err := r.Service.Log.Entries(r.Context(), n, 4*n)
		r.must(err)
		var got []string
		for some := range slices.Chunk(entries, 3) {
			got = append(got, some[0].Subject+" "+some[1].Subject+" "+some[2].Subject)
		}
		slices.Sort(want)
		r.same("the entries", got, want)
		var lie []string
		r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
			lie, err = sqldb.All(r.Context(), tx, func(row sqldb.Scanner) (id string, err error) {
				err = row.Scan(&id)
				return id, err
			}, `SELECT signal FROM protected_case`) // as they lie
			return err
		}))
		r.same("whether the rows lie as they came", slices.Equal(lie, arrived), false)
	},
	"replicas that release at once release once": func(r *rig) {
		const n = 8
		codes := r.codes(n)
		for i := range n {
			r.must(second(r.Report(r.Context(), codes[i], secret(i), report())))
		}
		r.pass(24 * time.Hour)
		replicas := make([]*signals.Service, 4)
		for i := range replicas {
			replicas[i] = r.service(r.database(r.T))
		}
		released := make([]int, len(replicas))
		r.must(atOnce(len(replicas), func(i int) (err error) {
			released[i], err = replicas[i].ReleaseSome(r.Context())
			return err
		}))
		r.same("how many by all", released[0]+released[1]+released[2]+released[3], 2*n)
		r.sequence()
		entries, err := r.Service.Log.Entries(r.Context(), 0, 99)
		r.must(err)
		r.same("how many entries", len(entries), 2*n)
	},
	"a release that breaks off leaves all as it was, and is done again": func(r *rig) {
		codes := r.codes(3)
		for i, code := range codes {
			r.must(second(r.Report(r.Context(), code, secret(i), report())))
		}
		r.pass(24 * time.Hour)
		before := slices.Concat(r.everything(), r.waiting())
		db, store := r.database(r.T)
		broken := r.service(db, &breaking{Store: store, left: 2})
		_, err := broken.ReleaseSome(r.Context())
		if !errors.Is(err, errBroken) {
			r.Errorf("%v", err)
		}
		r.same("what is stored", slices.Concat(r.everything(), r.waiting()), before)
		r.same("how many are released after all", r.release(), 6)
		r.same("how many once more", r.release(), 0)
	},
	"what is released goes on after a restart": func(r *rig) {
		_, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		for range 250 {
			r.must(second(r.Say(r.Context(), secret(1), uuid.NewString(), "Hallo?")))
		}
		r.pass(24 * time.Hour)
		first, err := r.ReleaseSome(r.Context())
		r.must(err)
		c, err := r.Case(r.Context(), secret(1))
		r.must(err)
		r.same("what the reporter sees halfway", len(c.Messages), 250)
		ctx, stop := context.WithCancel(r.Context())
		done := make(chan error, 1)
		go func() { done <- r.service(r.db, r.Store).Release(ctx, slog.New(slog.DiscardHandler)) }()
		r.await("the rest is released", func() bool { return len(r.waiting()) == 0 })
		stop()
		r.must(<-done)
		r.sequence()
		entries, err := r.Service.Log.Entries(r.Context(), 0, 999)
		r.must(err)
		r.same("how many entries", len(entries), 252)
		if first >= 252 {
			r.Errorf("all %d were released in one transaction: this shows nothing", first)
		}
		now, err := r.Case(r.Context(), secret(1))
		r.must(err)
		r.same("the case", now, c)
		r.foldsTheSame()
	},
	"no id that a reporter chooses keeps what waits from being released": func(r *rig) {
		codes := r.codes(2)
		for i, code := range codes {
			r.must(second(r.Report(r.Context(), code, secret(i), report())))
		}
		own, err := r.Case(r.Context(), secret(0))
		r.must(err)
		clash := func(id string) {
			r.Helper()
			_, err := r.Say(r.Context(), secret(0), id, "Hallo?")
			r.refused(err, fault.Conflict, "bericht-bezet")
		}
		clash(own.Signal.ID)
		taken := uuid.NewString()
		r.must(second(r.Say(r.Context(), secret(1), taken, "Hallo?")))
		clash(taken)
		r.overnight()
		clash(own.Signal.ID)
		clash(taken)
		// A reporter and an editor choose one, at the same time.
		for range 8 {
			id := uuid.NewString()
			errs := make([]error, 2)
			_ = atOnce(2, func(i int) error {
				if i == 0 {
					_, errs[i] = r.Say(r.Context(), secret(1), id, "Hallo?")
				} else {
					_, errs[i] = r.Answer(r.Context(), editor, own.Signal.ID, id, "Hallo?")
				}
				return nil
			})
			for _, err := range errs {
				if err != nil {
					r.refused(err, fault.Conflict, "bericht-bezet")
				}
			}
			r.same("whether one got it", (errs[0] == nil) != (errs[1] == nil), true)
		}
		r.overnight()
		r.same("what waits", r.waiting(), []string(nil))
		r.foldsTheSame()
	},
	"what is promised is in the log, as promised": func(r *rig) {
		done, err := r.Report(r.Context(), r.codes(1)[0], secret(1), report())
		r.must(err)
		c, err := r.Case(r.Context(), secret(1))
		r.must(err)
		r.overnight()
		r.sequence()
		entries, err := r.Service.Log.Entries(r.Context(), 0, 9)
		r.must(err)
		r.same("the payload", entries[0].Payload, c.First.Payload)
		receipt, err := ledger.VerifyReceipt(done.Receipt, entries[0].Payload, r.keys)
		r.must(err)
		r.same("the leaf", bytes.Equal(entries[0].LeafHash[:], receipt.GetLeafHash()), true)
		stored := r.get(c.Signal.ID)
		r.same("the receipt that is stored", stored.Receipt, done.Receipt)
	},
	"a ledger can be moved while something waits, which comes in where it was": func(r *rig) {
		r.must(second(r.Report(r.Context(), r.codes(1)[0], secret(1), report())))
		r.run(r.Service)
		r.accept(signal(uwv, "S-1"))
		r.sequence()
		to := r.moved(r.fresh)
		n, err := to.Replay(r.Context())
		r.must(err)
		r.same("how many entries", n, 1)
		_, err = to.Case(r.Context(), secret(1))
		r.refused(err, fault.NotFound, "onbekend-dossier")
		r.overnight()
		r.foldsTheSame()
	},
}

// promise is by when a receipt says that its entry stands in the log.
func promise(receipt *ledgerv1.Receipt) time.Time {
	return receipt.GetAcceptedAt().AsTime().Add(time.Duration(receipt.GetMergeDelaySeconds()) * time.Second)
}

// errBroken is what a breaking store says.
var errBroken = errors.New("broken off")

// breaking is a store that breaks off when a case is opened for the last of so many
// times.
type breaking struct {
	signals.Store
	left int
}

func (b *breaking) OpenCase(ctx context.Context, tx *sqldb.Tx, secretHash []byte, signal string) error {
	if b.left--; b.left == 0 {
		return errBroken
	}
	return b.Store.OpenCase(ctx, tx, secretHash, signal)
}

// release releases what is due, and says how many entries.
func (r *rig) release() (all int) {
	r.Helper()
	for {
		n, err := r.ReleaseSome(r.Context())
		r.must(err)
		if all += n; n == 0 {
			return all
		}
	}
}

// overnight lets a day pass, and releases what came in on it.
func (r *rig) overnight() {
	r.Helper()
	r.pass(24 * time.Hour)
	r.release()
}

// at sets the clock.
func (r *rig) at(text string) time.Time {
	r.Helper()
	now, err := time.Parse(time.RFC3339, text)
	r.must(err)
	r.clock.Store(&now)
	return now
}

// everything is all that others than a reporter are shown something of.
func (r *rig) everything() []string {
	r.Helper()
	return append(r.rows(), testenv.Rows(r.T, r.db, "protected_case", "case_message", "ledger_order", "ledger_checkpoint")...)
}

// waiting is what waits.
func (r *rig) waiting() []string {
	r.Helper()
	return testenv.Rows(r.T, r.db, "protected_waiting")
}
