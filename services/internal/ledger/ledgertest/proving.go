package ledgertest

import (
	"errors"
	"math/rand/v2"

	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
)

// proving are the cases about proofs.
var proving = map[string]func(*rig){
	"entries are proven to be in the trees of all sizes": func(r *rig) {
		l, m := r.grown(600)
		for size := int64(1); size <= 600; size++ {
			for _, index := range []int64{0, size / 2, size - 1} {
				leaf, path, err := l.Inclusion(r.Context(), index, size)
				r.must(err)
				if err := tlog.CheckRecord(path, size, m.root(r, size), index, leaf); err != nil {
					r.Fatalf("entry %d in the tree of %d: %v", index, size, err)
				}
			}
		}
	},
	"trees of all sizes are proven to be consistent": func(r *rig) {
		l, m := r.grown(600)
		for to := int64(1); to <= 600; to++ {
			for _, from := range []int64{1, (to + 1) / 2, max(1, to-1), to} {
				path, err := l.Consistency(r.Context(), from, to)
				r.must(err)
				if err := tlog.CheckTree(path, to, m.root(r, to), from, m.root(r, from)); err != nil {
					r.Fatalf("the trees of %d and %d: %v", from, to, err)
				}
			}
		}
	},
	"the leaf of a proof is that of its entry": func(r *rig) {
		l, _ := r.grown(300)
		for _, e := range r.all() {
			leaf, _, err := l.Inclusion(r.Context(), e.Index, 300)
			r.must(err)
			if leaf != e.Leaf() {
				r.Fatalf("entry %d: another leaf", e.Index)
			}
		}
	},
	"what is not in the log is not proven": func(r *rig) {
		l, _ := r.grown(5)
		for _, at := range [][2]int64{{-1, 5}, {5, 5}, {0, 6}, {0, 0}, {3, 2}, {0, -1}} {
			if _, _, err := l.Inclusion(r.Context(), at[0], at[1]); !fault.Is(err, fault.Invalid) {
				r.Errorf("inclusion of %d in %d: %v", at[0], at[1], err)
			}
		}
		for _, at := range [][2]int64{{0, 5}, {-1, 5}, {6, 6}, {1, 6}, {4, 3}, {0, 0}} {
			if _, err := l.Consistency(r.Context(), at[0], at[1]); !fault.Is(err, fault.Invalid) {
				r.Errorf("consistency of %d and %d: %v", at[0], at[1], err)
			}
		}
	},
	"before the first leader there is nothing to prove": func(r *rig) {
		reader := ledger.NewReader(r.db)
		if _, err := reader.Checkpoint(r.Context()); !fault.Is(err, fault.Unavailable) {
			r.Errorf("checkpoint: %v", err)
		}
		if _, _, err := reader.Inclusion(r.Context(), 0, 1); !fault.Is(err, fault.Unavailable) {
			r.Errorf("inclusion: %v", err)
		}
		if entries, err := reader.Entries(r.Context(), 0, 10); err != nil || len(entries) > 0 {
			r.Errorf("entries: %v, %v", entries, err)
		}
	},
	"a proof from a damaged tree is not handed out": func(r *rig) {
		l, _ := r.grown(700)
		r.exec("UPDATE ledger_tile SET hashes = "+r.pick("zeroblob(8192)", "decode(repeat('00', 8192), 'hex')")+" WHERE level = $1 AND n = $2", 0, 1)
		if _, _, err := l.Inclusion(r.Context(), 300, 700); !errors.Is(err, ledger.ErrDamaged) {
			r.Errorf("a changed tile: %v", err)
		}
		if _, _, err := l.Inclusion(r.Context(), 10, 700); err != nil {
			r.Errorf("a proof that does not need it: %v", err)
		}
		r.exec("DELETE FROM ledger_tile WHERE level = 0 AND n = 1")
		if _, _, err := l.Inclusion(r.Context(), 300, 700); !errors.Is(err, ledger.ErrDamaged) {
			r.Errorf("a tile that is gone: %v", err)
		}
		r.exec("DELETE FROM ledger_order WHERE idx = 300")
		if _, err := l.Entries(r.Context(), 299, 5); !errors.Is(err, ledger.ErrDamaged) {
			r.Errorf("an entry that is gone: %v", err)
		}
	},
	"an erased entry is read and proven": func(r *rig) {
		l, m := r.grown(10)
		r.erase(4)
		entries := r.all()
		for _, e := range entries {
			if erased := e.Index == 4; e.Erased != erased || (e.Payload == nil) != erased || (e.Salt == [32]byte{}) != erased {
				r.Errorf("entry %d: %+v", e.Index, e)
			}
		}
		leaf, path, err := l.Inclusion(r.Context(), 4, 10)
		r.must(err)
		if err := tlog.CheckRecord(path, 10, m.root(r, 10), 4, leaf); err != nil || leaf != entries[4].LeafHash {
			r.Error(err)
		}
		r.grow(l, 1)
	},
}

// grown is a log of a size, which grew in rounds of uneven size.
func (r *rig) grown(size int) (*ledger.Log, *model) {
	r.Helper()
	seed := rand.Uint64()
	r.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	l := r.log()
	for left := size; left > 0; {
		n := min(left, 1+random.IntN(90))
		r.grow(l, n)
		left -= n
	}
	return l, newModel(r.all())
}

// erase empties an entry, as the erasure of personal data does.
func (r *rig) erase(index int64) {
	r.Helper()
	r.exec("UPDATE ledger_entry SET payload = NULL, salt = NULL, receipt = NULL WHERE seq = (SELECT seq FROM ledger_order WHERE idx = $1)", index)
}
