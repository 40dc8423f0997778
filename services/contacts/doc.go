// Package contacts is the register of contacts between civil servants and
// members of Parliament, and of the contact persons who handle them at each
// department. Its commonest act is one call: log a contact that was approved.
//
// A contact stands under a regime (regime.go), which says whether a minister
// must consent beforehand. So far only contacts that need that consent can be
// logged; one of an official outside the Aanwijzingen inzake externe contacten
// van rijksambtenaren is refused with the reason, never taken in silently.
//
// Invariants:
//   - The register says that there was a contact, about what, in which form, who
//     decided and when; never what was said. Officials are known by office only,
//     members of Parliament by official id.
//   - A contact out of order is recorded as a deviation and not refused. Only the
//     order of the stated times makes a deviation, not late recording.
//   - Every change is an entry of the ledger, written in the transaction that
//     makes it, and the tables are a fold over those entries (fold.go): what can
//     be built again from the ledger is equal to what is live.
//   - Logging and designating are idempotent: by department and reference, and
//     by department, function and first day.
//   - Every read and write takes an access.Grant. Contact persons are public; a
//     contact is to another department as if it were not there.
//
// Files: contact.go, contact_person.go and regime.go are the domain, pure;
// store.go says what the use cases need; service.go holds the use cases with
// their transactions; grpc.go and convert.go speak proto. Package sqlstore keeps
// it all in SQLite or PostgreSQL, and storetest holds both to one suite.
//
// It must not publish: that assistance to a member is confidential, and shown as
// counts only, is for whoever compiles. It must not know signals or letters.
package contacts
