package signals

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"schakel.example/services/reference"
)

// Finding is what somebody found who triaged a signal.
type Finding struct {
	Approach Approach
	// Categories replace those of the signal; none leave them as they are.
	Categories []string
	Note       string
}

// Check holds the finding to the reference data.
func (f Finding) Check(c *reference.Checklist) {
	c.Terms("categories", reference.Categories, f.Categories)
}

// triaged is the signal with what was found, and says whether that changes
// anything.
func (s Signal) triaged(f Finding, now time.Time) (_ Signal, changed bool) {
	before := s
	s.Approach, s.TriageNote = f.Approach, f.Note
	if len(f.Categories) > 0 {
		s.Categories = f.Categories
	}
	if s.State != Triaged {
		s.State, s.StateAt = Triaged, now
	}
	return s, s.State != before.State || s.Approach != before.Approach || s.TriageNote != before.TriageNote ||
		!slices.Equal(s.Categories, before.Categories)
}

// Rule says when fixes that are alike become the proposal of a bottleneck: so many
// in one category and on one provision, received within so many days.
type Rule struct {
	Organisation, Category string
	Threshold              int // 0 is never
	WindowDays             int
	Preset                 bool // nobody set it
}

// PresetRule is the rule of an organisation that set none: five within a year, in
// each category. Five is where a case stops being a case apart, and where fewer
// would begin to tell of persons; a year is the rhythm of the letters.
func PresetRule(organisation, category string) Rule {
	return Rule{Organisation: organisation, Category: category, Threshold: 5, WindowDays: 365, Preset: true}
}

// MaxProposed is how many signals a proposal names: as many as a bottleneck holds.
const MaxProposed = 1000

// FixAt is a fix that counts: which signal, and when it was received.
type FixAt struct {
	Signal     string
	ReceivedAt time.Time
}

// Wanted is how many fixes make a proposal when so many were made before it within
// a window's time: each takes twice as many as the one before, so that who knows
// already hears again when it has doubled, and not of every five.
func (r Rule) Wanted(before int) int {
	wanted := r.Threshold
	for ; before > 0 && wanted < MaxProposed; before-- {
		wanted = min(2*wanted, MaxProposed)
	}
	return wanted
}

// Reached picks the fixes of a next proposal out of those of one theme that stand
// in none, or says that there are fewer than Wanted. They are the most recent
// window that newest, the one that came last, is in; the window ends with a fix.
//
// What is picked is in the order of receipt, at most MaxProposed, the latest.
func (r Rule) Reached(newest FixAt, fixes []FixAt, before int) []FixAt {
	wanted := r.Wanted(before)
	if r.Threshold == 0 || len(fixes) < wanted {
		return nil
	}
	fixes = slices.SortedFunc(slices.Values(fixes), func(a, b FixAt) int {
		return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.Signal, b.Signal))
	})
	for end := len(fixes); end >= wanted; end-- {
		last := fixes[end-1].ReceivedAt
		first, _ := slices.BinarySearchFunc(fixes, r.since(last), func(c FixAt, t time.Time) int { return c.ReceivedAt.Compare(t) })
		window := fixes[first:end]
		if len(window) >= wanted && slices.Contains(window, newest) {
			return window[max(0, len(window)-MaxProposed):]
		}
	}
	return nil
}

// since is when a window begins that ends at a time.
func (r Rule) since(end time.Time) time.Time { return end.AddDate(0, 0, -r.WindowDays) }

// counts says whether a signal, in its own state, is a fix that counts.
func (s Signal) counts() bool {
	return s.Approach == Fix && s.State != Withdrawn && s.State != Merged
}

// mayBeProposed says whether it counts when a bottleneck is proposed: a sandbox
// counts nowhere.
func (s Signal) mayBeProposed() bool { return s.counts() && !reference.IsSandbox(s.Organisation) }

