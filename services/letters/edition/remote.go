package edition

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"golang.org/x/mod/sumdb/tlog"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference/refproto"
)

// Remote is a ledger that is read over gRPC, from the service that keeps it.
type Remote struct{ client ledgerv1.LedgerServiceClient }

// NewRemote makes the ledger behind a client that may list its entries.
func NewRemote(client ledgerv1.LedgerServiceClient) Remote { return Remote{client} }

// Checkpoint implements Ledger.
func (r Remote) Checkpoint(ctx context.Context) (ledger.Checkpoint, error) {
	response, err := r.client.GetCheckpoint(ctx, &ledgerv1.GetCheckpointRequest{})
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	m := response.GetCheckpoint()
	if len(m.GetRootHash()) != tlog.HashSize {
		return ledger.Checkpoint{}, fmt.Errorf("the checkpoint of %s has a root of %d bytes", m.GetOrigin(), len(m.GetRootHash()))
	}
	return ledger.Checkpoint{
		Origin: m.GetOrigin(), Size: int64(m.GetSize()), Root: tlog.Hash(m.GetRootHash()),
		Note: []byte(m.GetNote()), SignedAt: refproto.Time(m.GetSignedAt()),
	}, nil
}

// pageBytes is how much payload Entries collects before it answers with less
// than was asked for.
const pageBytes = 4 << 20

// Entries implements Ledger.
func (r Remote) Entries(ctx context.Context, from int64, limit int) ([]Entry, error) {
	if from < 0 || from > math.MaxInt32 || limit < 1 || limit > math.MaxInt32 {
		return nil, fmt.Errorf("%d entries from %d are out of range", limit, from)
	}
	// Ends the stream also when it is left early.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := r.client.ListEntries(ctx, &ledgerv1.ListEntriesRequest{From: int32(from), Limit: int32(limit)})
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for size := 0; size < pageBytes; {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, m := range response.GetEntries() {
			size += len(m.GetPayload())
			e, err := entryOf(m)
			if err != nil {
				return nil, err
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// entryOf takes from a message what is to be told, and hashes just that.
func entryOf(m *ledgerv1.Entry) (Entry, error) {
	e := Entry{Index: int64(m.GetIndex()), Erased: m.GetErased()}
	var whole ledger.Entry
	switch {
	case e.Erased && len(m.GetLeafHash()) == tlog.HashSize:
		e.Leaf = tlog.Hash(m.GetLeafHash())
	case !e.Erased && len(m.GetSalt()) == len(whole.Salt):
		e.Payload = m.GetPayload()
		whole.Salt, whole.Payload = [32]byte(m.GetSalt()), e.Payload
		e.Leaf = whole.Leaf()
	default:
		return Entry{}, fmt.Errorf("entry %d has no salt, or its hash is not one", e.Index)
	}
	return e, nil
}
