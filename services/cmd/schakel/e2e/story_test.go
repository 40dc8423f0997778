package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/access"
)

// clients are the generated clients, over one of the ways in.
type clients struct {
	signals     signalsv1.SignalServiceClient
	bottlenecks lettersv1.BottleneckServiceClient
	letters     lettersv1.LetterServiceClient
	editions    lettersv1.EditionServiceClient
	contacts    contactsv1.ContactServiceClient
}

func newClients(conn grpc.ClientConnInterface) clients {
	return clients{
		signalsv1.NewSignalServiceClient(conn), lettersv1.NewBottleneckServiceClient(conn),
		lettersv1.NewLetterServiceClient(conn), lettersv1.NewEditionServiceClient(conn), contactsv1.NewContactServiceClient(conn),
	}
}

// story is the main job under way in one house, over one of the ways in.
type story struct {
	*house
	clients
}

// TestTheStory does the main job, from signal to edition, in every kind of house
// and over each way in.
func TestTheStory(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		for _, way := range []string{"REST", "gRPC"} {
			t.Run(kind+" over "+way, func(t *testing.T) {
				t.Parallel()
				h := build(t)
				s := &story{h, newClients(h.ways()[way])}
				s.tell(t)
			})
		}
	}
}

func (s *story) tell(t *testing.T) {
	ofUWV, ofSVB := s.submit(t, uwv, 4), s.submit(t, svb, 3)
	s.findSignals(t, ofUWV)
	s.keepReceipt(t, ofUWV[0])
	one := s.bundle(t, uwv, ofUWV[:3])
	two := s.bundle(t, svb, ofSVB[:2])
	sent := s.send(t, uwv, one)
	s.send(t, svb, two)
	s.answer(t, sent, ofUWV[:3])
	s.state(t, svb, signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD, ofSVB[:2]...)
	s.state(t, uwv, signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN, ofUWV[3])
	s.contact(t)
	s.settled(t, map[string]int32{"signals": 7, "contacts": 2})
	day := today()
	e := s.compile(t, day, false)
	want := &lettersv1.EditionCounts{Signals: 7, Bundled: 5, InTriage: 2, Bottlenecks: 2, Letters: 2, Items: 2, Answered: 1, Silent: 1}
	if diff := cmp.Diff(want, e.GetCounts(), protocmp.Transform()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	files := s.download(t, e)
	s.verify(t, e, files)
	s.counted(t, files, append(ofUWV, ofSVB...))

	before := s.everything(t)
	s.restart()
	if diff := cmp.Diff(before, s.everything(t), protocmp.Transform()); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
	again := s.compile(t, day, true)
	if diff := cmp.Diff(e, again, protocmp.Transform()); diff != "" {
		t.Errorf("compiled again (-first +again):\n%s", diff)
	}
	if diff := cmp.Diff(files, s.download(t, again)); diff != "" {
		t.Errorf("files after a restart (-before +after):\n%s", diff)
	}
	s.state(t, uwv, signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD, s.afterRestart(t)...)
}

// submit submits signals, each twice: the second time the answer is the same.
func (s *story) submit(t *testing.T, organisation string, n int) (ids []string) {
	t.Helper()
	ctx := s.as(access.Aanleveraar, organisation)
	for _, reference := range references(n) {
		request := &signalsv1.SubmitSignalRequest{Signal: signal(organisation, reference)}
		first := must(s.signals.SubmitSignal(ctx, request))(t)
		if first.GetSignal().GetState() != signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN || first.GetRepeatedSubmission() ||
			first.GetReceipt().GetOrigin() != "schakel.example/signalen" {
			t.Errorf("submitted: %v", first)
		}
		again := must(s.signals.SubmitSignal(ctx, request))(t)
		want := proto.CloneOf(first)
		want.RepeatedSubmission = true
		if diff := cmp.Diff(want, again, protocmp.Transform()); diff != "" {
			t.Errorf("submitted again (-want +got):\n%s", diff)
		}
		ids = append(ids, first.GetSignal().GetId())
	}
	return ids
}

// findSignals gets and lists the signals of UWV, newest first, and nobody
// else's.
func (s *story) findSignals(t *testing.T, ids []string) {
	t.Helper()
	ctx := s.as(access.Redacteur, uwv)
	got := must(s.signals.GetSignal(ctx, &signalsv1.GetSignalRequest{Id: ids[0]}))(t).GetSignal()
	want := signal(uwv, references(1)[0])
	if diff := cmp.Diff(want, got, protocmp.Transform(), protocmp.IgnoreFields(want, "id", "state", "revision", "received_at", "state_at")); diff != "" {
		t.Errorf("signal (-submitted +got):\n%s", diff)
	}
	var listed []string
	request := &signalsv1.ListSignalsRequest{PageSize: 3, States: []signalsv1.SignalState{signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN}}
	for pages := 1; ; pages++ {
		page := must(s.signals.ListSignals(ctx, request))(t)
		for _, one := range page.GetSignals() {
			listed = append([]string{one.GetId()}, listed...)
		}
		if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
			if pages != 2 {
				t.Errorf("%d pages", pages)
			}
			break
		}
	}
	if diff := cmp.Diff(ids, listed); diff != "" {
		t.Errorf("listed (-submitted +got):\n%s", diff)
	}
	if all := must(s.signals.ListSignals(s.as(access.Toezichthouder, ""), &signalsv1.ListSignalsRequest{}))(t); len(all.GetSignals()) != 7 {
		t.Errorf("a supervisor sees %d signals", len(all.GetSignals()))
	}
}

