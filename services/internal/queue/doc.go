// Package queue brings the entries of one service's ledger to the databases of
// others, each entry exactly once and in order.
//
// There are two ways to an entry. The fast one is a Redis Stream, which wakes a
// consumer within milliseconds of the publication. The sure one is the ledger
// itself, read over the network (Source). An Applier goes by the stream as long
// as that has no holes, and by the source where it has; so Redis is a
// convenience whose loss costs time and nothing else.
//
// # Guarantees
//
//   - Every entry of the ledger is applied or parked once, in order of index. A
//     batch and the watermark that counts it are one transaction.
//   - One applier of a source is active at a time; of a second one at most the
//     transaction is rolled back. The lease is a row in the consumer's database
//     (epoch), checked by compare-and-swap in each batch. Redis and clocks have
//     no say in it.
//   - Entries of one subject are never applied out of order, parked ones
//     included.
//   - Whatever was parked stays parked, in sight, until a retry succeeds.
//
// # Faults
//
//	fault                              what happens
//	FLUSHALL, trimming, a hole         the missing indexes are read from the source
//	a lost tail                        found within TailEvery of idleness, by the size of the source
//	Redis down or silent               entries come from the source, each TailEvery; a warning, once
//	publication failed, or doubled     a hole, or passed over by its id
//	source down                        the stream goes on; what it lacks waits
//	source behind its consumer         an old backup was put back: nothing is read from it until it caught up
//	stream ahead of its source         foreign entries: the source is read by polling; empty the stream
//	applier stopped in good order      the next takes over within LeaseTTL/6
//	applier killed, hung, cut off      the next takes over within 4/3 LeaseTTL; what the first
//	                                   still tries to write is rolled back
//	applier stopped in a transaction   PostgreSQL ends the transaction after 5 s
//	two instances under one name       they take turns, slowly
//	database down, busy, full          back-off with jitter, up to 3 s; then on from the watermark stored
//	commit whose outcome is unknown    the same: the watermark stored tells the outcome
//	refused entry, or a panic          parked, and the later ones of its subject behind it
//	refused by the commit, or by       the batch is halved until the entry stands alone; parked
//	an ApplyAll
//
// # Must not
//
//   - Apply must not have effects outside its transaction, wait for anything but
//     the database, or keep state between calls: it runs again after each fault.
//   - Nothing may rely on an entry being in Redis: no leases, delays, parked
//     entries or positions are kept there.
//   - A stream or source name must not outlive its ledger: a ledger begun anew
//     needs a new name, or its consumers wait until it is as long as the old.
//   - Side effects (mail, webhooks) do not belong in Apply; they get consumers
//     of their own.
package queue
