package edition

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// tree is a Merkle tree (RFC 6962 §2.1) of which only the root is wanted: it
// keeps the roots of the full subtrees that its size consists of, the largest
// first. The zero value is the empty tree.
type tree struct {
	size  int64
	roots []tlog.Hash
}

// push adds a leaf. Two subtrees of the same size become one.
func (t *tree) push(leaf tlog.Hash) {
	t.size++
	for n := t.size; n%2 == 0; n /= 2 {
		last := len(t.roots) - 1
		leaf = tlog.NodeHash(t.roots[last], leaf)
		t.roots = t.roots[:last]
	}
	t.roots = append(t.roots, leaf)
}

// root is the hash of the whole tree; of the empty one that of nothing.
func (t *tree) root() tlog.Hash {
	if t.size == 0 {
		return sha256.Sum256(nil)
	}
	last := len(t.roots) - 1
	root := t.roots[last]
	for i := last - 1; i >= 0; i-- {
		root = tlog.NodeHash(t.roots[i], root)
	}
	return root
}
