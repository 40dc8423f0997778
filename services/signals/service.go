package signals

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// Config is what the service works with.
type Config struct {
	DB     *sqldb.DB
	Store  Store
	Log    *ledger.Log
	Signer *ledger.Signer
	// Source names this system in events: a URN in the NID nld.
	Source string
	Now    func() time.Time
	// NewID makes a UUIDv7.
	NewID func() string
	// NewRandomID makes a UUIDv4, for what must tell no time; uuid.NewString if
	// nil.
	NewRandomID func() string
}

// Service is the use cases of signals.
type Service struct {
	Config
	intake *intake
}

// New makes the service. It accepts signals while Run runs.
func New(c Config) *Service {
	if c.NewRandomID == nil {
		c.NewRandomID = uuid.NewString
	}
	return &Service{Config: c, intake: newIntake(c)}
}

// Run commits what is submitted until ctx ends, and then what still waits.
func (s *Service) Run(ctx context.Context) error { return s.intake.run(ctx) }

// Waiting is how many submissions wait for a commit: a full intake refuses more.
func (s *Service) Waiting() int { return len(s.intake.waiting) }

// Submission is what was accepted.
type Submission struct {
	Signal  Signal
	Receipt []byte
	// Repeated says that it had been accepted before.
	Repeated bool
}

var (
	errForeign = fault.New(fault.Denied, "andere-organisatie", fault.Text{
		NL: "U kunt alleen signalen van uw eigen organisatie indienen.",
		EN: "you can submit signals of your own organisation only",
	})
	errUnknown = fault.New(fault.NotFound, "onbekend-signaal", fault.Text{
		NL: "Dit signaal is er niet, of u mag het niet zien.",
		EN: "there is no such signal, or you may not see it",
	})
)

// Submit accepts a signal that was checked, for the caller's own organisation.
// Faults: Denied; Conflict, about the signal that holds the reference;
// Exhausted when too many wait.
func (s *Service) Submit(ctx context.Context, grant access.Grant, signal Signal) (Submission, error) {
	if !grant.Covers(signal.Organisation) {
		return Submission{}, errForeign
	}
	sum, err := digest(signal)
	if err != nil {
		return Submission{}, err
	}
	d := &draft{signal: signal, digest: sum, done: make(chan struct{})}
	if err := s.intake.submit(ctx, d); err != nil {
		return Submission{}, err
	}
	if !d.out.repeated {
		return Submission{Signal: d.signal, Receipt: d.entry.Receipt}, nil
	}
	return s.again(ctx, grant, d.out.id)
}

// again is the answer to a repetition: the signal as it is now, and the receipt
// that was given at first; when that was erased, the newest.
func (s *Service) again(ctx context.Context, grant access.Grant, id string) (Submission, error) {
	held, err := s.GetOwn(ctx, grant, id)
	if err != nil {
		return Submission{}, err
	}
	out := Submission{Signal: held.Signal, Receipt: held.Receipt, Repeated: true}
	if held.Signal.Revision > 1 {
		first, err := s.Receipt(ctx, grant, id, 1)
		if err != nil {
			return Submission{}, err
		}
		if first.Receipt != nil {
			out.Receipt = first.Receipt
		}
	}
	return out, nil
}

// Held finds what was accepted before of the same signal. What was right then may
// name what has ended since: it is not judged anew. A store that cannot be read
// holds nothing.
func (s *Service) Held(ctx context.Context, grant access.Grant, signal Signal) (Submission, bool) {
	if !grant.Covers(signal.Organisation) || signal.ExternalReference == "" {
		return Submission{}, false
	}
	sum, err := digest(signal)
	if err != nil {
		return Submission{}, false
	}
	key := Key{signal.Organisation, signal.ExternalReference}
	var known map[Key]Accepted
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		known, err = s.Store.Known(ctx, tx, []Key{key})
		return err
	})
	if accepted, ok := known[key]; err != nil || !ok || !accepted.Holds(sum) {
		return Submission{}, false
	}
	again, err := s.again(ctx, grant, known[key].ID)
	return again, err == nil
}

// Get finds one signal that the caller may read. What is not there and what they
// may not see give the same fault, NotFound.
func (s *Service) Get(ctx context.Context, grant access.Grant, id string) (Stored, error) {
	return found(s.Store.Get(ctx, grant, id))
}

// GetOwn finds one signal of those that the caller may change. Fault: as Get.
func (s *Service) GetOwn(ctx context.Context, grant access.Grant, id string) (Stored, error) {
	return found(s.Store.GetOwn(ctx, grant, id))
}

func found(stored Stored, ok bool, err error) (Stored, error) {
	switch {
	case err != nil:
		return Stored{}, fmt.Errorf("getting a signal: %w", err)
	case !ok:
		return Stored{}, errUnknown
	}
	return stored, nil
}
