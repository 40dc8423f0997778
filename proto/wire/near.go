package wire

// nearest gives the field name nearest to a name that does not exist, or
// nothing when none is near: at most a third of the letters may differ.
func nearest(name string, among []*field) string {
	if len(name) > maxName {
		return ""
	}
	best, least := "", len(name)/3+1
	for _, f := range among {
		if n := distance(name, f.name); n < least {
			best, least = f.name, n
		}
	}
	return best
}

// distance counts the bytes to insert, delete or replace, and the neighbours to
// swap, that make b of a (optimal string alignment). Case does not count.
func distance(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if lower(a[i]) != lower(b[j]) {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
