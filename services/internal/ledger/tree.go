package ledger

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// Tiles are those of C2SP tlog-tiles: 256 hashes wide, each tile of a level
// above made of the roots of the full tiles below.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileBytes  = tileWidth * tlog.HashSize
)

// tile is a run of up to 256 consecutive hashes of one level of tiles. A
// narrower tile is a prefix of the wider one that replaces it, so that only the
// widest needs to be kept.
type tile struct {
	level  int
	n      int64
	hashes []byte
}

// tree is the right edge of a Merkle tree, all that is needed to append to it:
// for every level of tiles the hashes that do not fill a tile yet. The zero
// value is the empty tree.
type tree struct {
	size int64
	edge [][]byte
}

// grow returns the tree with the leaves appended, and the tiles in which the
// two differ. The receiver stays as it is, for a round that is rolled back.
func (t tree) grow(leaves []tlog.Hash) (tree, []tile) {
	next := tree{size: t.size}
	for _, hashes := range t.edge {
		next.edge = append(next.edge, slices.Clone(hashes))
	}
	var changed []tile
	for _, leaf := range leaves {
		next.size++
		changed = next.push(0, leaf, changed)
	}
	for level, hashes := range next.edge {
		grew := next.count(level) != t.count(level)
		if grew && len(hashes) > 0 {
			changed = append(changed, tile{level, next.count(level) / tileWidth, hashes})
		}
	}
	return next, changed
}

// count is the number of hashes at a level of tiles.
func (t tree) count(level int) int64 { return t.size >> (tileHeight * level) }

// push adds a hash at a level; a tile that becomes full goes to full, and its
// root up one level.
func (t *tree) push(level int, h tlog.Hash, full []tile) []tile {
	if level == len(t.edge) {
		t.edge = append(t.edge, nil)
	}
	t.edge[level] = append(t.edge[level], h[:]...)
	if len(t.edge[level]) < tileBytes {
		return full
	}
	done := tile{level, t.count(level)/tileWidth - 1, t.edge[level]}
	t.edge[level] = make([]byte, 0, tileBytes)
	return t.push(level+1, fold(done.hashes), append(full, done))
}

// fold is the root of a run of 2ⁿ hashes.
func fold(hashes []byte) tlog.Hash {
	if len(hashes) == tlog.HashSize {
		return tlog.Hash(hashes)
	}
	half := len(hashes) / 2
	return tlog.NodeHash(fold(hashes[:half]), fold(hashes[half:]))
}

// root is the tree's root hash (RFC 6962 §2.1).
func (t tree) root() (tlog.Hash, error) {
	return tlog.TreeHash(t.size, tlog.HashReaderFunc(t.readEdge))
}

// readEdge reads hashes that lie in the partial tiles, as all do that a root is
// made of: the subtrees that a size consists of end at the right edge.
func (t tree) readEdge(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		at := tlog.TileForIndex(tileHeight, index)
		if at.L >= len(t.edge) || at.N != t.count(at.L)/tileWidth {
			return nil, fmt.Errorf("hash %d is in tile %s, not at the right edge of a tree of %d", index, at.Path(), t.size)
		}
		var err error
		if hashes[i], err = tlog.HashFromTile(at, t.edge[at.L], index); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}
