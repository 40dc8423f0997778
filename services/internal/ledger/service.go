package ledger

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
)

// Register serves the LedgerService of one log. Who may call it is declared in
// the proto and held by the server's chain; whoever may list entries sees all.
func Register(server grpc.ServiceRegistrar, r *Reader) {
	ledgerv1.RegisterLedgerServiceServer(server, service{reader: r})
}

// Bounds of a message of the entry stream: entries, and bytes of payload. Well
// below the 4 MiB that a gRPC client accepts by default.
const (
	streamEntries = 100
	streamBytes   = 1 << 20
)

type service struct {
	ledgerv1.UnsafeLedgerServiceServer
	reader *Reader
}

// GetCheckpoint implements ledgerv1.LedgerServiceServer.
func (s service) GetCheckpoint(ctx context.Context, _ *ledgerv1.GetCheckpointRequest) (*ledgerv1.GetCheckpointResponse, error) {
	c, err := s.reader.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return &ledgerv1.GetCheckpointResponse{Checkpoint: &ledgerv1.Checkpoint{
		Origin: c.Origin, Size: int32(c.Size), RootHash: c.Root[:], Note: string(c.Note),
		SignedAt: timestamppb.New(c.SignedAt),
	}}, nil
}

// ListEntries implements ledgerv1.LedgerServiceServer.
func (s service) ListEntries(req *ledgerv1.ListEntriesRequest, stream grpc.ServerStreamingServer[ledgerv1.ListEntriesResponse]) error {
	c, err := s.reader.Checkpoint(stream.Context())
	if err != nil {
		return err
	}
	from, end := int64(req.GetFrom()), c.Size
	if limit := int64(req.GetLimit()); limit > 0 {
		end = min(end, from+limit)
	}
	for from < end {
		entries, err := s.reader.between(stream.Context(), from, min(from+streamEntries, end))
		if err != nil {
			return err
		}
		from += int64(len(entries))
		for len(entries) > 0 {
			var message *ledgerv1.ListEntriesResponse
			message, entries = nextMessage(entries)
			if err := stream.Send(message); err != nil {
				return err
			}
		}
	}
	return nil
}

// nextMessage takes as many entries as fit in a message, at least one.
func nextMessage(entries []Sequenced) (*ledgerv1.ListEntriesResponse, []Sequenced) {
	message, size := new(ledgerv1.ListEntriesResponse), 0
	for i := range entries {
		e := &entries[i]
		if size += len(e.Payload); i > 0 && size > streamBytes {
			return message, entries[i:]
		}
		entry := &ledgerv1.Entry{
			Index: int32(e.Index), Id: e.ID, Subject: e.Subject, Revision: int32(e.Revision),
			Payload: e.Payload, LeafHash: e.LeafHash[:], Erased: e.Erased,
		}
		if !e.Erased {
			entry.Salt = e.Salt[:]
		}
		message.Entries = append(message.Entries, entry)
	}
	return message, nil
}

// GetInclusionProof implements ledgerv1.LedgerServiceServer.
func (s service) GetInclusionProof(ctx context.Context, req *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
	leaf, path, err := s.reader.Inclusion(ctx, int64(req.GetIndex()), int64(req.GetSize()))
	if err != nil {
		return nil, err
	}
	return &ledgerv1.GetInclusionProofResponse{Path: hashBytes(path), LeafHash: leaf[:]}, nil
}

// GetConsistencyProof implements ledgerv1.LedgerServiceServer.
func (s service) GetConsistencyProof(ctx context.Context, req *ledgerv1.GetConsistencyProofRequest) (*ledgerv1.GetConsistencyProofResponse, error) {
	path, err := s.reader.Consistency(ctx, int64(req.GetFrom()), int64(req.GetTo()))
	if err != nil {
		return nil, err
	}
	return &ledgerv1.GetConsistencyProofResponse{Path: hashBytes(path)}, nil
}