// Theme is what signals are alike in before anybody compares them: the rule that
// they point at, down to the article, and a category.
type Theme struct {
	// Kin is the organisation and the rule, hashed; the organisation and the
	// category of signals that point at no rule.
	Kin [16]byte
	// Category is a term of categorieen.
	Category string
	// Provision is the key of the article, or of what is pointed at without one;
	// empty when the signal points at no rule.
	Provision string
}

// Themes are those of a signal, each once: its foremost category and rule first.
func (s Signal) Themes() (all []Theme) {
	var rules []string
	for _, p := range s.Provisions {
		if key := p.ArticleKey(); key != "" && !slices.Contains(rules, key) {
			rules = append(rules, key)
		}
	}
	for _, category := range s.Categories {
		for _, rule := range rules {
			all = append(all, NewTheme(s.Organisation, category, rule))
		}
		if len(rules) == 0 {
			all = append(all, NewTheme(s.Organisation, category, ""))
		}
	}
	return all
}

// NewTheme is the theme of an organisation's signals.
func NewTheme(organisation, category, provision string) Theme {
	about := "regeling " + provision
	if provision == "" {
		about = "categorie " + category
	}
	sum := sha256.Sum256([]byte(organisation + "\n" + about))
	return Theme{Kin: [16]byte(sum[:16]), Category: category, Provision: provision}
}

// Proposal is a bottleneck that fixes suggest.
type Proposal struct {
	ID string
	Theme
	// Number counts the proposals of the theme, from 1.
	Number     int
	Signals    []string // the oldest first
	ProposedAt time.Time
}

// ProposalID is the id of the n-th proposal of an organisation on a
// category and a provision: whoever finds it anew gives it the same. It is a
// UUIDv8 (RFC 9562 §5.8).
func ProposalID(organisation string, t Theme, number int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "knelpuntvoorstel\n%s\n%s\n%s\n%d\n", organisation, t.Category, t.Provision, number))
	sum[6] = sum[6]&0x0f | 0x80 // version 8
	sum[8] = sum[8]&0x3f | 0x80 // variant of RFC 9562
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// Related is a signal beside another one.
type Related struct {
	Signal Signal
	Linked bool
	// Likeness is how much the two resemble each other, from 0 to 100.
	Likeness int
}

// Traits is what signals are compared by.
type Traits struct{ Provisions, Categories, Values, Words []string }

// traits are those of a signal, of which the words were made otherwise.
func (s Signal) traits(words []string) Traits {
	t := Traits{Categories: sorted(s.Categories), Values: sorted(s.PublicValues), Words: sorted(words)}
	for _, p := range s.Provisions {
		t.Provisions = append(t.Provisions, p.ArticleKey())
	}
	t.Provisions = sorted(t.Provisions)
	return t
}

func sorted(all []string) []string { return slices.Compact(slices.Sorted(slices.Values(all))) }

// Likeness is how much two signals resemble each other, from 0 to 100: of what
// they name, the part that they share (Jaccard), the provisions and the words
// weighing most. What neither of them names is left out.
func (t Traits) Likeness(other Traits) int {
	score, weights := 0, 0
	for _, of := range []struct {
		weight int
		a, b   []string
	}{
		{4, t.Provisions, other.Provisions},
		{3, t.Words, other.Words},
		{2, t.Categories, other.Categories},
		{1, t.Values, other.Values},
	} {
		shared := common(of.a, of.b)
		if all := len(of.a) + len(of.b) - shared; all > 0 {
			score += of.weight * 10_000 * shared / all
			weights += of.weight
		}
	}
	if weights == 0 {
		return 0
	}
	return (score/weights + 50) / 100
}

// common counts what stands in both of two sorted lists without doubles.
func common(a, b []string) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch c := cmp.Compare(a[0], b[0]); {
		case c < 0:
			a = a[1:]
		case c > 0:
			b = b[1:]
		default:
			n, a, b = n+1, a[1:], b[1:]
		}
	}
	return n
}
