package letters_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"schakel.example/services/internal/fault"
	"schakel.example/services/letters"
	"schakel.example/services/reference"
)

const (
	tooi = "https://identifier.overheid.nl/tooi/id/"
	uwv  = tooi + "zbo/zb000117"
	szw  = tooi + "ministerie/mnre1073"
)

// now is a Friday.
var now = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func load(t testing.TB) *reference.Data {
	t.Helper()
	data, err := reference.Load()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// found lists path and reason of what a check finds as of now.
func found(t testing.TB, data *reference.Data, check func(*reference.Checklist)) (all []string) {
	t.Helper()
	c := data.Checklist(reference.DutchDate(now))
	check(c)
	for _, f := range c.Faults() {
		all = append(all, f.Path+" "+f.Reason)
		if f.Text.NL == "" || f.Text.EN == "" {
			t.Errorf("%s has no words: %+v", f.Path, f.Text)
		}
	}
	return all
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(reference.Provision{}, reference.Date{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// reason is that of a fault; empty for none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).Reason
}

func TestALetterIsHeldToTheReferenceData(t *testing.T) {
	t.Parallel()
	data := load(t)
	for _, tt := range []struct {
		name   string
		change func(*letters.Letter)
		want   []string
	}{
		{"a letter that names what exists is right", func(*letters.Letter) {}, nil},
		{"what is left out is not looked up", func(l *letters.Letter) { *l = letters.Letter{} }, nil},
		{"the organisation must be known", func(l *letters.Letter) { l.Organisation = "x" },
			[]string{"organisation onbekende-organisatie"}},
		{"the department must be known", func(l *letters.Letter) { l.Department = "x" },
			[]string{"department onbekende-organisatie"}},
		{"the department must be a ministry", func(l *letters.Letter) { l.Department = uwv },
			[]string{"department verkeerde-soort-organisatie"}},
		{"the department must still exist", func(l *letters.Letter) { l.Department = tooi + "ministerie/mnre1171" },
			[]string{"department vervallen-organisatie"}},
		{"a bottleneck stands in it once", func(l *letters.Letter) {
			l.Items = []letters.Item{{Bottleneck: "a"}, {Bottleneck: "b"}, {Bottleneck: "a"}, {Bottleneck: "b"}}
		}, []string{"items[2].bottleneck dubbel-knelpunt", "items[3].bottleneck dubbel-knelpunt"}},
		{"an item without a bottleneck is for the form to say", func(l *letters.Letter) {
			l.Items = []letters.Item{{}, {}}
		}, nil},
		{"an answer may be asked by tomorrow", func(l *letters.Letter) { l.AnswerBy = "2026-11-21" }, nil},
		{"an answer cannot be asked by today", func(l *letters.Letter) { l.AnswerBy = "2026-11-20" },
			[]string{"answer_by datum-voorbij"}},
		{"an answer cannot be asked by a day of long ago", func(l *letters.Letter) { l.AnswerBy = "1814-03-29" },
			[]string{"answer_by datum-voorbij"}},
		{"an answer cannot be asked by a day that nobody will see", func(l *letters.Letter) { l.AnswerBy = "9999-12-31" },
			[]string{"answer_by termijn-lengte"}},
		{"what is no day is for the form to say", func(l *letters.Letter) { l.AnswerBy = "morgen" }, nil},
		{"all faults are told at once", func(l *letters.Letter) {
			l.Organisation, l.Department, l.AnswerBy = "x", uwv, "2020-01-01"
		}, []string{"organisation onbekende-organisatie", "department verkeerde-soort-organisatie", "answer_by datum-voorbij"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := letters.Letter{
				Organisation: uwv, Department: szw, AnswerBy: "2027-01-15",
				Items: []letters.Item{{Bottleneck: "a"}, {Bottleneck: "b"}},
			}
			tt.change(&l)
			same(t, "faults", found(t, data, l.Check), tt.want)
		})
	}
}

func TestALetterTakesItsStepsInOrder(t *testing.T) {
	t.Parallel()
	data := load(t)
	const (
		notDraft, notAdopted, notSent = "brief-geen-concept", "brief-niet-vastgesteld", "brief-niet-verzonden"
	)
	for _, tt := range []struct {
		name                string
		state               letters.LetterState
		adopt, send, answer string // the reason of a refusal
	}{
		{"a draft can be adopted", letters.LetterDraft, "", notAdopted, notSent},
		{"an adopted letter can be sent", letters.LetterAdopted, notDraft, "", notSent},
		{"a sent letter can be answered", letters.LetterSent, notDraft, notAdopted, ""},
		{"an answered letter can be answered further", letters.LetterAnswered, notDraft, notAdopted, ""},
		{"a letter that was followed up can be answered further", letters.LetterFollowedUp, notDraft, notAdopted, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			before := letters.Letter{
				Organisation: uwv, Department: szw, State: tt.state, Revision: 7,
				Items: []letters.Item{{Bottleneck: "a", Number: 1, State: letters.ItemWaiting}},
			}
			l := before
			l.Items = append([]letters.Item(nil), before.Items...)
			adopted, err := l.Adopt(reference.Office{Organisation: uwv, Function: "voorzitter"}, now)
			same(t, "adopting", reason(err), tt.adopt)
			sent, err := l.Send(data, map[string]letters.Bottleneck{"a": {Title: "Titel"}}, nil, now)
			same(t, "sending", reason(err), tt.send)
			_, err = l.Answerable(1)
			same(t, "answering", reason(err), tt.answer)
			same(t, "the letter itself", l, before)
			if tt.adopt == "" {
				same(t, "the revision of the adopted", adopted.Revision, 8)
			}
			if tt.send == "" {
				same(t, "the revision of the sent", sent.Revision, 8)
			}
		})
	}
}

func TestALetterIsAdoptedByItsOwnOrganisation(t *testing.T) {
	t.Parallel()
	l := letters.Letter{Organisation: uwv}.Draft("id", now)
	got, err := l.Adopt(reference.Office{Organisation: szw, Function: "minister"}, now)
	same(t, "the refusal", reason(err), "vaststeller-elders")
	same(t, "the letter", got, l)
}

func TestADraftLeavesWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	given := letters.Letter{Items: []letters.Item{{Bottleneck: "a"}, {Bottleneck: "b"}}}
	got := given.Draft("id", now)
	same(t, "what was given", given.Items, []letters.Item{{Bottleneck: "a"}, {Bottleneck: "b"}})
	same(t, "the items", got.Items, []letters.Item{
		{Bottleneck: "a", Number: 1, State: letters.ItemDraft, StateAt: now},
		{Bottleneck: "b", Number: 2, State: letters.ItemDraft, StateAt: now},
	})
}

func TestSendingFreezesTheWordsOfEachBottleneck(t *testing.T) {
	t.Parallel()
	p, err := reference.ParseProvision(reference.ProvisionCELEX, "32004R0883")
	if err != nil {
		t.Fatal(err)
	}
	l := letters.Letter{State: letters.LetterAdopted, Items: []letters.Item{
		{Bottleneck: "b", Request: "Doe b.", Number: 1}, {Bottleneck: "a", Request: "Doe a.", Number: 2},
	}}
	got, err := l.Send(load(t), map[string]letters.Bottleneck{
		"a": {Title: "A", Description: "van a", Category: "hardheid", Signals: []string{"s1"}},
		"b": {Title: "B", Description: "van b", Category: "samenloop", Signals: []string{"s2", "s3"}, Provisions: []reference.Provision{p}},
	}, map[string]int{"b": 2}, now)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the letter", got, letters.Letter{State: letters.LetterSent, SentAt: now, Revision: 1, Items: []letters.Item{
		{
			Bottleneck: "b", Request: "Doe b.", Number: 1, Title: "B", Description: "van b", Category: "samenloop",
			Provisions: []reference.Provision{p}, SignalCount: 2, State: letters.ItemWaiting, StateAt: now,
		},
		{
			Bottleneck: "a", Request: "Doe a.", Number: 2, Title: "A", Description: "van a", Category: "hardheid",
			SignalCount: 0, State: letters.ItemWaiting, StateAt: now,
		},
	}})
}

