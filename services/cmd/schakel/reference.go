package main

import (
	"fmt"
	"os"

	"schakel.example/services/reference"
)

// loadReference loads the reference data, with those of a folder over them; empty
// is none.
func loadReference(folder string) (*reference.Data, error) {
	if folder == "" {
		return reference.Load()
	}
	data, err := reference.LoadOver(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("de eigen referentiegegevens in %s: %w", folder, err)
	}
	return data, nil
}
