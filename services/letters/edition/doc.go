// Package edition compiles the Staat van de Uitvoering: open data and a report,
// out of the ledgers of signals, letters and contacts.
//
// Invariants:
//   - An edition is a function of its Identity: the checkpoints of the ledgers,
//     the reference date, the version of the reference data and the version of
//     this compiler. The same identity gives the same bytes, on any engine.
//     Nothing else may go in: no clock, no live table, no order of a map.
//   - Every signal that was accepted by the reference date is counted exactly
//     once, as its newest revision tells of it: withdrawn, duplicate, bundled or
//     in triage, the first of these that holds. What is of a sandbox is not there.
//   - What is not public is counted and not told: signals that are internal or
//     confidential, and bottlenecks that no letter put to a department.
//   - What was reported under protection stands in no exact count, nor does a
//     bottleneck of nothing else, until a letter put it to a department: an edition
//     with one such report more is the same, but for its identity. From the letter
//     on it is one of the signals that are not public, though none of those that are
//     told to stand behind a bottleneck, and it is not told which of those were
//     reported under protection. The reports are counted apart, each once: all
//     organisations together by year, in steps of five, and only of years that are
//     over, so that no two editions tell of one report between them. The size of the
//     ledger of signals is public, but it grows with everything that becomes of a
//     signal, and with links and rules.
//   - Of a signal from which personal data were removed after the reference date
//     nothing but what is left is told. From an edition that told more, its texts
//     are erased (erase.go): its list of sums stays as it was signed, and a signed
//     notice says what the file is since. Verify tells that from what was forged.
//   - Contacts are about persons: the tables count them per department and year,
//     tell no count below five apart, and have no total. The size of their ledger
//     is public, though, for it is part of the identity: so it is known how many
//     entries of contact persons and contacts there are together.
//   - Entries are told only if the ledger's checkpoint was signed for them: the
//     Merkle root over all that was read must be its root.
//   - A published edition is signed (seal.go). The signature stands beside the
//     reproducible files and is not one of them.
//
// fold.go reads the ledgers, tree.go hashes them, tables.go makes the rows, files.go the files, and
// verify.go holds an edition to what it says of itself, offline.
//
// It must not change any ledger or table; recording that an edition was made is
// for package letters.
package edition
