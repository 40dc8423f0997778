package signals

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/rpc"
)

// lastAnswers is how long before the end of a stream's time nothing more is read,
// so that what was read can be acknowledged.
const lastAnswers = 30 * time.Second

// errReconnect ends a stream that may go on elsewhere.
var errReconnect = fault.New(fault.Unavailable, "opnieuw-verbinden", fault.Text{
	NL: "Deze verbinding eindigt; alles wat is gelezen, is beantwoord. Open een nieuwe en ga daar verder.",
	EN: "this stream ends; all that was read is acknowledged; open another and go on there",
})

type submissions = grpc.BidiStreamingServer[signalsv1.SubmitSignalsRequest, signalsv1.SubmitSignalsResponse]

// SubmitSignals acknowledges while it reads: a client that does not read its
// acknowledgements stops being read, and holds up nobody else.
func (s *server) SubmitSignals(calls submissions) error {
	ctx := calls.Context()
	grant, _ := access.From(ctx)
	st := s.Stream(grant)
	// Both end with ctx, if not before.
	go func() { st.End(rpc.Recovered(func() error { return s.read(calls, st) })) }()
	go func() { st.End(lastCall(ctx)) }()

	r := results{}
	for {
		outcomes, err := st.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			result, err := r.next(ctx, o)
			if err != nil {
				return err
			}
			if err := calls.Send(&signalsv1.SubmitSignalsResponse{Result: result}); err != nil {
				return err
			}
		}
	}
}

// read hands in what the client sends; it returns why there is no more.
func (s *server) read(calls submissions, st *Stream) error {
	for {
		m, err := calls.Recv()
		if err != nil {
			return err
		}
		if err := st.Submit(calls.Context(), s.incoming(m.GetSignal(), m.GetValidateOnly())); err != nil {
			return err
		}
	}
}

// lastCall waits until a stream should end by itself: its time is nearly over, or
// the server stops.
func lastCall(ctx context.Context) error {
	var over <-chan time.Time
	if deadline, limited := ctx.Deadline(); limited {
		left := time.Until(deadline)
		timer := time.NewTimer(max(left-lastAnswers, left/2))
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-rpc.Stopping(ctx):
	case <-ctx.Done():
		return ctx.Err()
	}
	return errReconnect
}
