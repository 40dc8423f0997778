package letters_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/proto/rules"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/rpc"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/telemetry"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/letters"
	"schakel.example/services/letters/sqlstore"
	"schakel.example/services/reference"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tokens are organisations: whoever shows one is all that an organisation has.
type tokens struct{}

func (tokens) Verify(_ context.Context, token string) (access.Claims, error) {
	return access.Claims{Subject: token, Organisation: token, Roles: []access.Role{access.Redacteur, access.Bestuurder, access.Beantwoorder}}, nil
}

// bed is the service behind the whole chain, on SQLite: what is tried here is no
// matter of the engine.
type bed struct {
	*testing.T
	bottlenecks lettersv1.BottleneckServiceClient
	letters     lettersv1.LetterServiceClient
	proposals   lettersv1.ProposalServiceClient
	// known are signals of UWV that letters knows, and suggested is a proposal of
	// them.
	known     []string
	suggested string
}

func serve(t *testing.T) bed {
	t.Helper()
	db := testenv.Open(t, sqldb.SQLite)
	signer, _ := ledgertest.Signer(t)
	log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
	checker, err2 := rules.New()
	err = errors.Join(err, err2, ledger.Migrate(t.Context(), db), sqlstore.Migrate(t.Context(), db))
	if err != nil {
		t.Fatal(err)
	}
	newID := func() string { return uuid.Must(uuid.NewV7()).String() }
	store := sqlstore.New(db)
	service := letters.New(letters.Config{
		DB: db, Store: store, Log: log, Data: load(t),
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-knelpunten",
		Now:    func() time.Time { return now }, NewID: newID,
	})
	server, err := rpc.NewServer(rpc.Options{
		Register: func(r grpc.ServiceRegistrar) { letters.Register(r, service, checker) },
		Verifier: tokens{}, Rules: checker, Telemetry: telemetry.None(slog.New(slog.DiscardHandler)), Now: time.Now, NewID: newID,
	})
	if err != nil {
		t.Fatal(err)
	}
	conn := server.InProcess(nil)
	b := bed{
		T: t, bottlenecks: lettersv1.NewBottleneckServiceClient(conn), letters: lettersv1.NewLetterServiceClient(conn),
		proposals: lettersv1.NewProposalServiceClient(conn), suggested: newID(),
	}
	b.must(db.Write(t.Context(), func(tx *sqldb.Tx) error {
		for range 3 {
			id := newID()
			if err := store.PutSignal(t.Context(), tx, letters.KnownSignal{ID: id, Organisation: uwv}, now); err != nil {
				return err
			}
			b.known = append(b.known, id)
		}
		p, err := reference.ParseProvision(reference.ProvisionJCI, "jci1.3:c:BWBR0019057&artikel=76")
		if err != nil {
			return err
		}
		return store.PutProposal(t.Context(), tx, letters.Proposal{
			ID: b.suggested, Organisation: uwv, Category: "hardheid", Provision: p, Signals: b.known,
			Threshold: 3, WindowDays: 30, ProposedAt: now,
		})
	}))
	return b
}

// as makes calls for an organisation.
func (b bed) as(organisation string) context.Context {
	return metadata.AppendToOutgoingContext(b.Context(), "authorization", "Bearer "+organisation)
}

func (b bed) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// refused checks an error for kind, reason and fields ("path reason").
func (b bed) refused(err error, kind fault.Kind, reason string, fields ...string) {
	b.Helper()
	f := fault.Of(rpc.FromStatus(err))
	if f == nil || f.Kind != kind || f.Reason != reason || f.Text.NL == "" {
		b.Errorf("%+v, want a fault %v with reason %q", f, kind, reason)
		return
	}
	var got []string
	for _, field := range f.Fields {
		got = append(got, field.Path+" "+field.Reason)
		if field.Text.NL == "" || field.Text.EN == "" {
			b.Errorf("%s has no words: %+v", field.Path, field.Text)
		}
	}
	if diff := cmp.Diff(fields, got); diff != "" {
		b.Errorf("fields (-want +got):\n%s", diff)
	}
}

