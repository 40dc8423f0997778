package bench

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// memory is how much memory a process had in use while it did so many things, by
// tenth of them, in bytes.
type memory struct {
	total  int
	tenths [10][]int64
}

// note adds a sample, taken when so many were done.
func (m *memory) note(done int, resident int64) {
	tenth := min(done*len(m.tenths)/max(m.total, 1), len(m.tenths)-1)
	m.tenths[tenth] = append(m.tenths[tenth], resident)
}

// report writes a line for each tenth.
func (m *memory) report(w io.Writer, title string) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "\n%s\n", title)
	fmt.Fprintln(out, "signals done\tleast\tmedian\tmost\tsamples\t")
	for i, samples := range m.tenths {
		if len(samples) == 0 {
			continue
		}
		slices.Sort(samples)
		const mib = 1 << 20
		fmt.Fprintf(out, "%d-%d %%\t%d MiB\t%d MiB\t%d MiB\t%d\t\n", 10*i, 10*(i+1),
			samples[0]/mib, samples[len(samples)/2]/mib, samples[len(samples)-1]/mib, len(samples))
	}
	return out.Flush()
}

// most is the largest sample.
func (m *memory) most() (most int64) {
	for _, samples := range m.tenths {
		for _, sample := range samples {
			most = max(most, sample)
		}
	}
	return most
}
