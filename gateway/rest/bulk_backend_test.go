package rest_test

import (
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// intake takes in batches as the service does, and notes how they come.
type intake struct {
	keeping sync.Mutex
	offered map[string]int // how often a signal came, by its reference
	batches []int          // the sizes of the batches
	largest int            // bytes of the largest
	now     int            // calls in progress
	most    int            // the most of them at once

	failing     error // see fail
	failingEach bool

	// The hooks, nil for none: of a call before anything is stored and after,
	// and of a signal before it is stored.
	before, after func(context.Context) error
	each          func(*signalsv1.Signal) error
	distort       func(*signalsv1.BatchSubmitSignalsRequest, *signalsv1.BatchSubmitSignalsResponse)
	export        func(*signalsv1.ExportSignalsRequest, grpc.ServerStreamingServer[signalsv1.ExportSignalsResponse]) error
}

// report is what was noted: again is how often a signal came that had come
// before, total how many were sent, and size the most in a batch.
type report struct{ signals, again, total, batches, size, most, largest int }

func (i *intake) report() report {
	i.keeping.Lock()
	defer i.keeping.Unlock()
	r := report{signals: len(i.offered), batches: len(i.batches), size: slices.Max(append(i.batches, 0)), most: i.most, largest: i.largest}
	for _, n := range i.offered {
		r.again += n - 1
	}
	for _, n := range i.batches {
		r.total += n
	}
	return r
}

// enter counts a call in, and gives what counts it out.
func (i *intake) enter(r *signalsv1.BatchSubmitSignalsRequest) (leave func()) {
	i.keeping.Lock()
	defer i.keeping.Unlock()
	if i.offered == nil {
		i.offered = map[string]int{}
	}
	i.batches = append(i.batches, len(r.GetSignals()))
	i.largest = max(i.largest, proto.Size(r))
	i.now++
	i.most = max(i.most, i.now)
	return func() {
		i.keeping.Lock()
		defer i.keeping.Unlock()
		i.now--
	}
}

// BatchSubmitSignals answers for each signal as SubmitSignal does.
func (s *signals) BatchSubmitSignals(ctx context.Context, r *signalsv1.BatchSubmitSignalsRequest) (*signalsv1.BatchSubmitSignalsResponse, error) {
	defer s.enter(r)()
	if err := s.note(ctx, nil); err != nil {
		return nil, err
	}
	if s.before != nil {
		if err := s.before(ctx); err != nil {
			return nil, err
		}
	}
	response := &signalsv1.BatchSubmitSignalsResponse{}
	for n, signal := range r.GetSignals() {
		result := &signalsv1.SubmitResult{Number: int32(n + 1), ExternalReference: signal.GetExternalReference()}
		if a, err := s.take(signal, r.GetValidateOnly()); err != nil {
			result.Outcome = &signalsv1.SubmitResult_Fault{Fault: status.Convert(err).Proto()}
		} else {
			result.Outcome = &signalsv1.SubmitResult_Accepted{Accepted: a}
		}
		response.Results = append(response.Results, result)
	}
	if s.distort != nil {
		s.distort(r, response)
	}
	if s.after != nil {
		return response, s.after(ctx)
	}
	return response, nil
}

// take takes one signal in. One that comes again was stored before.
func (s *signals) take(signal *signalsv1.Signal, trial bool) (*signalsv1.Acceptance, error) {
	if s.each != nil {
		if err := s.each(signal); err != nil {
			return nil, err
		}
	}
	response, err := verdict(&signalsv1.SubmitSignalRequest{Signal: signal})
	if err != nil || trial {
		return &signalsv1.Acceptance{RepeatedSubmission: response.GetRepeatedSubmission()}, err
	}
	s.keeping.Lock()
	defer s.keeping.Unlock()
	reference := signal.GetExternalReference()
	s.offered[reference]++
	id := uuid.NewSHA1(uuid.Nil, []byte(reference)).String()
	at := &timestamppb.Timestamp{Seconds: 1767225600}
	return &signalsv1.Acceptance{
		Id: id, ReceivedAt: at, RepeatedSubmission: response.GetRepeatedSubmission() || s.offered[reference] > 1,
		Receipt: &ledgerv1.Receipt{Origin: "voorbeeld.nl/signalen", EntryId: id, LeafHash: []byte("hash"), AcceptedAt: at, Note: "schakel receipt v1\n"},
	}, nil
}

// ExportSignals streams what its test wants.
func (s *signals) ExportSignals(r *signalsv1.ExportSignalsRequest, stream grpc.ServerStreamingServer[signalsv1.ExportSignalsResponse]) error {
	if err := s.note(stream.Context(), r); err != nil {
		return err
	}
	if s.export == nil {
		return status.Error(codes.Unimplemented, "no export")
	}
	return s.export(r, stream)
}
