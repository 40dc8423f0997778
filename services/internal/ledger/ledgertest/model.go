package ledgertest

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/ledger"
)

// model is a Merkle tree as tlog itself keeps it: every hash in one list. It
// shares nothing with the tiles of package ledger.
type model []tlog.Hash

func newModel(entries []ledger.Sequenced) *model {
	var m model
	for i, e := range entries {
		added, err := tlog.StoredHashesForRecordHash(int64(i), e.LeafHash, &m)
		if err != nil {
			panic(err)
		}
		m = append(m, added...)
	}
	return &m
}

// ReadHashes implements tlog.HashReader.
func (m *model) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = (*m)[x]
	}
	return hashes, nil
}

func (m *model) root(tb testing.TB, size int64) tlog.Hash {
	tb.Helper()
	root, err := tlog.TreeHash(size, m)
	if err != nil {
		tb.Fatal(err)
	}
	return root
}
