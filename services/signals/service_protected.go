package signals

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/reference"
)

// Whoever reports under protection is nobody to Schakel. What these use cases
// store has random ids, and no time but the day; they log nothing, and no fault
// of theirs says what came in.

var (
	errCode = fault.New(fault.Denied, "meldcode-ongeldig", fault.Text{
		NL: "Deze meldcode klopt niet of is al gebruikt.",
		EN: "this reporting code is not good, or was used before",
	})
	errOtherReport = fault.New(fault.Conflict, "geheim-bezet", fault.Text{
		NL: "Met dit geheim is al een andere melding gedaan. Maak voor elke melding een nieuw geheim.",
		EN: "another report was made with this secret; make a new one for each report",
	})
	errNoCase = fault.New(fault.NotFound, "onbekend-dossier", fault.Text{
		NL: "Er is geen dossier bij dit geheim.",
		EN: "there is no case of this secret",
	})
	errOtherMessage = fault.New(fault.Conflict, "bericht-bezet", fault.Text{
		NL: "Met dit berichtId is al een ander bericht geplaatst. Maak voor elk bericht een nieuw.",
		EN: "another message has this id; make a new one for each message",
	})
	errCaseFull = fault.New(fault.Precondition, "dossier-vol", fault.Text{
		NL: fmt.Sprintf("In dit dossier staan al %d berichten; er passen er niet meer in.", maxMessages),
		EN: fmt.Sprintf("there are %d messages in this case already, and it takes no more", maxMessages),
	})
)

// maxMessages bounds a case: nobody is known to whom a limit could apply, and the
// ledger forgets nothing.
const maxMessages = 500

// MakeCodes makes codes that the caller's organisation can hand out. They are
// told here and nowhere else.
func (s *Service) MakeCodes(ctx context.Context, grant access.Grant, count int) ([]string, error) {
	codes, hashes := make([]string, count), make([][]byte, count)
	for i := range codes {
		codes[i] = newCode()
		hash := codeHash(codes[i])
		hashes[i] = hash[:]
	}
	slices.SortFunc(hashes, bytes.Compare) // so that no row tells which code of the list it is of
	err := s.DB.Write(ctx, func(tx *sqldb.Tx) error { return s.Store.PutCodes(ctx, tx, grant.Organisation, hashes) })
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// Reported is a report that was taken in.
type Reported struct {
	Receipt  []byte
	Repeated bool
}

// reporter is the grant of whoever has the secret of a case: it is used for the
// signal of that case alone.
var reporter = access.Grant{Role: access.Bewijshouder, Reach: access.Alle}

// Report takes in a report that was checked, of whoever has a code. The hash of
// the reporter's secret is what makes two reports the same one. Whoever has no
// code keeps nobody from writing. Faults: Denied for a code; Conflict when the
// secret holds another report.
func (s *Service) Report(ctx context.Context, code string, secretHash []byte, report Report) (Reported, error) {
	var out Reported
	before, err := s.admitted(ctx, code, secretHash)
	switch {
	case err != nil:
		return Reported{}, err
	case before != "":
		return s.reportedBefore(ctx, before, report)
	}
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "case "+hex.EncodeToString(secretHash)); err != nil {
			return err
		}
		id, ok, err := s.Store.CaseOf(ctx, tx, secretHash)
		if before = id; ok || err != nil {
			return err
		}
		out, err = s.open(ctx, tx, code, secretHash, report)
		return err
	})
	switch {
	case err != nil:
		return Reported{}, err
	case before != "":
		return s.reportedBefore(ctx, before, report)
	}
	s.Log.Wake()
	return out, nil
}

// admitted gives the signal of a secret that has a case already, and holds one that
// has none to the code.
func (s *Service) admitted(ctx context.Context, code string, secretHash []byte) (before string, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		id, ok, err := s.Store.CaseOf(ctx, tx, secretHash)
		if before = id; ok || err != nil {
			return err
		}
		hash := codeHash(code)
		if ok, err = s.Store.HasCode(ctx, tx, hash[:]); err == nil && !ok {
			err = errCode
		}
		return err
	})
	return before, err
}

