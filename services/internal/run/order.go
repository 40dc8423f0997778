package run

import (
	"fmt"
	"slices"
)

// order sorts the parts so that each comes after those it needs, and otherwise
// as they were given.
func order(parts []Part) ([]Part, error) {
	index := map[string]int{}
	for i, p := range parts {
		if _, twice := index[p.Name]; twice {
			return nil, fmt.Errorf("part %s is given twice", p.Name)
		}
		index[p.Name] = i
	}
	var sorted []Part
	var visit func(i int, path []string) error
	done := make([]bool, len(parts))
	visit = func(i int, path []string) error {
		p := parts[i]
		if slices.Contains(path, p.Name) {
			return fmt.Errorf("parts need each other: %v", append(path, p.Name))
		}
		if done[i] {
			return nil
		}
		for _, need := range p.Needs {
			j, known := index[need]
			if !known {
				return fmt.Errorf("part %s needs %s, which is not there", p.Name, need)
			}
			if err := visit(j, append(path, p.Name)); err != nil {
				return err
			}
		}
		done[i] = true
		sorted = append(sorted, p)
		return nil
	}
	for i := range parts {
		if err := visit(i, nil); err != nil {
			return nil, err
		}
	}
	return sorted, nil
}
