package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
)

// Stream is where entries are published; *queue.Stream is one.
type Stream interface {
	// Publish appends messages in the order given; a repetition is harmless.
	Publish(ctx context.Context, messages []queue.Message) error
	// Erase removes messages; those that are not there are gone already.
	Erase(ctx context.Context, indexes []int64) error
}

// Publisher publishes a ledger's entries in a stream.
type Publisher struct{ stream Stream }

// NewPublisher makes the ledger.Publisher of a stream.
func NewPublisher(s Stream) Publisher { return Publisher{s} }

// Publish implements ledger.Publisher.
func (p Publisher) Publish(ctx context.Context, entries []ledger.Sequenced) error {
	messages := make([]queue.Message, len(entries))
	for i, e := range entries {
		messages[i] = queue.Message{Index: e.Index, Payload: e.Payload, Erased: e.Erased}
	}
	return p.stream.Publish(ctx, messages)
}

// Erase implements ledger.Publisher.
func (p Publisher) Erase(ctx context.Context, indexes []int64) error {
	return p.stream.Erase(ctx, indexes)
}

// pageBytes is how much payload Entries collects before it answers with less
// than was asked for.
const pageBytes = 4 << 20

// Source reads a ledger over gRPC for whoever applies it.
type Source struct {
	client ledgerv1.LedgerServiceClient
}

// NewSource makes the queue.Source of a service's ledger. The client must be
// allowed to list entries.
func NewSource(client ledgerv1.LedgerServiceClient) Source { return Source{client} }

// Size implements queue.Source.
func (s Source) Size(ctx context.Context) (int64, error) {
	r, err := s.client.GetCheckpoint(ctx, &ledgerv1.GetCheckpointRequest{})
	if err != nil {
		return 0, err
	}
	return int64(r.GetCheckpoint().GetSize()), nil
}

// Entries implements queue.Source.
func (s Source) Entries(ctx context.Context, from int64, limit int) ([]queue.Message, error) {
	if from < 0 || from > math.MaxInt32 || limit < 1 || limit > math.MaxInt32 {
		return nil, fmt.Errorf("feed: %d entries from %d are out of range", limit, from)
	}
	// Ends the stream also when it is left early.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := s.client.ListEntries(ctx, &ledgerv1.ListEntriesRequest{From: int32(from), Limit: int32(limit)})
	if err != nil {
		return nil, err
	}
	var messages []queue.Message
	for size := 0; size < pageBytes; {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, e := range r.GetEntries() {
			size += len(e.GetPayload())
			messages = append(messages, queue.Message{Index: int64(e.GetIndex()), Payload: e.GetPayload(), Erased: e.GetErased()})
		}
	}
	return messages, nil
}
