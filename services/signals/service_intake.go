package signals

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"sync/atomic"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

var (
	errForeign = fault.New(fault.Denied, "andere-organisatie", fault.Text{
		NL: "U kunt alleen signalen van uw eigen organisatie indienen.",
		EN: "you can submit signals of your own organisation only",
	})
	errTooLarge = fault.New(fault.Invalid, "signaal-te-groot", fault.Text{
		NL: fmt.Sprintf("Het signaal is als geheel te groot: alle velden samen mogen hoogstens %d KiB zijn. Maak de teksten korter.", maxContent>>10),
		EN: fmt.Sprintf("the signal as a whole is too large: its fields may have %d KiB together; make its texts shorter", maxContent>>10),
	})
	errOtherContent = fault.New(fault.Conflict, "kenmerk-bezet", fault.Text{
		NL: "Onder dit kenmerk is al een signaal met andere inhoud ingediend.",
		EN: "another signal was submitted under this reference before",
	})
)

// maxContent is how many bytes the content of a signal may have as JSON. An entry
// holds more (ledger.MaxPayload): what is left is for what comes later, so that
// whatever was accepted can be amended, triaged, merged and withdrawn. That is three
// texts at once of 1,000 characters, of four bytes at most, and 2 KiB for the rest.
const maxContent = 50 << 10

// Incoming is a signal that came in, with what is wrong with it; nil is nothing.
// One that is wrong is only held to what was accepted before: what was right then
// may name what has ended since.
type Incoming struct {
	Signal Signal
	Fault  error
	// Partial says that more came in than Signal holds: then it is no repetition
	// of what Signal says.
	Partial bool
	// Trial asks to look at everything and to store nothing.
	Trial bool
}

// Outcome is what became of one signal.
type Outcome struct {
	// ExternalReference is the reference that it came with.
	ExternalReference string
	// ID, ReceivedAt and Receipt are those of the signal that is stored, the
	// receipt as it was given at first; all are empty after a trial.
	ID         string
	ReceivedAt time.Time
	Receipt    []byte
	// Repeated says that it had been accepted before.
	Repeated bool
	// Digest is, after a trial, that of what was submitted.
	Digest []byte
	// Err is why it was not accepted: the fault that it came with; Denied;
	// Conflict, about the signal that holds the reference; Exhausted when too
	// many wait; or Unavailable, and then it may be stored.
	Err error
}

// Submission is what was accepted.
type Submission struct {
	Signal   Signal
	Receipt  []byte
	Repeated bool
}

// course is what is done with a signal that came in.
type course int

const (
	storing   course = iota
	lookingUp        // it is held to what is stored
	telling          // what is wrong with it is all there is to say
)

// draft is a signal on its way into the store.
type draft struct {
	Incoming
	course course
	grant  access.Grant
	digest []byte
	// content is the signal as JSON, until it is part of an entry; size is its
	// length.
	content []byte
	size    int
	entry   ledger.Entry
	// held is what has its key, when that is another, and again what is stored
	// of it.
	held  *Accepted
	again *Stored
	err   error

	final atomic.Bool // nobody writes to it any more
	wake  chan<- struct{}
}

// draft makes a draft out of what came in. Whoever waits for it is woken by wake,
// which has room for one.
func (s *Service) draft(grant access.Grant, in Incoming, wake chan<- struct{}) *draft {
	d := &draft{Incoming: in, grant: grant, wake: wake, err: in.Fault, course: telling}
	if !grant.Covers(in.Signal.Organisation) {
		d.err = cmp.Or(d.err, error(errForeign))
		return d
	}
	text, err := content(in.Signal)
	if err != nil {
		d.err = cmp.Or(d.err, err)
		return d
	}
	sum := sha256.Sum256(text)
	d.digest, d.content, d.size = sum[:], text, len(text)
	if len(text) > maxContent {
		d.err = cmp.Or(d.err, error(errTooLarge))
	}
	switch {
	case d.err == nil && !d.Trial:
		d.course = storing
	case in.Signal.ExternalReference != "" && !in.Partial:
		d.course = lookingUp
	}
	return d
}

func (d *draft) key() Key { return Key{d.Signal.Organisation, d.Signal.ExternalReference} }

// finish says that the draft is final.
func (d *draft) finish() {
	d.final.Store(true)
	signalled(d.wake)
}