func TestTheTermForAnAnswerFollowsTheTermijnenwetByAnalogy(t *testing.T) {
	t.Parallel()
	data := load(t)
	for _, tt := range []struct {
		name, sent, by, end string
		provisional         bool
	}{
		{"a working day stays", "2026-11-20", "2026-12-18", "2026-12-18", false},
		{"a Saturday moves to Monday", "2026-11-20", "2026-12-19", "2026-12-21", false},
		{"a Sunday moves to Monday", "2026-11-20", "2026-12-20", "2026-12-21", false},
		{"Christmas on a Friday moves past the weekend", "2026-11-20", "2026-12-25", "2026-12-28", false},
		{"Easter Monday moves to Tuesday", "2027-03-01", "2027-03-29", "2027-03-30", false},
		{"a day by decree moves on", "2027-04-01", "2027-05-07", "2027-05-10", false},
		{"three days hold two working days", "2026-11-20", "2026-11-23", "2026-11-24", false},
		{"tomorrow that is a Saturday is Monday", "2026-11-20", "2026-11-21", "2026-11-23", false},
		{"more than ninety days stay, on a Sunday too", "2026-11-20", "2027-02-28", "2027-02-28", false},
		{"beyond the last decree it is provisional", "2028-12-20", "2029-01-31", "2029-01-31", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := letters.Letter{State: letters.LetterAdopted, AnswerBy: tt.by}.Send(data, nil, nil, noon(t, tt.sent))
			if err != nil {
				t.Fatal(err)
			}
			d := got.Deadline
			same(t, "the last day", d.End.String(), tt.end)
			same(t, "its basis", d.Basis, reference.BasisAgreed)
			same(t, "whether it is provisional", d.Provisional, tt.provisional)
			if len(d.Explanation) < 2 {
				t.Errorf("explained as %v", d.Explanation)
			}
		})
	}
}

