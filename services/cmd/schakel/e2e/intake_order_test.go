package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestOfOneReferenceTheFirstIsStored submits references over and over at once,
// each time with other content, over every way that takes many: however they are
// stored, the first of each is the one; and a trial says so before.
func TestOfOneReferenceTheFirstIsStored(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	for _, way := range entrances() {
		if way.name == "REST" || way.name == "gRPC" {
			continue // one at a time
		}
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			references, rounds := 600, 3
			if way.name == "batch" { // which takes 1,000
				references = 300
			}
			var all []attempt
			for n := range references * rounds {
				message := signal(uwv, fmt.Sprintf("EERST-%s-%d", strings.ToUpper(strings.ReplaceAll(way.name, " ", "-")), n%references))
				tree := fields(t)
				tree["kenmerk"], tree["titel"] = message.GetExternalReference(), fmt.Sprintf("Ronde %d", n/references)
				message.Title = fmt.Sprintf("Ronde %d", n/references)
				a := attempt{of: fmt.Sprintf("line %d", n+1), as: "aanleveraar uwv", verdict: "accepted", message: message, tree: tree, text: must(json.Marshal(tree))(t)}
				if n >= references {
					a.verdict = "refused 409 kenmerk-bezet"
				}
				all = append(all, a)
			}
			tried := slices.Clone(all)
			for i := range tried {
				tried[i].trial = true
			}
			for i, got := range way.submit(t, h, tried) {
				if got.verdict != all[i].verdict {
					t.Errorf("%s, tried: %s, want %s", all[i].of, got.verdict, all[i].verdict)
				}
			}
			for i, got := range way.submit(t, h, all) {
				all[i].holds(t, got)
			}
		})
	}
}
