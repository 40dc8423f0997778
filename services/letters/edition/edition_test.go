package edition_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/letters/edition"
	"schakel.example/services/reference"
)

const (
	uwv = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	szw = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073"
)

// book is a ledger in memory.
type book struct {
	signer  *ledger.Signer
	entries []edition.Entry
}

func newBook(tb testing.TB, origin string) *book {
	tb.Helper()
	key, _, err := ledger.GenerateKey(origin)
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := ledger.NewSigner(origin, key)
	if err != nil {
		tb.Fatal(err)
	}
	return &book{signer: signer}
}

// at is a moment on a day of 2026.
func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

func (b *book) add(tb testing.TB, subject string, when time.Time, data proto.Message) {
	tb.Helper()
	b.addOf(tb, uwv, subject, when, data)
}

// addOf adds an event of an organisation.
func (b *book) addOf(tb testing.TB, organisation, subject string, when time.Time, data proto.Message) {
	tb.Helper()
	payload, err := ledger.Event{
		ID: fmt.Sprintf("01900000-0000-7000-8000-%012d", len(b.entries)), Source: "urn:nld:oin:00000099000000001000:systeem:proef",
		Subject: subject, Organisation: organisation, Time: when, Data: data,
	}.Marshal()
	if err != nil {
		tb.Fatal(err)
	}
	leaf := ledger.Entry{Payload: payload}.Leaf()
	b.entries = append(b.entries, edition.Entry{Index: int64(len(b.entries)), Payload: payload, Leaf: leaf})
}

// Checkpoint implements edition.Ledger. Its root is reckoned by tlog, as every
// verifier does.
func (b *book) Checkpoint(context.Context) (ledger.Checkpoint, error) {
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, i := range indexes {
			found = append(found, hashes[i])
		}
		return found, nil
	})
	for i, e := range b.entries {
		added, err := tlog.StoredHashesForRecordHash(int64(i), e.Leaf, read)
		if err != nil {
			return ledger.Checkpoint{}, err
		}
		hashes = append(hashes, added...)
	}
	size := int64(len(b.entries))
	root, err := tlog.TreeHash(size, read)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return b.signer.Sign(size, root, at(time.November, 1))
}

// Entries implements edition.Ledger, a few at a time.
func (b *book) Entries(_ context.Context, from int64, limit int) ([]edition.Entry, error) {
	return b.entries[from:min(from+int64(min(limit, 3)), int64(len(b.entries)))], nil
}

func id(n int) string { return fmt.Sprintf("01900000-0000-7000-9000-%012d", n) }

func signal(n int, c signalsv1.Confidentiality) *eventsv1.SignalSubmitted {
	return &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{
		Id: id(n), Organisation: uwv, ExternalReference: fmt.Sprint("S-", n), Title: "=1+1; \"aanhaling\"",
		Description: "<script>alert(1)</script>\nregel twee", Categories: []string{"hardheid"}, Confidentiality: c,
		State: signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN, ReceivedAt: timestamppb.New(at(time.January, n)), Revision: 1,
		Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Jci{Jci: "jci1.3:c:BWBR0019057&artikel=77"}}},
	}}
}

// books are three ledgers with a small story: six signals, of which three are
// bundled and two not public; a letter of two items of which one is answered;
// six contacts in one year and one in another.
func books(tb testing.TB) (edition.Ledgers, []*book) {
	tb.Helper()
	signals, letters, contacts := newBook(tb, "proef/signalen"), newBook(tb, "proef/brieven"), newBook(tb, "proef/contacten")
	for n := 1; n <= 6; n++ {
		c := signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR
		if n > 4 {
			c = signalsv1.Confidentiality_CONFIDENTIALITY_VERTROUWELIJK
		}
		signals.add(tb, id(n), at(time.January, n), signal(n, c))
	}
	for i, members := range [][]string{{id(1), id(2)}, {id(5)}} {
		n := 11 + i
		letters.add(tb, id(n), at(time.February, 1), &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{
			Id: id(n), Organisation: uwv, Title: "Knelpunt", Signals: members,
		}})
	}
	items := []*lettersv1.LetterItem{{Bottleneck: id(11), Number: 1, Request: "a"}, {Bottleneck: id(12), Number: 2, Request: "b"}}
	letters.add(tb, id(21), at(time.March, 2), &eventsv1.LetterSent{Letter: &lettersv1.Letter{
		Id: id(21), Organisation: uwv, Department: szw, Title: "Brief", Edition: "2026", Items: items,
		SentAt: timestamppb.New(at(time.March, 2)), Kind: lettersv1.LetterKind_LETTER_KIND_KNELPUNTENBRIEF,
	}})
	for _, item := range items {
		frozen := proto.CloneOf(item)
		frozen.Title, frozen.Description, frozen.Category, frozen.SignalCount = "Bevroren <b>titel</b>", "Omschrijving", "hardheid", 2
		letters.add(tb, fmt.Sprintf("%s/%d", id(21), item.GetNumber()), at(time.March, 2), &eventsv1.ItemPresented{Letter: id(21), Item: frozen})
	}
	letters.add(tb, id(31), at(time.March, 12), &eventsv1.ItemAnswered{Letter: id(21), Number: 1, Bottleneck: id(11), Response: &lettersv1.Response{
		Id: id(31), Choice: lettersv1.ResponseChoice_RESPONSE_CHOICE_NIET_NU, Ground: lettersv1.NotNowGround_NOT_NOW_GROUND_BUDGET,
		Motive: "Geen geld.", Owner: &referencev1.Office{Organisation: szw, Function: "directeur"}, Due: "2027-01-01",
		AnsweredAt: timestamppb.New(at(time.March, 12)), Department: szw,
	}})
	for n := range 7 {
		held := at(time.April, 1+n)
		if n == 6 {
			held = held.AddDate(-1, 0, 0)
		}
		contacts.add(tb, id(40+n), at(time.April, 20), &eventsv1.ContactLogged{Contact: &contactsv1.Contact{
			Id: id(40 + n), Department: szw, HeldAt: timestamppb.New(held),
		}})
	}
	return edition.Ledgers{Signals: signals, Letters: letters, Contacts: contacts}, []*book{signals, letters, contacts}
}