// reportedBefore answers a report whose secret has a case. When its first words
// were erased, whoever knows the secret's hash is believed.
func (s *Service) reportedBefore(ctx context.Context, id string, report Report) (Reported, error) {
	first, err := s.first(ctx, id)
	if err != nil {
		return Reported{}, err
	}
	if first.Revision == 1 { // what was reported
		was, err := Decode(first.Payload)
		if err != nil {
			return Reported{}, err
		}
		now, then := report.signal("", "", "", time.Time{}), was.report().signal("", "", "", time.Time{})
		if same, err := sameContent(now, then); err != nil || !same {
			return Reported{}, cmp.Or[error](err, errOtherReport)
		}
	}
	return Reported{Receipt: first.Receipt, Repeated: true}, nil
}

// first is the entry of the first revision of a protected signal, or of the
// first that was not erased.
func (s *Service) first(ctx context.Context, id string) (Entry, error) {
	entries, err := s.Store.Revisions(ctx, reporter, id, 0)
	if err != nil {
		return Entry{}, err
	}
	for _, e := range slices.Backward(entries) {
		if e.Payload != nil {
			return e, nil
		}
	}
	return Entry{}, errNoCase
}

func sameContent(a, b Signal) (bool, error) {
	one, err := digest(submitted(a))
	if err != nil {
		return false, err
	}
	other, err := digest(submitted(b))
	return bytes.Equal(one, other), err
}

// open stores a report as a signal with a case.
func (s *Service) open(ctx context.Context, tx *sqldb.Tx, code string, secretHash []byte, report Report) (Reported, error) {
	hash := codeHash(code)
	organisation, ok, err := s.Store.UseCode(ctx, tx, hash[:])
	if err != nil {
		return Reported{}, err
	}
	if !ok {
		return Reported{}, errCode
	}
	day := dayOf(s.Now())
	signal := report.signal(organisation, s.NewRandomID(), s.NewRandomID(), day)
	content, err := digest(submitted(signal))
	if err != nil {
		return Reported{}, err
	}
	entries, err := s.sealAnonymous(signal.Organisation, day,
		subject{signal.ID, &eventsv1.SignalSubmitted{Signal: toProto(signal)}},
		subject{signal.ID + "/dossier", &eventsv1.CaseOpened{Signal: signal.ID, SecretHash: secretHash}})
	if err != nil {
		return Reported{}, err
	}
	if err := s.Signer.ReceiptsOfDay(day, entries[:1]); err != nil {
		return Reported{}, err
	}
	switch n, err := s.Store.Insert(ctx, tx, []Row{{Signal: &signal, Digest: content, Current: content}}); {
	case err != nil:
		return Reported{}, err
	case n != 1:
		return Reported{}, errors.New("signals: a random reference was taken")
	}
	if err := ledger.Append(ctx, tx, entries); err != nil {
		return Reported{}, err
	}
	return Reported{Receipt: entries[0].Receipt}, s.Store.OpenCase(ctx, tx, secretHash, signal.ID)
}

// subject is what an event is about, and what it says.
type subject struct {
	id   string
	data proto.Message
}

// sealAnonymous makes entries that tell no time but the day.
func (s *Service) sealAnonymous(organisation string, day time.Time, all ...subject) ([]ledger.Entry, error) {
	entries := make([]ledger.Entry, len(all))
	for i, about := range all {
		var err error
		entries[i], err = ledger.Seal(ledger.Event{
			ID: s.NewRandomID(), Source: s.Source, Subject: about.id, Organisation: organisation, Time: day, Data: about.data,
		}, 1)
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// Case gives the case of a secret. Fault: NotFound.
func (s *Service) Case(ctx context.Context, secretHash []byte) (Case, error) {
	id, err := s.caseID(ctx, secretHash)
	if err != nil {
		return Case{}, err
	}
	stored, ok, err := s.Store.Get(ctx, reporter, id)
	if err != nil || !ok {
		return Case{}, cmp.Or[error](err, errNoCase)
	}
	first, err := s.first(ctx, id)
	if err != nil {
		return Case{}, err
	}
	said, err := s.said(ctx, id)
	return Case{Signal: stored.Signal, Messages: said, First: first}, err
}

func (s *Service) caseID(ctx context.Context, secretHash []byte) (id string, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		found, ok, err := s.Store.CaseOf(ctx, tx, secretHash)
		if id = found; err == nil && !ok {
			err = errNoCase
		}
		return err
	})
	return id, err
}

// said is messages in a transaction of its own.
func (s *Service) said(ctx context.Context, id string) (all []Message, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		all, err = s.messages(ctx, tx, id)
		return err
	})
	return all, err
}