func bottleneckMessage(signals ...string) *lettersv1.Bottleneck {
	return &lettersv1.Bottleneck{
		Organisation: uwv, ExternalReference: "K-1", Title: "Titel", Description: "Omschrijving.", Category: "hardheid",
		Provisions: []*referencev1.Provision{jci("jci1.3:c:BWBR0019057&artikel=76")}, Signals: signals,
	}
}

func letterMessage(bottlenecks ...string) *lettersv1.Letter {
	m := &lettersv1.Letter{
		Organisation: uwv, ExternalReference: "L-1", Department: szw, Kind: lettersv1.LetterKind_LETTER_KIND_KNELPUNTENBRIEF,
		Edition: "2026", Title: "Titel", Introduction: "Inleiding.", AnswerBy: "2027-01-16",
	}
	for i, id := range bottlenecks {
		m.Items = append(m.Items, &lettersv1.LetterItem{Bottleneck: id, Request: fmt.Sprintf("Doe %d.", i)})
	}
	return m
}

func responseMessage() *lettersv1.Response {
	return &lettersv1.Response{
		ExternalReference: "R-1",
		Choice:            lettersv1.ResponseChoice_RESPONSE_CHOICE_OVERGENOMEN, Instrument: "wet", Motive: "Het kan.", Due: "2027-07-01",
		Owner: &referencev1.Office{Organisation: szw, Function: "directeur"},
	}
}

func board() *referencev1.Office {
	return &referencev1.Office{Organisation: uwv, Function: "voorzitter"}
}

func jci(text string) *referencev1.Provision {
	return &referencev1.Provision{Register: &referencev1.Provision_Jci{Jci: text}}
}

func TestEveryFaultOfABottleneckIsToldAtOnce(t *testing.T) {
	t.Parallel()
	b := serve(t)
	for name, tt := range map[string]struct {
		change func(*lettersv1.Bottleneck)
		want   []string
	}{
		"what breaks a rule, and what the reference data do not know": {func(m *lettersv1.Bottleneck) {
			m.Title, m.Organisation, m.Category = "", tooi+"zbo/zb999999", "hard"
			m.Provisions = []*referencev1.Provision{jci("jci1.3:c:BWBR9999999"), jci("artikel 76"), {}}
			m.Signals = []string{"S-1"}
		}, []string{
			"bottleneck.title required", "bottleneck.provisions[2] oneof-required", "bottleneck.signals[0] string-uuid",
			"bottleneck.provisions[1].jci jci-vorm", "bottleneck.organisation onbekende-organisatie",
			"bottleneck.category onbekend-begrip", "bottleneck.provisions[0].jci regeling-onbekend",
		}},
		"nothing at all": {func(m *lettersv1.Bottleneck) { proto.Reset(m) }, []string{
			"bottleneck.organisation required", "bottleneck.external_reference required", "bottleneck.title required",
			"bottleneck.description required", "bottleneck.category required", "bottleneck.signals repeated-min-items",
		}},
		"a signal twice": {func(m *lettersv1.Bottleneck) { m.Signals = []string{b.known[0], b.known[0]} },
			[]string{"bottleneck.signals repeated-unique"}},
		"what only Schakel fills in": {func(m *lettersv1.Bottleneck) {
			m.Id, m.Revision, m.State = uuid.NewString(), 1, lettersv1.BottleneckState_BOTTLENECK_STATE_OPGELOST
			m.StateAt, m.OpenedAt = timestamppb.Now(), timestamppb.Now()
		}, []string{
			"bottleneck.id alleen-lezen", "bottleneck.state alleen-lezen", "bottleneck.state_at alleen-lezen",
			"bottleneck.revision alleen-lezen", "bottleneck.opened_at alleen-lezen",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			m := bottleneckMessage(b.known...)
			tt.change(m)
			_, err := b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{Bottleneck: m})
			b.refused(err, fault.Invalid, "ongeldige-invoer", tt.want...)
		})
	}
	_, err := b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{})
	if f := fault.Of(rpc.FromStatus(err)); f == nil || len(f.Fields) != 6 {
		t.Errorf("without a bottleneck: %+v", f)
	}
	list, err := b.bottlenecks.ListBottlenecks(b.as(uwv), &lettersv1.ListBottlenecksRequest{})
	if err != nil || len(list.GetBottlenecks()) > 0 {
		t.Errorf("stored: %v, %v", list, err)
	}
}

