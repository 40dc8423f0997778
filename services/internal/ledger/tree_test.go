package ledger

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// reference is the tree as tlog keeps it, every hash in one list.
type reference []tlog.Hash

func (r *reference) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = (*r)[x]
	}
	return hashes, nil
}

func (r *reference) grow(t *testing.T, from int64, leaves []tlog.Hash) {
	t.Helper()
	for i, leaf := range leaves {
		added, err := tlog.StoredHashesForRecordHash(from+int64(i), leaf, r)
		if err != nil {
			t.Fatal(err)
		}
		*r = append(*r, added...)
	}
}

func someLeaves(from int64, n int) []tlog.Hash {
	leaves := make([]tlog.Hash, n)
	for i := range leaves {
		leaves[i] = tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(from)+uint64(i)))
	}
	return leaves
}

// growth is a tree that grows beside the reference, with the tiles it wrote.
type growth struct {
	*testing.T
	tree  tree
	model reference
	tiles map[[2]int64][]byte
}

func (g *growth) grow(n int) {
	g.Helper()
	before := g.tree
	leaves := someLeaves(before.size, n)
	g.model.grow(g.T, before.size, leaves)
	next, changed := before.grow(leaves)
	for _, t := range changed {
		g.tiles[[2]int64{int64(t.level), t.n}] = bytes.Clone(t.hashes)
	}
	// Each tile that tlog wants is there, as tlog would write it, and no other.
	wanted := tlog.NewTiles(tileHeight, before.size, next.size)
	for _, w := range wanted {
		data, err := tlog.ReadTileData(w, &g.model)
		if err != nil {
			g.Fatal(err)
		}
		if !bytes.Equal(g.tiles[[2]int64{int64(w.L), w.N}], data) {
			g.Fatalf("from %d to %d: tile %s differs", before.size, next.size, w.Path())
		}
	}
	if len(changed) != len(wanted) {
		g.Fatalf("from %d to %d: %d tiles changed, want %d", before.size, next.size, len(changed), len(wanted))
	}
	g.tree = next
	g.checkRoot()
}

func (g *growth) checkRoot() {
	g.Helper()
	want, err := tlog.TreeHash(g.tree.size, &g.model)
	if err != nil {
		g.Fatal(err)
	}
	if got, err := g.tree.root(); err != nil || got != want {
		g.Fatalf("root of %d is %v (%v), want %v", g.tree.size, got, err, want)
	}
}

func TestATreeIsThatOfRFC6962AtEverySize(t *testing.T) {
	t.Parallel()
	g := &growth{T: t, tiles: map[[2]int64][]byte{}}
	g.checkRoot()
	for range 1100 {
		g.grow(1)
	}
}

func TestATreeGrowsInBatchesAcrossThreeLevelsOfTiles(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	g := &growth{T: t, tiles: map[[2]int64][]byte{}}
	for g.tree.size < 1<<16-3000 {
		g.grow(1 + random.IntN(5000))
	}
	for g.tree.size < 1<<16+3 { // to and over the edge of level 2
		g.grow(min(1000, max(1, int(1<<16-g.tree.size))))
	}
	g.grow(3000)
}

func TestGrowingLeavesTheOldTreeAsItWas(t *testing.T) {
	t.Parallel()
	old, _ := tree{}.grow(someLeaves(0, 300))
	before, err := old.root()
	if err != nil {
		t.Fatal(err)
	}
	one, _ := old.grow(someLeaves(1000, 260))
	two, _ := old.grow(someLeaves(2000, 260))
	first, _ := one.root()
	second, _ := two.root()
	after, _ := old.root()
	again, _ := old.grow(someLeaves(1000, 260))
	repeated, _ := again.root()
	if after != before || first == second || repeated != first {
		t.Errorf("a tree that was grown twice: %v %v, %v %v %v", before, after, first, second, repeated)
	}
}

func BenchmarkTree(b *testing.B) {
	skey, _, err := GenerateKey("schakel.example/logboek")
	if err != nil {
		b.Fatal(err)
	}
	signer, err := NewSigner("schakel.example/logboek", skey)
	if err != nil {
		b.Fatal(err)
	}
	const batch = 1000
	entries := make([]Entry, batch)
	for i := range entries {
		entries[i].Payload = bytes.Repeat([]byte{byte(i)}, 700)
	}
	var t tree
	leaves := make([]tlog.Hash, batch)
	for b.Loop() {
		for i, e := range entries {
			leaves[i] = e.Leaf()
		}
		t, _ = t.grow(leaves)
		root, err := t.root()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := signer.Sign(t.size, root, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*batch/b.Elapsed().Seconds(), "entries/s")
}