// keepReceipt takes the receipt of a signal home, and has it verified offline.
func (s *story) keepReceipt(t *testing.T, id string) {
	t.Helper()
	receipt := must(s.signals.GetReceipt(s.as(access.Aanleveraar, uwv), &signalsv1.GetReceiptRequest{Id: id}))(t)
	file := write(t, "ontvangstbewijs.json", must(wire.Marshal(receipt))(t))
	schakel(t, "verify", "receipt", file, "--key="+s.keys()).ends(t, 0, "dit ontvangstbewijs is echt", id, "schakel.example/signalen")
}

// bundle makes a bottleneck of signals, once letters has heard of them.
func (s *story) bundle(t *testing.T, organisation string, ids []string) string {
	t.Helper()
	ctx := s.as(access.Redacteur, organisation)
	request := &lettersv1.OpenBottleneckRequest{Bottleneck: bottleneck(organisation, "KP-"+ids[0], ids...)}
	var id string
	await(t, "letters knows the signals", func() error {
		r, err := s.bottlenecks.OpenBottleneck(ctx, request)
		if problem := refused(err); problem != nil && problem.Reason != "onbekende-signalen" {
			t.Fatal(err)
		}
		id = r.GetBottleneck().GetId()
		return err
	})
	s.state(t, organisation, signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD, ids...)
	return id
}

// state waits until signals are in a state.
func (s *story) state(t *testing.T, organisation string, want signalsv1.SignalState, ids ...string) {
	t.Helper()
	ctx := s.as(access.Redacteur, organisation)
	for _, id := range ids {
		await(t, "the state of a signal", func() error {
			got, err := s.signals.GetSignal(ctx, &signalsv1.GetSignalRequest{Id: id})
			if err == nil && got.GetSignal().GetState() != want {
				err = &refusal{Reason: "it is " + got.GetSignal().GetState().String()}
			}
			return err
		})
	}
}

