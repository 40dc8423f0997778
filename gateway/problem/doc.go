// Package problem says what went wrong over HTTP: problem details (RFC 9457)
// as the NL API Design Rules ask (/core/error-handling), in Dutch or English.
//
// Invariants:
//   - Each answer of 400 and above is one Problem, written by [Writer.Write].
//   - "reden" is a stable slug that programs branch on, and "type" a URI made
//     of it; the texts may change.
//   - "fouten" lists all faults of the input, each at a JSON pointer into the
//     body, at a parameter, or at a header ("kop"), by Dutch name.
//   - Nothing is passed on that was not written for callers: a status without
//     the marks of Schakel's own services gets a general text, for its message
//     may tell of internals or repeat the input. What remains is the id of the
//     request, with which the log is found.
//
// It must not know routes or services.
package problem