// judge says what becomes of the draft if its key is held.
func (d *draft) judge(held Accepted) {
	switch {
	case held.Holds(d.digest):
		d.held, d.err = &held, nil
	case d.Fault == nil:
		d.err = errOtherContent.About(held.ID)
	}
}

// outcome is what became of the draft.
func (d *draft) outcome() Outcome {
	o := Outcome{ExternalReference: d.Signal.ExternalReference, Err: d.err, Repeated: d.err == nil && d.held != nil}
	switch {
	case d.err != nil:
	case d.Trial:
		o.Digest = d.digest
	case d.again != nil:
		o.ID, o.ReceivedAt, o.Receipt = d.again.Signal.ID, d.again.Signal.ReceivedAt, d.again.Receipt
	default:
		o.ID, o.ReceivedAt, o.Receipt = d.Signal.ID, d.Signal.ReceivedAt, d.entry.Receipt
	}
	return o
}

// Submit accepts a signal, for the caller's own organisation. Of one that was
// accepted before it gives what the signal is now. After a trial the signal is as
// it would be, without id and time. Faults: as Outcome.Err.
func (s *Service) Submit(ctx context.Context, grant access.Grant, in Incoming) (Submission, error) {
	drafts, err := s.submit(ctx, grant, []Incoming{in})
	if err != nil {
		return Submission{}, err
	}
	d := drafts[0]
	out := d.outcome()
	switch {
	case out.Err != nil:
		return Submission{}, out.Err
	case d.Trial:
		d.Signal.Revision, d.Signal.State = 1, Received
	case out.Repeated:
		if d.Signal, err = d.again.Whole(); err != nil {
			return Submission{}, err
		}
	}
	return Submission{Signal: d.Signal, Receipt: out.Receipt, Repeated: out.Repeated}, nil
}

// SubmitAll accepts signals, each by itself, and tells what became of each, in
// order. Faults of all, after which nothing was stored: Exhausted when there is
// no room for every one of them; Unavailable when the service stops.
func (s *Service) SubmitAll(ctx context.Context, grant access.Grant, all []Incoming) ([]Outcome, error) {
	drafts, err := s.submit(ctx, grant, all)
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(drafts))
	for i, d := range drafts {
		outcomes[i] = d.outcome()
	}
	return outcomes, nil
}

// submit hands signals in and waits until all is known of them. When ctx ends
// first they may still be stored; a repetition will find them.
func (s *Service) submit(ctx context.Context, grant access.Grant, all []Incoming) ([]*draft, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	wake := make(chan struct{}, 1)
	drafts := make([]*draft, len(all))
	var going, look []*draft
	for i, in := range all {
		drafts[i] = s.draft(grant, in, wake)
		switch d := drafts[i]; d.course {
		case storing:
			going = append(going, d)
		case lookingUp:
			look = append(look, d)
		}
	}
	if len(going) > 0 {
		if err := s.intake.lanes.enter(going...); err != nil {
			return nil, err
		}
	}
	s.lookUp(ctx, grant, look, nil)
	for _, d := range going {
		for !d.final.Load() {
			select {
			case <-wake:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	return drafts, nil
}

// lookUp holds drafts that are not to be stored to what is stored, in their order:
// a trial takes the key for the trials after it, of which before has those of calls
// before this one. A store that cannot be read holds nothing that excuses a fault.
func (s *Service) lookUp(ctx context.Context, grant access.Grant, drafts []*draft, before *tried) {
	if len(drafts) == 0 {
		return
	}
	keys := make([]Key, len(drafts))
	for i, d := range drafts {
		keys[i] = d.key()
	}
	var known map[Key]Accepted
	err := s.DB.Read(ctx, func(tx *sqldb.Tx) (err error) {
		known, err = s.Store.Known(ctx, tx, keys)
		return err
	})
	var recall []*draft
	for _, d := range drafts {
		held, ok := known[d.key()]
		if !ok && d.Trial {
			held, ok = before.holds(d.key())
		}
		switch {
		case err != nil && d.Fault == nil:
			d.err = err
		case ok:
			d.judge(held)
		case d.err == nil:
			known[d.key()] = Accepted{Digest: d.digest, Current: d.digest}
			before.take(d)
		}
		if d.held != nil && !d.Trial {
			recall = append(recall, d)
		}
	}
	if len(recall) > 0 {
		s.intake.recall(ctx, grant, recall)
	}
}
