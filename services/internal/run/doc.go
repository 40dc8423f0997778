// Package run starts the parts of the program in order and stops them in the
// reverse order.
//
// A part starts when the parts it needs are ready, and is told to stop when
// the parts that need it have ended; so servers stop before the stores they
// use. The first error wins and stops everything.
//
// It must not catch signals (main does, and ends the context) and must not
// restart a part: whatever supervises the process does that.
package run
