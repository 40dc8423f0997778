package edition_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/letters/edition"
	"schakel.example/services/reference"
)

const (
	open         = signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR
	confidential = signalsv1.Confidentiality_CONFIDENTIALITY_VERTROUWELIJK
	received     = signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN
	triaged      = signalsv1.SignalState_SIGNAL_STATE_GETRIEERD
	withdrawn    = signalsv1.SignalState_SIGNAL_STATE_INGETROKKEN
	merged       = signalsv1.SignalState_SIGNAL_STATE_SAMENGEVOEGD
	sandbox      = "urn:nld:oin:00000099000000001000"
)

// in is a signal in a state, as its next revision tells.
func in(n int, state signalsv1.SignalState) *signalsv1.Signal {
	m := signal(n, open).GetSignal()
	m.State, m.StateAt, m.Revision = state, timestamppb.New(at(time.May, 1)), 2
	return m
}

// empty are three ledgers without entries.
func empty(tb testing.TB) (edition.Ledgers, []*book) {
	tb.Helper()
	all := []*book{newBook(tb, "proef/signalen"), newBook(tb, "proef/brieven"), newBook(tb, "proef/contacten")}
	return edition.Ledgers{Signals: all[0], Letters: all[1], Contacts: all[2]}, all
}

// bundle opens a bottleneck of signals, and present puts bottlenecks to a
// department.
func bundle(tb testing.TB, b *book, n int, members ...string) {
	tb.Helper()
	b.add(tb, id(n), at(time.February, 1), &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{
		Id: id(n), Organisation: uwv, Title: "Knelpunt", Signals: members,
	}})
}

func present(tb testing.TB, b *book, n int, when time.Time, bottlenecks ...int) {
	tb.Helper()
	letter := &lettersv1.Letter{Id: id(n), Organisation: uwv, Department: szw, Title: "Brief", SentAt: timestamppb.New(when)}
	for i, bottleneck := range bottlenecks {
		letter.Items = append(letter.Items, &lettersv1.LetterItem{Bottleneck: id(bottleneck), Number: int32(i + 1), SignalCount: 1})
	}
	b.add(tb, id(n), when, &eventsv1.LetterSent{Letter: letter})
}

