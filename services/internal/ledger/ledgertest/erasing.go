package ledgertest

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// erasing are the cases about emptying entries.
var erasing = map[string]func(*rig){
	"the older revisions of a subject are emptied, and every proof holds": func(r *rig) {
		entries := revisions(r, "S-1", 3)
		r.append(entries)
		others := Entries(r, 4)
		r.append(others)
		l := r.log()
		r.sequence(l, 7)
		gone := r.eraseBelow("S-1", 3)
		want := make([]ledger.Erased, 2)
		for i := range want {
			leaf := entries[i].Leaf()
			want[i] = ledger.Erased{ID: entries[i].ID, Revision: int64(i + 1), Leaf: leaf[:]}
		}
		r.same("what is left of them", gone, want)
		r.same("once more", r.eraseBelow("S-1", 3), []ledger.Erased(nil))
		history, err := l.History(r.Context(), "S-1")
		r.must(err)
		for i, e := range history {
			if e.Erased != (i < 2) || e.Erased && (e.Payload != nil || e.Receipt != nil || e.Salt != [32]byte{}) {
				r.Errorf("revision %d: %+v", i+1, e)
			}
			if want := entries[i].Leaf(); e.LeafHash != want {
				r.Errorf("the leaf of revision %d is %v, was %v", i+1, e.LeafHash, want)
			}
			_, _, err := l.Inclusion(r.Context(), e.Index, 7)
			r.must(err)
		}
		for _, e := range others {
			all, err := l.History(r.Context(), e.Subject)
			r.must(err)
			r.same("another subject", all[0].Payload, e.Payload)
		}
	},
	"what was published is taken back, as soon as the stream can be reached": func(r *rig) {
		p := &recorder{rig: r}
		l := r.log(func(c *ledger.Config) { c.Publisher = p })
		r.run(l)
		r.append(revisions(r, "S-1", 2))
		r.append(Entries(r, 1))
		l.Wake()
		r.await("all are published", func() bool { return p.len() == 3 })
		p.set(true)
		r.eraseBelow("S-1", 3)
		r.append(revisions(r, "S-2", 1))
		l.Wake()
		r.await("the next has its place", func() bool { return r.size() == 4 })
		r.same("what was taken back", p.taken(), []int64(nil))
		p.set(false)
		r.await("they are taken back", func() bool { return len(p.taken()) >= 2 })
		r.await("nothing is left to do", func() bool { return r.left() == 0 })
		taken := p.taken()
		slices.Sort(taken)
		r.same("which", slices.Compact(taken), []int64{0, 1})
	},
	"a new leader takes back what the old one left": func(r *rig) {
		r.append(revisions(r, "S-1", 2))
		r.sequence(r.log(), 2)
		r.eraseBelow("S-1", 2)
		r.exec("UPDATE ledger_state SET leader = ''")
		p := &recorder{rig: r}
		r.run(r.log(func(c *ledger.Config) { c.Publisher = p }))
		r.await("it is taken back", func() bool { return len(p.taken()) == 1 })
		r.same("which", p.taken(), []int64{0})
	},
}

// revisions makes n entries about one subject.
func revisions(tb testing.TB, subject string, n int) []ledger.Entry {
	tb.Helper()
	entries := make([]ledger.Entry, n)
	for i := range entries {
		var err error
		if entries[i], err = ledger.Seal(Event(subject, "Signaal"), int64(i+1)); err != nil {
			tb.Fatal(err)
		}
	}
	return entries
}

// left counts the erasures that are not done yet.
func (r *rig) left() (n int64) {
	r.Helper()
	r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
		n, _, err = sqldb.One(r.Context(), tx, func(row sqldb.Scanner) (n int64, err error) {
			err = row.Scan(&n)
			return n, err
		}, "SELECT count(*) FROM ledger_erasure")
		return err
	}))
	return n
}

// eraseBelow empties the entries of a subject below a revision.
func (r *rig) eraseBelow(subject string, revision int64) (gone []ledger.Erased) {
	r.Helper()
	r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) (err error) {
		gone, err = ledger.Erase(r.Context(), tx, subject, revision)
		return err
	}))
	return gone
}

// same fails the case unless got is what is wanted.
func (r *rig) same(what string, got, want any) {
	r.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