// messages gives what was said in the case of a signal, the oldest first. What
// was erased is left out.
func (s *Service) messages(ctx context.Context, tx *sqldb.Tx, id string) (all []Message, err error) {
	payloads, err := s.Store.Messages(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	for _, payload := range payloads {
		event, err := ledger.Parse(payload)
		if err != nil {
			return nil, err
		}
		data, ok := event.Data.(interface{ GetMessage() *signalsv1.CaseMessage })
		if !ok {
			return nil, fmt.Errorf("signals: an entry of a message holds %T", event.Data)
		}
		_, redacted := event.Data.(*eventsv1.CaseMessageRedacted)
		m := data.GetMessage()
		all = append(all, Message{ID: m.GetId(), ByReporter: m.GetByReporter(), Text: m.GetText(), Day: m.GetSaidOn(), Redacted: redacted})
	}
	return all, nil
}

// Say adds a message of the reporter to the case of a secret. The same message
// again changes nothing. Faults: NotFound; Conflict for another message under the
// id; Precondition when the case is full.
func (s *Service) Say(ctx context.Context, secretHash []byte, id, text string) (Message, error) {
	signal, err := s.caseID(ctx, secretHash)
	if err != nil {
		return Message{}, err
	}
	stored, ok, err := s.Store.Get(ctx, reporter, signal)
	if err != nil || !ok {
		return Message{}, cmp.Or[error](err, errNoCase)
	}
	return s.say(ctx, stored.Signal, Message{ID: id, ByReporter: true, Text: text})
}

// Answer adds a message of the organisation to the case of a protected signal.
// Faults: NotFound; as Say.
func (s *Service) Answer(ctx context.Context, grant access.Grant, signal, id, text string) (Message, error) {
	stored, err := s.protected(ctx, grant, signal)
	if err != nil {
		return Message{}, err
	}
	return s.say(ctx, stored, Message{ID: id, Text: text})
}

// Messages gives what was said in the case of a protected signal. Fault:
// NotFound.
func (s *Service) Messages(ctx context.Context, grant access.Grant, signal string) ([]Message, error) {
	if _, err := s.protected(ctx, grant, signal); err != nil {
		return nil, err
	}
	return s.said(ctx, signal)
}

// protected finds a protected signal of the caller's own organisation.
func (s *Service) protected(ctx context.Context, grant access.Grant, id string) (Signal, error) {
	stored, err := s.Get(ctx, grant, id)
	if err == nil && (!stored.Signal.Protected || !grant.Covers(stored.Signal.Organisation)) {
		err = errUnknown
	}
	return stored.Signal, err
}

// say stores a message. Its day is all that is told of the time, whoever says it:
// the time of an answer tells of that of the question.
func (s *Service) say(ctx context.Context, signal Signal, m Message) (Message, error) {
	day := dayOf(s.Now())
	m.Day = reference.DutchDate(day).String()
	entries, err := s.sealAnonymous(signal.Organisation, day,
		subject{m.ID, &eventsv1.CaseMessageAdded{Signal: signal.ID, Message: messageToProto(m)}})
	if err != nil {
		return Message{}, err
	}
	taken := false
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		added, err := s.Store.AddMessage(ctx, tx, signal.ID, m.ID, maxMessages)
		if taken = !added; err != nil || taken {
			return err
		}
		return ledger.Append(ctx, tx, entries)
	})
	if err != nil {
		return Message{}, err
	}
	if taken {
		return s.saidBefore(ctx, signal.ID, m)
	}
	s.Log.Wake()
	return m, nil
}

// saidBefore finds a message that is there already. Of one from which something was
// removed nobody knows what it said: whoever says it again is believed.
func (s *Service) saidBefore(ctx context.Context, signal string, m Message) (Message, error) {
	all, err := s.said(ctx, signal)
	if err != nil {
		return Message{}, err
	}
	for _, was := range all {
		switch {
		case was.ID != m.ID:
		case was.ByReporter == m.ByReporter && (was.Redacted || was.Text == m.Text):
			return was, nil
		default:
			return Message{}, errOtherMessage
		}
	}
	if len(all) >= maxMessages {
		return Message{}, errCaseFull
	}
	return Message{}, errOtherMessage
}

func messageToProto(m Message) *signalsv1.CaseMessage {
	return &signalsv1.CaseMessage{Id: m.ID, ByReporter: m.ByReporter, Text: m.Text, SaidOn: m.Day}
}

// hashOf is what is kept of a secret.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
