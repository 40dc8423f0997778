// Package queuetest is the conformance suite of package queue: what it promises,
// tried on each Redis and each database that it must work with.
//
// Its cases may run side by side on one Redis, on which one of them does
// FLUSHALL again and again: that this disturbs none of the others is part of
// the promise. Each case has its own ledger, named after itself, so one database
// serves all.
//
// It must not be imported by anything but tests.
package queuetest
