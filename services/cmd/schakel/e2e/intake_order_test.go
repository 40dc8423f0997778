package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestOfOneReferenceTheFirstIsStored submits references over and over at once,
// each time with other content, over every way that takes many: however they are
// stored, the first of each is the one.
func TestOfOneReferenceTheFirstIsStored(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	for _, way := range entrances() {
		if way.name == "REST" || way.name == "gRPC" {
			continue // one at a time
		}
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			const references, rounds = 300, 3 // a call takes 1,000 signals, a batch less
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
			for i, got := range way.submit(t, h, all) {
				all[i].holds(t, got)
			}
		})
	}
}
