package signals

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// Whoever reports under protection is nobody to Schakel. What these use cases
// store has random ids, and no time but the day; they log nothing, and no fault
// of theirs says what came in. What a reporter sends waits for its day to be over:
// see Release.

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
	_, first, err := s.begun(ctx, id)
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

func sameContent(a, b Signal) (bool, error) {
	one, err := digest(submitted(a))
	if err != nil {
		return false, err
	}
	other, err := digest(submitted(b))
	return bytes.Equal(one, other), err
}

// open keeps a report, and the case of it, until the ledger takes them.
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
	entries, err := s.sealAnonymous(signal.Organisation, day,
		subject{signal.ID, &eventsv1.SignalSubmitted{Signal: toProto(signal)}},
		subject{signal.ID + "/dossier", &eventsv1.CaseOpened{Signal: signal.ID, SecretHash: secretHash}})
	if err != nil {
		return Reported{}, err
	}
	if err := s.Signer.ReceiptsOfDay(day, entries[:1]); err != nil {
		return Reported{}, err
	}
	return Reported{Receipt: entries[0].Receipt}, s.Store.Wait(ctx, tx,
		Withheld{Entry: entries[0], Signal: signal.ID, Number: reportFirst, Day: day},
		Withheld{Entry: entries[1], Signal: signal.ID, Number: caseSecond, Day: day, SecretHash: secretHash})
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

// hashOf is what is kept of a secret.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
