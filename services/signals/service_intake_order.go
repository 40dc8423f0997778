package signals

import "schakel.example/services/internal/fault"

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
