package e2e

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
)

// TestEveryWayInGivesTheSameVerdict makes all cases of testdata/intake over every
// way in, twice, and holds each answer to the one verdict that is written there.
// What the ways have stored is the same signals.
func TestEveryWayInGivesTheSameVerdict(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			attempts(t, "lees eerst")
			h := build(t)
			stored := map[string]*signalsv1.Signal{}
			t.Run("ways", func(t *testing.T) {
				for _, way := range entrances() {
					all := attempts(t, way.name)
					for _, a := range all {
						if a.stores() && way.takes(a) {
							stored[a.subject()] = a.message
						}
					}
					t.Run(way.name, func(t *testing.T) {
						t.Parallel()
						way.verdicts(t, h, all)
					})
				}
			})
			h.stores(t, stored)
			for _, server := range h.servers {
				if strings.Contains(server.Log(), canary) {
					t.Error("the log repeats what was sent")
				}
			}
		})
	}
}

// TestWhatOnlyGRPCCanSayWrongIsRefusedToo sends what JSON has no words for.
func TestWhatOnlyGRPCCanSayWrongIsRefusedToo(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	odd := signal(uwv, "VREEMD-1")
	odd.Severity, odd.Approach, odd.Extent.Certainty, odd.Confidentiality = 99, -1, 3, 4
	garbled := signal(uwv, "VREEMD-2")
	garbled.Provisions = append(garbled.Provisions, &referencev1.Provision{})
	all := []attempt{
		{of: "enums beyond what there is", message: odd,
			faults: []string{"/aanpak enum-defined-only", "/ernst enum-defined-only", "/omvang/zekerheid enum-defined-only", "/vertrouwelijkheid enum-defined-only"}},
		{of: "a provision of no register", message: garbled, faults: []string{"/regelingen/1 oneof-required"}},
	}
	for i := range all {
		all[i].as, all[i].verdict = "aanleveraar uwv", invalid
	}
	for _, way := range entrances() {
		if way.name == "gRPC" || way.name == "batch" || way.name == "stream" {
			for i, got := range way.submit(t, h, all) {
				all[i].holds(t, got)
			}
		}
	}
}

func (a attempt) stores() bool { return a.verdict == "accepted" && !a.trial }

// verdicts makes attempts over a way, as many at once as can go together.
func (w entrance) verdicts(t *testing.T, h *house, all []attempt) {
	all = slices.DeleteFunc(slices.Clone(all), func(a attempt) bool { return !w.takes(a) })
	if len(all) < 60 {
		t.Errorf("it takes %d attempts only", len(all))
	}
	first := map[string]found{} // by case
	ids := map[string]string{}  // of the signal that the steps of a case are about
	for _, group := range together(all) {
		for i, got := range w.submit(t, h, group) {
			a := group[i]
			a.holds(t, got)
			first[a.of] = got
			if key := a.subject(); got.id != "" && ids[key] == "" {
				ids[key] = got.id
			} else if got.id != "" && got.id != ids[key] {
				t.Errorf("%s: it is about %s, and was about %s", a.of, got.id, ids[key])
			}
		}
	}
	// Once more: what was stored is repeated, and nothing else changes.
	stored := map[string]bool{}
	for _, a := range all {
		stored[a.subject()] = stored[a.subject()] || a.stores()
	}
	for i, a := range all {
		if a.verdict == "accepted" && stored[a.subject()] {
			all[i].verdict = "repeated"
		}
	}
	for _, group := range together(all) {
		for i, got := range w.submit(t, h, group) {
			a, before := group[i], first[group[i].of]
			a.of += ", again"
			a.holds(t, got)
			if got.id != before.id || before.receipt != nil && !proto.Equal(got.receipt, before.receipt) {
				t.Errorf("%s: it is told as %s, and was as %s", a.of, got.id, before.id)
			}
		}
	}
}

// together parts attempts into groups that one caller can make at once: the first
// steps of all cases, then the second, and so on. What is refused as a call goes
// alone.
func together(all []attempt) (groups [][]attempt) {
	all = slices.SortedStableFunc(slices.Values(all), func(a, b attempt) int {
		return cmp.Or(cmp.Compare(a.step, b.step), strings.Compare(a.as, b.as))
	})
	for i, a := range all {
		if i == 0 || a.call || all[i-1].call || a.as != all[i-1].as || a.step != all[i-1].step || a.trial != all[i-1].trial {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], a)
	}
	return groups
}

// holds holds what became of an attempt to what is written.
func (a attempt) holds(t *testing.T, got found) {
	t.Helper()
	if diff := gocmp.Diff(a.verdict+"\n"+strings.Join(a.faults, "\n"), got.verdict+"\n"+strings.Join(got.faults, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", a.of, diff)
	}
	if conflict := strings.HasPrefix(a.verdict, "refused 409"); strings.HasPrefix(got.verdict, "refused") && conflict != (got.id != "") {
		t.Errorf("%s: %q is in its way", a.of, got.id)
	}
}

// subject is the signal that an attempt is about.
func (a attempt) subject() string {
	return a.message.GetOrganisation() + " " + a.message.GetExternalReference()
}

// stores sees to it that exactly these signals are there, as they were sent.
func (h *house) stores(t *testing.T, want map[string]*signalsv1.Signal) {
	t.Helper()
	c := newClients(h.ways()["gRPC"])
	got := map[string]*signalsv1.Signal{}
	for _, request := range []*signalsv1.ListSignalsRequest{{PageSize: 500}, {PageSize: 500, Organisation: sandbox}} {
		for {
			page := must(c.signals.ListSignals(h.as(access.Toezichthouder, ""), request))(t)
			for _, s := range page.GetSignals() {
				key := s.GetOrganisation() + " " + s.GetExternalReference()
				if got[key] != nil {
					t.Errorf("%s is there twice", key)
				}
				s.Id, s.State, s.Revision, s.ReceivedAt, s.StateAt = "", 0, 0, nil, nil
				got[key] = s
			}
			if request.PageToken = page.GetNextPageToken(); request.PageToken == "" {
				break
			}
		}
	}
	if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("stored (-sent +there):\n%s", diff)
	}
	t.Logf("%d signals", len(got))
}