func TestEveryFaultOfALetterIsToldAtOnce(t *testing.T) {
	t.Parallel()
	b := serve(t)
	one := uuid.NewString()
	for name, tt := range map[string]struct {
		change func(*lettersv1.Letter)
		want   []string
	}{
		"what breaks a rule, and what the reference data do not know": {func(m *lettersv1.Letter) {
			m.Title, m.Organisation, m.Department, m.AnswerBy = "", tooi+"zbo/zb999999", uwv, "2026-11-20"
			m.Items = []*lettersv1.LetterItem{{Bottleneck: one, Request: "Doe dit."}, {Bottleneck: one}, {Request: "Doe dat."}}
		}, []string{
			"letter.title required", "letter.items[1].request required", "letter.items[2].bottleneck required",
			"letter.organisation onbekende-organisatie", "letter.department verkeerde-soort-organisatie",
			"letter.answer_by datum-voorbij", "letter.items[1].bottleneck dubbel-knelpunt",
		}},
		"nothing at all": {func(m *lettersv1.Letter) { proto.Reset(m) }, []string{
			"letter.organisation required", "letter.external_reference required", "letter.department required",
			"letter.kind required", "letter.edition required", "letter.title required", "letter.items repeated-min-items",
		}},
		"what only Schakel fills in": {func(m *lettersv1.Letter) {
			m.Id, m.Revision, m.State = one, 1, lettersv1.LetterState_LETTER_STATE_VERZONDEN
			m.DraftedAt, m.AdoptedAt, m.AdoptedBy, m.SentAt = timestamppb.Now(), timestamppb.Now(), board(), timestamppb.Now()
			m.ContentHash, m.Deadline = []byte("hash"), &referencev1.Deadline{EndDate: "2027-01-01"}
			item := m.Items[0]
			item.Number, item.Title, item.Description, item.Category = 1, "Titel", "Omschrijving", "hardheid"
			item.Provisions, item.SignalCount, item.State = []*referencev1.Provision{jci("x")}, 1, lettersv1.ItemState_ITEM_STATE_OPGELOST
			item.StateAt, item.Responses = timestamppb.Now(), []*lettersv1.Response{responseMessage()}
		}, readOnly("letter.", "id", "state", "revision", "drafted_at", "adopted_at", "adopted_by", "sent_at", "content_hash",
			"deadline", "items[0].number", "items[0].title", "items[0].description", "items[0].category", "items[0].provisions",
			"items[0].signal_count", "items[0].state", "items[0].state_at", "items[0].responses")},
		"bottlenecks that are not there": {func(m *lettersv1.Letter) { m.Items[0].Bottleneck = uuid.NewString() },
			[]string{"letter.items[0].bottleneck onbekend-knelpunt"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := letterMessage(one)
			tt.change(m)
			_, err := b.letters.DraftLetter(b.as(uwv), &lettersv1.DraftLetterRequest{Letter: m})
			reason := "ongeldige-invoer"
			if name == "bottlenecks that are not there" {
				reason = "onbekende-knelpunten"
			}
			b.refused(err, fault.Invalid, reason, tt.want...)
		})
	}
	list, err := b.letters.ListLetters(b.as(uwv), &lettersv1.ListLettersRequest{})
	if err != nil || len(list.GetLetters()) > 0 {
		t.Errorf("stored: %v, %v", list, err)
	}
}

// readOnly says of fields that only Schakel fills them in.
func readOnly(at string, fields ...string) (all []string) {
	for _, field := range fields {
		all = append(all, at+field+" alleen-lezen")
	}
	return all
}

// sent is a letter that was sent, through the whole chain.
func (b bed) sent() *lettersv1.Letter {
	b.Helper()
	opened, err := b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{Bottleneck: bottleneckMessage(b.known...)})
	b.must(err)
	drafted, err := b.letters.DraftLetter(b.as(uwv), &lettersv1.DraftLetterRequest{Letter: letterMessage(opened.GetBottleneck().GetId())})
	b.must(err)
	id := drafted.GetLetter().GetId()
	_, err = b.letters.AdoptLetter(b.as(uwv), &lettersv1.AdoptLetterRequest{Id: id, AdoptedBy: board()})
	b.must(err)
	sent, err := b.letters.SendLetter(b.as(uwv), &lettersv1.SendLetterRequest{Id: id})
	b.must(err)
	return sent.GetLetter()
}

