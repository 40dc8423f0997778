// Package ledgertest is the conformance suite of package ledger: what it
// promises, tried on each database that it must work with.
//
// Every case gets a database of its own. Cases that one engine cannot have are
// named with the reason in exceptions.
//
// It must not be imported by anything but tests.
package ledgertest
