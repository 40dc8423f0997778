// Package reference holds what the whole of Schakel refers to: organisations
// by their TOOI URI, regulations and other provisions, the open vocabularies,
// the roles, and the Dutch calendar of terms. The data are embedded in the
// program and versioned; every row names its source. An installation can lay
// tables of its own over them.
//
// Invariants:
//   - Data is immutable after Load and safe for concurrent use.
//   - Version changes whenever a data file changes, and Data.Version with the
//     tables of an installation: an edition of the Staat van de Uitvoering is
//     identified by it, among others.
//   - Nothing is removed when it ends: it gets a last day, so that what was said
//     under it stays readable. A start or end that no source states is unknown,
//     not guessed.
//   - A message of a Problem never contains the input, which may hold personal
//     data.
//   - A sandbox is known by its URI alone, whatever the data: it counts nowhere.
//
// The package imports the standard library and fault only. It must not read files
// at run time other than those it is given to load, nor the network, keep state,
// decide what a caller may see, or hold personal data. Which OIN or client belongs
// to which organisation is configuration, not reference data.
package reference