func TestEveryFaultOfAResponseIsToldAtOnce(t *testing.T) {
	t.Parallel()
	b := serve(t)
	letter := b.sent().GetId()
	for name, tt := range map[string]struct {
		change func(*lettersv1.Response)
		want   []string
	}{
		"what breaks a rule, and what the reference data do not know": {func(m *lettersv1.Response) {
			m.Motive, m.Due, m.Instrument, m.Owner.Organisation = "", "2027-02-30", "hamer", tooi+"ministerie/mnre1090"
			m.Ground = lettersv1.NotNowGround_NOT_NOW_GROUND_BUDGET
		}, []string{
			"response response-ground", "response.motive required", "response.due string-calendar-date",
			"response.instrument onbekend-begrip", "response.owner.organisation eigenaar-elders",
		}},
		"nothing at all": {func(m *lettersv1.Response) { proto.Reset(m) },
			[]string{"response.choice required", "response.motive required", "response.owner required", "response.due required", "response.external_reference required"}},
		"adopted without saying how": {func(m *lettersv1.Response) { m.Instrument = "" }, []string{"response response-instrument"}},
		"not now without saying why": {func(m *lettersv1.Response) { m.Choice = lettersv1.ResponseChoice_RESPONSE_CHOICE_NIET_NU },
			[]string{"response response-ground"}},
		"what only Schakel fills in": {func(m *lettersv1.Response) {
			m.Id, m.AnsweredAt, m.Department = letter, timestamppb.Now(), szw
		}, readOnly("response.", "id", "answered_at", "department")},
	} {
		t.Run(name, func(t *testing.T) {
			m := responseMessage()
			tt.change(m)
			_, err := b.letters.AnswerItem(b.as(szw), &lettersv1.AnswerItemRequest{Letter: letter, Number: 1, Response: m})
			b.refused(err, fault.Invalid, "ongeldige-invoer", tt.want...)
		})
	}
	_, err := b.letters.AnswerItem(b.as(szw), &lettersv1.AnswerItemRequest{Letter: letter, Number: 1})
	if f := fault.Of(rpc.FromStatus(err)); f == nil || len(f.Fields) != 5 {
		t.Errorf("without a response: %+v", f)
	}
	got, err := b.letters.GetLetter(b.as(szw), &lettersv1.GetLetterRequest{Id: letter})
	if err != nil || len(got.GetLetter().GetItems()[0].GetResponses()) > 0 {
		t.Errorf("stored: %v, %v", got, err)
	}
}

func TestADepartmentSeesOfABottleneckWhatWasPutToIt(t *testing.T) {
	t.Parallel()
	b := serve(t)
	id := b.sent().GetItems()[0].GetBottleneck()
	own, err := b.bottlenecks.GetBottleneck(b.as(uwv), &lettersv1.GetBottleneckRequest{Id: id})
	b.must(err)
	equal(t, "the signals", own.GetBottleneck().GetSignals(), b.known)
	equal(t, "the reference", own.GetBottleneck().GetExternalReference(), "K-1")
	want := proto.CloneOf(own.GetBottleneck())
	want.Signals, want.ExternalReference = nil, ""
	got, err := b.bottlenecks.GetBottleneck(b.as(szw), &lettersv1.GetBottleneckRequest{Id: id})
	b.must(err)
	equal(t, "what the department reads", got.GetBottleneck(), want)
	list, err := b.bottlenecks.ListBottlenecks(b.as(szw), &lettersv1.ListBottlenecksRequest{})
	b.must(err)
	equal(t, "what the department lists", list.GetBottlenecks(), []*lettersv1.Bottleneck{want})
}

