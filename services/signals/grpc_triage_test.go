package signals_test

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
)

// desk is where a redacteur triages the signals of UWV that are there.
type desk struct {
	*testing.T
	signalsv1.TriageServiceClient
	signals signalsv1.SignalServiceClient
	ids     []string
}

func openDesk(t *testing.T, count int) desk {
	t.Helper()
	conn, _ := connect(t, func() time.Time { return now })
	d := desk{T: t, TriageServiceClient: signalsv1.NewTriageServiceClient(conn), signals: signalsv1.NewSignalServiceClient(conn)}
	for i := range count {
		m := message()
		m.ExternalReference = fmt.Sprint("S-", i)
		got, err := d.signals.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m})
		if err != nil {
			t.Fatal(err)
		}
		d.ids = append(d.ids, got.GetSignal().GetId())
	}
	return d
}

const editor, stranger = uwv + "#redacteur", svb + "#redacteur"

func (d desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func TestASignalIsTriagedOverTheWire(t *testing.T) {
	t.Parallel()
	d := openDesk(t, 2)
	before, err := d.signals.GetSignal(as(t, editor), &signalsv1.GetSignalRequest{Id: d.ids[0]})
	d.must(err)
	got, err := d.TriageSignal(as(t, editor), &signalsv1.TriageSignalRequest{
		Id: d.ids[0], Approach: signalsv1.Approach_APPROACH_FIX, Categories: []string{"samenloop"}, Note: "Eén geval.", ExpectedRevision: 1,
	})
	d.must(err)
	want := before.GetSignal()
	want.Approach, want.Categories, want.TriageNote = signalsv1.Approach_APPROACH_FIX, []string{"samenloop"}, "Eén geval."
	want.State, want.Revision = signalsv1.SignalState_SIGNAL_STATE_GETRIEERD, 2
	equal(t, "the answer", got.GetSignal(), want)
	after, err := d.signals.GetSignal(as(t, editor), &signalsv1.GetSignalRequest{Id: d.ids[0]})
	d.must(err)
	equal(t, "what is read", after.GetSignal(), want)
	proven, err := d.signals.GetReceipt(as(t, editor), &signalsv1.GetReceiptRequest{Id: d.ids[0]})
	d.must(err)
	equal(t, "the receipt", got.GetReceipt(), proven.GetReceipt())

	_, err = d.TriageSignal(as(t, editor), &signalsv1.TriageSignalRequest{
		Id: d.ids[0], Approach: signalsv1.Approach_APPROACH_SOLVE, ExpectedRevision: 1,
	})
	refused(t, err, fault.Conflict, "revisie-ingehaald")
	for _, id := range []string{d.ids[1], "01900000-0000-7000-8000-000000000000"} {
		_, err = d.TriageSignal(as(t, stranger), &signalsv1.TriageSignalRequest{Id: id, Approach: signalsv1.Approach_APPROACH_FIX})
		refused(t, err, fault.NotFound, "onbekend-signaal")
	}
}

func TestEveryFaultOfAFindingIsTold(t *testing.T) {
	t.Parallel()
	d := openDesk(t, 1)
	_, err := d.TriageSignal(as(t, editor), &signalsv1.TriageSignalRequest{Id: d.ids[0], Categories: []string{"hardheid", "hardheid"}})
	if f := told(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 2 {
		t.Errorf("%+v", f)
	}
	_, err = d.TriageSignal(as(t, editor), &signalsv1.TriageSignalRequest{
		Id: d.ids[0], Approach: signalsv1.Approach_APPROACH_FIX, Categories: []string{"hardheid", "hard", "streng"},
	})
	refused(t, err, fault.Invalid, "ongeldige-invoer", "categories[1] onbekend-begrip", "categories[2] onbekend-begrip")
	_, err = d.SetTriageRule(as(t, editor), &signalsv1.SetTriageRuleRequest{Category: "hard", Rule: &signalsv1.TriageRule{Threshold: 3, WindowDays: 30}})
	refused(t, err, fault.Invalid, "ongeldige-invoer", "category onbekend-begrip")
	_, err = d.SetTriageRule(as(t, editor), &signalsv1.SetTriageRuleRequest{Category: "hardheid", Rule: &signalsv1.TriageRule{Threshold: 3}})
	if f := told(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 {
		t.Errorf("%+v", f)
	}
	_, err = d.LinkSignals(as(t, editor), &signalsv1.LinkSignalsRequest{Id: d.ids[0], Other: d.ids[0]})
	refused(t, err, fault.Invalid, "zelfde-signaal")
}

func TestWhatWaitsIsListedWithWhatIsBesideIt(t *testing.T) {
	t.Parallel()
	d := openDesk(t, 3)
	_, err := d.LinkSignals(as(t, editor), &signalsv1.LinkSignalsRequest{Id: d.ids[2], Other: d.ids[0]})
	d.must(err)
	first, err := d.ListTriage(as(t, editor), &signalsv1.ListTriageRequest{PageSize: 2})
	d.must(err)
	rest, err := d.ListTriage(as(t, editor), &signalsv1.ListTriageRequest{PageSize: 2, PageToken: first.GetNextPageToken()})
	d.must(err)
	var got []string
	for _, item := range append(first.GetItems(), rest.GetItems()...) {
		got = append(got, item.GetSignal().GetId())
		if item.GetDaysWaiting() != 0 {
			t.Errorf("it waits for %d days", item.GetDaysWaiting())
		}
	}
	if len(first.GetItems()) != 2 || rest.GetNextPageToken() != "" || fmt.Sprint(got) != fmt.Sprint(d.ids) {
		t.Errorf("%v, want %v", got, d.ids)
	}
	want := &signalsv1.RelatedSignal{
		Id: d.ids[2], ExternalReference: "S-2", Title: "Titel", State: signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN, Linked: true, Likeness: 100,
	}
	equal(t, "beside the first", first.GetItems()[0].GetRelated()[0], want)
	related, err := d.ListRelatedSignals(as(t, editor), &signalsv1.ListRelatedSignalsRequest{Id: d.ids[0]})
	d.must(err)
	equal(t, "beside it alone", related, &signalsv1.ListRelatedSignalsResponse{Related: []*signalsv1.RelatedSignal{want}})
	foreign, err := d.ListTriage(as(t, stranger), &signalsv1.ListTriageRequest{})
	d.must(err)
	equal(t, "the queue of another", foreign, &signalsv1.ListTriageResponse{})
	_, err = d.ListTriage(as(t, editor), &signalsv1.ListTriageRequest{PageToken: "volgende"})
	refused(t, err, fault.Invalid, "ongeldige-cursor", "page_token ongeldige-cursor")

	_, err = d.UnlinkSignals(as(t, editor), &signalsv1.UnlinkSignalsRequest{Id: d.ids[0], Other: d.ids[2]})
	d.must(err)
	_, err = d.UnlinkSignals(as(t, editor), &signalsv1.UnlinkSignalsRequest{Id: d.ids[0], Other: d.ids[2]})
	refused(t, err, fault.NotFound, "niet-gekoppeld")
}

func TestASignalIsMergedAndSplitOverTheWire(t *testing.T) {
	t.Parallel()
	d := openDesk(t, 2)
	merged, err := d.MergeSignal(as(t, editor), &signalsv1.MergeSignalRequest{Id: d.ids[1], Into: d.ids[0], Reason: "Zelfde geval.", ExpectedRevision: 1})
	d.must(err)
	if s := merged.GetSignal(); s.GetState() != signalsv1.SignalState_SIGNAL_STATE_SAMENGEVOEGD || s.GetMergedInto() != d.ids[0] || s.GetRevision() != 2 {
		t.Errorf("merged: %v", s)
	}
	proven, err := d.signals.GetReceipt(as(t, editor), &signalsv1.GetReceiptRequest{Id: d.ids[1]})
	d.must(err)
	equal(t, "the receipt", merged.GetReceipt(), proven.GetReceipt())
	_, err = d.MergeSignal(as(t, editor), &signalsv1.MergeSignalRequest{Id: d.ids[0], Into: d.ids[1], Reason: "Andersom."})
	refused(t, err, fault.Precondition, "ander-signaal-vervallen")
	_, err = d.TriageSignal(as(t, editor), &signalsv1.TriageSignalRequest{Id: d.ids[1], Approach: signalsv1.Approach_APPROACH_FIX})
	refused(t, err, fault.Precondition, "signaal-samengevoegd")
	split, err := d.UnmergeSignal(as(t, editor), &signalsv1.UnmergeSignalRequest{Id: d.ids[1], Reason: "Toch niet.", ExpectedRevision: 2})
	d.must(err)
	if s := split.GetSignal(); s.GetState() != signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN || s.GetMergedInto() != "" || s.GetRevision() != 3 {
		t.Errorf("split: %v", s)
	}
	receipt, err := proto.Marshal(split.GetReceipt())
	d.must(err)
	if len(receipt) == 0 {
		t.Error("a split has no receipt")
	}
	_, err = d.UnmergeSignal(as(t, editor), &signalsv1.UnmergeSignalRequest{Id: d.ids[1], Reason: "Toch niet."})
	refused(t, err, fault.Precondition, "signaal-niet-samengevoegd")
}

func TestThereIsARuleForEachCategory(t *testing.T) {
	t.Parallel()
	d := openDesk(t, 0)
	before, err := d.ListTriageRules(as(t, editor), &signalsv1.ListTriageRulesRequest{})
	d.must(err)
	if n := len(before.GetRules()); n < 5 {
		t.Fatalf("%d rules", n)
	}
	for _, r := range before.GetRules() {
		if !r.GetPreset() || r.GetThreshold() != 5 || r.GetWindowDays() != 365 || r.GetOrganisation() != uwv {
			t.Errorf("%v is not the preset rule", r)
		}
	}
	set, err := d.SetTriageRule(as(t, editor), &signalsv1.SetTriageRuleRequest{
		Category: "hardheid", Rule: &signalsv1.TriageRule{Threshold: 3, WindowDays: 30},
	})
	d.must(err)
	want := &signalsv1.TriageRule{Organisation: uwv, Category: "hardheid", Threshold: 3, WindowDays: 30}
	equal(t, "the answer", set.GetRule(), want)
	overseer, err := d.ListTriageRules(as(t, "#toezichthouder"), &signalsv1.ListTriageRulesRequest{Organisation: uwv})
	d.must(err)
	found := 0
	for _, r := range overseer.GetRules() {
		if proto.Equal(r, want) {
			found++
		}
	}
	if found != 1 || len(overseer.GetRules()) != len(before.GetRules()) {
		t.Errorf("who oversees sees %v", overseer)
	}
	for _, organisation := range []string{uwv, tooi + "zbo/zb999999"} {
		foreign, err := d.ListTriageRules(as(t, stranger), &signalsv1.ListTriageRulesRequest{Organisation: organisation})
		d.must(err)
		equal(t, "the rules of another", foreign, &signalsv1.ListTriageRulesResponse{})
	}
	_, err = d.ListTriageRules(as(t, "#toezichthouder"), &signalsv1.ListTriageRulesRequest{})
	refused(t, err, fault.Invalid, "ongeldige-invoer", "organisation required")
}