func compile(tb testing.TB, ledgers edition.Ledgers, date reference.Date) *edition.Edition {
	tb.Helper()
	data, err := reference.Load()
	if err != nil {
		tb.Fatal(err)
	}
	checkpoints, err := ledgers.Now(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	e, err := edition.Compile(tb.Context(), data, ledgers, edition.NewIdentity(edition.Identity{Name: "2026", ReferenceDate: date, Example: true}, data, checkpoints))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func file(tb testing.TB, e *edition.Edition, path string) []byte {
	tb.Helper()
	for _, f := range e.Files {
		if f.Path == path {
			return f.Data
		}
	}
	tb.Fatalf("the edition has no %s", path)
	return nil
}

func records(tb testing.TB, e *edition.Edition, path string) [][]string {
	tb.Helper()
	all, err := csv.NewReader(bytes.NewReader(file(tb, e, path))).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	return all[1:]
}

var lateInTheYear = reference.NewDate(2026, time.October, 1)

func TestEverySignalIsCountedExactlyOnce(t *testing.T) {
	t.Parallel()
	ledgers, _ := books(t)
	want := &lettersv1.EditionCounts{Signals: 6, Bundled: 3, InTriage: 3, Bottlenecks: 2, Letters: 1, Items: 2, Answered: 1, Silent: 1}
	if diff := cmp.Diff(want, compile(t, ledgers, lateInTheYear).Counts, protocmp.Transform()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestAnEditionTellsNothingOfAfterItsReferenceDate(t *testing.T) {
	t.Parallel()
	ledgers, _ := books(t)
	want := &lettersv1.EditionCounts{Signals: 6, Bundled: 3, InTriage: 3, Bottlenecks: 2, Letters: 1, Items: 2, Silent: 2}
	got := compile(t, ledgers, reference.NewDate(2026, time.March, 11))
	if diff := cmp.Diff(want, got.Counts, protocmp.Transform()); diff != "" {
		t.Errorf("counts on the day before the answer (-want +got):\n%s", diff)
	}
	if days := records(t, got, "knelpunten.csv")[0][13]; days != "9" {
		t.Errorf("waited %s days on 11 March for a letter of 2 March, want 9", days)
	}
}

func TestWhatIsNotPublicIsCountedAndNotTold(t *testing.T) {
	t.Parallel()
	ledgers, _ := books(t)
	e := compile(t, ledgers, lateInTheYear)
	var told []string
	for _, row := range records(t, e, "signalen.csv") {
		told = append(told, row[2])
	}
	if diff := cmp.Diff([]string{"S-1", "S-2", "S-3", "S-4"}, told); diff != "" {
		t.Errorf("signals told (-want +got):\n%s", diff)
	}
	if report := file(t, e, "index.html"); bytes.Contains(report, []byte("S-5")) {
		t.Error("the report tells of a confidential signal")
	}
	want := [][]string{{uwv, "ontvangen", "3"}, {uwv, "gebundeld", "1"}, {uwv, "beantwoord", "2"}}
	if diff := cmp.Diff(want, records(t, e, "aantallen.csv")); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestFewContactsAreNotToldApart(t *testing.T) {
	t.Parallel()
	ledgers, _ := books(t)
	want := [][]string{{szw, "2025", "<5"}, {szw, "2026", "6"}}
	if diff := cmp.Diff(want, records(t, compile(t, ledgers, lateInTheYear), "contacten.csv")); diff != "" {
		t.Errorf("contacts (-want +got):\n%s", diff)
	}
}

func TestTextOfOthersCannotBecomeMarkup(t *testing.T) {
	t.Parallel()
	ledgers, _ := books(t)
	e := compile(t, ledgers, lateInTheYear)
	report := string(file(t, e, "index.html"))
	if strings.Contains(report, "<script") || strings.Contains(report, "<b>titel") {
		t.Error("text stands in the report as markup")
	}
	if !strings.Contains(report, "Bevroren &lt;b&gt;titel&lt;/b&gt;") || !strings.Contains(report, "VOORBEELD") {
		t.Error("the report lacks an item's title, or does not say that it is an example")
	}
	if got := records(t, e, "signalen.csv")[0][6]; got != "<script>alert(1)</script>\nregel twee" {
		t.Errorf("the table has %q for the description", got)
	}
}

func TestTheSameIdentityGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	ledgers, _ := books(t)
	first := compile(t, ledgers, lateInTheYear)
	for range 5 {
		if diff := cmp.Diff(first.Files, compile(t, ledgers, lateInTheYear).Files); diff != "" {
			t.Fatalf("compiled again (-first +again):\n%s", diff)
		}
	}
	other := compile(t, ledgers, lateInTheYear.AddDays(1))
	if other.Identity.ID() == first.Identity.ID() {
		t.Error("another date has the same id")
	}
}

func TestAnErasedEntryIsLeftOut(t *testing.T) {
	t.Parallel()
	ledgers, all := books(t)
	for _, b := range all {
		for i := range b.entries {
			b.entries[i] = edition.Entry{Index: b.entries[i].Index, Erased: true, Leaf: b.entries[i].Leaf}
		}
	}
	e := compile(t, ledgers, lateInTheYear)
	if e.Counts.GetSignals() != 0 || !bytes.Contains(file(t, e, "index.html"), []byte("inhoud gewist")) {
		t.Errorf("counts %v, or the report does not say that something was erased", e.Counts)
	}
}

func TestAGapInALedgerIsNoEdition(t *testing.T) {
	t.Parallel()
	ledgers, all := books(t)
	all[0].entries[2].Index = 7
	if _, err := tryCompile(t, ledgers, ledgers); err == nil {
		t.Error("an edition was made of a ledger with a gap")
	}
}

// tryCompile compiles one set of ledgers to the checkpoints of another.
func tryCompile(tb testing.TB, from, signed edition.Ledgers) (*edition.Edition, error) {
	tb.Helper()
	data, err := reference.Load()
	if err != nil {
		tb.Fatal(err)
	}
	checkpoints, err := signed.Now(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return edition.Compile(tb.Context(), data, from, edition.NewIdentity(edition.Identity{Name: "2026", ReferenceDate: lateInTheYear, Example: true}, data, checkpoints))
}

func TestEntriesThatTheCheckpointWasNotSignedForAreNoEdition(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*book){
		"another entry":            func(b *book) { b.entries[2].Leaf[0]++ },
		"two in another order":     func(b *book) { b.entries[0].Leaf, b.entries[1].Leaf = b.entries[1].Leaf, b.entries[0].Leaf },
		"erased with another leaf": func(b *book) { b.entries[5] = edition.Entry{Index: 5, Erased: true} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signed, _ := books(t)
			from, all := books(t)
			change(all[0])
			// The books have other keys, but the same names and entries.
			if _, err := tryCompile(t, from, signed); !errors.Is(err, ledger.ErrDamaged) {
				t.Errorf("compiled: %v", err)
			}
		})
	}
	signed, _ := books(t)
	from, _ := books(t)
	if _, err := tryCompile(t, from, signed); err != nil {
		t.Errorf("the entries that it was signed for: %v", err)
	}
}

func TestOnlyPresentedBottlenecksAreNamedBesideASignal(t *testing.T) {
	t.Parallel()
	ledgers, all := books(t)
	all[1].add(t, id(13), at(time.February, 2), &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{
		Id: id(13), Organisation: uwv, Title: "Niet voorgelegd", Signals: []string{id(3)},
	}})
	var got [][2]string
	for _, row := range records(t, compile(t, ledgers, lateInTheYear), "signalen.csv") {
		got = append(got, [2]string{row[4], row[13]})
	}
	want := [][2]string{{"beantwoord", id(11)}, {"beantwoord", id(11)}, {"gebundeld", ""}, {"ontvangen", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state and bottleneck of each signal (-want +got):\n%s", diff)
	}
}

func BenchmarkCompile(b *testing.B) {
	ledgers, _ := books(b)
	signals := newBook(b, "proef/signalen")
	const many = 20_000
	for n := 1; n <= many; n++ {
		signals.add(b, id(n), at(time.January, 1), signal(1, signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR))
	}
	ledgers.Signals = signals
	b.ResetTimer()
	for b.Loop() {
		compile(b, ledgers, lateInTheYear)
	}
	b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "signals/s")
}
