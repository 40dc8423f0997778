package edition

import (
	"context"
	"fmt"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/feed"
	"schakel.example/services/reference/refproto"
)

// Remote is a ledger that is read over gRPC, from the service that keeps it.
type Remote struct {
	feed.Source
	client ledgerv1.LedgerServiceClient
}

// NewRemote makes the ledger behind a client that may list its entries.
func NewRemote(client ledgerv1.LedgerServiceClient) Remote {
	return Remote{feed.NewSource(client), client}
}

// Checkpoint implements Ledger.
func (r Remote) Checkpoint(ctx context.Context) (ledger.Checkpoint, error) {
	response, err := r.client.GetCheckpoint(ctx, &ledgerv1.GetCheckpointRequest{})
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	m := response.GetCheckpoint()
	if len(m.GetRootHash()) != 32 {
		return ledger.Checkpoint{}, fmt.Errorf("the checkpoint of %s has a root of %d bytes", m.GetOrigin(), len(m.GetRootHash()))
	}
	return ledger.Checkpoint{
		Origin: m.GetOrigin(), Size: int64(m.GetSize()), Root: [32]byte(m.GetRootHash()),
		Note: []byte(m.GetNote()), SignedAt: refproto.Time(m.GetSignedAt()),
	}, nil
}
