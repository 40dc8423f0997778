package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// appending are the cases about writing entries in the caller's transaction.
var appending = map[string]func(*rig){
	"entries are written with the caller's transaction or not at all": func(r *rig) {
		boom := errors.New("boom")
		err := r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			if err := ledger.Append(r.Context(), tx, Entries(r, 3)); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			r.Fatalf("error %v", err)
		}
		l := r.log()
		r.sequence(l, 0)
		r.grow(l, 2)
		r.all()
	},
	"entries come back as they were written": func(r *rig) {
		entries := Entries(r, 3)
		r.must(r.signer.Receipts(Event("", "").Time, entries[:2]))
		r.append(entries)
		r.sequence(r.log(), 3)
		var got []ledger.Entry
		for i, e := range r.all() {
			if e.Index != int64(i) || e.Erased || e.LeafHash != e.Leaf() {
				r.Errorf("entry %d: %+v", i, e)
			}
			got = append(got, e.Entry)
		}
		if diff := cmp.Diff(entries, got); diff != "" {
			r.Errorf("(-written +read):\n%s", diff)
		}
		if !slices.IsSortedFunc(entries, func(a, b ledger.Entry) int { return int(a.Seq - b.Seq) }) {
			r.Error("Seq does not rise")
		}
	},
	"a subject's revision is written once": func(r *rig) {
		entries := Entries(r, 1)
		r.append(entries)
		again, err := ledger.Seal(Event(entries[0].Subject, "anders"), 1)
		r.must(err)
		if err := r.tryAppend([]ledger.Entry{again}); !fault.Is(err, fault.Conflict) {
			r.Errorf("the same revision again: %v", err)
		}
		if err := r.tryAppend(entries); !fault.Is(err, fault.Conflict) {
			r.Errorf("the same entry again: %v", err)
		}
		again.Revision = 2
		r.append([]ledger.Entry{again})
	},
	"an entry that is not whole is refused": func(r *rig) {
		for name, spoil := range map[string]func(*ledger.Entry){
			"no id":       func(e *ledger.Entry) { e.ID = "" },
			"no subject":  func(e *ledger.Entry) { e.Subject = "" },
			"no revision": func(e *ledger.Entry) { e.Revision = 0 },
			"no payload":  func(e *ledger.Entry) { e.Payload = nil },
			"too large":   func(e *ledger.Entry) { e.Payload = make([]byte, ledger.MaxPayload+1) },
		} {
			entries := Entries(r, 1)
			spoil(&entries[0])
			if err := r.tryAppend(entries); err == nil {
				r.Errorf("%s: accepted", name)
			}
		}
	},
	"more entries than a statement has arguments": func(r *rig) {
		r.append(Entries(r, 5000))
		r.append(nil)
		l := r.log(func(c *ledger.Config) { c.Batch = 4000 })
		r.sequence(l, 4000)
		r.sequence(l, 1000)
		r.all()
	},
	"the history of a subject has what waits, too": func(r *rig) {
		l := r.log()
		r.grow(l, 2)
		subject := Entries(r, 1)[0].Subject
		for revision := range int64(3) {
			e, err := ledger.Seal(Event(subject, fmt.Sprintf("Versie %d", revision+1)), revision+1)
			r.must(err)
			r.append([]ledger.Entry{e})
			if revision == 0 {
				r.sequence(l, 1)
			}
		}
		history, err := l.History(r.Context(), subject)
		r.must(err)
		var places []int64
		for i, e := range history {
			places = append(places, e.Index)
			if e.Revision != int64(i+1) {
				r.Errorf("revision %d at place %d", e.Revision, i)
			}
		}
		if diff := cmp.Diff([]int64{2, -1, -1}, places); diff != "" {
			r.Errorf("places (-want +got):\n%s", diff)
		}
	},
	"a cancelled call and a closed database give their own faults": func(r *rig) {
		l := r.log()
		r.grow(l, 3)
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		for name, err := range r.calls(ctx, l) {
			if !errors.Is(err, context.Canceled) {
				r.Errorf("%s, cancelled: %v", name, err)
			}
		}
		r.must(r.db.Close())
		for name, err := range r.calls(r.Context(), l) {
			if !fault.Is(err, fault.Unavailable) {
				r.Errorf("%s, closed: %v", name, err)
			}
		}
	},
}

// calls makes every call that goes to the database.
func (r *rig) calls(ctx context.Context, l *ledger.Log) map[string]error {
	errs := map[string]error{}
	errs["Append"] = r.db.Write(ctx, func(tx *sqldb.Tx) error { return ledger.Append(ctx, tx, Entries(r, 1)) })
	_, errs["Sequence"] = l.Sequence(ctx)
	_, errs["Checkpoint"] = l.Checkpoint(ctx)
	_, errs["Entries"] = l.Entries(ctx, 0, 10)
	_, errs["History"] = l.History(ctx, "x")
	_, _, errs["Inclusion"] = l.Inclusion(ctx, 0, 1)
	_, errs["Consistency"] = l.Consistency(ctx, 1, 2)
	_, errs["Export"] = l.Export(ctx, io.Discard)
	return errs
}