// send drafts, adopts and sends a letter to SZW, which sees it from then on.
func (s *story) send(t *testing.T, organisation, bottleneck string) *lettersv1.Letter {
	t.Helper()
	drafted := must(s.letters.DraftLetter(s.as(access.Redacteur, organisation), &lettersv1.DraftLetterRequest{
		Letter: letter(organisation, "BRIEF-1", szw, bottleneck),
	}))(t).GetLetter()
	get := &lettersv1.GetLetterRequest{Id: drafted.GetId()}
	_, err := s.letters.GetLetter(s.as(access.Beantwoorder, szw), get)
	if problem := refused(err); problem == nil || problem.Reason != "onbekende-brief" {
		t.Errorf("the department sees a draft: %v", err)
	}
	board := s.as(access.Bestuurder, organisation)
	adopted := must(s.letters.AdoptLetter(board, &lettersv1.AdoptLetterRequest{Id: drafted.GetId(), AdoptedBy: office(organisation)}))(t).GetLetter()
	if adopted.GetState() != lettersv1.LetterState_LETTER_STATE_VASTGESTELD || adopted.GetAdoptedBy().GetOrganisation() != organisation {
		t.Errorf("adopted: %v", adopted)
	}
	sent := must(s.letters.SendLetter(board, &lettersv1.SendLetterRequest{Id: drafted.GetId()}))(t).GetLetter()
	item := sent.GetItems()[0]
	if sent.GetState() != lettersv1.LetterState_LETTER_STATE_VERZONDEN || len(sent.GetContentHash()) != 32 || sent.GetDeadline().GetEndDate() == "" ||
		item.GetTitle() == "" || item.GetSignalCount() == 0 || item.GetState() != lettersv1.ItemState_ITEM_STATE_WACHT_OP_ANTWOORD {
		t.Errorf("sent, and not frozen: %v", sent)
	}
	for who, ctx := range map[string]func() (*lettersv1.GetLetterResponse, error){
		"the department": func() (*lettersv1.GetLetterResponse, error) {
			return s.letters.GetLetter(s.as(access.Beantwoorder, szw), get)
		},
		"the sender": func() (*lettersv1.GetLetterResponse, error) { return s.letters.GetLetter(board, get) },
	} {
		if diff := cmp.Diff(sent, must(ctx())(t).GetLetter(), protocmp.Transform()); diff != "" {
			t.Errorf("%s sees something else (-sent +seen):\n%s", who, diff)
		}
	}
	if again := must(s.letters.SendLetter(board, &lettersv1.SendLetterRequest{Id: drafted.GetId()}))(t).GetLetter(); !proto.Equal(sent, again) {
		t.Errorf("sent again it is another one: %v", again)
	}
	return sent
}

// answer answers the one item of a letter, and what it says reaches the signals.
func (s *story) answer(t *testing.T, sent *lettersv1.Letter, ids []string) {
	t.Helper()
	ctx := s.as(access.Beantwoorder, szw)
	given := must(s.letters.AnswerItem(ctx, &lettersv1.AnswerItemRequest{Letter: sent.GetId(), Number: 1, Response: answer(szw)}))(t).GetResponse()
	got := must(s.letters.GetLetter(s.as(access.Redacteur, uwv), &lettersv1.GetLetterRequest{Id: sent.GetId()}))(t).GetLetter()
	if got.GetState() != lettersv1.LetterState_LETTER_STATE_BEANTWOORD || len(got.GetItems()[0].GetResponses()) != 1 ||
		!proto.Equal(got.GetItems()[0].GetResponses()[0], given) {
		t.Errorf("answered: %v", got)
	}
	if string(got.GetContentHash()) != string(sent.GetContentHash()) {
		t.Error("an answer changed what was sent")
	}
	s.state(t, uwv, signalsv1.SignalState_SIGNAL_STATE_BEANTWOORD, ids...)
}

// contact designates a contact person and logs a contact, and gives their ids.
func (s *story) contact(t *testing.T) (personID, contactID string) {
	t.Helper()
	person := must(s.contacts.DesignateContactPerson(s.as(access.Bewindspersoon, szw), &contactsv1.DesignateContactPersonRequest{
		ContactPerson: contactPerson(szw),
	}))(t).GetContactPerson()
	ctx := s.as(access.Contactpersoon, szw)
	logged := must(s.contacts.LogContact(ctx, &contactsv1.LogContactRequest{Contact: contact(szw, "PC-1", person.GetId())}))(t).GetContact()
	if logged.GetProof() != contactsv1.Proof_PROOF_VERKLAARD || logged.GetLeadDays() != 2 {
		t.Errorf("logged: %v", logged)
	}
	listed := must(s.contacts.ListContacts(ctx, &contactsv1.ListContactsRequest{ExternalReference: "PC-1"}))(t).GetContacts()
	if len(listed) != 1 || !proto.Equal(listed[0], logged) {
		t.Errorf("listed: %v", listed)
	}
	public := must(s.contacts.ListContactPersons(t.Context(), &contactsv1.ListContactPersonsRequest{Department: szw}))(t).GetContactPersons()
	if len(public) != 1 || !proto.Equal(public[0], person) {
		t.Errorf("the public sees %v", public)
	}
	return person.GetId(), logged.GetId()
}