func TestARepetitionIsToldAsSuch(t *testing.T) {
	t.Parallel()
	b := serve(t)
	sent := b.sent()
	opened, err := b.bottlenecks.OpenBottleneck(b.as(uwv), &lettersv1.OpenBottleneckRequest{Bottleneck: bottleneckMessage(b.known...)})
	b.must(err)
	drafted, err := b.letters.DraftLetter(b.as(uwv), &lettersv1.DraftLetterRequest{Letter: letterMessage(opened.GetBottleneck().GetId())})
	b.must(err)
	equal(t, "the letter", drafted, &lettersv1.DraftLetterResponse{Letter: sent, RepeatedSubmission: true})
	equal(t, "the bottleneck", opened.GetRepeatedSubmission(), true)
	answer := &lettersv1.AnswerItemRequest{Letter: sent.GetId(), Number: 1, Response: responseMessage()}
	first, err := b.letters.AnswerItem(b.as(szw), answer)
	b.must(err)
	again, err := b.letters.AnswerItem(b.as(szw), answer)
	b.must(err)
	equal(t, "the answer", again, &lettersv1.AnswerItemResponse{Response: first.GetResponse(), RepeatedSubmission: true})
	if first.GetRepeatedSubmission() {
		t.Error("the first answer passes for a repetition")
	}
}

func TestAnOfficeMustBeNamedToAdoptALetter(t *testing.T) {
	t.Parallel()
	b := serve(t)
	_, err := b.letters.AdoptLetter(b.as(uwv), &lettersv1.AdoptLetterRequest{Id: uuid.NewString()})
	b.refused(err, fault.Invalid, "ongeldige-invoer", "adopted_by required")
	_, err = b.letters.AdoptLetter(b.as(uwv), &lettersv1.AdoptLetterRequest{Id: "1", AdoptedBy: &referencev1.Office{}})
	b.refused(err, fault.Invalid, "ongeldige-invoer", "id string-uuid", "adopted_by.organisation required", "adopted_by.function required")
}

func TestAnyoneCanReckonTheHashOfALetter(t *testing.T) {
	t.Parallel()
	b := serve(t)
	sent := b.sent()
	equal(t, "the hash of the sent letter", reckoned(t, sent), sent.GetContentHash())
	answered, err := b.letters.AnswerItem(b.as(szw), &lettersv1.AnswerItemRequest{Letter: sent.GetId(), Number: 1, Response: responseMessage()})
	b.must(err)
	got, err := b.letters.GetLetter(b.as(szw), &lettersv1.GetLetterRequest{Id: sent.GetId()})
	b.must(err)
	equal(t, "the answer", got.GetLetter().GetItems()[0].GetResponses(), []*lettersv1.Response{answered.GetResponse()})
	equal(t, "the hash of the answered letter", reckoned(t, got.GetLetter()), sent.GetContentHash())
	equal(t, "the hash that it bears", got.GetLetter().GetContentHash(), sent.GetContentHash())
	for name, change := range map[string]func(*lettersv1.Letter){
		"title":        func(m *lettersv1.Letter) { m.Title += "!" },
		"introduction": func(m *lettersv1.Letter) { m.Introduction = "" },
		"department":   func(m *lettersv1.Letter) { m.Department = uwv },
		"day":          func(m *lettersv1.Letter) { m.AnswerBy = "2027-01-17" },
		"request":      func(m *lettersv1.Letter) { m.Items[0].Request += "!" },
		"words":        func(m *lettersv1.Letter) { m.Items[0].Description += "!" },
		"rules":        func(m *lettersv1.Letter) { m.Items[0].Provisions = nil },
		"signals":      func(m *lettersv1.Letter) { m.Items[0].SignalCount++ },
	} {
		other := proto.CloneOf(sent)
		change(other)
		if string(reckoned(t, other)) == string(sent.GetContentHash()) {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

// reckoned is the hash of what a letter says, as its proto describes it.
func reckoned(t *testing.T, m *lettersv1.Letter) []byte {
	t.Helper()
	m = &lettersv1.Letter{
		Organisation: m.GetOrganisation(), ExternalReference: m.GetExternalReference(), Department: m.GetDepartment(), Kind: m.GetKind(),
		Edition: m.GetEdition(), Title: m.GetTitle(), Introduction: m.GetIntroduction(), AnswerBy: m.GetAnswerBy(),
		Items: proto.CloneOf(m).GetItems(),
	}
	for _, item := range m.GetItems() {
		item.State, item.StateAt, item.Responses = 0, nil, nil
	}
	text, err := wire.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