func TestASignalIsCountedAsItsNewestRevisionTells(t *testing.T) {
	t.Parallel()
	ledgers, all := empty(t)
	signals, letters := all[0], all[1]
	for n := 1; n <= 10; n++ {
		signals.add(t, id(n), at(time.January, n), signal(n, open))
	}
	day := at(time.May, 1)
	amended := in(1, received)
	amended.Title = "Gewijzigd"
	signals.add(t, id(1), day, &eventsv1.SignalAmended{Signal: amended})
	signals.add(t, id(2), day, &eventsv1.SignalTriaged{Signal: in(2, triaged)})
	signals.add(t, id(3), day, &eventsv1.SignalWithdrawn{Signal: in(3, withdrawn)})
	signals.add(t, id(4), day, &eventsv1.SignalMerged{Signal: in(4, merged)})
	signals.add(t, id(5), day, &eventsv1.SignalMerged{Signal: in(5, merged)})
	signals.add(t, id(5), day, &eventsv1.SignalUnmerged{Signal: in(5, triaged)})
	signals.add(t, id(6), day, &eventsv1.SignalWithdrawn{Signal: in(6, withdrawn)}) // bundled
	signals.add(t, id(7), day, &eventsv1.SignalMerged{Signal: in(7, merged)})       // bundled
	signals.add(t, id(8), day, &eventsv1.SignalTriaged{Signal: in(8, triaged)})     // bundled
	closed := in(9, received)
	closed.Confidentiality = confidential
	signals.add(t, id(9), day, &eventsv1.SignalAmended{Signal: closed})
	signals.add(t, id(10), at(time.October, 2), &eventsv1.SignalWithdrawn{Signal: in(10, withdrawn)}) // later
	signals.add(t, id(1)+"/"+id(2), day, &eventsv1.SignalsLinked{Signals: []string{id(1), id(2)}, Linked: true})
	signals.add(t, uwv+"#hardheid", day, &eventsv1.TriageRuleSet{Rule: &signalsv1.TriageRule{Threshold: 3, WindowDays: 30}})
	signals.add(t, id(90), day, &eventsv1.BottleneckProposed{Proposal: id(90), Organisation: uwv, Signals: []string{id(1)}})
	bundle(t, letters, 11, id(6), id(7), id(8))
	e := compile(t, ledgers, lateInTheYear)
	want := &lettersv1.EditionCounts{Signals: 10, Withdrawn: 2, Duplicate: 2, Bundled: 1, InTriage: 5, Bottlenecks: 1}
	if diff := cmp.Diff(want, e.Counts, protocmp.Transform()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	var told []string
	for _, row := range records(t, e, "signalen.csv") {
		told = append(told, row[2]+" "+row[4])
	}
	if diff := cmp.Diff([]string{
		"S-1 ontvangen", "S-2 getrieerd", "S-3 ingetrokken", "S-4 samengevoegd", "S-5 getrieerd",
		"S-6 ingetrokken", "S-7 samengevoegd", "S-8 gebundeld", "S-10 ontvangen",
	}, told); diff != "" {
		t.Errorf("signals (-want +got):\n%s", diff)
	}
	if title := records(t, e, "signalen.csv")[0][5]; title != "Gewijzigd" {
		t.Errorf("the first is called %q", title)
	}
	if diff := cmp.Diff([][]string{
		{uwv, "ontvangen", "3"}, {uwv, "getrieerd", "2"}, {uwv, "gebundeld", "1"}, {uwv, "ingetrokken", "2"}, {uwv, "samengevoegd", "2"},
	}, records(t, e, "aantallen.csv")); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestASignalIsStillCountedAfterPersonalDataWereRemoved(t *testing.T) {
	t.Parallel()
	ledgers, all := empty(t)
	signals := all[0]
	erase := func(indexes ...int) {
		for _, i := range indexes {
			signals.entries[i] = edition.Entry{Index: int64(i), Erased: true, Leaf: signals.entries[i].Leaf}
		}
	}
	for n := 1; n <= 3; n++ {
		signals.add(t, id(n), at(time.January, n), signal(n, open))
	}
	early, since, late := in(1, triaged), in(2, withdrawn), in(3, withdrawn)
	late.StateAt = timestamppb.New(at(time.October, 3))
	late.Title = "Geschoond"
	signals.add(t, id(1), at(time.May, 1), &eventsv1.SignalRedacted{Signal: early})
	signals.add(t, id(2), at(time.October, 2), &eventsv1.SignalRedacted{Signal: since}) // after the reference date
	signals.add(t, id(3), at(time.October, 4), &eventsv1.SignalRedacted{Signal: late})
	signals.add(t, id(4), at(time.October, 4), signal(4, open))
	signals.add(t, id(4), at(time.October, 5), &eventsv1.SignalRedacted{Signal: func() *signalsv1.Signal {
		m := in(4, received)
		m.ReceivedAt = timestamppb.New(at(time.October, 4))
		return m
	}()})
	erase(0, 1, 2, 6)
	signals.add(t, id(5), at(time.January, 5), signal(5, open))
	signals.add(t, id(5), at(time.October, 6), &eventsv1.SignalRedacted{Signal: in(5, withdrawn)}) // what was before is there
	e := compile(t, ledgers, lateInTheYear)
	want := &lettersv1.EditionCounts{Signals: 4, InTriage: 3, Withdrawn: 1}
	if diff := cmp.Diff(want, e.Counts, protocmp.Transform()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	var told []string
	for _, row := range records(t, e, "signalen.csv") {
		told = append(told, row[2]+" "+row[4])
	}
	if diff := cmp.Diff([]string{"S-1 getrieerd", "S-2 ingetrokken", "S-3 ontvangen", "S-5 ontvangen"}, told); diff != "" {
		t.Errorf("signals (-want +got):\n%s", diff)
	}
}

// tells is all that an edition tells: its counts, and its files but for what is
// made of its identity.
func tells(tb testing.TB, e *edition.Edition) map[string]string {
	tb.Helper()
	all := map[string]string{"aantallen": e.Counts.String()}
	without := strings.NewReplacer(e.Identity.Text(), "", e.Identity.ID(), "")
	for _, f := range e.Files {
		if strings.HasSuffix(f.Path, ".csv") || f.Path == "index.html" {
			all[f.Path] = without.Replace(strings.ReplaceAll(string(f.Data), "&#43;", "+"))
		}
	}
	return all
}

// told compiles the edition of the small story to which something was added.
func told(t *testing.T, date reference.Date, add func(all []*book)) map[string]string {
	t.Helper()
	ledgers, all := books(t)
	add(all)
	return tells(t, compile(t, ledgers, date))
}

// protect makes a signal one that was reported under protection.
func protect(m *signalsv1.Signal) *signalsv1.Signal {
	m = proto.CloneOf(m)
	m.Protected, m.Confidentiality = true, confidential
	return m
}

func TestAnEditionIsTheSameWithOneProtectedReportMore(t *testing.T) {
	t.Parallel()
	report := protect(signal(9, confidential).GetSignal())
	submitted := func(all []*book) {
		all[0].add(t, id(9), at(time.January, 9), &eventsv1.SignalSubmitted{Signal: report})
	}
	next := func(all []*book, event func(*signalsv1.Signal) proto.Message, state signalsv1.SignalState) {
		all[0].add(t, id(9), at(time.May, 1), event(protect(in(9, state))))
	}
	for name, add := range map[string]func(all []*book){
		"nobody looked at it": submitted,
		"with a case": func(all []*book) {
			submitted(all)
			all[0].add(t, id(9)+"/dossier", at(time.January, 9), &eventsv1.CaseOpened{Signal: id(9)})
			all[0].add(t, id(91), at(time.January, 9), &eventsv1.CaseMessageAdded{Signal: id(9), Message: &signalsv1.CaseMessage{Text: "Vraag."}})
		},
		"of another organisation": func(all []*book) {
			other := proto.CloneOf(report)
			other.Organisation = "https://identifier.overheid.nl/tooi/id/zbo/zb000143"
			all[0].add(t, id(9), at(time.January, 9), &eventsv1.SignalSubmitted{Signal: other})
		},
		"whatever it says of itself": func(all []*book) {
			public := proto.CloneOf(report)
			public.Confidentiality = open
			all[0].add(t, id(9), at(time.January, 9), &eventsv1.SignalSubmitted{Signal: public})
		},
		"triaged": func(all []*book) {
			submitted(all)
			next(all, func(m *signalsv1.Signal) proto.Message { return &eventsv1.SignalTriaged{Signal: m} }, triaged)
		},
		"withdrawn": func(all []*book) {
			submitted(all)
			next(all, func(m *signalsv1.Signal) proto.Message { return &eventsv1.SignalWithdrawn{Signal: m} }, withdrawn)
		},
		"merged": func(all []*book) {
			submitted(all)
			next(all, func(m *signalsv1.Signal) proto.Message { return &eventsv1.SignalMerged{Signal: m} }, merged)
		},
		"bundled, and put to nobody": func(all []*book) {
			submitted(all)
			bundle(t, all[1], 19, id(9))
		},
		"bundled with one that nobody knows": func(all []*book) {
			submitted(all)
			bundle(t, all[1], 19, id(9), id(92))
		},
		"in a letter of after the reference date": func(all []*book) {
			submitted(all)
			bundle(t, all[1], 19, id(9))
			present(t, all[1], 29, at(time.October, 2), 19)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(told(t, lateInTheYear, func([]*book) {}), told(t, lateInTheYear, add)); diff != "" {
				t.Errorf("what is told (-without +with):\n%s", diff)
			}
		})
	}
	t.Run("bundled with others, and put to nobody", func(t *testing.T) {
		t.Parallel()
		without := told(t, lateInTheYear, func(all []*book) { bundle(t, all[1], 19, id(3)) })
		with := told(t, lateInTheYear, func(all []*book) {
			submitted(all)
			bundle(t, all[1], 19, id(3), id(9))
		})
		if diff := cmp.Diff(without, with); diff != "" {
			t.Errorf("what is told (-without +with):\n%s", diff)
		}
	})
}

func TestAProtectedReportInALetterIsAsAnyThatIsNotPublic(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]signalsv1.SignalState{"bundled": triaged, "withdrawn since": withdrawn, "merged since": merged} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			with := func(protected bool) map[string]string {
				m := in(9, state)
				m.Confidentiality, m.Protected = confidential, protected
				return told(t, lateInTheYear, func(all []*book) {
					all[0].add(t, id(9), at(time.January, 9), &eventsv1.SignalTriaged{Signal: m})
					bundle(t, all[1], 19, id(9))
					present(t, all[1], 29, at(time.March, 3), 19)
				})
			}
			if diff := cmp.Diff(with(false), with(true)); diff != "" {
				t.Errorf("what is told (-confidential +protected):\n%s", diff)
			}
		})
	}
}

