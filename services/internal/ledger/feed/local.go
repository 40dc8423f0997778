package feed

import (
	"context"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
)

// localPage is how many entries Local reads at a time, so that large ones do not
// all lie in memory at once.
const localPage = 100

// Local reads a ledger in the reader's own database, for a service that applies
// what it wrote itself.
type Local struct{ log *ledger.Reader }

// NewLocal makes the queue.Source of a ledger in this process.
func NewLocal(log *ledger.Reader) Local { return Local{log} }

// Size implements queue.Source.
func (l Local) Size(ctx context.Context) (int64, error) {
	c, err := l.log.Checkpoint(ctx)
	return c.Size, err
}

// Entries implements queue.Source.
func (l Local) Entries(ctx context.Context, from int64, limit int) (messages []queue.Message, err error) {
	for size := 0; len(messages) < limit && size < pageBytes; {
		at := from + int64(len(messages))
		some, err := l.log.Entries(ctx, at, min(localPage, limit-len(messages)))
		if err != nil || len(some) == 0 {
			return messages, err
		}
		for _, e := range some {
			size += len(e.Payload)
			messages = append(messages, queue.Message{Index: e.Index, Payload: e.Payload, Erased: e.Erased})
		}
	}
	return messages, nil
}
