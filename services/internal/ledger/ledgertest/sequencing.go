package ledgertest

import (
	"slices"
	"sync"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// sequencing are the cases about the places of entries.
var sequencing = map[string]func(*rig){
	"places are contiguous under concurrent writers and sequencers": func(r *rig) {
		const logs, writers, each, batch = 3, 4, 15, 7
		for range logs {
			r.run(r.log(func(c *ledger.Config) { c.Batch = 10 }))
		}
		var written sync.Map
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				for range each {
					entries := Entries(r, batch)
					if err := r.tryAppend(entries); err != nil {
						r.Error(err)
						return
					}
					for _, e := range entries {
						written.Store(e.ID, true)
					}
				}
			})
		}
		group.Wait()
		const total = writers * each * batch
		r.await("all entries have a place", func() bool { return r.size() >= total })
		for i, e := range r.all() {
			if _, ours := written.LoadAndDelete(e.ID); !ours || e.Index != int64(i) {
				r.Errorf("entry %s at %d (as number %d) is not ours, or double", e.ID, e.Index, i)
			}
		}
		written.Range(func(id, _ any) bool { r.Errorf("entry %v has no place", id); return true })
	},
	"an entry that commits late is not skipped": func(r *rig) {
		l := r.log()
		late, early := Entries(r, 2), Entries(r, 3)
		r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			if err := ledger.Append(r.Context(), tx, late); err != nil {
				return err
			}
			r.append(early) // another transaction, which commits first
			r.sequence(l, 3)
			return nil
		}))
		if late[0].Seq > early[0].Seq {
			r.Fatalf("the late entries were not written first: %d, %d", late[0].Seq, early[0].Seq)
		}
		r.sequence(l, 2)
		if diff := cmp.Diff(ids(early, late), idsOf(r.all())); diff != "" {
			r.Errorf("(-want +got):\n%s", diff)
		}
	},
	"within a round the order is that of writing": func(r *rig) {
		var want [][]ledger.Entry
		for n := range 5 {
			entries := Entries(r, n+1)
			r.append(entries)
			want = append(want, entries)
		}
		r.sequence(r.log(), 15)
		if diff := cmp.Diff(ids(want...), idsOf(r.all())); diff != "" {
			r.Errorf("(-want +got):\n%s", diff)
		}
	},
	"a round takes no more than its batch": func(r *rig) {
		r.append(Entries(r, 10))
		l := r.log(func(c *ledger.Config) { c.Batch = 4 })
		for _, n := range []int{4, 4, 2, 0} {
			r.sequence(l, n)
		}
		r.all()
	},
	"a restart goes on from the tiles": func(r *rig) {
		// Across the edges of tiles of both levels that 600 entries have.
		for _, n := range []int{1, 2, 252, 1, 1, 255, 1, 87} {
			l := r.log()
			r.grow(l, n)
			stop := r.run(l)
			stop() // gives the lease back
			r.all()
		}
	},
	"every checkpoint of a growing log is kept and signed": func(r *rig) {
		l := r.log()
		sizes := []int64{0}
		for _, n := range []int{3, 1, 7} {
			r.grow(l, n)
			sizes = append(sizes, sizes[len(sizes)-1]+int64(n))
		}
		m := newModel(r.all())
		for i, note := range r.notes() {
			c, err := ledger.OpenCheckpoint(note, r.keys)
			r.must(err)
			if c.Size != sizes[i] || c.Root != m.root(r, c.Size) || c.Origin != Origin {
				r.Errorf("checkpoint %d: %+v", i, c)
			}
		}
	},
	"a new log signs that it is empty": func(r *rig) {
		l := r.log()
		r.sequence(l, 0)
		c, err := l.Checkpoint(r.Context())
		r.must(err)
		opened, err := ledger.OpenCheckpoint(c.Note, r.keys)
		r.must(err)
		if opened.Size != 0 || opened.Root != newModel(nil).root(r, 0) {
			r.Errorf("%+v", opened)
		}
	},
	"a running log places entries one commit after another": func(r *rig) {
		l := r.log()
		r.run(l)
		r.await("the log has a leader", func() bool { return r.notes() != nil })
		for n := int64(1); n <= 20; n++ {
			r.append(Entries(r, 2))
			l.Wake()
			r.await("the entries have a place", func() bool { return r.size() == 2*n })
		}
		r.all()
	},
}

func ids(batches ...[]ledger.Entry) []string {
	var ids []string
	for _, e := range slices.Concat(batches...) {
		ids = append(ids, e.ID)
	}
	return ids
}

func idsOf(entries []ledger.Sequenced) []string {
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.ID)
	}
	return ids
}

// notes gives every checkpoint that was signed, in order of size.
func (r *rig) notes() (notes [][]byte) {
	r.Helper()
	r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) (err error) {
		notes, err = sqldb.All(r.Context(), tx, func(row sqldb.Scanner) (note []byte, err error) {
			err = row.Scan(&note)
			return note, err
		}, "SELECT note FROM ledger_checkpoint ORDER BY size")
		return err
	}))
	return notes
}