func TestProtectedReportsAreToldByYearInStepsOnceTheYearIsOver(t *testing.T) {
	t.Parallel()
	reports := func(count int, year int) func(all []*book) {
		return func(all []*book) {
			for n := range count {
				m := protect(signal(1, confidential).GetSignal())
				day := time.Date(year, time.December, 31, 0, 0, 0, 0, time.UTC)
				m.Id, m.ReceivedAt = id(200+n), timestamppb.New(day)
				all[0].add(t, m.GetId(), day, &eventsv1.SignalSubmitted{Signal: m})
			}
		}
	}
	for _, tt := range []struct {
		count, year int
		date        reference.Date
		want        string
	}{
		{9, 2026, lateInTheYear, ""},
		{9, 2026, reference.NewDate(2026, time.December, 31), ""},
		{0, 2026, reference.NewDate(2027, time.January, 1), "2026 <5"},
		{1, 2026, reference.NewDate(2027, time.January, 1), "2026 <5"},
		{4, 2026, reference.NewDate(2027, time.January, 1), "2026 <5"},
		{5, 2026, reference.NewDate(2027, time.January, 1), "2026 5-9"},
		{9, 2026, reference.NewDate(2027, time.December, 31), "2026 5-9"},
		{10, 2026, reference.NewDate(2028, time.March, 1), "2026 10-14, 2027 <5"},
		{6, 2027, reference.NewDate(2028, time.March, 1), "2026 <5, 2027 5-9"},
	} {
		ledgers, all := books(t)
		reports(tt.count, tt.year)(all)
		e := compile(t, ledgers, tt.date)
		var got []string
		for _, row := range records(t, e, "beschermde-meldingen.csv") {
			got = append(got, strings.Join(row, " "))
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%d in %d, on %s: %q, want %q", tt.count, tt.year, tt.date, got, tt.want)
		}
		if e.Counts.GetSignals() != 6 {
			t.Errorf("%d signals are counted exactly", e.Counts.GetSignals())
		}
	}
}

