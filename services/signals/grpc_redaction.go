package signals

import (
	"context"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
)

// errWhich says that positions were given without the text that they are of.
var errWhich = form.ErrInvalid.With(fault.Field{Path: "expected_revision", Reason: "required", Text: fault.Text{
	NL: "ontbreekt: zeg in welke revisie van het signaal de plaatsen zijn geteld",
	EN: "is missing: say in which revision of the signal the places were counted",
}})

func (s *server) RedactSignal(ctx context.Context, req *signalsv1.RedactSignalRequest) (*signalsv1.RedactSignalResponse, error) {
	grant, _ := access.From(ctx)
	if req.GetExpectedRevision() == 0 {
		return nil, errWhich
	}
	places := make([]Place, len(req.GetPlaces()))
	for i, p := range req.GetPlaces() {
		places[i] = Place{Field: p.GetField(), First: int(p.GetFirst()), Last: int(p.GetLast())}
	}
	done, err := s.Redact(ctx, grant, req.GetId(), int(req.GetExpectedRevision()), places, req.GetGround())
	if err != nil {
		return nil, err
	}
	out := &signalsv1.RedactSignalResponse{Signal: toProto(done.Signal)}
	if grant.Role == access.Beheerder { // who removes what others point at, and reads no signals
		out.Signal = &signalsv1.Signal{
			Id: done.Signal.ID, Revision: int32(done.Signal.Revision), RedactedAt: out.GetSignal().GetRedactedAt(),
		}
	}
	for _, e := range done.Erased {
		out.Erased = append(out.Erased, erasedToProto(e))
	}
	out.Receipt, err = receiptToProto(done.Receipt)
	return out, err
}