func TestATermThatIsOverCannotBegin(t *testing.T) {
	t.Parallel()
	data := load(t)
	for _, tt := range []struct {
		name string
		sent time.Time
		by   string
		want string
	}{
		{"without a day there is no term", noon(t, "2026-11-20"), "", ""},
		{"tomorrow is a term", noon(t, "2026-11-20"), "2026-11-21", ""},
		{"today is none", noon(t, "2026-11-20"), "2026-11-20", "antwoorddatum-voorbij"},
		{"yesterday is none", noon(t, "2026-11-20"), "2026-11-19", "antwoorddatum-voorbij"},
		{"the day is that of the Netherlands", time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC), "2026-11-21", "antwoorddatum-voorbij"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := letters.Letter{State: letters.LetterAdopted, AnswerBy: tt.by}.Send(data, nil, nil, tt.sent)
			same(t, "the refusal", reason(err), tt.want)
			if tt.by == "" && got.Deadline != nil {
				t.Errorf("a term to %v", got.Deadline.End)
			}
		})
	}
}

func noon(t testing.TB, day string) time.Time {
	t.Helper()
	d, err := reference.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d.Time().Add(12 * time.Hour)
}

func TestOnlyAnItemThatIsThereAndNotSolvedTakesAnAnswer(t *testing.T) {
	t.Parallel()
	l := letters.Letter{State: letters.LetterSent, Items: []letters.Item{
		{Number: 1, State: letters.ItemWaiting}, {Number: 2, State: letters.ItemAnswered},
		{Number: 3, State: letters.ItemSolved}, {Number: 4, State: letters.ItemReopened},
	}}
	for number, want := range map[int]string{
		-1: "onbekend-nummer", 0: "onbekend-nummer", 1: "", 2: "", 3: "knelpunt-opgelost", 4: "", 5: "onbekend-nummer",
	} {
		item, err := l.Answerable(number)
		same(t, "the refusal", reason(err), want)
		if want == "" {
			same(t, "the item", item.Number, number)
		}
	}
}