func TestNothingOfASandboxIsInAnEdition(t *testing.T) {
	t.Parallel()
	without := told(t, lateInTheYear, func([]*book) {})
	with := told(t, lateInTheYear, func(all []*book) {
		m := signal(9, open).GetSignal()
		m.Organisation = sandbox
		of := func(b *book, subject string, data proto.Message) {
			b.addOf(t, sandbox, subject, at(time.March, 5), data)
		}
		of(all[0], id(9), &eventsv1.SignalSubmitted{Signal: m})
		of(all[0], id(9), &eventsv1.SignalWithdrawn{Signal: m})
		of(all[1], id(19), &eventsv1.BottleneckOpened{Bottleneck: &lettersv1.Bottleneck{Id: id(19), Organisation: sandbox, Signals: []string{id(9)}}})
		of(all[1], id(29), &eventsv1.LetterSent{Letter: &lettersv1.Letter{
			Id: id(29), Organisation: sandbox, Department: szw, SentAt: timestamppb.New(at(time.March, 5)),
			Items: []*lettersv1.LetterItem{{Bottleneck: id(19), Number: 1}},
		}})
		of(all[1], fmt.Sprint(id(29), "/1"), &eventsv1.ItemPresented{Letter: id(29), Item: &lettersv1.LetterItem{Bottleneck: id(19), Number: 1}})
		of(all[2], id(49), &eventsv1.ContactLogged{Contact: &contactsv1.Contact{Id: id(49), Department: sandbox, HeldAt: timestamppb.New(at(time.March, 5))}})
	})
	if diff := cmp.Diff(without, with); diff != "" {
		t.Errorf("what is told (-without +with):\n%s", diff)
	}
	if files := slices.Sorted(maps.Keys(with)); len(files) != 9 {
		t.Errorf("only %v were compared", files)
	}
}
