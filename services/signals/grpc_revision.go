package signals

import (
	"context"
	"errors"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
	"schakel.example/services/reference/refproto"
)

// maxAmends bounds how often an amendment without an expected revision is
// applied anew because the signal was changed meanwhile.
const maxAmends = 5

func (s *server) AmendSignal(ctx context.Context, req *signalsv1.AmendSignalRequest) (*signalsv1.AmendSignalResponse, error) {
	grant, _ := access.From(ctx)
	for try := 1; ; try++ {
		stored, err := s.GetOwn(ctx, grant, req.GetId())
		if err != nil {
			return nil, err
		}
		content, err := s.amended(stored.Signal, req)
		if err != nil {
			return nil, err
		}
		expected := int(req.GetExpectedRevision())
		switch read := stored.Signal.Revision; {
		case expected == 0:
			expected = read
		case expected > read: // the content is not of that one
			return nil, ErrOvertaken.About(req.GetId())
		}
		revision, err := s.Amend(ctx, grant, req.GetId(), expected, content)
		if errors.Is(err, ErrOvertaken) && req.GetExpectedRevision() == 0 && try < maxAmends {
			continue
		}
		if err != nil {
			return nil, err
		}
		out := &signalsv1.AmendSignalResponse{Signal: toProto(revision.Signal)}
		out.Receipt, err = receiptToProto(revision.Receipt)
		return out, err
	}
}

// amended is the content of a signal with the fields of the request taken over,
// held to everything at once.
func (s *server) amended(now Signal, req *signalsv1.AmendSignalRequest) (Signal, error) {
	m := toProto(submitted(now))
	change := req.GetSignal()
	if change == nil {
		change = &signalsv1.Signal{}
	}
	if err := form.Amend(m, change, req.GetUpdateMask()); err != nil {
		return Signal{}, err
	}
	var more []fault.Field
	for path, kept := range map[string]bool{
		"organisation":       m.GetOrganisation() == now.Organisation,
		"external_reference": m.GetExternalReference() == now.ExternalReference,
	} {
		if !kept {
			more = append(more, fault.Field{Path: path, Reason: "onveranderlijk", Text: fault.Text{
				NL: "kan niet worden gewijzigd", EN: "cannot be changed",
			}})
		}
	}
	if m.GetAmendmentReason() == "" {
		more = append(more, fault.Field{Path: "amendment_reason", Reason: "required", Text: fault.Text{
			NL: "ontbreekt: zeg waarom het signaal wordt gewijzigd", EN: "is missing: say why the signal is amended",
		}})
	}
	return s.admit(m, more...)
}

func (s *server) WithdrawSignal(ctx context.Context, req *signalsv1.WithdrawSignalRequest) (*signalsv1.WithdrawSignalResponse, error) {
	grant, _ := access.From(ctx)
	revision, err := s.Withdraw(ctx, grant, req.GetId(), int(req.GetExpectedRevision()), req.GetReason())
	if err != nil {
		return nil, err
	}
	out := &signalsv1.WithdrawSignalResponse{Signal: toProto(revision.Signal)}
	out.Receipt, err = receiptToProto(revision.Receipt)
	return out, err
}

func (s *server) GetReceipt(ctx context.Context, req *signalsv1.GetReceiptRequest) (*signalsv1.GetReceiptResponse, error) {
	grant, _ := access.From(ctx)
	entry, err := s.Receipt(ctx, grant, req.GetId(), int(req.GetRevision()))
	if err != nil {
		return nil, err
	}
	receipt, err := receiptToProto(entry.Receipt)
	if err != nil {
		return nil, err
	}
	return &signalsv1.GetReceiptResponse{Receipt: receipt, Payload: entry.Payload}, nil
}

func (s *server) ListSignalRevisions(ctx context.Context, req *signalsv1.ListSignalRevisionsRequest) (*signalsv1.ListSignalRevisionsResponse, error) {
	grant, _ := access.From(ctx)
	all, err := s.History(ctx, grant, req.GetId())
	if err != nil {
		return nil, err
	}
	out := &signalsv1.ListSignalRevisionsResponse{}
	for _, p := range all {
		r := &signalsv1.SignalRevision{Number: int32(p.Revision), LeafHash: p.Leaf, Erased: p.Payload == nil}
		if !r.Erased {
			r.MadeAt, r.Event, r.Signal = refproto.Timestamp(p.At), p.Event, toProto(p.Signal)
		}
		out.Revisions = append(out.Revisions, r)
	}
	return out, nil
}
