package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// disturbed is from how many processors of others on a result is in doubt.
const disturbed = 0.2

// report writes the results of races as a table. A race is ours, and below it
// whom it was held against.
func report(w io.Writer, title string, races [][]result) error {
	lines := []string{
		"", title, "",
		fmt.Sprintf("%-40s %10s  %-22s %-14s %8s %8s %8s %10s", "",
			"signals/s", "ratio [lowest, highest]", "aim", "clients", "servers", "others", "then busy"),
	}
	doubt := false
	for _, race := range races {
		for i, r := range race {
			mark := ""
			if r.others >= disturbed {
				mark, doubt = "!", true
			}
			name, then := "  "+r.name, ""
			if i == 0 {
				name, then = r.name, fmt.Sprintf("%.1fs", r.after.Seconds())
			}
			lines = append(lines, fmt.Sprintf("%-40s %10.0f  %-22s  %-14s %6dµs %6dµs %7.2f%-1s %10s", name, r.perSec, r.ratios(), r.verdict(),
				r.clients.Microseconds(), r.servers.Microseconds(), r.others, mark, then))
		}
	}
	lines = append(lines, "",
		"clients, servers: processor time a signal; others: processors that something else used;",
		"then busy: how long Schakel worked on afterwards, sequencing and counting (that is in servers too)")
	if doubt {
		lines = append(lines, fmt.Sprintf("!: something else used %.1f processors or more in a lap; measure it again", disturbed))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// ratios are the median, the lowest and the highest of the rounds.
func (r result) ratios() string {
	if len(r.ratio) == 0 {
		return ""
	}
	return fmt.Sprintf("%5.2f [%.2f, %.2f]", median(r.ratio), slices.Min(r.ratio), slices.Max(r.ratio))
}

// verdict is the aim, and whether it was reached.
func (r result) verdict() string {
	if r.aim == 0 {
		return ""
	}
	word := map[int]string{-1: "missed", 0: "reached", 1: "reached"}[cmp.Compare(median(r.ratio), r.aim)]
	return fmt.Sprintf("≥ %g %s", r.aim, word)
}
