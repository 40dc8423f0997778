package queuetest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/queue"
)

// ledger is a source in memory, whose faults a test controls.
type ledger struct {
	mu      sync.Mutex
	entries []queue.Message
	fault   error         // what each call answers
	page    int           // largest page; 0: as asked
	hang    chan struct{} // calls wait until it is closed; nil: they do not
}

// subjects of the entries, in turn.
var subjects = [...]string{"a", "b", "c"}

// add appends n entries and returns them. The payload is "<subject> <index>".
func (l *ledger) add(n int) []queue.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	for range n {
		i := len(l.entries)
		l.entries = append(l.entries, queue.Message{
			Index:   int64(i),
			Payload: fmt.Appendf(nil, "%s %d", subjects[i%len(subjects)], i),
		})
	}
	return l.entries[len(l.entries)-n:]
}

// put appends one entry with a payload of choice.
func (l *ledger) put(m queue.Message) queue.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.Index = int64(len(l.entries))
	l.entries = append(l.entries, m)
	return m
}

func (l *ledger) all() []queue.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.entries[:len(l.entries):len(l.entries)]
}

// set changes the faults under the lock.
func (l *ledger) set(change func(*ledger)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

func (l *ledger) enter(ctx context.Context) error {
	l.mu.Lock()
	hang, err := l.hang, l.fault
	l.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return err
}

func (l *ledger) Size(ctx context.Context) (int64, error) {
	if err := l.enter(ctx); err != nil {
		return 0, err
	}
	return int64(len(l.all())), nil
}

func (l *ledger) Entries(ctx context.Context, from int64, limit int) ([]queue.Message, error) {
	// The page is taken before a hang: what comes out after it is stale.
	l.mu.Lock()
	if l.page > 0 {
		limit = min(limit, l.page)
	}
	size := int64(len(l.entries))
	page := l.entries[min(from, size):min(from+int64(limit), size)]
	l.mu.Unlock()
	return page, l.enter(ctx)
}

// subjectOf reads the subject from a payload.
func subjectOf(m queue.Message) string {
	subject, _, _ := strings.Cut(string(m.Payload), " ")
	return subject
}

var unavailable = fault.New(fault.Unavailable, "even-niet", fault.Text{NL: "Even niet.", EN: "not now"})
