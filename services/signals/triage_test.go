package signals_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"schakel.example/services/reference"
	"schakel.example/services/signals"
)

// received are fixes received on days of 2026, each named after its day and its
// place: "12.0" is the first one of day 12.
func received(days ...int) (all []signals.FixAt) {
	for i, day := range days {
		at := time.Date(2026, 1, day, 9, 0, 0, 0, time.UTC)
		all = append(all, signals.FixAt{Signal: fmt.Sprintf("%d.%d", day, i), ReceivedAt: at})
	}
	return all
}

func TestEnoughFixesWithinAWindowAreReached(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                    string
		threshold, days, before int
		fixes                   []int
		newest                  int // place in fixes
		want                    string
	}{
		{"too few", 3, 10, 0, []int{1, 2}, 1, ""},
		{"just enough", 3, 10, 0, []int{1, 2, 3}, 2, "1.0 2.1 3.2"},
		{"from the first moment of the window on", 3, 10, 0, []int{1, 2, 11}, 2, "1.0 2.1 11.2"},
		{"not before it", 3, 10, 0, []int{1, 2, 12}, 2, ""},
		{"those of before the window are left out", 3, 10, 0, []int{1, 12, 13, 14}, 3, "12.1 13.2 14.3"},
		{"all within it are taken", 3, 10, 0, []int{1, 2, 3, 4, 5}, 4, "1.0 2.1 3.2 4.3 5.4"},
		{"the one that came last may be between others", 3, 10, 0, []int{11, 8, 10}, 2, "8.1 10.2 11.0"},
		{"a window that it is not in counts for nothing", 3, 5, 0, []int{11, 12, 13, 1}, 3, ""},
		{"of two windows the most recent one", 2, 5, 0, []int{1, 5, 9}, 1, "5.1 9.2"},
		{"of one moment", 3, 1, 0, []int{7, 7, 7}, 1, "7.0 7.1 7.2"},
		{"never", 0, 10, 0, []int{1, 2, 3}, 2, ""},
		{"one is enough if the rule says so", 1, 10, 0, []int{1}, 0, "1.0"},
		{"after a proposal twice as many: too few", 2, 10, 1, []int{1, 2, 3}, 2, ""},
		{"after a proposal twice as many", 2, 10, 1, []int{1, 2, 3, 4}, 3, "1.0 2.1 3.2 4.3"},
		{"after two proposals four times as many: too few", 2, 10, 2, []int{1, 2, 3, 4, 5, 6, 7}, 6, ""},
	} {
		fixes := received(tt.fixes...)
		var got []string
		for _, fix := range (signals.Rule{Threshold: tt.threshold, WindowDays: tt.days}).Reached(fixes[tt.newest], fixes, tt.before) {
			got = append(got, fix.Signal)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAProposalNamesNoMoreThanABottleneckHolds(t *testing.T) {
	t.Parallel()
	var fixes []signals.FixAt
	for i := range signals.MaxProposed + 1 {
		fixes = append(fixes, signals.FixAt{Signal: fmt.Sprintf("%04d", i), ReceivedAt: now.Add(time.Duration(i) * time.Hour)})
	}
	rule := signals.Rule{Threshold: 5, WindowDays: 365}
	for _, before := range []int{0, 3, 60} {
		got := rule.Reached(fixes[len(fixes)-1], fixes, before)
		if diff := cmp.Diff(fixes[1:], got); diff != "" {
			t.Errorf("after %d proposals (-want +got):\n%s", before, diff)
		}
	}
	if got := rule.Reached(fixes[998], fixes[:999], 60); got != nil {
		t.Errorf("%d are enough after sixty proposals", len(got))
	}
}

func TestSignalsAreAlikeInEachRuleAndCategory(t *testing.T) {
	t.Parallel()
	var rules []reference.Provision
	for _, text := range []string{
		"jci1.3:c:BWBR0019057&artikel=76&lid=1", "jci1.3:c:BWBR0019057&artikel=76&lid=2", "jci1.3:c:BWBR0019057",
	} {
		p, err := reference.ParseProvision(reference.ProvisionJCI, text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, p)
	}
	s := signals.Signal{Organisation: uwv, Categories: []string{"hardheid", "samenloop"}, Provisions: rules}
	const article, whole = "jci1.3:c:BWBR0019057&artikel=76", "jci1.3:c:BWBR0019057"
	want := []signals.Theme{
		signals.NewTheme(uwv, "hardheid", article), signals.NewTheme(uwv, "hardheid", whole),
		signals.NewTheme(uwv, "samenloop", article), signals.NewTheme(uwv, "samenloop", whole),
	}
	if diff := cmp.Diff(want, s.Themes()); diff != "" {
		t.Errorf("themes (-want +got):\n%s", diff)
	}
	s.Provisions = nil
	without := s.Themes()
	if len(without) != 2 || without[0].Provision != "" || without[0].Kin == without[1].Kin {
		t.Errorf("without a rule: %v", without)
	}
	if a, b := signals.NewTheme(uwv, "hardheid", article), signals.NewTheme(svb, "hardheid", article); a.Kin == b.Kin {
		t.Error("two organisations are one kin")
	}
}

func TestTheIDOfAProposalFollowsFromWhatItIs(t *testing.T) {
	t.Parallel()
	theme := signals.NewTheme(uwv, "hardheid", "jci1.3:c:BWBR0019057&artikel=76")
	id := signals.ProposalID(uwv, theme, 1)
	if parsed, err := uuid.Parse(id); err != nil || parsed.Version() != 8 || parsed.Variant() != uuid.RFC4122 || parsed.String() != id {
		t.Errorf("%s is no UUIDv8: %v", id, err)
	}
	ids := []string{
		id, signals.ProposalID(uwv, theme, 2), signals.ProposalID(svb, theme, 1),
		signals.ProposalID(uwv, signals.NewTheme(uwv, "samenloop", theme.Provision), 1),
		signals.ProposalID(uwv, signals.NewTheme(uwv, "hardheid", "jci1.3:c:BWBR0019057"), 1),
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != 5 {
		t.Errorf("two are the same: %v", ids)
	}
	if again := signals.ProposalID(uwv, theme, 1); again != id {
		t.Errorf("%s, and then %s", id, again)
	}
}

func TestLikenessIsThePartThatIsShared(t *testing.T) {
	t.Parallel()
	list := func(text string) []string { return strings.Fields(text) }
	whole := signals.Traits{Provisions: list("a b"), Categories: list("c"), Values: list("v"), Words: list("w x y z")}
	for _, tt := range []struct {
		name string
		a, b signals.Traits
		want int
	}{
		{"the same", whole, whole, 100},
		{"nothing at all", signals.Traits{}, signals.Traits{}, 0},
		{"nothing in common", whole, signals.Traits{Provisions: list("c"), Categories: list("d"), Words: list("q")}, 0},
		{"a half of the rules", signals.Traits{Provisions: list("a b")}, signals.Traits{Provisions: list("a")}, 50},
		{"a third of the words", signals.Traits{Words: list("a b")}, signals.Traits{Words: list("b c")}, 33},
		{"what only one names weighs, too", signals.Traits{Words: list("a")}, signals.Traits{Words: list("a"), Values: list("v")}, 75},
		{"rules weigh most", signals.Traits{Provisions: list("a"), Words: list("b"), Categories: list("c"), Values: list("d")}, signals.Traits{Provisions: list("a")}, 40},
	} {
		if got := tt.a.Likeness(tt.b); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
		if back := tt.b.Likeness(tt.a); back != tt.want {
			t.Errorf("%s: %d from the other side", tt.name, back)
		}
	}
}
