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
	// Bounds are how much may wait to be stored.
	Bounds Bounds
}

// Service is the use cases of signals.
type Service struct {
	Config
	intake   *intake
	counting turns // of the public
}

// New makes the service. It accepts signals while Run runs.
func New(c Config) *Service {
	if c.NewRandomID == nil {
		c.NewRandomID = uuid.NewString
	}
	return &Service{Config: c, intake: newIntake(c), counting: newTurns(publicCounts, publicWaiting)}
}

// Run commits what is submitted until ctx ends, and then what still waits.
func (s *Service) Run(ctx context.Context) error { return s.intake.run(ctx) }

// Waiting is how many submissions wait for a commit: a full intake refuses more.
func (s *Service) Waiting() int { return s.intake.lanes.count() }

// Load is how much of the time signals were being stored, lately: from 0 to 1,
// when there was always something to store. What can wait gives way by it.
func (s *Service) Load() float64 { return s.intake.lanes.busy() }

var (
	errUnknown = fault.New(fault.NotFound, "onbekend-signaal", fault.Text{
		NL: "Dit signaal is er niet, of u mag het niet zien.",
		EN: "there is no such signal, or you may not see it",
	})
)

// Get finds one signal that the caller may read. What is not there and what they
// may not see give the same fault, NotFound.
func (s *Service) Get(ctx context.Context, grant access.Grant, id string) (Stored, error) {
	stored, err := found(s.Store.Get(ctx, grant, id))
	stored.Signal = stored.Signal.shownTo(grant)
	return stored, err
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
