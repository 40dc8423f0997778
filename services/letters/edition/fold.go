package edition

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
)

// Ledger is one of the ledgers that an edition is compiled from.
type Ledger interface {
	// Checkpoint gives the newest checkpoint. Fault: Unavailable while there is
	// none.
	Checkpoint(ctx context.Context) (ledger.Checkpoint, error)
	// Entries gives entries from an index on, at least one and at most limit if
	// there are any.
	Entries(ctx context.Context, from int64, limit int) ([]Entry, error)
}

// Entry is what an edition needs of an entry of a ledger.
type Entry struct {
	Index int64
	// Payload is the event; empty when Erased.
	Payload []byte
	Erased  bool
	// Leaf is the hash that the entry has in the Merkle tree: that of its salt
	// and Payload, or what was stored of it when it was erased.
	Leaf tlog.Hash
}

// readAhead is how many entries are asked for at a time.
const readAhead = 1000

// state is what the ledgers say, as of the reference date.
type state struct {
	until       time.Time                    // the end of the reference date
	signals     map[string]*signalsv1.Signal // as their newest revision tells
	bundledIn   map[string]string            // signal → bottleneck
	bottlenecks map[string]*lettersv1.Bottleneck
	letters     map[string]*lettersv1.Letter // that were sent, with frozen items
	responses   map[string][]*lettersv1.Response
	presented   map[string]bool // bottlenecks that stand in a letter, and so are public
	answeredIn  map[string]bool // bottlenecks with an answer in any letter
	contacts    []*contactsv1.Contact
	erased      int
}

func newState(date reference.Date) *state {
	return &state{
		until:       endOf(date),
		signals:     map[string]*signalsv1.Signal{},
		bundledIn:   map[string]string{},
		bottlenecks: map[string]*lettersv1.Bottleneck{},
		letters:     map[string]*lettersv1.Letter{},
		responses:   map[string][]*lettersv1.Response{},
		presented:   map[string]bool{},
		answeredIn:  map[string]bool{},
	}
}

// endOf is the last moment of a day in the Netherlands: the first at which it is
// no longer that day, in steps of an hour, in which midnight always falls.
func endOf(date reference.Date) time.Time {
	t := date.Time()
	for t = t.Add(20 * time.Hour); reference.DutchDate(t) == date; t = t.Add(time.Hour) {
	}
	return t
}

// read folds the entries of a ledger that a checkpoint covers, and refuses them
// when they are not the ones that it was signed for.
func (s *state) read(ctx context.Context, l Ledger, c ledger.Checkpoint) error {
	var signed tree
	for from := int64(0); from < c.Size; {
		entries, err := l.Entries(ctx, from, int(min(readAhead, c.Size-from)))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.Index != from {
				return fmt.Errorf("entry %d came where %d was meant", e.Index, from)
			}
			if from++; from > c.Size {
				break
			}
			signed.push(e.Leaf)
			if err := s.fold(e); err != nil {
				return fmt.Errorf("entry %d: %w", e.Index, err)
			}
		}
		if len(entries) == 0 {
			return fmt.Errorf("entries end at %d, before the %d of the checkpoint", from, c.Size)
		}
	}
	if root := signed.root(); root != c.Root {
		return ledger.ErrDamaged.Because(fmt.Errorf("the root of %d entries is %v, that of the checkpoint %v", c.Size, root, c.Root))
	}
	return nil
}

// told is an event that tells of a signal, whole as it was after it.
type told interface{ GetSignal() *signalsv1.Signal }

// fold takes one entry in. What happened after the reference date is not told, nor
// what is of a sandbox.
func (s *state) fold(e Entry) error {
	if e.Erased {
		s.erased++
		return nil
	}
	event, err := ledger.Parse(e.Payload)
	if err != nil {
		return err
	}
	if reference.IsSandbox(event.Organisation) {
		return nil
	}
	if !event.Time.Before(s.until) {
		s.foldLate(event)
		return nil
	}
	switch data := event.Data.(type) {
	case told:
		s.signals[event.Subject] = data.GetSignal()
	case *eventsv1.BottleneckOpened:
		s.bottlenecks[event.Subject] = data.GetBottleneck()
		for _, id := range data.GetBottleneck().GetSignals() {
			s.bundledIn[id] = event.Subject
		}
	case *eventsv1.LetterSent:
		s.letters[event.Subject] = data.GetLetter()
		for _, item := range data.GetLetter().GetItems() {
			s.presented[item.GetBottleneck()] = true
		}
	case *eventsv1.ItemPresented:
		// The letter itself may have been erased.
		if l := s.letters[data.GetLetter()]; l != nil {
			l.Items[data.GetItem().GetNumber()-1] = data.GetItem()
		}
	case *eventsv1.ItemAnswered:
		key := itemKey(data.GetLetter(), data.GetNumber())
		s.responses[key] = append(s.responses[key], data.GetResponse())
		s.answeredIn[data.GetBottleneck()] = true
	case *eventsv1.ContactLogged:
		s.contacts = append(s.contacts, data.GetContact())
	}
	return nil
}

// foldLate takes in what happened after the reference date, as far as it is all
// that is left of what was before: a signal whose entries were erased when personal
// data were removed from it. Where it stood on the reference date is not known any
// more, unless it stands there since; it is told as received.
func (s *state) foldLate(event ledger.Event) {
	redacted, ok := event.Data.(*eventsv1.SignalRedacted)
	signal := redacted.GetSignal()
	if !ok || s.signals[event.Subject] != nil || !signal.GetReceivedAt().AsTime().Before(s.until) {
		return
	}
	if !signal.GetStateAt().AsTime().Before(s.until) {
		signal.State = signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN
	}
	s.signals[event.Subject] = signal
}

func itemKey(letter string, number int32) string { return fmt.Sprintf("%s/%d", letter, number) }

// responsesTo gives the answers to an item, the oldest first.
func (s *state) responsesTo(letter string, number int32) []*lettersv1.Response {
	return s.responses[itemKey(letter, number)]
}
