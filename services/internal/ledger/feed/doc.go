// Package feed joins a ledger to a queue: what the ledger sequenced goes into a
// stream, and what a reader of the stream misses comes from the ledger. It is
// the one place that knows both; package ledger and package queue do not know
// each other.
//
// It must not decide anything: which entries there are and in which order is the
// ledger's, and what becomes of them is the reader's.
package feed
