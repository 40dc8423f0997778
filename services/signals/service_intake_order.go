package signals

import (
	"crypto/sha256"
	"hash/maphash"

	"schakel.example/services/internal/fault"
)

// hand is what a caller handed in under one key.
type hand struct {
	key  Key
	wake chan<- struct{} // which every call and every stream has of its own
}

// stumble lets what waits behind drafts that may not have been stored come to the
// same, if it is under the same key from the same caller: whoever submits all of
// it again shall find that what was first still is. The drafts are underway.
func (l *lanes) stumble(drafts []*draft) {
	var fallen map[hand]error
	for _, d := range drafts {
		if d.err != nil && fault.Of(d.err).Kind.Retryable() {
			if fallen == nil {
				fallen = map[hand]error{}
			}
			fallen[hand{d.key(), d.wake}] = d.err
		}
	}
	if fallen == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, own := range l.byOwner {
		for _, d := range own.drafts {
			if err := fallen[hand{d.key(), d.wake}]; err != nil {
				d.err = err
			}
		}
	}
}

// maxTried is how many keys a stream of trials remembers, which takes some MiB.
const maxTried = 1 << 16

// tried are the keys that trials of one stream took, and by what: they are in no
// store that the next could be held to. A nil one remembers nothing.
type tried struct {
	seed    maphash.Seed
	digests map[uint64][sha256.Size]byte // by key, as hash
}

func (t *tried) holds(key Key) (Accepted, bool) {
	if t == nil || t.digests == nil {
		return Accepted{}, false
	}
	digest, ok := t.digests[maphash.Comparable(t.seed, key)]
	return Accepted{Digest: digest[:], Current: digest[:]}, ok
}

func (t *tried) take(d *draft) {
	if t == nil || len(t.digests) == maxTried {
		return
	}
	if t.digests == nil {
		t.seed, t.digests = maphash.MakeSeed(), map[uint64][sha256.Size]byte{}
	}
	t.digests[maphash.Comparable(t.seed, d.key())] = [sha256.Size]byte(d.digest)
}
