package e2e

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
)

// TestFixesBecomeABottleneck triages signals until fixes that are alike propose a
// bottleneck, and opens it, over REST. What was merged and withdrawn is
// counted once, and after a restart nothing is proposed again.
func TestFixesBecomeABottleneck(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			conn := h.ways()["REST"]
			d := &desk{&story{h, newClients(conn)}, signalsv1.NewTriageServiceClient(conn), lettersv1.NewProposalServiceClient(conn)}
			d.work(t)
		})
	}
}

// desk is where the signals of UWV are triaged.
type desk struct {
	*story
	triage    signalsv1.TriageServiceClient
	proposals lettersv1.ProposalServiceClient
}

func (d *desk) work(t *testing.T) {
	ids := d.submit(t, uwv, 9)
	editor := d.as(access.Redacteur, uwv)
	for category, threshold := range map[string]int32{"hardheid": 4, "complexiteit": 0} {
		must(d.triage.SetTriageRule(editor, &signalsv1.SetTriageRuleRequest{
			Category: category, Rule: &signalsv1.TriageRule{Threshold: threshold, WindowDays: 30},
		}))(t)
	}
	for _, id := range ids[:6] {
		found := must(d.triage.TriageSignal(editor, &signalsv1.TriageSignalRequest{
			Id: id, Approach: signalsv1.Approach_APPROACH_FIX, Note: "Eén geval.", ExpectedRevision: 1,
		}))(t).GetSignal()
		if found.GetState() != signalsv1.SignalState_SIGNAL_STATE_GETRIEERD {
			t.Errorf("triaged: %v", found)
		}
	}
	queue := must(d.triage.ListTriage(editor, &signalsv1.ListTriageRequest{}))(t).GetItems()
	if len(queue) != 3 || queue[0].GetSignal().GetId() != ids[6] || len(queue[0].GetRelated()) != 5 {
		t.Errorf("what waits: %v", queue)
	}
	p := d.proposed(t, 1)[0]
	if diff := cmp.Diff(ids[:4], p.GetSignals()); diff != "" || p.GetThreshold() != 4 || p.GetCategory() != "hardheid" {
		t.Errorf("proposed: %v\n%s", p, diff)
	}
	d.join(t, ids)
	opened := d.open(t, p)
	d.state(t, uwv, signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD, ids[0], ids[2], ids[3])
	d.state(t, uwv, signalsv1.SignalState_SIGNAL_STATE_SAMENGEVOEGD, ids[1])

	d.settled(t, map[string]int32{"signals": 23}) // 9 signals, 2 rules, 6 triaged, a proposal, 5 joined
	e := d.compile(t, today(), false)
	want := &lettersv1.EditionCounts{Signals: 9, Bundled: 3, InTriage: 4, Duplicate: 1, Withdrawn: 1, Bottlenecks: 1}
	if diff := cmp.Diff(want, e.GetCounts(), protocmp.Transform()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	d.restart()
	accepted := proto.CloneOf(p)
	accepted.State, accepted.Bottleneck = lettersv1.ProposalState_PROPOSAL_STATE_AANVAARD, opened.GetId()
	got := d.proposed(t, 1)[0]
	if diff := cmp.Diff(accepted, got, protocmp.Transform(), protocmp.IgnoreFields(p, "state_at")); diff != "" {
		t.Errorf("the proposal in the end (-want +got):\n%s", diff)
	}
}

// proposed waits until so many bottlenecks are proposed at UWV. Nobody else sees
// them.
func (d *desk) proposed(t *testing.T, count int) []*lettersv1.Proposal {
	t.Helper()
	var all []*lettersv1.Proposal
	await(t, "bottlenecks are proposed", func() error {
		got, err := d.proposals.ListProposals(d.as(access.Redacteur, uwv), &lettersv1.ListProposalsRequest{})
		if all = got.GetProposals(); err == nil && len(all) != count {
			err = fmt.Errorf("there are %d", len(all))
		}
		return err
	})
	if foreign := must(d.proposals.ListProposals(d.as(access.Redacteur, svb), &lettersv1.ListProposalsRequest{}))(t); len(foreign.GetProposals()) > 0 {
		t.Errorf("another sees %v", foreign)
	}
	return all
}

// join links two signals, merges two others into one of them, splits one again,
// and withdraws one.
func (d *desk) join(t *testing.T, ids []string) {
	t.Helper()
	editor := d.as(access.Redacteur, uwv)
	must(d.triage.LinkSignals(editor, &signalsv1.LinkSignalsRequest{Id: ids[5], Other: ids[4]}))(t)
	related := must(d.triage.ListRelatedSignals(editor, &signalsv1.ListRelatedSignalsRequest{Id: ids[4]}))(t).GetRelated()
	if len(related) != 8 || related[0].GetId() != ids[5] || !related[0].GetLinked() || related[0].GetLikeness() != 100 {
		t.Errorf("beside a signal: %v", related)
	}
	for _, id := range []string{ids[1], ids[2]} {
		must(d.triage.MergeSignal(editor, &signalsv1.MergeSignalRequest{Id: id, Into: ids[0], Reason: "Zelfde geval.", ExpectedRevision: 2}))(t)
	}
	split := must(d.triage.UnmergeSignal(editor, &signalsv1.UnmergeSignalRequest{Id: ids[2], Reason: "Toch niet."}))(t).GetSignal()
	if split.GetState() != signalsv1.SignalState_SIGNAL_STATE_GETRIEERD || split.GetMergedInto() != "" {
		t.Errorf("split: %v", split)
	}
	must(d.signals.WithdrawSignal(editor, &signalsv1.WithdrawSignalRequest{Id: ids[4], Reason: "Vergissing."}))(t)
}

// open opens the bottleneck that was proposed, of those of its signals that stand.
func (d *desk) open(t *testing.T, p *lettersv1.Proposal) (opened *lettersv1.Bottleneck) {
	t.Helper()
	editor := d.as(access.Redacteur, uwv)
	m := bottleneck(uwv, "KP-1", p.GetSignals()...)
	m.Proposal = p.GetId()
	await(t, "letters knows what was merged", func() error {
		_, err := d.bottlenecks.OpenBottleneck(editor, &lettersv1.OpenBottleneckRequest{Bottleneck: m})
		if problem := refused(err); problem == nil || problem.Reason != "signalen-vervallen" {
			return fmt.Errorf("it says %v", err)
		}
		return nil
	})
	m.Signals = append(m.Signals[:1:1], m.Signals[2:]...)
	await(t, "letters knows what was split", func() error {
		got, err := d.bottlenecks.OpenBottleneck(editor, &lettersv1.OpenBottleneckRequest{Bottleneck: m})
		opened = got.GetBottleneck()
		return err
	})
	return opened
}
