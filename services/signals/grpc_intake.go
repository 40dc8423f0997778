package signals

import (
	"context"
	"reflect"
	"slices"

	"google.golang.org/genproto/googleapis/rpc/status"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/rules"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
	"schakel.example/services/internal/rpc"
	"schakel.example/services/reference"
	"schakel.example/services/reference/refproto"
)

// admit reads a signal that came in, and holds it to everything at once. More
// faults may have been found otherwise.
func (s *server) admit(m *signalsv1.Signal, more ...fault.Field) (Signal, error) {
	if m == nil {
		m = &signalsv1.Signal{}
	}
	good := form.Good(s.rules, m)
	if !good {
		// Nobody looks at half a million provisions; but at the reference, which may
		// be told again.
		if tooLong := s.rules.TooLong("signal", m); len(tooLong) > 0 {
			return Signal{Organisation: m.GetOrganisation(), ExternalReference: m.GetExternalReference()},
				form.ErrInvalid.With(append(form.Fields(tooLong), s.ofReference(m.GetExternalReference())...)...)
		}
	}
	c := s.data.Checklist(reference.DutchDate(s.Now()))
	signal := fromProto(m, c)
	signal.Check(c)
	found := append(c.Faults(), more...)
	if good && len(found) == 0 {
		return signal, nil
	}
	return signal, form.Check(s.rules, "signal", m, found)
}

// ofReference is what is wrong with a reference by itself.
func (s *server) ofReference(reference string) (found []fault.Field) {
	err := form.Check(s.rules, "signal", &signalsv1.Signal{ExternalReference: reference}, nil)
	for _, f := range fault.Of(err).Fields { // the rest lacks, of course
		if f.Path == atReference {
			found = append(found, f)
		}
	}
	return found
}

func (s *server) incoming(m *signalsv1.Signal, trial bool) Incoming {
	var early []fault.Field
	if m.GetAmendmentReason() != "" {
		early = append(early, fault.Field{Path: "amendment_reason", Reason: "alleen-bij-wijziging", Text: fault.Text{
			NL: "hoort bij een wijziging; laat het weg bij een nieuw signaal", EN: "belongs to an amendment; leave it out of a new signal",
		}})
	}
	signal, err := s.admit(m, early...)
	in := Incoming{Signal: signal, Fault: err, Trial: trial}
	if err != nil {
		in.Partial = slices.ContainsFunc(fault.Of(err).Fields, func(f fault.Field) bool {
			return f.Reason == rules.Unknown || f.Reason == rules.MaxItems
		})
	}
	return in
}

func (s *server) SubmitSignal(ctx context.Context, req *signalsv1.SubmitSignalRequest) (*signalsv1.SubmitSignalResponse, error) {
	grant, _ := access.From(ctx)
	accepted, err := s.Submit(ctx, grant, s.incoming(req.GetSignal(), req.GetValidateOnly()))
	if err != nil {
		return nil, err
	}
	receipt, err := receiptToProto(accepted.Receipt)
	if err != nil {
		return nil, err
	}
	return &signalsv1.SubmitSignalResponse{
		Signal: toProto(accepted.Signal), Receipt: receipt, RepeatedSubmission: accepted.Repeated,
	}, nil
}

func (s *server) BatchSubmitSignals(ctx context.Context, req *signalsv1.BatchSubmitSignalsRequest) (*signalsv1.BatchSubmitSignalsResponse, error) {
	grant, _ := access.From(ctx)
	all := make([]Incoming, len(req.GetSignals()))
	for i, m := range req.GetSignals() {
		all[i] = s.incoming(m, req.GetValidateOnly())
	}
	outcomes, err := s.SubmitAll(ctx, grant, all)
	if err != nil {
		return nil, err
	}
	r := results{}
	out := &signalsv1.BatchSubmitSignalsResponse{Results: make([]*signalsv1.SubmitResult, len(outcomes))}
	for i, o := range outcomes {
		if out.Results[i], err = r.next(ctx, o); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// results tells what became of signals, one after another.
type results struct {
	number int32
	// told is how the last fault was told: many signals may share one, and it is
	// logged once.
	fault error
	told  *status.Status
}

// next tells what became of the next signal.
func (r *results) next(ctx context.Context, o Outcome) (*signalsv1.SubmitResult, error) {
	r.number++
	result := &signalsv1.SubmitResult{Number: r.number, ExternalReference: o.ExternalReference}
	if o.Err != nil {
		if !reflect.TypeOf(o.Err).Comparable() || o.Err != r.fault {
			r.fault, r.told = o.Err, rpc.ItemStatus(ctx, o.Err).Proto()
		}
		result.Outcome = &signalsv1.SubmitResult_Fault{Fault: r.told}
		if names(o.Err, atReference) {
			result.ExternalReference = "" // it may say what nobody may say again
		}
		return result, nil
	}
	receipt, err := receiptToProto(o.Receipt)
	result.Outcome = &signalsv1.SubmitResult_Accepted{Accepted: &signalsv1.Acceptance{
		Id: o.ID, ReceivedAt: refproto.Timestamp(o.ReceivedAt), Receipt: receipt, RepeatedSubmission: o.Repeated,
		ContentHash: o.Digest,
	}}
	return result, err
}

// atReference is the path of a signal's reference in what is submitted.
const atReference = "signal.external_reference"

// names says whether a fault is about a field.
func names(err error, path string) bool {
	return slices.ContainsFunc(fault.Of(err).Fields, func(f fault.Field) bool { return f.Path == path })
}
