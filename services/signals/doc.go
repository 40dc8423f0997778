// Package signals is the intake: it takes signals of bottlenecks in, durably
// and with a receipt, and shows what became of them.
//
// A submission is checked in full (all faults at once), group-committed
// together with its ledger entry, and only then acknowledged. It is idempotent
// by organisation and external reference.
//
// Invariants:
//   - What was acknowledged is on disk: the signal, its ledger entry and its
//     receipt, in one transaction.
//   - The content of a signal lives once, in the payload of its ledger entry.
//     The table of signals holds what is searched by, and finds the content by
//     subject and revision; so it can be built again from the ledger.
//   - The states that follow from letters (bundled, answered, closed) come in
//     with the events of letters, and are no revision of the signal.
//   - Every read and write takes an access.Grant; what a caller may not see is
//     to them as if it were not there.
//
// Files: signal.go is the domain, pure; store.go says what the use cases need;
// service.go and those named after it are the use cases; grpc.go, those named
// after it and convert.go speak proto; consumer.go applies what letters tells, and
// fold.go what the own ledger tells. Package sqlstore keeps it all
// in SQLite or PostgreSQL, and storetest holds both to one suite.
//
// It must not know letters or contacts but by their events, nor decide about
// bottlenecks.
package signals
