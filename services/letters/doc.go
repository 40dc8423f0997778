// Package letters is the way back from execution to policy: signals become
// bottlenecks, bottlenecks stand in letters, and departments answer each of
// them: comply or explain.
//
// Invariants:
//   - Every change is an entry of the ledger, written in the transaction that
//     makes it, and the tables are a fold over those entries (fold.go): what can
//     be built again from the ledger is equal to what is live.
//   - A letter that was sent is frozen. Its answers come beside it, one entry
//     each, and are never replaced; the states of items, letter, bottlenecks and
//     signals follow from them.
//   - How many signals stand behind a bottleneck is frozen with it, without those
//     that were confidential then or reported under protection: others than the
//     organisation itself learn nothing of these.
//   - There is no answer without choice, motive, owner and day, and the body
//     that must answer cannot close anything.
//   - A signal has one primary bottleneck, of its own organisation. One that was
//     withdrawn or merged into another is bundled no more; one that was reported
//     under protection is bundled as any other.
//   - What signals suggest as a bottleneck is decided on once: it is rejected, or
//     a bottleneck that names it comes of it.
//   - Nothing of a sandbox is known here.
//   - Every read and write takes an access.Grant; what a caller may not see is
//     to them as if it were not there.
//
// Files: bottleneck.go, letter.go and response.go are the domain, pure;
// store.go says what the use cases need; service.go and the use cases beside it
// hold the transactions; grpc.go and convert.go speak proto; consumer.go keeps
// the projections of signals and of what they suggest. Package sqlstore keeps it
// all in SQLite or PostgreSQL, storetest holds both to one suite, and package
// edition compiles the Staat van de Uitvoering.
//
// It must not know signals but by their events.
package letters
