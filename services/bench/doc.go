// Package bench holds the intake of signals against what limits it and against
// what else one could have taken, side by side in one run: Schakel itself, the
// very program that is shipped, spoken to over REST and gRPC on 127.0.0.1 by
// clients on the same machine.
//
//	make bench-intake                     five rounds, about ten minutes
//	make bench-intake ROUNDS=3 EACH=1s WAYS=postgres/NDJSON
//
// Each way in takes turns with two others, a lap each, round after round:
//
//   - The bare loop writes the same rows and bytes as Schakel writes for the same
//     signals, in the same tables with the same indexes on the same engine with
//     the same settings, and does nothing else: no network, no JSON, no rules, no
//     signatures. The rows are captured from Schakel's own database after a lap
//     of that way in, and get new keys. It prepares its statements and, on
//     PostgreSQL, sends a whole transaction in one round trip. NDJSON and the
//     stream are held against one loop of multi-row inserts of 1,000 signals; one
//     signal a request against one transaction for each signal, over 64
//     connections on PostgreSQL and by the one writer of SQLite.
//   - A peer takes the same JSON from the same client: PocketBase with
//     synchronous=FULL, or NATS JetStream with sync always.
//
// What is printed is the median over the rounds of the ratio within a round,
// since absolute figures say more of the disk than of the program. Ratios hold
// for the machine at hand, whose processors clients and servers share.
//
// Invariants:
//   - Nothing is turned off: tokens, rules, the screen for personal data, receipts,
//     the sequencer, the other services.
//   - A lap begins when what the lap before left to do is done; how long that took
//     after a lap of Schakel is in the table. What others on the machine used
//     meanwhile is there too: rows with a ! are to be measured again.
//   - Every signal that was acknowledged is in the database afterwards, or the
//     benchmark fails.
//   - It refuses a folder for temporary files that is in memory.
//
// BenchmarkMemory pushes 1,000,000 signals through one connection and reports
// the memory of the process for each tenth of them.
//
// It is a module of its own, so that no peer is a dependency of Schakel. It must
// not be imported.
package bench
